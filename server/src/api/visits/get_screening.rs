//! `GET /v1/visits/{visit_id}/screening`: what is asked at the door.

use axum::extract::State;
use entity::care_order;
use entity::ids::VisitId;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::screen_visit::facts_of;
use crate::api::items::ScreeningQuestion;
use crate::app::App;
use crate::domain::screening;
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
    Ok(Json(at_the_door(db, &app, id, &order).await?))
}

/// What is asked at the door of a visit.
pub(crate) async fn at_the_door(
    db: &impl ConnectionTrait,
    app: &App,
    id: VisitId,
    order: &care_order::Model,
) -> Result<DoorScreening> {
    let community = order.community_id;
    let codes = store::matching::item_codes(db, community, order.id).await?;
    let catalogue = crate::rules::catalogue(app, community, order.catalogue_version).await?;
    let items: Vec<_> = codes
        .iter()
        .filter_map(|code| catalogue.item(code))
        .collect();
    let facts = facts_of(db, app, order, app.now()).await?;
    let asked = screening::questions(&catalogue, &items, &facts);
    let newest = store::visit_screening::newest(db, community, id).await?;
    Ok(DoorScreening {
        questions: asked.into_iter().map(ScreeningQuestion::from).collect(),
        outcome: newest.map(|row| row.outcome),
    })
}
