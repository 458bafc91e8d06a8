//! Versioned rule files: catalogue, prices, holidays, vital signs. A published version never changes.

pub mod get_rule_set;
pub mod list_rule_sets;
pub mod publish_rule_set;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::RuleSetKind;
use entity::ids::AccountId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::rule_set::Head;

/// A published version, without its content.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleSetHead {
    /// Which kind of file.
    pub kind: RuleSetKind,
    /// Counts up from 1.
    pub version: i32,
    /// First day it holds, in Asia/Shanghai. The highest version whose day has come is in force.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Who published it; null: it came with the program.
    pub published_by: Option<AccountId>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// SHA-256 of the content, in hex.
    pub content_hash: String,
}

impl From<Head> for RuleSetHead {
    fn from(row: Head) -> Self {
        Self {
            kind: row.kind,
            version: row.version,
            valid_from: row.valid_from,
            approved_by: row.approved_by,
            approved_on: row.approved_on,
            published_by: row.published_by,
            published_at: row.published_at,
            content_hash: row.content_hash,
        }
    }
}
