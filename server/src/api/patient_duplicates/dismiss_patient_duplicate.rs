//! `POST /v1/patient-duplicates/{duplicate_id}/dismiss`: they are two people.

use axum::extract::State;
use entity::enums::{DuplicateState, SubjectKind};
use entity::ids::PatientDuplicateId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{PatientDuplicate, told};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::store::event::NewEvent;
use crate::{once, store};

/// Nothing else is asked.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DismissDuplicate {}

/// Say that two patients are two people.
///
/// The pair does not come back, whatever changes of either.
#[utoipa::path(
    post, path = "/v1/patient-duplicates/{duplicate_id}/dismiss", tag = "patients", request_body = DismissDuplicate,
    params(("duplicate_id" = PatientDuplicateId, Path, description = "A pair of the caller's institutions")),
    responses((status = 200, description = "They are two", body = PatientDuplicate))
)]
pub async fn dismiss_patient_duplicate(
    State(app): State<App>,
    may: May<grants::MergePatients>,
    Id(id): Id<PatientDuplicateId>,
    request: IdempotencyKey<DismissDuplicate>,
) -> Result<Answer> {
    once!(app, may, request.key, "dismiss_patient_duplicate", |tx| {
        let row = store::patient_duplicate::require(&**tx, &may.scope, id).await?;
        let (state, by) = (DuplicateState::Dismissed, may.account);
        let row = store::patient_duplicate::decide(tx, &app, &row, state, by).await?;
        let ids = [row.one_id, row.other_id];
        for patient in store::patient::by_ids(&**tx, may.community, ids).await? {
            let other = if patient.id == row.one_id {
                row.other_id
            } else {
                row.one_id
            };
            let kind = EventKind::DuplicateDismissed;
            let event = NewEvent::new(kind, SubjectKind::Patient, patient.id.0, Some(by))
                .institution(patient.institution_id)
                .patient(patient.id)
                .payload(json!({ "other_id": other }));
            store::event::append(tx, &app, may.community, event).await?;
        }
        let told = told(&**tx, &app, vec![row]).await?;
        let told = told.first().ok_or_else(|| Error::internal("no pair"))?;
        Answer::ok(told)
    })
}
