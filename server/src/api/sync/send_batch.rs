//! `POST /v1/sync/batch`: what was done without signal.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{ActKind, SyncResult};
use entity::ids::{SyncActionId, VisitId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::tell::{Outcome, Told, take_in};
use crate::app::App;
use crate::domain::sync::{MOST_ACTIONS, skew};
use crate::error::Result;
use crate::extract::{Json, Lang, Telling};
use crate::problem::{Code, Problem};
use crate::wire::{ActMoment, Text};

/// Acts in any order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The phone, by an id of its own making.
    #[schema(inline)]
    pub device: Text<1, 64>,
    /// What the phone's clock says as it sends this: by it a wrong clock is noticed and corrected. One that cannot be read
    /// corrects nothing and refuses nothing: the acts count as of what they tell.
    pub sent_at: ActMoment,
    /// 1 to 100 acts.
    #[schema(min_items = 1, max_items = 100)]
    pub actions: Vec<Action>,
}

/// Something done on a visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// `UUIDv7` made by the phone, the same each time this act is sent. An act that was first told at once takes the
    /// `Idempotency-Key` of that request.
    pub id: SyncActionId,
    /// The visit.
    pub visit_id: VisitId,
    /// Number of the act among those of this visit that this phone tells in batches, from 1 without gaps. Acts outside the
    /// order of things, as places on the way and reports of harm, have none. An alarm may have one or none: it is raised
    /// whatever came before.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub counter: Option<u32>,
    /// What was done.
    #[serde(rename = "do")]
    pub kind: ActKind,
    /// When, by the phone's clock.
    pub device_at: ActMoment,
    /// Body of the operation of the same name. The times in it are by the phone's clock, and corrected like `device_at`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub body: Value,
}

/// What came of each act.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResult {
    /// Our clock.
    pub server_time: DateTime<Utc>,
    /// Seconds by which the phone's clock is ahead of ours, behind when negative; 0 within two minutes, and when it is not known.
    pub skew_s: i64,
    /// In the order of the acts sent.
    pub results: Vec<ActionResult>,
}

/// What came of one act.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionResult {
    /// The act.
    pub id: SyncActionId,
    /// What came of it.
    pub result: SyncResult,
    /// The answer of the operation when `applied`, the problem when `refused`.
    #[schema(value_type = Option<Object>)]
    pub answer: Option<Value>,
}

/// Tell what was done without signal.
///
/// Each act is judged by itself, as of the time it was done, and gets its own result. Acts of one visit count in the
/// order of their numbers: behind a refused one the others are `held` until it is put right, by another act with its
/// number or by a person who settles it; then they are told again, and each meets its own gates. A number that was used or
/// settled is taken. An alarm waits for nothing. Refused and held acts stay in the work list (`GET /v1/work-items`);
/// for critical values in a record among them the desk is called all the same. Sending an act again is always safe; told
/// with another body under the same id it is refused and kept beside the first (`kept_as`). From a nurse whose account was
/// disabled meanwhile alarms are raised and nothing else is done; everything is kept for the coordinator
/// (`account_disabled`), for seven days from then, also with the access token she had.
#[utoipa::path(
    post, path = "/v1/sync/batch", tag = "offline", request_body = Batch,
    responses((status = 200, description = "A result for each act", body = BatchResult))
)]
pub async fn send_batch(
    State(app): State<App>,
    telling: Telling,
    Lang(language): Lang,
    Json(batch): Json<Batch>,
) -> Result<Json<BatchResult>> {
    if !(1..=MOST_ACTIONS).contains(&batch.actions.len()) {
        let params = vec![("reason", format!("1..={MOST_ACTIONS}"))];
        return Err(Problem::new(Code::InvalidRequest)
            .field_with("actions", Code::FieldInvalid, params)
            .into());
    }
    let received_at = app.now();
    let sent_at = batch.sent_at.0;
    let ahead = sent_at.map_or_else(TimeDelta::zero, |sent_at| skew(*sent_at, received_at));
    let mut outcomes: Vec<Option<Outcome>> = batch.actions.iter().map(|_| None).collect();
    let mut order: Vec<usize> = (0..batch.actions.len()).collect();
    // An alarm waits for nothing; what stands outside the chains follows them, for it may hang on a step.
    order.sort_by_key(|index| {
        let action = &batch.actions[*index];
        (
            action.kind != ActKind::Sos,
            action.counter.unwrap_or(u32::MAX),
        )
    });
    for index in order {
        let told = told(&batch, &batch.actions[index], ahead, received_at);
        outcomes[index] = Some(take_in(&app, &telling, &told, language).await?);
    }
    let results = batch.actions.iter().zip(outcomes);
    Ok(Json(BatchResult {
        server_time: app.now(),
        skew_s: ahead.num_seconds(),
        results: results
            .filter_map(|(action, outcome)| {
                let outcome = outcome?;
                Some(ActionResult {
                    id: action.id,
                    result: outcome.result,
                    answer: outcome.answer,
                })
            })
            .collect(),
    }))
}

fn told(batch: &Batch, action: &Action, ahead: TimeDelta, received_at: DateTime<Utc>) -> Told {
    Told {
        id: action.id,
        visit: action.visit_id,
        device: batch.device.as_str().to_owned(),
        counter: action.counter,
        kind: action.kind,
        body: if action.body.is_null() {
            "{}".to_owned()
        } else {
            action.body.to_string()
        },
        device_at: action.device_at.0.map(Into::into),
        skew: ahead,
        received_at,
        original: None,
        once_more: false,
    }
}
