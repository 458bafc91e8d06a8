//! `POST /v1/orders/{order_id}/verify-nurse`: the family makes sure who stands at the door.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::OrderState;
use entity::ids::{NurseId, OrderId, VisitId};
use entity::{care_order, visit};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::app::App;
use crate::domain::attempts::{seconds_until, shut_until};
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::store::event::NewEvent;
use crate::wire::Text;
use crate::{in_write, once, store};

/// Tries within [`WINDOW_MIN`] minutes, for one order.
const MOST_TRIES: i64 = 10;
/// Minutes within which tries are counted, and for which the last of them shuts the way.
const WINDOW_MIN: i64 = 10;

/// What the nurse shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyNurse {
    /// The six digits on her phone.
    #[schema(inline, example = "402817")]
    pub code: Text<6, 6>,
}

/// The nurse is the one who was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct NurseVerified {
    /// Her visit.
    pub visit_id: VisitId,
    /// The nurse.
    pub nurse_id: NurseId,
    /// When it was verified.
    pub verified_at: DateTime<Utc>,
}

/// Verify the nurse.
///
/// From her departure until the procedure is over. Ten tries in ten minutes, then none for ten
/// minutes.
#[utoipa::path(
    post, path = "/v1/orders/{order_id}/verify-nurse", tag = "orders", request_body = VerifyNurse,
    params(
        ("order_id" = OrderId, Path, description = "An order of the family"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "It is she", body = NurseVerified))
)]
pub async fn verify_nurse(
    State(app): State<App>,
    may: May<grants::VerifyNurse>,
    Id(id): Id<OrderId>,
    IdempotencyKey { key, body }: IdempotencyKey<VerifyNurse>,
) -> Result<Answer> {
    use OrderState::{Accepted, Arrived, Departed, InProcedure};
    let order = store::order::require(app.db.reader(), &may.scope, id).await?;
    count_try(&app, &order).await?;
    once!(app, may, key, "verify_nurse", |tx| {
        let order = store::order::require(&**tx, &may.scope, id).await?;
        if !matches!(order.state, Accepted | Departed | Arrived | InProcedure) {
            let problem = Problem::new(Code::OrderWrongState).with("state", order.state);
            return Err(problem.member("state", order.state).into());
        }
        let now = app.now();
        let visits = store::visit::live_of(&**tx, order.community_id, id).await?;
        let shown = |visit: &&visit::Model| {
            visit.departed_at.is_some()
                && store::visit_identity::is_badge(&app, visit.id, body.code.as_str(), now)
        };
        let visit = visits.iter().find(shown).ok_or(Code::BadgeWrong)?;
        let by = (may.account, now);
        store::visit_identity::verify_nurse(tx, order.community_id, visit.id, by).await?;
        let event = NewEvent::of_order(EventKind::NurseVerified, &order, Some(may.account))
            .nurse(visit.nurse_id)
            .payload(json!({ "visit_id": visit.id }));
        store::event::append(tx, &app, order.community_id, event).await?;
        Answer::ok(&NurseVerified {
            visit_id: visit.id,
            nurse_id: visit.nurse_id,
            verified_at: now,
        })
    })
}

/// Counts a try before the code is looked at, so that tries at the same moment count, too.
async fn count_try(app: &App, order: &care_order::Model) -> Result<()> {
    let (community, now) = (order.community_id, app.now());
    let window = TimeDelta::minutes(WINDOW_MIN);
    let subject = format!("verify_nurse:{}", order.id);
    let shut = in_write!(app.db, "count_verify_nurse", |tx| {
        store::order::lock(tx, order).await?;
        let tries = store::rate::recent(&**tx, community, &subject, window, now).await?;
        let shut = shut_until(&tries, MOST_TRIES, window, now);
        if shut.is_none() {
            store::rate::hit(tx, community, &subject, now).await?;
        }
        Ok(shut)
    })?;
    let Some(until) = shut else { return Ok(()) };
    let seconds = seconds_until(until, now);
    Err(Problem::new(Code::RateLimited)
        .with("seconds", seconds)
        .retry_after(seconds)
        .into())
}
