//! `GET /v1/visits/{visit_id}/badge`: the code by which the family recognises the nurse.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::ids::VisitId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::recognition::{badge_step, badge_until};
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::problem::{Code, Problem};
use crate::store;

/// A nurse's code for one visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Badge {
    /// Six digits that the family types into its phone.
    #[schema(example = "402817")]
    pub code: String,
    /// When the next one is shown; this one is taken for a minute more.
    pub until: DateTime<Utc>,
}

/// Show the nurse's code.
///
/// It changes every minute and is good for this visit alone.
#[utoipa::path(
    get, path = "/v1/visits/{visit_id}/badge", tag = "visits",
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "The code", body = Badge))
)]
pub async fn get_badge(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
) -> Result<Json<Badge>> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    let (visit, order) = store::visit::find(app.db.reader(), &may.scope, id)
        .await?
        .filter(|(visit, _)| visit.nurse_id == nurse)
        .ok_or(Code::NotFound)?;
    if !visit.live {
        return Err(Problem::new(Code::OrderWrongState)
            .with("state", order.state)
            .into());
    }
    let now = app.now();
    Ok(Json(Badge {
        code: store::visit_identity::badge(&app, visit.id, badge_step(now)),
        until: badge_until(now),
    }))
}
