//! A nurse who should have set out or left by now: she is asked, then people are called until somebody looks after it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{AlertKind, AlertSeverity};
use entity::ids::{AccountId, CommunityId, VisitId};
use entity::{alert, care_order, job, visit, visit_watch};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::{contact, sos, tell_nurse};
use crate::app::App;
use crate::db::Tx;
use crate::dispatch::tell;
use crate::domain::event::EventKind;
use crate::domain::overdue::{Step, Watch, Watched, due, step};
use crate::domain::seats::has_free_seat;
use crate::domain::sos::FIRST;
use crate::error::Result;
use crate::in_write;
use crate::jobs::kind::OVERDUE;
use crate::message::Message;
use crate::store;
use crate::store::alert::NewAlert;
use crate::store::event::NewEvent;
use crate::store::order::FreedVisit;

/// Least minutes until the first look, for a departure that is told hours late: what happened since is on its way.
const GRACE_MIN: i64 = 5;
/// The version that a look names while there is no watch yet: until she was asked or has set out.
const NO_WATCH: i64 = 0;
/// Outcome of an alert that the nurse closes by what she does.
const HEARD: &str = "护士已回复";

/// Begins to expect a nurse who got a visit: she should set out.
pub(crate) async fn expect(tx: &Tx, app: &App, visit: &visit::Model) -> Result<()> {
    let first = due(&watched(visit), app.config.safety.overdue_margin_min);
    queue(tx, app, (visit.community_id, visit.id), NO_WATCH, first).await
}

/// Begins to watch a visit at departure, also one whose nurse was asked whether she had set out.
pub(crate) async fn begin(tx: &Tx, app: &App, visit: &visit::Model, by: AccountId) -> Result<()> {
    let (community, id) = (visit.community_id, visit.id);
    let due_at = due(&watched(visit), app.config.safety.overdue_margin_min);
    let watch = match store::visit_watch::get(&**tx, community, id).await? {
        None => {
            let watch = new_watch(visit, due_at);
            store::visit_watch::insert(tx, watch.clone()).await?;
            watch
        }
        Some(watch) => {
            if watch.told_at.is_some() {
                heard(tx, app, visit, by).await?;
            }
            move_on(tx, &watch, due_at, visit.departed_at).await?
        }
    };
    let first = due_at.max(app.now() + TimeDelta::minutes(GRACE_MIN));
    enqueue(tx, app, &watch, first).await
}

fn new_watch(visit: &visit::Model, due_at: DateTime<Utc>) -> visit_watch::Model {
    visit_watch::Model {
        community_id: visit.community_id,
        visit_id: visit.id,
        due_at,
        asked_at: None,
        told_at: None,
        answered_at: None,
        version: 1,
    }
}

/// The watch begun anew.
async fn move_on(
    tx: &Tx,
    watch: &visit_watch::Model,
    due_at: DateTime<Utc>,
    answered_at: Option<DateTime<Utc>>,
) -> Result<visit_watch::Model> {
    store::visit_watch::update(tx, watch, |row| {
        row.due_at = Set(due_at);
        row.asked_at = Set(None);
        row.told_at = Set(None);
        row.answered_at = Set(answered_at);
    })
    .await
}

/// A visit is over for a nurse who is out: she should be gone soon, and is missed when she does not say so.
pub(crate) async fn broken_off(
    tx: &Tx,
    app: &App,
    (community, id): (CommunityId, VisitId),
    at: DateTime<Utc>,
) -> Result<()> {
    let Some(watch) = store::visit_watch::get(&**tx, community, id).await? else {
        return Ok(());
    };
    if watch.told_at.is_some() && !missed_alerts(tx, (community, id)).await?.is_empty() {
        // People look for her already.
        return Ok(());
    }
    let margin = TimeDelta::minutes(i64::from(app.config.safety.overdue_margin_min));
    let watch = move_on(tx, &watch, watch.due_at.min(at + margin), Some(at)).await?;
    let first = watch.due_at.max(app.now() + TimeDelta::minutes(GRACE_MIN));
    enqueue(tx, app, &watch, first).await
}

/// An order is over while nurses have it: who is at the patient's is watched until she has left.
pub(crate) async fn called_off(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    freed: &[FreedVisit],
) -> Result<()> {
    for visit in freed.iter().filter(|visit| visit.arrived_at.is_some()) {
        broken_off(tx, app, (order.community_id, visit.id), app.now()).await?;
    }
    Ok(())
}

/// She was heard of: nobody has to look for her any more.
pub(crate) async fn heard(tx: &Tx, app: &App, visit: &visit::Model, by: AccountId) -> Result<()> {
    let settled = (AlertKind::NurseMissed, by, HEARD);
    store::alert::settle_of_visit(tx, app, visit, settled).await
}

/// Somebody dealt with it that she was missed. While she is out the watch begins anew, so that she is not forgotten.
pub(crate) async fn looked_after(tx: &Tx, app: &App, alert: &alert::Model) -> Result<()> {
    let missed = alert.kind == AlertKind::NurseMissed;
    let Some(id) = alert.visit_id.filter(|_| missed) else {
        return Ok(());
    };
    let community = alert.community_id;
    let Some((visit, _)) = store::visit::in_community(&**tx, community, id).await? else {
        return Ok(());
    };
    let watch = store::visit_watch::get(&**tx, community, id).await?;
    let Some(watch) = watch.filter(|_| store::visit::way(&visit).is_open()) else {
        return Ok(());
    };
    let margin = TimeDelta::minutes(i64::from(app.config.safety.overdue_margin_min));
    let watch = move_on(tx, &watch, app.now() + margin, watch.answered_at).await?;
    enqueue(tx, app, &watch, watch.due_at).await
}

/// Queues the next look at a watch.
pub(crate) async fn enqueue(
    tx: &Tx,
    app: &App,
    watch: &visit_watch::Model,
    at: DateTime<Utc>,
) -> Result<()> {
    let of = (watch.community_id, watch.visit_id);
    queue(tx, app, of, watch.version, at).await
}

/// Queues the next look. A job of an older look does nothing: it names the version it was queued with.
async fn queue(
    tx: &Tx,
    app: &App,
    (community, id): (CommunityId, VisitId),
    version: i64,
    at: DateTime<Utc>,
) -> Result<()> {
    let payload = json!({ "version": version });
    store::job::enqueue(tx, app, community, OVERDUE, id.0, payload, at).await
}

fn watched(visit: &visit::Model) -> Watched {
    Watched {
        accepted_at: visit.accepted_at,
        departed_at: visit.departed_at,
        started_at: visit.started_at,
        busy_from: visit.busy_from,
        starts_at: visit.starts_at,
        ends_at: visit.ends_at,
        live: visit.live,
    }
}

/// One look at a visit. The job ends in the transaction of its effect.
pub(crate) async fn look(app: &App, job: &job::Model) -> Result<()> {
    in_write!(app.db, "overdue_visit", |tx| {
        store::job::finish(tx, job).await?;
        let (community, id) = (job.community_id, VisitId(job.subject_id));
        let found = store::visit::in_community(&**tx, community, id).await?;
        let Some((visit, order)) = found else {
            return Ok(());
        };
        let watch = store::visit_watch::get(&**tx, community, id).await?;
        let expected = visit.live && visit.departed_at.is_none();
        // Who is missed is looked for until she is heard of, whatever becomes of the visit.
        let missed = watch.as_ref().is_some_and(|watch| watch.told_at.is_some());
        if !expected && !missed && !store::visit::way(&visit).is_open() {
            return Ok(());
        }
        let version = watch.as_ref().map_or(NO_WATCH, |watch| watch.version);
        if job.payload["version"].as_i64() != Some(version) {
            return Ok(());
        }
        one_look(tx, app, (&visit, &order), watch).await
    })
}

async fn one_look(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    watch: Option<visit_watch::Model>,
) -> Result<()> {
    let (now, config) = (app.now(), &app.config.safety);
    let (margin, answer) = (config.overdue_margin_min, config.overdue_answer_min);
    let facts = watched(visit);
    let state = Watch {
        due_at: watch.as_ref().map_or(facts.busy_from, |watch| watch.due_at),
        asked_at: watch.as_ref().and_then(|watch| watch.asked_at),
        told_at: watch.as_ref().and_then(|watch| watch.told_at),
    };
    let of = (visit.community_id, visit.id);
    let version = watch.as_ref().map_or(NO_WATCH, |watch| watch.version);
    if visit.live && visit.departed_at.is_none() && has_free_seat(order.state) {
        // Nobody can set out yet.
        let again = now + TimeDelta::minutes(i64::from(margin));
        return queue(tx, app, of, version, again).await;
    }
    match (step(&state, &facts, now, margin, answer), watch) {
        (Step::Wait(until), _) => queue(tx, app, of, version, until).await,
        (Step::Ask, watch) => ask(tx, app, (visit, order), watch).await,
        (Step::Tell, Some(watch)) => call(tx, app, (visit, order), &watch).await,
        (Step::Escalate, Some(watch)) => call_further(tx, app, (visit, order), &watch).await,
        // Without a watch nobody was asked.
        (Step::Tell | Step::Escalate, None) => Ok(()),
    }
}

/// Asks the nurse, and notes that she was asked.
async fn ask(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    watch: Option<visit_watch::Model>,
) -> Result<()> {
    let now = app.now();
    if visit.departed_at.is_some() {
        leave_event(tx, app, EventKind::VisitOverdue, visit, order).await?;
        let message = Message::StillFine {
            order: order.number.clone(),
        };
        tell_nurse(tx, app, order, visit.nurse_id, &message).await?;
    } else {
        ask_to_set_out(tx, app, (visit, order)).await?;
    }
    let watch = if let Some(watch) = watch {
        store::visit_watch::update(tx, &watch, |row| row.asked_at = Set(Some(now))).await?
    } else {
        let mut watch = new_watch(visit, now);
        watch.asked_at = Some(now);
        store::visit_watch::insert(tx, watch.clone()).await?;
        watch
    };
    let answer = TimeDelta::minutes(i64::from(app.config.safety.overdue_answer_min));
    enqueue(tx, app, &watch, now + answer).await
}

/// Asks her whether she has set out, and the desk too, for there may be time yet to send another.
async fn ask_to_set_out(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
) -> Result<()> {
    leave_event(tx, app, EventKind::VisitNotDeparted, visit, order).await?;
    let (number, start) = (order.number.clone(), tell::start(order));
    let message = Message::SetOut {
        order: number.clone(),
        start: start.clone(),
    };
    tell_nurse(tx, app, order, visit.nurse_id, &message).await?;
    let (nurse, phone) = contact(tx, app, order, visit.nurse_id).await?;
    let message = Message::NotDeparted {
        order: number,
        start,
        nurse,
        phone,
    };
    tell::coordinators(tx, app, order, &message).await
}

/// Calls the first circle of an alarm, and opens the alert that somebody takes. She may be unknown to them: name and phone
/// are in the message.
async fn call(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    watch: &visit_watch::Model,
) -> Result<()> {
    leave_event(tx, app, EventKind::VisitMissed, visit, order).await?;
    let message = missed(tx, app, (visit, order)).await?;
    sos::tell_circles(tx, app, order, &message, FIRST).await?;
    if missed_alerts(tx, (visit.community_id, visit.id))
        .await?
        .is_empty()
    {
        let (kind, severity) = (AlertKind::NurseMissed, AlertSeverity::Critical);
        let alert = NewAlert::of_order(app, kind, severity, order, app.now()).visit(visit);
        store::alert::keep(tx, app, alert).await?;
    }
    let now = app.now();
    let watch = store::visit_watch::update(tx, watch, |row| row.told_at = Set(Some(now))).await?;
    call_again(tx, app, &watch).await
}

/// Calls the next circle, as with an alarm, until somebody takes the alert or she is heard of.
async fn call_further(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
    watch: &visit_watch::Model,
) -> Result<()> {
    let open = missed_alerts(tx, (visit.community_id, visit.id)).await?;
    let Some(mut alert) = open.into_iter().find(|alert| alert.taken_at.is_none()) else {
        return Ok(());
    };
    if !store::alert::note_escalation(tx, app, &mut alert).await? {
        return Ok(());
    }
    let message = missed(tx, app, (visit, order)).await?;
    sos::tell_circles(tx, app, order, &message, FIRST + alert.escalation).await?;
    call_again(tx, app, watch).await
}

/// What says that she is missed, and is not over.
async fn missed_alerts(tx: &Tx, of: (CommunityId, VisitId)) -> Result<Vec<alert::Model>> {
    store::alert::unclosed_of_visit(&**tx, of, AlertKind::NurseMissed).await
}

async fn call_again(tx: &Tx, app: &App, watch: &visit_watch::Model) -> Result<()> {
    let wait = TimeDelta::minutes(i64::from(app.config.safety.sos_escalate_min));
    enqueue(tx, app, watch, app.now() + wait).await
}

async fn missed(
    tx: &Tx,
    app: &App,
    (visit, order): (&visit::Model, &care_order::Model),
) -> Result<Message> {
    let (nurse, phone) = contact(tx, app, order, visit.nurse_id).await?;
    Ok(Message::NurseMissed {
        order: order.number.clone(),
        nurse,
        phone,
    })
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
