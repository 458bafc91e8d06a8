//! `POST /v1/orders`: book a visit.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::OrderState;
use entity::ids::{AddressId, NurseId, OrderId, PatientId, PrescriptionId};
use entity::{address, care_order, patient};
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::view::{Around, OrderRules};
use super::wire::{Order, WindowIn};
use super::{problems, view};
use crate::answer::Answer;
use crate::app::App;
use crate::charges;
use crate::crypto::random_bytes;
use crate::db::Tx;
use crate::dispatch;
use crate::domain::assessment::{self, MissingAssessment};
use crate::domain::booking::{self, Provided, ScreeningRecord};
use crate::domain::calendar::local_date;
use crate::domain::catalogue::{Item, ItemCode};
use crate::domain::event::EventKind;
use crate::domain::lifecycle;
use crate::domain::prescription;
use crate::domain::price::{self, Quote};
use crate::domain::screening::{self, Answers, AnswersSchema, ScreeningOutcome};
use crate::domain::visit_rules::{Case, Gates, planned};
use crate::error::{Error, Result};
use crate::extract::{IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store::event::NewEvent;
use crate::store::order::Sealed;
use crate::wire::Text;
use crate::{once, store};

/// A visit to be booked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// The patient.
    pub patient_id: PatientId,
    /// An address of the patient.
    pub address_id: AddressId,
    /// Codes of 1 to 5 different items, done in one visit in this order.
    #[schema(min_items = 1, max_items = 5)]
    pub items: Vec<ItemCode>,
    /// When the visit is wanted.
    pub window: WindowIn,
    /// Prescriptions by the code of their item. An item that needs one and is not named here is done on one that
    /// holds on the day of the visit.
    #[serde(default)]
    pub prescriptions: BTreeMap<String, PrescriptionId>,
    /// Answers of the screening by the code of the question, as `POST /v1/quotes` asks them.
    #[serde(default)]
    #[schema(value_type = AnswersSchema)]
    pub answers: Answers,
    /// What the nurse should know, up to 500 characters.
    #[schema(inline)]
    pub note: Option<Text<1, 500>>,
    /// The nurse to be asked first when she may and can, such as the one who came last time. She may decline, and
    /// the others are asked all the same.
    pub preferred_nurse_id: Option<NurseId>,
}

/// Book a visit.
///
/// The price is frozen. What something else may pay for is not charged before somebody has decided (`charge`). Hard findings of the screening refuse the order (`screening_refused`, with advice in
/// `findings`) and nothing is stored; soft ones send it to review. Items that need a first assessment which the
/// patient does not have let it wait in `assessing`; `missing_assessments` says which. Of the institutions that are approved and have
/// opened every item, the nearest to the address provides it.
#[utoipa::path(
    post, path = "/v1/orders", tag = "orders", request_body = NewOrder,
    params(("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _")),
    responses((
        status = 201, description = "Booked: open, or waiting for an assessment or a review", body = Order,
        headers(("Location" = String, description = "Address of the order"), ("ETag" = String, description = "Its version"))
    ))
)]
pub async fn create_order(
    State(app): State<App>,
    may: May<grants::BookCare>,
    IdempotencyKey { key, body: new }: IdempotencyKey<NewOrder>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "create_order", |tx| {
        let draft = draft(tx, &app, &may, &book, &new).await?;
        let order = draft.row(&app, &may, &book, &new)?;
        let items: Vec<_> = new.items.iter().map(ToString::to_string).collect();
        store::order::insert(tx, &app, &order, &items).await?;
        store::prescription::link(tx, may.community, order.id, &draft.prescriptions).await?;
        record(tx, &app, &order, &items).await?;
        let charge = charges::settle_new(tx, &app, &book, &order, may.account).await?;
        if order.state == OrderState::Assessing {
            let (missing, actor) = (&draft.missing, Some(may.account));
            dispatch::tell_missing(tx, &app, &order, missing, actor).await?;
        }
        let rules = OrderRules {
            catalogue: book.catalogue.clone(),
            prices: book.prices.clone(),
        };
        let around = Around {
            patient: &draft.patient,
            items: items.iter().map(String::as_str).collect(),
            visit: None,
            missing: draft.missing,
            charge: charge.as_ref(),
        };
        let shown = view::order(&app, &order, &rules, &around)?;
        Ok(Answer::created(format!("/v1/orders/{}", order.id), &shown)?.version(order.version))
    })
}

/// The event of a new order, a word to who has to review it, and the search for a nurse.
async fn record(tx: &Tx, app: &App, order: &care_order::Model, items: &[String]) -> Result<()> {
    let kind = match order.state {
        OrderState::InReview => EventKind::OrderReviewRequested,
        _ => EventKind::OrderSubmitted,
    };
    let event = NewEvent::of_order(kind, order, Some(order.booked_by)).payload(json!({
        "items": items,
        "window_start": order.window_start,
        "window_end": order.window_end,
        "total_fen": order.total_fen,
    }));
    store::event::append_first(tx, app, order.community_id, &[event]).await?;
    dispatch::tell::review_needed(tx, app, order).await?;
    store::order::enqueue_dispatch(tx, app, order).await
}

/// An order that passed every rule.
struct Draft {
    patient: patient::Model,
    address: address::Model,
    provided: Provided,
    quote: Quote,
    screening: ScreeningRecord,
    duration_min: u32,
    missing: Vec<MissingAssessment>,
    prescriptions: Vec<(ItemCode, PrescriptionId)>,
    gates: Gates,
}

/// Asks every rule of a booking.
async fn draft(
    tx: &Tx,
    app: &App,
    may: &May<grants::BookCare>,
    book: &RuleBook,
    new: &NewOrder,
) -> Result<Draft> {
    let db = &**tx;
    // Locked: an address or an entitlement that changes at the same moment waits for the order, or the order for it.
    let patient = store::patient::get_locked(tx, &may.scope, new.patient_id).await?;
    store::patient::check_may_book(db, app, &may.scope, &patient).await?;
    store::consent::check_for_booking(db, &book.consents, &patient, app.now()).await?;
    let items = booking::check_items(&book.catalogue, &new.items).map_err(problems::items)?;
    let (start, end) = new.window.cut();
    let duration_min = booking::duration_min(&items);
    booking::check_window(
        start,
        end,
        duration_min,
        app.now(),
        app.config.booking_limits(),
    )
    .map_err(|error| problems::window(error, "window"))?;
    let address = store::address::find(db, may.community, patient.id, new.address_id)
        .await?
        .ok_or_else(|| {
            Problem::new(Code::AddressUnknown).field("address_id", Code::AddressUnknown)
        })?;
    check_preferred(db, may, new.preferred_nurse_id).await?;
    let codes: Vec<_> = new.items.iter().map(ToString::to_string).collect();
    let providers = store::institution::providers(db, may.community, Some(&codes)).await?;
    let place = store::address::point(&address)?;
    let provided = booking::choose_provider(&items, place, patient.institution_id, &providers)
        .map_err(|error| problems::provider(&error))?;
    let facts = store::patient::screening_facts(db, app, &patient, local_date(start)).await?;
    let (assessed, admitted) =
        store::assessment::known(db, may.community, patient.id, app.now()).await?;
    let gates = book.visit_rules.judge(&Case {
        items: &items,
        conditions: &facts.conditions,
        wants_same_sex: patient.same_sex_nurse,
        span: planned(start, duration_min),
        area: address.township_code.as_deref(),
    });
    Ok(Draft {
        quote: price::quote(
            &book.prices,
            &book.catalogue,
            &new.items,
            provided.charged_m(),
            start,
            &book.calendar,
        )
        .map_err(problems::price)?,
        screening: screen(book, &items, &new.answers, &facts)?,
        prescriptions: prescriptions(db, app, &patient, &items, (&new.prescriptions, &[]), start)
            .await?,
        missing: assessment::missing(
            items.iter().copied(),
            local_date(start),
            &assessed,
            &admitted,
        ),
        patient,
        address,
        provided,
        duration_min,
        gates,
    })
}

/// The prescriptions by which the items are done on the day of the visit: those that are named and no others, else those
/// they were `booked` with, else others that hold; fails when one is missing (R7).
pub(super) async fn prescriptions(
    db: &impl ConnectionTrait,
    app: &App,
    patient: &patient::Model,
    items: &[&Item],
    (named, booked): (&BTreeMap<String, PrescriptionId>, &[PrescriptionId]),
    start: DateTime<Utc>,
) -> Result<Vec<(ItemCode, PrescriptionId)>> {
    let asked = items
        .iter()
        .any(|item| item.prescription_valid_days.is_some());
    if !asked && named.is_empty() {
        return Ok(Vec::new());
    }
    let codes = items.iter().map(|item| item.code.to_string());
    let mut held = store::prescription::held(db, patient.community_id, patient.id, codes).await?;
    for (item, id) in named {
        if !held.iter().any(|one| one.id == *id && one.item == *item) {
            let field = format!("prescriptions.{item}");
            let problem = Problem::new(Code::PrescriptionUnknown);
            return Err(problem.field(field, Code::PrescriptionUnknown).into());
        }
        held.retain(|one| one.item != *item || one.id == *id);
    }
    let (items, day) = (items.iter().copied(), local_date(start));
    prescription::choose(items, &held, booked, day, app.now())
        .map_err(|missing| problems::prescriptions(&missing))
}

/// A nurse who is wished for is on the roster.
async fn check_preferred(
    db: &impl ConnectionTrait,
    may: &May<grants::BookCare>,
    wished: Option<NurseId>,
) -> Result<()> {
    let Some(id) = wished else { return Ok(()) };
    let nurse = store::nurse::get(db, may.community, id).await?;
    if nurse.is_some_and(|nurse| nurse.active) {
        return Ok(());
    }
    let problem = Problem::new(Code::NurseUnknown);
    Err(problem
        .field("preferred_nurse_id", Code::NurseUnknown)
        .into())
}

/// Judges the answers; a hard finding ends the booking.
fn screen(
    book: &RuleBook,
    items: &[&Item],
    answers: &Answers,
    facts: &screening::PatientFacts,
) -> Result<ScreeningRecord> {
    let screening =
        screening::judge(&book.catalogue, items, answers, facts).map_err(problems::answers)?;
    if screening.outcome() == ScreeningOutcome::Refused {
        return Err(problems::refused(&screening));
    }
    Ok(ScreeningRecord {
        answers: answers.clone(),
        screening,
    })
}

impl Draft {
    /// The row to be stored.
    fn row(
        &self,
        app: &App,
        may: &May<grants::BookCare>,
        book: &RuleBook,
        new: &NewOrder,
    ) -> Result<care_order::Model> {
        let (id, now) = (app.new_id::<OrderId>(), app.now());
        let review = self.screening.screening.outcome() == ScreeningOutcome::Review;
        let state = lifecycle::initial(!self.missing.is_empty(), review);
        let (window_start, window_end) = new.window.cut();
        let json = |value: serde_json::Result<_>| value.map_err(Error::internal);
        let screening = json(serde_json::to_string(&self.screening))?;
        let note = new.note.as_ref();
        Ok(care_order::Model {
            community_id: may.community,
            id,
            number: booking::order_number(now, random_bytes()),
            patient_id: self.patient.id,
            address_id: self.address.id,
            institution_id: self.provided.institution,
            booked_by: may.account,
            state,
            version: 1,
            window_start,
            window_end,
            duration_min: i32::try_from(self.duration_min).map_err(Error::internal)?,
            persons: i32::from(self.gates.persons),
            gates: serde_json::to_value(&self.gates).map_err(Error::internal)?,
            lng: self.address.lng,
            lat: self.address.lat,
            catalogue_version: i32::try_from(book.catalogue.version).map_err(Error::internal)?,
            price: serde_json::to_value(&self.quote).map_err(Error::internal)?,
            total_fen: self.quote.total_fen,
            fee_fen: None,
            screening_enc: Sealed::Screening.seal(app, id, &screening),
            note_enc: note.map(|note| Sealed::Note.seal(app, id, note.as_str())),
            round: 1,
            opened_at: (state == OrderState::Open).then_some(now),
            wave: 0,
            ring_m: 0,
            coordinator_told_at: None,
            family_told_at: None,
            end_reason_enc: None,
            review_reason_enc: None,
            address_text_enc: None,
            address_landmark_enc: None,
            preferred_nurse_id: new.preferred_nurse_id,
            created_at: now,
            updated_at: now,
        })
    }
}
