//! Systems that tell of discharges.

pub mod create_discharge_feed;
pub mod end_discharge_feed;
pub mod list_discharge_feeds;

use chrono::{DateTime, Utc};
use entity::discharge_feed;
use entity::enums::SubjectKind;
use entity::ids::{AccountId, DischargeFeedId, InstitutionId};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::event::EventKind;
use crate::store::event::NewEvent;

/// A system that tells of discharges.
#[derive(Debug, Serialize, ToSchema)]
pub struct DischargeFeed {
    /// The feed.
    pub id: DischargeFeedId,
    /// Whose discharges.
    pub institution_id: InstitutionId,
    /// Name of the system.
    pub system: String,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl DischargeFeed {
    fn of(row: &discharge_feed::Model) -> Self {
        Self {
            id: row.id,
            institution_id: row.institution_id,
            system: row.system.clone(),
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

fn event_of(kind: EventKind, row: &discharge_feed::Model, by: AccountId) -> NewEvent {
    let subject = SubjectKind::Institution;
    NewEvent::new(kind, subject, row.institution_id.0, Some(by))
        .institution(row.institution_id)
        .payload(json!({ "feed_id": row.id, "system": row.system }))
}
