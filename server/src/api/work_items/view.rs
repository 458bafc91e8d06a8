//! How an entry of the work list is shown.

use chrono::{DateTime, Utc};
use entity::enums::{ActKind, SyncResult};
use entity::ids::{NurseId, OrderId, SyncActionId, VisitId};
use entity::sync_action;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that was told later and did not take effect.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkItem {
    /// The act.
    pub id: SyncActionId,
    /// Who did it.
    pub nurse_id: NurseId,
    /// On which visit.
    pub visit_id: VisitId,
    /// Of which order, when the visit is known.
    pub order_id: Option<OrderId>,
    /// What was done.
    #[serde(rename = "do")]
    pub kind: ActKind,
    /// `refused`, or `held` behind a refused one.
    pub result: SyncResult,
    /// Problem code of the refusal.
    pub code: Option<String>,
    /// When it was done, by our clock.
    pub at: DateTime<Utc>,
    /// When it was done, by the phone's clock.
    pub device_at: DateTime<Utc>,
    /// Seconds by which the phone's clock was ahead when it told.
    pub skew_s: i64,
    /// When it was told.
    pub received_at: DateTime<Utc>,
    /// The act whose id this one was told under, though it says something else; that act stands as it was.
    pub original_id: Option<SyncActionId>,
    /// Another nurse's visit for the same order: both may have been there, both keep what they wrote.
    pub duplicate_visit_id: Option<VisitId>,
    /// Put right at.
    pub settled_at: Option<DateTime<Utc>>,
}

impl WorkItem {
    /// Shows a row.
    pub(super) fn of(row: sync_action::Model) -> Self {
        Self {
            id: row.id,
            nurse_id: row.nurse_id,
            visit_id: row.visit_id,
            order_id: row.order_id,
            kind: row.kind,
            result: row.result,
            code: row.code,
            at: row.at,
            device_at: row.device_at,
            skew_s: row.skew_s,
            received_at: row.received_at,
            original_id: row.original_id,
            duplicate_visit_id: row.duplicate_visit_id,
            settled_at: row.settled_at,
        }
    }
}
