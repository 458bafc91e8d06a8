//! `GET /v1/visits/{visit_id}/screening`: what is asked at the door.

use axum::extract::State;
use entity::ids::VisitId;
use serde::Serialize;
use utoipa::ToSchema;

use super::Ordered;
use crate::api::items::ScreeningQuestion;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::screening::{self, PatientFacts};
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::problem::Code;
use crate::store;

/// The questions, and what came of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoorScreening {
    /// The questions, by the catalogue the order was judged by.
    pub questions: Vec<ScreeningQuestion>,
    /// What came of the newest screening: `clear`, `acknowledged` or `refused`; null while there is none.
    pub outcome: Option<String>,
}

/// The questions to be asked at the door.
#[utoipa::path(
    get, path = "/v1/visits/{visit_id}/screening", tag = "visits",
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "The questions", body = DoorScreening))
)]
pub async fn get_screening(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
) -> Result<Json<DoorScreening>> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    let db = app.db.reader();
    let found = store::visit::find(db, &may.scope, id).await?;
    let (_, order) = found
        .filter(|(visit, _)| visit.nurse_id == nurse)
        .ok_or(Code::NotFound)?;
    let ordered = Ordered::of(db, &app, &order).await?;
    let patient = store::patient::of_order(db, &order).await?;
    let today = local_date(app.now());
    let facts = store::patient::screening_facts(db, &app, &patient, today).await?;
    let newest = store::visit_screening::newest(db, order.community_id, id).await?;
    let outcome = newest.map(|row| row.outcome);
    Ok(Json(at_the_door(&ordered, &facts, outcome)))
}

/// What is asked at the door of a visit.
pub(crate) fn at_the_door(
    ordered: &Ordered,
    facts: &PatientFacts,
    outcome: Option<String>,
) -> DoorScreening {
    let asked = screening::questions(&ordered.catalogue, &ordered.items(), facts);
    DoorScreening {
        questions: asked.into_iter().map(ScreeningQuestion::from).collect(),
        outcome,
    }
}
