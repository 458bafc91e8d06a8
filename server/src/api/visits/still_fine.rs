//! `POST /v1/visits/{visit_id}/still-fine`: the nurse needs longer, and is well.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::OrderState;
use entity::ids::VisitId;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::step::{Act, place_of};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::{Moment, PlaceIn};
use crate::{once, safety, store};

/// How much longer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StillFine {
    /// Minutes from now until she is asked again; at most `safety.still_fine_max_min` (120).
    #[schema(minimum = 5, maximum = 720, example = 30)]
    pub minutes: u32,
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Where.
    pub place: Option<PlaceIn>,
}

/// The watch after her answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchState {
    /// The visit.
    pub visit_id: VisitId,
    /// State of the order.
    pub state: OrderState,
    /// She is asked again at this time, unless she has left.
    pub due_at: DateTime<Utc>,
}

/// Say that all is well and it takes longer.
///
/// Answers the question that comes when a visit runs over, or comes before it.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/still-fine", tag = "visits", request_body = StillFine,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "The watch waits longer", body = WatchState))
)]
pub async fn still_fine(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<StillFine>,
) -> Result<Answer> {
    once!(app, may, request.key, "still_fine", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Moves the watch on, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &StillFine) -> Result<Answer> {
    let (tx, app) = (act.tx, act.app);
    check_minutes(app, report.minutes)?;
    let place = place_of(report.place)?;
    let (visit, order) = act.mine(id).await?;
    let watch = store::visit_watch::get(&**tx, visit.community_id, visit.id).await?;
    let Some(watch) = watch.filter(|_| store::visit::way(&visit).is_open()) else {
        return Err(Problem::new(Code::OrderWrongState)
            .with("state", order.state)
            .into());
    };
    if watch.told_at.is_some() {
        safety::overdue::heard(tx, app, &visit, act.may.account).await?;
    }
    let until = act.at + TimeDelta::minutes(i64::from(report.minutes));
    let watch = store::visit_watch::update(tx, &watch, |row| {
        row.due_at = Set(watch.due_at.max(until));
        row.asked_at = Set(None);
        row.told_at = Set(None);
        row.answered_at = Set(Some(act.at));
    })
    .await?;
    safety::overdue::enqueue(tx, app, &watch, watch.due_at).await?;
    act.keep_position(&visit, place.as_ref()).await?;
    let payload = json!({ "minutes": report.minutes, "due_at": watch.due_at });
    let kind = EventKind::VisitStillFine;
    act.leave_event(kind, (&visit, &order), place.as_ref(), payload)
        .await?;
    Answer::ok(&WatchState {
        visit_id: visit.id,
        state: order.state,
        due_at: watch.due_at,
    })
}

fn check_minutes(app: &App, minutes: u32) -> Result<()> {
    let most = app.config.safety.still_fine_max_min;
    if (5..=most).contains(&minutes) {
        return Ok(());
    }
    let params = vec![("min", "5".to_owned()), ("max", most.to_string())];
    Err(Problem::new(Code::InvalidRequest)
        .field_with("minutes", Code::NumberRange, params)
        .into())
}
