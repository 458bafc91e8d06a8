//! A nurse who should have left by now: she is asked, then a coordinator is told.

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::VisitId;
use entity::{care_order, job, visit, visit_watch};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::{contact, tell_nurse};
use crate::app::App;
use crate::db::Tx;
use crate::dispatch::tell;
use crate::domain::event::EventKind;
use crate::domain::overdue::{Step, UnderWay, Watch, expected_end, step};
use crate::error::Result;
use crate::in_write;
use crate::jobs::kind::OVERDUE;
use crate::message::Message;
use crate::store;
use crate::store::event::NewEvent;

/// Least minutes until the first look, for a departure that is told hours late: what happened since is on its way.
const GRACE_MIN: i64 = 5;

/// Begins to watch a visit at departure.
pub(crate) async fn begin(tx: &Tx, app: &App, visit: &visit::Model) -> Result<()> {
    let Some(under_way) = under_way(visit) else {
        return Ok(());
    };
    let margin = TimeDelta::minutes(i64::from(app.config.safety.overdue_margin_min));
    let watch = visit_watch::Model {
        community_id: visit.community_id,
        visit_id: visit.id,
        due_at: expected_end(&under_way) + margin,
        asked_at: None,
        told_at: None,
        answered_at: None,
        version: 1,
    };
    let first = watch.due_at.max(app.now() + TimeDelta::minutes(GRACE_MIN));
    enqueue(tx, app, &watch, first).await?;
    store::visit_watch::insert(tx, watch).await
}

/// A visit was broken off while she was out: she should be gone soon, and is missed when she does not say so.
pub(crate) async fn broken_off(
    tx: &Tx,
    app: &App,
    visit: &visit::Model,
    at: DateTime<Utc>,
) -> Result<()> {
    let (community, id) = (visit.community_id, visit.id);
    let Some(watch) = store::visit_watch::get(&**tx, community, id).await? else {
        return Ok(());
    };
    let margin = TimeDelta::minutes(i64::from(app.config.safety.overdue_margin_min));
    let watch = store::visit_watch::update(tx, &watch, |row| {
        row.due_at = Set(watch.due_at.min(at + margin));
        row.asked_at = Set(None);
        row.told_at = Set(None);
        row.answered_at = Set(Some(at));
    })
    .await?;
    let first = watch.due_at.max(app.now() + TimeDelta::minutes(GRACE_MIN));
    enqueue(tx, app, &watch, first).await
}

/// Queues the next look. A job of an older look does nothing: it names the version it was queued with.
pub(crate) async fn enqueue(
    tx: &Tx,
    app: &App,
    watch: &visit_watch::Model,
    at: DateTime<Utc>,
) -> Result<()> {
    let payload = json!({ "version": watch.version });
    let (community, id) = (watch.community_id, watch.visit_id.0);
    store::job::enqueue(tx, app, community, OVERDUE, id, payload, at).await
}

fn under_way(visit: &visit::Model) -> Option<UnderWay> {
    Some(UnderWay {
        departed_at: visit.departed_at?,
        started_at: visit.started_at,
        busy_from: visit.busy_from,
        starts_at: visit.starts_at,
        ends_at: visit.ends_at,
    })
}

/// One look at a visit. The job ends in the transaction of its effect.
pub(crate) async fn look(app: &App, job: &job::Model) -> Result<()> {
    in_write!(app.db, "overdue_visit", |tx| {
        store::job::finish(tx, job).await?;
        let (community, id) = (job.community_id, VisitId(job.subject_id));
        let Some(watch) = store::visit_watch::get(&**tx, community, id).await? else {
            return Ok(());
        };
        let found = store::visit::in_community(&**tx, community, id).await?;
        let Some((visit, order)) = found else {
            return Ok(());
        };
        if !store::visit::way(&visit).is_open()
            || job.payload["version"].as_i64() != Some(watch.version)
        {
            return Ok(());
        }
        one_look(tx, app, (&visit, &order), &watch).await
    })
}

async fn one_look(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    watch: &visit_watch::Model,
) -> Result<()> {
    let (now, config) = (app.now(), &app.config.safety);
    let Some(under_way) = under_way(visit) else {
        return Ok(());
    };
    let state = Watch {
        due_at: watch.due_at,
        asked_at: watch.asked_at,
        told_at: watch.told_at,
    };
    let (margin, answer) = (config.overdue_margin_min, config.overdue_answer_min);
    let planned = visit.live.then(|| expected_end(&under_way));
    match step(&state, planned, now, margin, answer) {
        Step::Wait(until) => enqueue(tx, app, watch, until).await,
        Step::Nothing => Ok(()),
        Step::Ask => {
            leave_event(tx, app, EventKind::VisitOverdue, visit, order).await?;
            let number = order.number.clone();
            let message = Message::StillFine { order: number };
            tell_nurse(tx, app, order, visit.nurse_id, &message).await?;
            let watch =
                store::visit_watch::update(tx, watch, |row| row.asked_at = Set(Some(now))).await?;
            let answer = TimeDelta::minutes(i64::from(answer));
            enqueue(tx, app, &watch, now + answer).await
        }
        Step::Tell => {
            leave_event(tx, app, EventKind::VisitMissed, visit, order).await?;
            let (nurse, phone) = contact(tx, app, order, visit.nurse_id).await?;
            let number = order.number.clone();
            let message = Message::NurseMissed {
                order: number,
                nurse,
                phone,
            };
            tell::coordinators(tx, app, order, &message).await?;
            store::visit_watch::update(tx, watch, |row| row.told_at = Set(Some(now))).await?;
            Ok(())
        }
    }
}

async fn leave_event(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    visit: &visit::Model,
    order: &care_order::Model,
) -> Result<()> {
    let event = NewEvent::of_order(kind, order, None)
        .nurse(visit.nurse_id)
        .payload(json!({ "visit_id": visit.id }));
    store::event::append(tx, app, order.community_id, event).await
}
