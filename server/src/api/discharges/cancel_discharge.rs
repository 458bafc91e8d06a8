//! `POST /v1/discharges/{discharge_id}/cancel`: it was an error.

use axum::extract::State;
use entity::enums::DischargeSource;
use entity::ids::DischargeId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::Discharge;
use super::{by, sight};
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::follow_up;
use crate::{once, store};

/// Nothing is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelDischarge {}

/// Cancel a discharge that was an error. Its plans are stopped with the cause `cancelled`.
#[utoipa::path(
    post, path = "/v1/discharges/{discharge_id}/cancel", tag = "discharges", request_body = CancelDischarge,
    params(
        ("discharge_id" = DischargeId, Path, description = "A discharge"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Cancelled", body = Discharge))
)]
pub async fn cancel_discharge(
    State(app): State<App>,
    may: May<grants::RegisterDischarges>,
    Id(id): Id<DischargeId>,
    IdempotencyKey { key, .. }: IdempotencyKey<CancelDischarge>,
) -> Result<Answer> {
    once!(app, may, key, "cancel_discharge", |tx| {
        let row = store::discharge::get(&**tx, &sight(&may), id).await?;
        let by = by(&may, row.institution_id, DischargeSource::Ward);
        let taken = follow_up::cancel(tx, &app, &by, &row).await?;
        Answer::ok(&Discharge::of(&taken.row)?)
    })
}
