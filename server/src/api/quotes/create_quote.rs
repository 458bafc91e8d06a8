//! `POST /v1/quotes`: what a visit would cost, and what has to be answered for it. Changes nothing.

use axum::extract::State;
use chrono::{DateTime, SubsecRound, Utc};
use entity::ids::{AddressId, InstitutionId, PatientId};
use entity::{address, patient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::items::ScreeningQuestion;
use crate::api::orders::problems;
use crate::app::App;
use crate::domain::booking::{self, NoProvider, Provided, Provider};
use crate::domain::calendar::local_date;
use crate::domain::catalogue::{Item, ItemCode, Key};
use crate::domain::charge::Covered;
use crate::domain::price::{self, CancelStage, LineKind, Quote};
use crate::domain::rulefile::Bilingual;
use crate::domain::screening;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;
use crate::wire::Moment;

/// A visit to be priced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteRequest {
    /// The patient.
    pub patient_id: PatientId,
    /// An address of the patient.
    pub address_id: AddressId,
    /// Codes of 1 to 5 different items.
    #[schema(min_items = 1, max_items = 5)]
    pub items: Vec<ItemCode>,
    /// Start of the window, cut to the second: night and holiday surcharges go by it.
    #[schema(value_type = String, format = DateTime, example = "2026-03-03T01:00:00Z")]
    pub window_start: Moment,
}

/// What a visit would cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct CareQuote {
    /// Each item, and whether it can be booked.
    pub items: Vec<QuotedItem>,
    /// Minutes on site of all items: the window has to hold them.
    pub duration_min: u32,
    /// The institution that would provide it; null when none does.
    pub institution_id: Option<InstitutionId>,
    /// Why no institution provides it: `item_closed`, `item_negative_listed` or `institution_none`.
    pub problem: Option<String>,
    /// Straight line from that institution to the address in metres, rounded up; null when the place of the
    /// address is not known.
    pub distance_m: Option<u32>,
    /// Whether the distance is known. If not, the visit fee is that of the nearest band, and an order is priced anew
    /// when the place of its address becomes known before a nurse has it.
    pub distance_known: bool,
    /// The price, part by part; null when nobody provides it.
    pub price: Option<Quote>,
    /// Items that something else may pay for on that day, and what. When there is one, the order is not charged before
    /// somebody has decided.
    pub covered: Vec<Covered>,
    /// What is kept when the order is given up, by stage.
    pub cancellation: Vec<CancellationTerm>,
    /// Questions of the screening, to be answered with the order.
    pub questions: Vec<ScreeningQuestion>,
}

/// An item of a quote.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotedItem {
    /// Its code.
    pub code: ItemCode,
    /// Its name.
    pub name: Bilingual,
    /// Whether any institution offers it.
    pub bookable: bool,
    /// Why not: `item_closed` or `item_negative_listed`.
    pub problem: Option<String>,
}

/// What is kept when an order is given up at a stage; of the rules of a stage the first that applies decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationTerm {
    /// Code of the rule.
    pub rule: Key,
    /// At which stage.
    pub stage: CancelStage,
    /// Only when the window is still at least this many minutes away; null: always.
    pub min_notice_min: Option<u32>,
    /// How much is kept, in percent.
    pub percent: u32,
    /// Of which parts.
    pub parts: Vec<LineKind>,
    /// The rule in words.
    pub text: Bilingual,
}

/// What a visit would cost.
///
/// The answer tells of each item whether it can be booked, the institution that would come, every part of the
/// price, what calling it off costs, and the questions that have to be answered with the order. Nothing is kept:
/// the price is frozen when the order is made.
#[utoipa::path(
    post, path = "/v1/quotes", tag = "orders", request_body = QuoteRequest,
    responses((status = 200, description = "The price now", body = CareQuote))
)]
pub async fn create_quote(
    State(app): State<App>,
    may: May<grants::BookCare>,
    Json(request): Json<QuoteRequest>,
) -> Result<Json<CareQuote>> {
    let (db, start) = (app.db.reader(), request.window_start.trunc_subsecs(0));
    let (patient, address) = whom(&app, &may, &request).await?;
    let book = RuleBook::current(db, &app, may.community).await?;
    let items = booking::check_items(&book.catalogue, &request.items).map_err(problems::items)?;
    booking::check_start(start, app.now(), app.config.booking_limits())
        .map_err(|error| problems::window(error, "window_start"))?;
    let codes: Vec<_> = request.items.iter().map(ToString::to_string).collect();
    let providers = store::institution::providers(db, may.community, Some(&codes)).await?;
    let place = store::address::point(&address)?;
    let provided = booking::choose_provider(&items, place, patient.institution_id, &providers);
    let price = price_of(&book, &request.items, provided.as_ref().ok(), start)?;
    let facts = store::patient::screening_facts(db, &app, &patient, local_date(start)).await?;
    let held = store::entitlement::held(db, may.community, patient.id).await?;
    let entitlements = &book.entitlements;
    let covered = entitlements.covered(&request.items, local_date(start), &held);
    let questions = screening::questions(&book.catalogue, &items, &facts);
    Ok(Json(CareQuote {
        items: items.iter().map(|item| quoted(item, &providers)).collect(),
        duration_min: booking::duration_min(&items),
        institution_id: provided.as_ref().ok().map(|provided| provided.institution),
        problem: provided
            .as_ref()
            .err()
            .map(|error: &NoProvider| error.code().to_owned()),
        distance_m: price
            .as_ref()
            .filter(|_| place.is_some())
            .map(|price| price.distance_m),
        distance_known: place.is_some(),
        price,
        covered,
        cancellation: terms(&book),
        questions: questions.into_iter().map(ScreeningQuestion::from).collect(),
    }))
}

/// The patient and the address of a request.
async fn whom(
    app: &App,
    may: &May<grants::BookCare>,
    request: &QuoteRequest,
) -> Result<(patient::Model, address::Model)> {
    let db = app.db.reader();
    let patient = store::patient::get(db, &may.scope, request.patient_id).await?;
    store::patient::check_may_book(db, app, &may.scope, &patient).await?;
    let address = store::address::find(db, may.community, patient.id, request.address_id);
    let unknown = || Problem::new(Code::AddressUnknown).field("address_id", Code::AddressUnknown);
    Ok((patient, address.await?.ok_or_else(unknown)?))
}

fn price_of(
    book: &RuleBook,
    items: &[ItemCode],
    provided: Option<&Provided>,
    start: DateTime<Utc>,
) -> Result<Option<Quote>> {
    let Some(provided) = provided else {
        return Ok(None);
    };
    let quote = price::quote(
        &book.prices,
        &book.catalogue,
        items,
        provided.charged_m(),
        start,
        &book.calendar,
    );
    quote.map(Some).map_err(problems::price)
}

fn quoted(item: &Item, providers: &[Provider]) -> QuotedItem {
    let outcome = booking::bookable(item, providers);
    QuotedItem {
        code: item.code.clone(),
        name: item.name.clone(),
        bookable: outcome.is_ok(),
        problem: outcome.err().map(|error| error.code().to_owned()),
    }
}

fn terms(book: &RuleBook) -> Vec<CancellationTerm> {
    let rules = book.prices.cancellation.iter();
    rules
        .map(|rule| CancellationTerm {
            rule: rule.code.clone(),
            stage: rule.stage,
            min_notice_min: rule.min_notice_min,
            percent: rule.percent,
            parts: rule.parts.clone(),
            text: rule.text.clone(),
        })
        .collect()
}
