//! Orders made ready to be sent.

use std::sync::Arc;

use entity::enums::{ChargeState, OrderState};
use entity::{care_order, order_charge, order_item, patient};
use sea_orm::ConnectionTrait;

use super::wire::{
    CancellationNow, Order, OrderCharge, OrderDetail, OrderSummary, OrderVisit, OrderWindow,
    OrderedItem, SecondNurse,
};
use crate::app::App;
use crate::dispatch;
use crate::domain::assessment::MissingAssessment;
use crate::domain::booking::ScreeningRecord;
use crate::domain::calendar::local_date;
use crate::domain::catalogue::{Catalogue, ItemCode};
use crate::domain::charge::due;
use crate::domain::lifecycle;
use crate::domain::price::{self, PriceRules, Quote};
use crate::error::{Error, Result};
use crate::rules;
use crate::store;
use crate::store::order::{Sealed, VisitOfOrder};
use crate::wire::PlaceOut;

/// The rule files an order was judged and priced by. Load them before a write begins, on a connection of
/// their own: nobody waits for that.
#[derive(Clone)]
pub struct OrderRules {
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
    /// The prices.
    pub prices: Arc<PriceRules>,
}

impl OrderRules {
    /// Those of an order.
    pub async fn of(
        db: &impl ConnectionTrait,
        app: &App,
        order: &care_order::Model,
    ) -> Result<Self> {
        let version = i32::try_from(quote_of(order)?.price_version).map_err(Error::internal)?;
        let community = order.community_id;
        Ok(Self {
            catalogue: rules::catalogue(db, app, community, order.catalogue_version).await?,
            prices: rules::prices(db, app, community, version).await?,
        })
    }
}

/// The price frozen in an order.
pub fn quote_of(order: &care_order::Model) -> Result<Quote> {
    serde_json::from_value(order.price.clone()).map_err(Error::internal)
}

/// The screening kept with an order.
pub fn screening_of(app: &App, order: &care_order::Model) -> Result<ScreeningRecord> {
    let text = Sealed::Screening.open(app, order)?.unwrap_or_default();
    serde_json::from_str(&text).map_err(Error::internal)
}

/// What an order is shown with.
pub struct Around<'a> {
    /// The patient.
    pub patient: &'a patient::Model,
    /// Codes of the items, in the order booked.
    pub items: Vec<&'a str>,
    /// The visit, when there is one.
    pub visit: Option<&'a VisitOfOrder>,
    /// Items without a first assessment, while the order waits for one.
    pub missing: Vec<MissingAssessment>,
    /// Its charge, when somebody has to decide on it or has decided.
    pub charge: Option<&'a order_charge::Model>,
}

/// An order for a list.
pub fn summary(
    app: &App,
    order: &care_order::Model,
    catalogue: &Catalogue,
    around: &Around<'_>,
) -> Result<OrderSummary> {
    let items = around.items.iter().map(|code| {
        let item = catalogue.item(code);
        let item =
            item.ok_or_else(|| Error::internal(format!("no item {code} in its catalogue")))?;
        Ok(OrderedItem {
            code: ItemCode::new(*code).map_err(Error::internal)?,
            name: item.name.clone(),
        })
    });
    Ok(OrderSummary {
        id: order.id,
        number: order.number.clone(),
        state: order.state,
        version: order.version,
        patient_id: order.patient_id,
        patient_name: store::patient::name(app, around.patient)?.masked(),
        institution_id: order.institution_id,
        items: items.collect::<Result<_>>()?,
        window: OrderWindow {
            start: order.window_start,
            end: order.window_end,
        },
        duration_min: order.duration_min,
        persons: order.persons,
        place_known: order.lng.is_some(),
        total_fen: order.total_fen,
        fee_fen: order.fee_fen,
        charge: charge(order, around.charge)?,
        visit: around.visit.map(visit),
        created_at: order.created_at,
        updated_at: order.updated_at,
    })
}

/// What the family is charged, and upon what that was decided.
fn charge(order: &care_order::Model, row: Option<&order_charge::Model>) -> Result<OrderCharge> {
    let (fen, row) = due(order.state, (order.total_fen, order.fee_fen), row);
    let Some(row) = row else {
        return Ok(OrderCharge {
            state: ChargeState::Due,
            fen: Some(fen),
            covered: Vec::new(),
            paid_by: Vec::new(),
            decided_at: None,
        });
    };
    let paid_by = row.paid_by.clone().map(serde_json::from_value).transpose();
    Ok(OrderCharge {
        state: row.state,
        fen: row.charge_fen,
        covered: store::charge::covered(row)?,
        paid_by: paid_by.map_err(Error::internal)?.unwrap_or_default(),
        decided_at: row.decided_at,
    })
}

fn visit(found: &VisitOfOrder) -> OrderVisit {
    let VisitOfOrder {
        visit,
        nurse_name,
        nurse_title,
        second,
    } = found;
    OrderVisit {
        visit_id: visit.id,
        nurse_id: visit.nurse_id,
        nurse_name: nurse_name.clone(),
        nurse_title: *nurse_title,
        live: visit.live,
        starts_at: visit.starts_at,
        ends_at: visit.ends_at,
        accepted_at: visit.accepted_at,
        departed_at: visit.departed_at,
        arrived_at: visit.arrived_at,
        started_at: visit.started_at,
        finished_at: visit.finished_at,
        closed_at: visit.closed_at,
        second: second.as_deref().map(|found| SecondNurse {
            visit_id: found.visit.id,
            nurse_id: found.visit.nurse_id,
            nurse_name: found.nurse_name.clone(),
            nurse_title: found.nurse_title,
            departed_at: found.visit.departed_at,
            arrived_at: found.visit.arrived_at,
            finished_at: found.visit.finished_at,
        }),
    }
}

/// One order, without what is personal.
pub fn order(
    app: &App,
    order: &care_order::Model,
    rules: &OrderRules,
    around: &Around<'_>,
) -> Result<Order> {
    let price = quote_of(order)?;
    Ok(Order {
        summary: summary(app, order, &rules.catalogue, around)?,
        address_id: order.address_id,
        gates: store::gates::of(order)?,
        findings: screening_of(app, order)?.screening.findings,
        missing_assessments: around.missing.clone(),
        cancellation: cancellation(app, (order, around.visit), rules, &price),
        price,
        detail: None,
    })
}

fn cancellation(
    app: &App,
    (order, visit): (&care_order::Model, Option<&VisitOfOrder>),
    rules: &OrderRules,
    price: &Quote,
) -> Option<CancellationNow> {
    lifecycle::next(order.state, lifecycle::Command::Cancel).ok()?;
    let set_out = visit.is_some_and(VisitOfOrder::set_out);
    let stage = lifecycle::cancel_stage(order.state, set_out)?;
    let start = order.window_start;
    let fee = price::cancellation_fee(&rules.prices, price, stage, app.now(), start);
    Some(CancellationNow {
        stage,
        fee_fen: fee.fen,
        text: fee.text,
    })
}

/// An order, and rows that were read for it.
pub struct ReadOrder {
    /// As it is shown.
    pub shown: Order,
    /// Its patient.
    pub patient: patient::Model,
    /// Its charge, when somebody has to decide on it or has decided.
    pub charge: Option<order_charge::Model>,
}

/// One order with what has to be read for it: items, patient, visit, charge. Five statements, and three more while it
/// waits for an assessment.
pub async fn read(
    db: &impl ConnectionTrait,
    app: &App,
    row: &care_order::Model,
    rules: &OrderRules,
) -> Result<ReadOrder> {
    let (community, ids) = (row.community_id, [row.id]);
    let items = store::order::items_of(db, community, &ids).await?;
    let items: Vec<_> = items.into_values().flatten().collect();
    let mut patients = store::order::patients_of(db, community, [row.patient_id]).await?;
    let patient = patients.remove(&row.patient_id).ok_or_else(no_patient)?;
    let visits = store::order::visits_of(db, app, community, &ids).await?;
    let missing = match row.state {
        OrderState::Assessing => {
            let day = local_date(row.window_start);
            dispatch::missing_assessments(db, app, row, day, app.now()).await?
        }
        _ => Vec::new(),
    };
    let mut charges = store::charge::of_orders(db, community, ids).await?;
    let charge = charges.remove(&row.id);
    let around = Around {
        patient: &patient,
        items: codes(&items),
        visit: visits.get(&row.id),
        missing,
        charge: charge.as_ref(),
    };
    let shown = order(app, row, rules, &around)?;
    Ok(ReadOrder {
        shown,
        patient,
        charge,
    })
}

/// Codes of item rows.
pub fn codes(items: &[order_item::Model]) -> Vec<&str> {
    items.iter().map(|item| item.item_code.as_str()).collect()
}

/// An order's patient is never deleted.
pub fn no_patient() -> Error {
    Error::internal("an order has no patient")
}

/// What is personal about an order. One statement.
pub async fn detail(
    db: &impl ConnectionTrait,
    app: &App,
    order: &care_order::Model,
    patient: &patient::Model,
    charge: Option<&order_charge::Model>,
) -> Result<OrderDetail> {
    let address = store::address::of_order(db, order).await?;
    let (words, landmark) = store::address::words(app, order, &address)?;
    let accuracy_m = store::address::accuracy_m(order, &address);
    let charge_reason = charge.map(|row| store::charge::reason(app, row));
    Ok(OrderDetail {
        patient_name: store::patient::name(app, patient)?.reveal().to_owned(),
        address: words,
        landmark,
        place: PlaceOut::from_columns(order.lng, order.lat, accuracy_m),
        answers: screening_of(app, order)?.answers,
        note: Sealed::Note.open(app, order)?,
        end_reason: Sealed::EndReason.open(app, order)?,
        review_reason: Sealed::ReviewReason.open(app, order)?,
        charge_reason: charge_reason.transpose()?.flatten(),
    })
}
