//! What every part of a running server shares.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::auth::password::Passwords;
use crate::auth::token::AccessTokens;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::{FieldCipher, Lookup};
use crate::db::Db;
use crate::gateway::Gateway;
use crate::ids::Ids;
use crate::live::Feed;
use crate::photos::Photos;
use crate::rules::RuleCache;

/// The shared parts; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// See [`App`].
pub struct Parts {
    /// The effective configuration.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// Seals and opens personal fields.
    pub cipher: FieldCipher,
    /// Keyed hashes for looking up sealed values.
    pub lookup: Lookup,
    /// Access tokens.
    pub tokens: AccessTokens,
    /// Password hashing, bounded.
    pub passwords: Passwords,
    /// Published rule files, parsed once.
    pub rules: RuleCache,
    /// Photos of visits.
    pub photos: Photos,
    /// The tail of the event table, for live streams.
    pub feed: Feed,
    /// Shared by jobs that run; held alone by whoever runs them by hand and wants to find none half done.
    pub job_turn: Arc<tokio::sync::RwLock<()>>,
    /// Hands messages to phones.
    pub gateway: Box<dyn Gateway>,
    /// Key of the audit chain.
    pub audit_key: aws_lc_rs::hmac::Key,
}

impl App {
    /// Wraps the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Now, by the server's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A new id.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        self.ids.next(self.clock.now())
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
