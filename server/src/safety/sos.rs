//! An alarm on its way to people: at once to the first circle, then to the next until somebody takes it. Who looks for a
//! nurse who is missed is found in the same circles.

use chrono::TimeDelta;
use entity::enums::{Language, Role, SosState};
use entity::ids::{CommunityId, SosId, VisitId};
use entity::{care_order, job, sos_alarm};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::contact;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::sos::{Circle, FIRST};
use crate::error::{Error, Result};
use crate::in_write;
use crate::jobs::kind::SOS_ESCALATION;
use crate::message::Message;
use crate::store;
use crate::store::event::NewEvent;

/// Tells the first circle that has somebody in it, from a level on; gives the level that was told. At the first level the
/// institution's phone rings too.
pub(crate) async fn tell_from(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    alarm: &sos_alarm::Model,
    level: i32,
) -> Result<i32> {
    let (nurse, phone) = contact(tx, app, order, alarm.nurse_id).await?;
    let place = alarm.lng.zip(alarm.lat);
    let message = Message::Sos {
        order: order.number.clone(),
        nurse,
        phone,
        place: place.map_or("?".to_owned(), |(lng, lat)| format!("{lng:.5},{lat:.5}")),
    };
    tell_circles(tx, app, order, &message, level).await
}

/// The same with any message to those who look after a nurse.
pub(super) async fn tell_circles(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    message: &Message,
    level: i32,
) -> Result<i32> {
    if level == FIRST {
        tell(tx, app, order, message, Circle::Institution).await?;
    }
    let mut level = level;
    while tell(tx, app, order, message, Circle::at(level)).await? == 0
        && Circle::at(level) != Circle::Everybody
    {
        level += 1;
    }
    Ok(level)
}

/// Tells one circle; gives how many were told.
async fn tell(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    message: &Message,
    circle: Circle,
) -> Result<usize> {
    let (community, institution) = (order.community_id, order.institution_id);
    let db = &**tx;
    let found = match circle {
        Circle::Coordinators => store::account::coordinators_of(db, community, institution).await?,
        Circle::AllCoordinators => {
            store::account::with_role(db, community, Role::Coordinator).await?
        }
        Circle::Supervisors => store::account::supervisors_of(db, community, institution).await?,
        Circle::Institution => {
            let found = store::institution::get(db, community, institution).await?;
            let Some(institution) = found else {
                return Ok(0);
            };
            let (phone, language) = (&institution.phone, Language::Zh);
            store::message::enqueue(tx, app, community, None, phone, language, message).await?;
            return Ok(1);
        }
        Circle::Everybody => {
            let mut told = 0;
            for circle in [
                Circle::AllCoordinators,
                Circle::Supervisors,
                Circle::Institution,
            ] {
                told += Box::pin(tell(tx, app, order, message, circle)).await?;
            }
            return Ok(told);
        }
    };
    store::message::to_all(tx, app, &found, message).await?;
    Ok(found.len())
}

/// Judges anew which alarms of a visit lie outside of it: one told later may come before the step that it followed.
pub(crate) async fn judge_again(tx: &Tx, community: CommunityId, visit: VisitId) -> Result<()> {
    let alarms = store::sos::of_visit(&**tx, community, visit).await?;
    if alarms.is_empty() {
        return Ok(());
    }
    let found = store::visit::in_community(&**tx, community, visit).await?;
    let (visit, _) = found.ok_or_else(|| Error::internal("an alarm without its visit"))?;
    let way = store::visit::way(&visit);
    for alarm in alarms {
        let outside = !way.holds(alarm.at);
        if outside != alarm.outside_visit {
            store::sos::set_outside(tx, &alarm, outside).await?;
        }
    }
    Ok(())
}

/// Queues the look at an alarm that somebody should have taken by then.
pub(crate) async fn enqueue(tx: &Tx, app: &App, alarm: &sos_alarm::Model) -> Result<()> {
    let wait = TimeDelta::minutes(i64::from(app.config.safety.sos_escalate_min));
    let payload = json!({ "after": alarm.level });
    let (community, id, at) = (alarm.community_id, alarm.id.0, app.now() + wait);
    store::job::enqueue(tx, app, community, SOS_ESCALATION, id, payload, at).await
}

/// Goes on to the next circle when nobody has taken the alarm. The job ends in the transaction of its effect.
pub(crate) async fn escalate(app: &App, job: &job::Model) -> Result<()> {
    in_write!(app.db, "escalate_sos", |tx| {
        store::job::finish(tx, job).await?;
        let (community, id) = (job.community_id, SosId(job.subject_id));
        let alarm = store::sos::in_community(&**tx, community, id).await?;
        let waiting = |alarm: &sos_alarm::Model| {
            alarm.state == SosState::Open
                && job.payload["after"].as_i64() == Some(i64::from(alarm.level))
        };
        let Some(alarm) = alarm.filter(waiting) else {
            return Ok(());
        };
        let order = store::order::in_community(&**tx, community, alarm.order_id)
            .await?
            .ok_or_else(|| Error::internal("an alarm without its order"))?;
        let level = tell_from(tx, app, &order, &alarm, alarm.level + 1).await?;
        let event = NewEvent::of_order(EventKind::SosEscalated, &order, None)
            .nurse(alarm.nurse_id)
            .payload(json!({ "sos_id": alarm.id, "level": level }));
        store::event::append(tx, app, community, event).await?;
        let alarm = store::sos::update(tx, &alarm, |row| {
            row.level = Set(level);
            row.told_at = Set(app.now());
        })
        .await?;
        enqueue(tx, app, &alarm).await
    })
}
