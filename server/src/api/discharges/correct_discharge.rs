//! `POST /v1/discharges/{discharge_id}/correct`: something was wrong.

use axum::extract::State;
use entity::enums::DischargeSource;
use entity::ids::DischargeId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::create_discharge::whole;
use super::view::DischargeWhole;
use super::wire::DischargeFacts;
use super::{by, check_nurse, sight};
use crate::answer::Answer;
use crate::app::App;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::follow_up::{self, Who};
use crate::rules::RuleBook;
use crate::{once, store};

/// What should have been told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectedDischarge {
    /// The stay; what is left out stays as it is.
    pub stay: DischargeFacts,
}

/// Correct a discharge.
///
/// What is left out stays as it is; an empty list of conditions takes them back. The revision counts up. Plans whose contacts
/// or days are other ones are stopped with the cause `corrected` and made anew; the others go on. What was done stays, and is
/// not asked again.
#[utoipa::path(
    post, path = "/v1/discharges/{discharge_id}/correct", tag = "discharges", request_body = CorrectedDischarge,
    params(
        ("discharge_id" = DischargeId, Path, description = "A discharge"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Corrected, or as it was", body = DischargeWhole, headers(
        ("ETag" = String, description = "Version of the discharge"),
    )))
)]
pub async fn correct_discharge(
    State(app): State<App>,
    may: May<grants::RegisterDischarges>,
    Id(id): Id<DischargeId>,
    IdempotencyKey { key, body }: IdempotencyKey<CorrectedDischarge>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "correct_discharge", |tx| {
        let row = store::discharge::get(&**tx, &sight(&may), id).await?;
        check_nurse(&**tx, may.community, body.stay.nurse_id).await?;
        let by = by(&may, row.institution_id, DischargeSource::Ward);
        let patient = store::patient::in_community(&**tx, may.community, row.patient_id).await?;
        let patient = patient.ok_or_else(|| Error::internal("a discharge without its patient"))?;
        let told = body.stay.told(Who::Known(Box::new(patient)))?;
        let taken = follow_up::correct(tx, &app, &book, &by, (row, &told)).await?;
        let shown = whole(tx, &app, &taken.row).await?;
        let (patient, operation) = (taken.row.patient_id, "correct_discharge");
        store::patient_read::record(tx, &app, may.community, patient, may.account, operation)
            .await?;
        Ok(Answer::ok(&shown)?.version(taken.row.version))
    })
}
