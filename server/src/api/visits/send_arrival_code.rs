//! `POST /v1/visits/{visit_id}/arrival-code`: a one-time code to the family's phone, for the nurse at the door.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::VisitId;
use entity::{account, arrival_code, care_order, visit};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::step::Act;
use crate::answer::Answer;
use crate::app::App;
use crate::crypto::random_digits;
use crate::domain::arrival::MOST_CODES;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::position_visible;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::message::Message;
use crate::problem::{Code, Problem};
use crate::{once, store};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendArrivalCode {}

/// A code that is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArrivalCodeSent {
    /// The phone it went to, masked.
    pub phone: String,
    /// Good until then.
    pub expires_at: DateTime<Utc>,
}

/// Send the family a code.
///
/// They read it to the nurse, and it proves that she is with them. It goes to whoever booked when that is
/// somebody who cares for the patient, else to another carer; never to the nurse. A new code voids the one before.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/arrival-code", tag = "visits", request_body = SendArrivalCode,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller, under way")),
    responses((status = 200, description = "The code is on its way", body = ArrivalCodeSent))
)]
pub async fn send_arrival_code(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<SendArrivalCode>,
) -> Result<Answer> {
    once!(app, may, request.key, "send_arrival_code", |tx| {
        apply(&Act::now(tx, &app, &may, None), id, &request.body).await
    })
}

/// Sends it. The code is made now, whenever it was asked for.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &SendArrivalCode) -> Result<Answer> {
    let SendArrivalCode {} = report;
    let (tx, app) = (act.tx, act.app);
    let (visit, order) = act.mine(id).await?;
    if !visit.live || !position_visible(order.state) {
        return Err(Problem::new(Code::OrderWrongState)
            .with("state", order.state)
            .into());
    }
    let last = store::arrival::lock_code(tx, visit.community_id, visit.id).await?;
    check_gap(app, last.as_ref())?;
    let family = family_of(act, &visit, &order).await?;
    let (code, now) = (random_digits(6), app.now());
    let expires_at = now + TimeDelta::seconds(i64::from(app.config.auth.code_ttl_s));
    let row = arrival_code::Model {
        community_id: visit.community_id,
        visit_id: visit.id,
        code_hash: store::arrival::code_hash(app, visit.id, &code),
        sent_at: now,
        expires_at,
        sent: last.map_or(0, |last| last.sent) + 1,
        tries: 0,
        used_at: None,
    };
    store::arrival::put_code(tx, row).await?;
    let minutes = app.config.auth.code_ttl_s.div_ceil(60);
    store::message::to_account(tx, app, &family, &Message::ArrivalCode { code, minutes }).await?;
    let kind = EventKind::ArrivalCodeSent;
    act.leave_event(kind, (&visit, &order), None, json!({}))
        .await?;
    Answer::ok(&ArrivalCodeSent {
        phone: store::account::phone(app, &family)?.masked(),
        expires_at,
    })
}

fn check_gap(app: &App, last: Option<&arrival_code::Model>) -> Result<()> {
    let Some(last) = last else { return Ok(()) };
    if last.sent >= MOST_CODES {
        return Err(Code::ArrivalCodesSpent.into());
    }
    let free_at = last.sent_at + TimeDelta::seconds(i64::from(app.config.auth.code_gap_s));
    if free_at <= app.now() {
        return Ok(());
    }
    let seconds = (free_at - app.now()).num_seconds().max(0).unsigned_abs() + 1;
    Err(Problem::new(Code::CodeTooSoon)
        .with("seconds", seconds)
        .retry_after(seconds)
        .into())
}

/// Whoever booked, when it is a carer of the patient, else the first other carer; never the nurse herself.
async fn family_of(
    act: &Act<'_>,
    visit: &visit::Model,
    order: &care_order::Model,
) -> Result<account::Model> {
    let carers = store::carer::of_patient(&**act.tx, order.community_id, visit.patient_id).await?;
    let accounts = carers.into_iter().map(|(_, account)| account);
    let mut others: Vec<_> = accounts
        .filter(|account| account.id != act.may.account)
        .collect();
    let booker = others
        .iter()
        .position(|account| account.id == order.booked_by);
    match booker {
        Some(index) => Ok(others.swap_remove(index)),
        None => Ok(others.into_iter().next().ok_or(Code::FamilyPhoneNone)?),
    }
}
