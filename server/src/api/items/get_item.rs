//! `GET /v1/items/{code}`: one item with the questions asked for it.

use axum::extract::State;
use entity::ids::{InstitutionId, PatientId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ScreeningQuestion, ServiceItem, offered_by};
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::catalogue::{Catalogue, Item, ItemCode};
use crate::domain::screening;
use crate::error::Result;
use crate::extract::{Id, Json, May, Permission, Query, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store;

/// For whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ItemForQuery {
    /// Ask only what is asked of this patient, by age today and sex.
    pub patient_id: Option<PatientId>,
}

/// An item and what is asked before it is booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceItemDetail {
    /// The item.
    pub item: ServiceItem,
    /// Institutions that offer it.
    pub offered_by: Vec<InstitutionId>,
    /// Questions of the screening, general ones first.
    pub questions: Vec<ScreeningQuestion>,
}

/// One item and its screening questions.
///
/// For several items at once, or for a certain day, ask `POST /v1/quotes`.
#[utoipa::path(
    get, path = "/v1/items/{code}", tag = "items",
    params(("code" = ItemCode, Path, description = "Code of an item")),
    responses((status = 200, description = "The item", body = ServiceItemDetail))
)]
pub async fn get_item(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
    Id(code): Id<ItemCode>,
    Query(query): Query<ItemForQuery>,
) -> Result<Json<ServiceItemDetail>> {
    let db = app.db.reader();
    let book = RuleBook::current(db, &app, may.community).await?;
    let item = book.catalogue.item(code.as_str()).ok_or(Code::NotFound)?;
    let codes = [code.to_string()];
    let providers = store::institution::providers(db, may.community, Some(&codes)).await?;
    let questions = match query.patient_id {
        None => everything(&book.catalogue, item),
        Some(id) => {
            // To be logged in is enough for the catalogue, not for a patient.
            let scope = may.scope(grants::SeePatients::ROLES);
            let patient = store::patient::get(db, &scope, id).await?;
            let today = local_date(app.now());
            let facts = store::patient::screening_facts(db, &app, &patient, today).await?;
            let asked = screening::questions(&book.catalogue, &[item], &facts);
            asked.into_iter().map(ScreeningQuestion::from).collect()
        }
    };
    Ok(Json(ServiceItemDetail {
        item: ServiceItem::of(item, &book, &providers),
        offered_by: offered_by(item, &providers),
        questions,
    }))
}

/// Every question of an item, whomever it is asked of.
fn everything(catalogue: &Catalogue, item: &Item) -> Vec<ScreeningQuestion> {
    let general = catalogue.general.screening.iter();
    let all = general.chain(&item.screening);
    all.map(ScreeningQuestion::from).collect()
}
