//! `GET /v1/rehab-plans/{rehab_id}/log`: what was told. Recorded as a read.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{RehabOutcome, SkipReason};
use entity::ids::{AccountId, RehabExerciseId, RehabLogId, RehabPlanId};
use entity::rehab_log;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, Query, grants};
use crate::store::rehab::Sealed;
use crate::wire::{Page, PageQuery};
use crate::{in_write, store};

/// What was told of an exercise.
#[derive(Debug, Serialize, ToSchema)]
pub struct RehabLogEntry {
    /// The id that the phone made.
    pub id: RehabLogId,
    /// The exercise of the plan.
    pub exercise_id: RehabExerciseId,
    /// What came of it.
    pub outcome: RehabOutcome,
    /// Why it was not done.
    pub reason: Option<SkipReason>,
    /// Pain before, 0 to 10.
    pub pain_before: Option<i32>,
    /// Pain after, 0 to 10.
    pub pain_after: Option<i32>,
    /// Effort, 0 to 10.
    pub effort: Option<i32>,
    /// A new symptom.
    pub new_symptom: bool,
    /// In words.
    pub note: Option<String>,
    /// Local day.
    pub day: NaiveDate,
    /// When, by our clock.
    pub at: DateTime<Utc>,
    /// When, by the phone.
    pub device_at: DateTime<Utc>,
    /// When it became known here.
    pub received_at: DateTime<Utc>,
    /// Who told it.
    pub told_by: AccountId,
}

impl RehabLogEntry {
    fn of(app: &App, row: rehab_log::Model) -> Result<Self> {
        let note = row.note_enc.as_deref();
        Ok(Self {
            note: Sealed::LogNote.open_some(app, row.id.0, note)?,
            id: row.id,
            exercise_id: row.exercise_id,
            outcome: row.outcome,
            reason: row.reason,
            pain_before: row.pain_before,
            pain_after: row.pain_after,
            effort: row.effort,
            new_symptom: row.new_symptom,
            day: row.day,
            at: row.at,
            device_at: row.device_at,
            received_at: row.received_at,
            told_by: row.told_by,
        })
    }
}

/// The log of a plan, newest first.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/rehab-plans/{rehab_id}/log", tag = "rehabilitation",
    params(("rehab_id" = RehabPlanId, Path, description = "A plan of a patient in scope, or one the calling nurse leads")),
    responses((status = 200, description = "A page of entries", body = Page<RehabLogEntry>))
)]
pub async fn list_log(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<RehabPlanId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<RehabLogEntry>>> {
    let cursor = query.cursor()?;
    let rows = in_write!(app.db, "list_log", |tx| {
        let plan = store::rehab::require(&**tx, &may.scope, id).await?;
        let (community, patient, operation) = (may.community, plan.patient_id, "list_log");
        store::patient_read::record(tx, &app, community, patient, may.account, operation).await?;
        store::rehab::log_page(&**tx, &plan, &cursor).await
    })?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    Ok(Json(page.try_map(|row| RehabLogEntry::of(&app, row))?))
}
