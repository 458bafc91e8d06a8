//! New ids. The only place that makes UUIDs.

use chrono::{DateTime, Utc};
use uuid::{Timestamp, Uuid, timestamp::context::ContextV7};

/// Makes UUIDv7 ids that sort by the clock's time and, within a millisecond, by order of making.
#[derive(Debug)]
pub struct Ids {
    context: std::sync::Mutex<ContextV7>,
}

impl Default for Ids {
    fn default() -> Self {
        Self {
            context: std::sync::Mutex::new(ContextV7::new()),
        }
    }
}

impl Ids {
    /// A new id of any kind.
    pub fn next<T: From<Uuid>>(&self, now: DateTime<Utc>) -> T {
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        let context = self
            .context
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        T::from(Uuid::new_v7(Timestamp::from_unix(
            &*context,
            seconds,
            now.timestamp_subsec_nanos(),
        )))
    }
}
