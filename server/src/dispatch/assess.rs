//! The gate of the first assessment (R5), and what an assessment or an admission does to the orders that wait.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{AlertKind, AssessmentResult, OrderState};
use entity::ids::AccountId;
use entity::{care_order, patient};
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::candidates::OrderView;
use super::release::free_seats;
use super::tell;
use crate::app::App;
use crate::db::Tx;
use crate::domain::assessment::{self, MissingAssessment};
use crate::domain::booking::ScreeningRecord;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::{self, Command};
use crate::domain::screening::ScreeningOutcome;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::assessment::NewAssessment;
use crate::store::event::NewEvent;
use crate::store::order::Sealed;

/// Items of an order that no assessment covers on `day`, by what was known at `at`. Three statements.
pub async fn missing_assessments(
    db: &impl ConnectionTrait,
    app: &App,
    order: &care_order::Model,
    day: NaiveDate,
    at: DateTime<Utc>,
) -> Result<Vec<MissingAssessment>> {
    let (community, patient) = (order.community_id, order.patient_id);
    let codes = store::matching::item_codes(db, community, order.id).await?;
    let catalogue = crate::rules::catalogue(db, app, community, order.catalogue_version).await?;
    let (assessed, admitted) = store::assessment::known(db, community, patient, at).await?;
    let items = codes.iter().filter_map(|code| catalogue.item(code));
    Ok(assessment::missing(items, day, &assessed, &admitted))
}

/// Refuses an order that is looked at for matching and that no assessment covers now on its day. Two statements.
pub(super) async fn check_assessed(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
) -> Result<()> {
    let order = &view.order;
    let (community, patient, now) = (order.community_id, order.patient_id, app.now());
    let (assessed, admitted) = store::assessment::known(db, community, patient, now).await?;
    let day = local_date(order.window_start);
    let missing = assessment::missing(view.catalogue_items(), day, &assessed, &admitted);
    if missing.is_empty() {
        return Ok(());
    }
    Err(unassessed(&missing).into())
}

/// The problem of items that no assessment covers.
pub fn unassessed(missing: &[MissingAssessment]) -> Problem {
    Problem::new(Code::AssessmentMissing).member("missing", missing)
}

/// The event of an order that waits for an assessment, and a word to whoever booked.
pub async fn tell_missing(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    missing: &[MissingAssessment],
    actor: Option<AccountId>,
) -> Result<()> {
    let missing: Vec<_> = missing
        .iter()
        .map(|one| json!({ "item": one.item, "code": one.code }))
        .collect();
    let event = NewEvent::of_order(EventKind::OrderAssessing, order, actor)
        .payload(json!({ "missing": missing }));
    store::event::append(tx, app, order.community_id, event).await?;
    let message = Message::AssessmentNeeded {
        order: order.number.clone(),
    };
    tell::booker(tx, app, order, &message).await
}

/// Takes an open order back that is not covered any more. It expires as it would have when open.
pub(super) async fn hold(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    missing: &[MissingAssessment],
    actor: Option<AccountId>,
) -> Result<care_order::Model> {
    let order = store::order::advance(tx, app, order, Command::Hold, |_| {}).await?;
    store::order::withdraw_offers(tx, app, &order, actor).await?;
    tell_missing(tx, app, &order, missing, actor).await?;
    // One of two seats may be taken.
    tell_nurses_lapsed(tx, app, &order, actor).await?;
    store::order::enqueue_dispatch(tx, app, &order).await?;
    Ok(order)
}

/// Keeps an assessment, with its event, and moves the orders of the patient on.
pub async fn assess(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    new: NewAssessment,
) -> Result<entity::assessment::Model> {
    let (actor, texts) = (new.by, new.texts.clone());
    let row = store::assessment::insert(tx, app, patient, new).await?;
    let (subject, id) = (entity::enums::SubjectKind::Patient, patient.id.0);
    let event = NewEvent::new(EventKind::AssessmentRecorded, subject, id, Some(actor))
        .institution(patient.institution_id)
        .patient(patient.id)
        .payload(json!({
            "assessment_id": row.id, "result": row.result, "mode": row.mode, "items": row.items,
            "assessed_at": row.assessed_at, "visit_id": row.visit_id,
        }));
    store::event::append(tx, app, patient.community_id, event).await?;
    if row.result == AssessmentResult::Refused {
        let reason = [texts.reason, texts.advice].map(Option::unwrap_or_default);
        refuse(tx, app, patient, &row, &reason.join("\n")).await?;
    }
    settle(tx, app, patient, actor).await?;
    Ok(row)
}

/// Refuses the orders that wait for a nurse with an item found unfit. Those of a nurse are left to the desk and to her.
async fn refuse(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    assessment: &entity::assessment::Model,
    reason: &str,
) -> Result<()> {
    let (community, actor) = (patient.community_id, Some(assessment.assessed_by));
    let unfit = store::assessment::items(assessment)?;
    for mut order in store::order::unbegun_of_patient(&**tx, community, patient.id).await? {
        let items = store::matching::item_codes(&**tx, community, order.id).await?;
        let named = items.iter().any(|code| unfit.contains(code));
        // An assessment told late may be older than another that says otherwise.
        let missing = missing_now(tx, app, &order).await?;
        let holds = missing
            .iter()
            .any(|one| one.code == assessment::Lack::Refused.code());
        let waits = matches!(
            order.state,
            OrderState::Assessing | OrderState::InReview | OrderState::Open
        );
        if !waits || !named || !holds {
            continue;
        }
        if order.state == OrderState::Open {
            order = store::order::advance(tx, app, &order, Command::Hold, |_| {}).await?;
            store::order::withdraw_offers(tx, app, &order, actor).await?;
        }
        let sealed = Sealed::EndReason.seal(app, order.id, reason);
        let order = store::order::advance(tx, app, &order, Command::Refuse, |row| {
            row.end_reason_enc = Set(Some(sealed));
        })
        .await?;
        // One of two seats may be taken.
        free_seats(tx, app, &order, actor, "refused").await?;
        let event = NewEvent::of_order(EventKind::OrderRefused, &order, actor)
            .payload(json!({ "assessment_id": assessment.id }));
        store::event::append(tx, app, community, event).await?;
        let message = Message::OrderRefused {
            order: order.number.clone(),
        };
        tell::booker(tx, app, &order, &message).await?;
    }
    Ok(())
}

/// Moves every order of a patient to where its assessments put it: covered ones go on, open ones that are not
/// covered any more wait, and of those a nurse has she and the desk are told, also when she is on her way or at the door.
pub async fn settle(tx: &Tx, app: &App, patient: &patient::Model, actor: AccountId) -> Result<()> {
    let community = patient.community_id;
    for order in store::order::unbegun_of_patient(&**tx, community, patient.id).await? {
        settle_order(tx, app, order, Some(actor)).await?;
    }
    Ok(())
}

/// The same for one order.
pub async fn settle_order(
    tx: &Tx,
    app: &App,
    order: care_order::Model,
    actor: Option<AccountId>,
) -> Result<care_order::Model> {
    let missing = missing_now(tx, app, &order).await?;
    match (order.state, missing.is_empty()) {
        (OrderState::Assessing, true) => go_on(tx, app, &order, actor).await,
        (OrderState::Open, false) => hold(tx, app, &order, &missing, actor).await,
        (OrderState::Accepted | OrderState::Departed | OrderState::Arrived, false) => {
            lapsed(tx, app, &order, &missing, actor).await?;
            Ok(order)
        }
        _ => Ok(order),
    }
}

/// Tells each nurse of an order that nothing covers it any more, and the desk: with an alert once somebody has set out.
async fn lapsed(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    missing: &[MissingAssessment],
    actor: Option<AccountId>,
) -> Result<()> {
    tell_nurses_lapsed(tx, app, order, actor).await?;
    let message = lapsed_message(order);
    if order.state == OrderState::Accepted {
        return tell::coordinators(tx, app, order, &message).await;
    }
    let lacks = missing.iter().map(|one| one.text.zh.as_str());
    let lacks: BTreeSet<_> = lacks.collect();
    let detail = lacks.into_iter().collect::<Vec<_>>().join("\n");
    let severity = store::alert::urgency(order);
    let what = (AlertKind::AssessmentLapsed, severity, detail.as_str());
    store::alert::call_once(tx, app, order, what, (actor, app.now())).await
}

/// The event and a word for each nurse who has the order.
async fn tell_nurses_lapsed(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    actor: Option<AccountId>,
) -> Result<()> {
    let event = (EventKind::OrderAssessmentLapsed, actor);
    tell::live_nurses(tx, app, order, event, &lapsed_message(order)).await
}

fn lapsed_message(order: &care_order::Model) -> Message {
    Message::AssessmentLapsed {
        order: order.number.clone(),
    }
}

/// A covered order goes to review, or looks for its nurse.
async fn go_on(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    actor: Option<AccountId>,
) -> Result<care_order::Model> {
    let command = lifecycle::assessed(needs_review(app, order)?, order.opened_at.is_some());
    let order = store::order::advance(tx, app, order, command, |row| {
        if command == Command::Assess {
            store::order::begin_round(row, order.round + 1, app.now());
        }
    })
    .await?;
    let kind = match command {
        Command::Assess => EventKind::OrderAssessed,
        _ => EventKind::OrderReviewRequested,
    };
    let event = NewEvent::of_order(kind, &order, actor);
    store::event::append(tx, app, order.community_id, event).await?;
    tell::review_needed(tx, app, &order).await?;
    store::order::enqueue_dispatch(tx, app, &order).await?;
    Ok(order)
}

async fn missing_now(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
) -> Result<Vec<MissingAssessment>> {
    // A visit that begins late is made on that day.
    let day = local_date(order.window_start.max(app.now()));
    missing_assessments(&**tx, app, order, day, app.now()).await
}

fn needs_review(app: &App, order: &care_order::Model) -> Result<bool> {
    let text = Sealed::Screening.open(app, order)?.unwrap_or_default();
    let record: ScreeningRecord = serde_json::from_str(&text).map_err(Error::internal)?;
    Ok(record.screening.outcome() == ScreeningOutcome::Review)
}
