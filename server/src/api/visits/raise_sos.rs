//! `POST /v1/visits/{visit_id}/sos`: the nurse needs help.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::SosState;
use entity::ids::{SosId, VisitId};
use entity::{care_order, sos_alarm, visit};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::step::{Act, StepReport, place_of};
use crate::answer::Answer;
use crate::api::sos::SosAlarm;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::place::SourcePlace;
use crate::domain::sos::FIRST;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::{once, safety, store};

/// Call for help.
///
/// Coordinators of the order's institution and of those above it and the institution's own phone are told at once,
/// further people when nobody takes it. Taken in every state of the visit: outside departure and leaving it is marked, never refused. A
/// place is not needed; the last known one is passed on. Pressed again while nobody has taken it, it is the
/// same alarm with the newer place.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/sos", tag = "sos", request_body = StepReport,
    params(("visit_id" = VisitId, Path, description = "A visit that is or was the caller's")),
    responses((status = 200, description = "Passed on", body = SosAlarm))
)]
pub async fn raise_sos(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<StepReport>,
) -> Result<Answer> {
    once!(app, may, request.key, "raise_sos", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Raises it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &StepReport) -> Result<Answer> {
    let (tx, app) = (act.tx, act.app);
    // A place that makes no sense does not stop an alarm.
    let place = place_of(report.place).ok().flatten();
    let (visit, order) = hers(act, id).await?;
    let open = store::sos::open_of_visit(&**tx, visit.community_id, visit.id).await?;
    let sos_id = open
        .as_ref()
        .map_or_else(|| app.new_id::<SosId>(), |open| open.id);
    let payload = json!({ "sos_id": sos_id, "again": open.is_some() });
    // Before the row: of two at once the second finds the first when its write runs again.
    act.leave_event(
        EventKind::SosRaised,
        (&visit, &order),
        place.as_ref(),
        payload,
    )
    .await?;
    let alarm = match open {
        Some(open) => press_again(act, &open, place.as_ref()).await?,
        None => raise(act, sos_id, (&visit, &order), place.as_ref()).await?,
    };
    // A track is kept from departure to leaving only.
    if !alarm.outside_visit {
        act.keep_position(&visit, place.as_ref()).await?;
    }
    let contacts = store::sos::contacts(&**tx, app, alarm.community_id, [alarm.nurse_id]).await?;
    Answer::ok(&SosAlarm::of(app, &alarm, &contacts)?)
}

/// The visit, though it may be over or have been taken from her meanwhile.
async fn hers(act: &Act<'_>, id: VisitId) -> Result<(visit::Model, care_order::Model)> {
    let nurse = act.may.nurse.ok_or(Code::NoNurseProfile)?;
    let found = store::visit::in_community(&**act.tx, act.may.community, id).await?;
    let mine = found.filter(|(visit, _)| visit.nurse_id == nurse);
    mine.ok_or_else(|| Code::NotFound.into())
}

async fn raise(
    act: &Act<'_>,
    id: SosId,
    (visit, order): (&visit::Model, &care_order::Model),
    place: Option<&SourcePlace>,
) -> Result<sos_alarm::Model> {
    let (tx, app) = (act.tx, act.app);
    let known = last_known(act, visit, place).await?;
    let mut alarm = sos_alarm::Model {
        community_id: visit.community_id,
        id,
        visit_id: visit.id,
        order_id: order.id,
        institution_id: order.institution_id,
        nurse_id: visit.nurse_id,
        state: SosState::Open,
        version: 1,
        at: act.at,
        device_at: act.device_at,
        received_at: app.now(),
        pressed: 1,
        outside_visit: !store::visit::way(visit).holds(act.at),
        lng: known.map(|known| known.0),
        lat: known.map(|known| known.1),
        accuracy_m: known.and_then(|known| known.2),
        place_at: known.map(|known| known.3),
        level: FIRST,
        told_at: app.now(),
        taken_by: None,
        taken_at: None,
        closed_by: None,
        closed_at: None,
        outcome: None,
        note_enc: None,
    };
    alarm.level = safety::sos::tell_from(tx, app, order, &alarm, FIRST).await?;
    store::sos::insert(tx, alarm.clone()).await?;
    safety::sos::enqueue(tx, app, &alarm).await?;
    Ok(alarm)
}

/// Longitude, latitude, accuracy, and when.
type Known = (f64, f64, Option<f64>, DateTime<Utc>);

/// The place sent, else the newest one of the visit.
async fn last_known(
    act: &Act<'_>,
    visit: &visit::Model,
    place: Option<&SourcePlace>,
) -> Result<Option<Known>> {
    if let Some(place) = place {
        let (lng, lat) = (place.point.lng(), place.point.lat());
        return Ok(Some((lng, lat, place.accuracy_m, act.at)));
    }
    let last = store::visit::last_position(&**act.tx, visit.community_id, visit.id).await?;
    Ok(last.map(|last| (last.lng, last.lat, last.accuracy_m, last.at)))
}

async fn press_again(
    act: &Act<'_>,
    open: &sos_alarm::Model,
    place: Option<&SourcePlace>,
) -> Result<sos_alarm::Model> {
    // Told late, it may bring a place that is older than the one that is known.
    let newer = open.place_at.is_none_or(|known| act.at >= known);
    store::sos::update(act.tx, open, |row| {
        row.pressed = Set(open.pressed.saturating_add(1));
        if let Some(place) = place.filter(|_| newer) {
            row.lng = Set(Some(place.point.lng()));
            row.lat = Set(Some(place.point.lat()));
            row.accuracy_m = Set(place.accuracy_m);
            row.place_at = Set(Some(act.at));
        }
    })
    .await
}
