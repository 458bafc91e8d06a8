//! How a family hears of a task: a link to answer by themselves, or the word that somebody will ask; and what follows when
//! it does not get there.

use entity::enums::{ContactChannel, FollowResolve, FollowTaskState};
use entity::ids::MessageId;
use entity::{account, follow_task, message, patient};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::attempt::event;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::follow_up::{
    Addressed, GoesOut, goes_out as judge, is_automatic, next_personal,
};
use crate::error::{Error, Result};
use crate::message::Message;
use crate::rules::RuleBook;
use crate::signals::{link, sheet};
use crate::store;
use crate::store::message::{About, Receiver};

/// Tells one person of the family of a task, once: whoever may book for the patient, else the patient. None: nobody has a
/// phone.
pub(super) async fn remind(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    task: &follow_task::Model,
    patient: &patient::Model,
) -> Result<Option<MessageId>> {
    let Some(to) = link::receiver(tx, app, patient).await? else {
        return Ok(None);
    };
    if answers_itself(book, task)? {
        let sent = link::send(tx, app, book, task, (&to, None)).await?;
        return Ok(sent.message);
    }
    let text = Message::FollowUp {
        patient: store::patient::name(app, patient)?.masked(),
        due: task.due_on.format("%m-%d").to_string(),
        visit: task.resolve_if == FollowResolve::Visited,
    };
    let (about, community) = (
        About {
            task: task.id,
            link: None,
        },
        task.community_id,
    );
    let id = store::message::about(tx, app, community, &to, &text, (about, app.now())).await?;
    Ok(Some(id))
}

/// The turn of a way that needs nobody of the staff has come: the family gets a link, unless it had one for this task.
pub(super) async fn ask_by_link(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    task: follow_task::Model,
) -> Result<follow_task::Model> {
    if !answers_itself(book, &task)? || store::answer::had_link(tx, &task).await? {
        return Ok(task);
    }
    let patient = store::patient::in_community(&**tx, task.community_id, task.patient_id).await?;
    let patient = patient.ok_or_else(|| Error::internal("a task without its patient"))?;
    if link::hour(app, book, &task).is_none() {
        return Ok(task);
    }
    let Some(to) = link::receiver(tx, app, &patient).await? else {
        return Ok(task);
    };
    let sent = link::send(tx, app, book, &task, (&to, None)).await?;
    store::follow_up::update(tx, &task, |row| row.message_id = Set(sent.message)).await
}

/// Whether a family answers by itself what a task asks, and it is the turn of such a way.
fn answers_itself(book: &RuleBook, task: &follow_task::Model) -> Result<bool> {
    let at_home = task.resolve_if == FollowResolve::Visited;
    let asked = sheet::sheet(&book.questionnaires, task)?;
    Ok(!at_home && is_automatic(task.channel) && asked.asked().next().is_some())
}

/// Whether a message goes out now. Those about a task wait for the hours of contact, and are dropped when it is over.
pub(crate) async fn goes_out(app: &App, message: &message::Model) -> Result<GoesOut> {
    let Some(task) = message.task_id else {
        return Ok(GoesOut::Now);
    };
    let (db, community) = (app.db.reader(), message.community_id);
    let task = store::follow_up::in_community(db, community, task).await?;
    let task = task.ok_or_else(|| Error::internal("a message about no task"))?;
    let book = RuleBook::current(db, app, community).await?;
    let void = match message.link_id {
        Some(link) => !store::answer::opens(db, community, link, app.now()).await?,
        None => false,
    };
    let task = Addressed {
        state: task.state,
        due_on: task.due_on,
        ends_on: task.ends_on,
    };
    Ok(judge(
        &book.follow_up,
        &book.calendar,
        app.now(),
        &task,
        void,
    ))
}

/// A message did not get there. When it was to reach a family without any of the staff, one of them takes over at once.
pub(crate) async fn undelivered(tx: &Tx, app: &App, message: &message::Model) -> Result<()> {
    let Some(id) = message.task_id else {
        return Ok(());
    };
    let task = store::follow_up::in_community(&**tx, message.community_id, id).await?;
    let relied_on = |task: &follow_task::Model| {
        let to_family = message.link_id.is_some() || task.message_id == Some(message.id);
        to_family && task.state == FollowTaskState::Open && is_automatic(task.channel)
    };
    match task.filter(relied_on) {
        Some(task) => hand_over(tx, app, &task, EventKind::FollowTaskUndelivered).await,
        None => Ok(()),
    }
}

/// What needed nobody was in vain: the nurse calls.
pub(super) async fn hand_over(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    kind: EventKind,
) -> Result<()> {
    let order: Vec<ContactChannel> =
        serde_json::from_value(task.channels.clone()).map_err(Error::internal)?;
    let next = next_personal(&order, task.channel);
    let row = store::follow_up::update(tx, task, |row| row.channel = Set(next)).await?;
    if let Some(account) = owner(tx, &row).await? {
        let text = Message::FollowUpDue {
            due: row.due_on.format("%m-%d").to_string(),
            undelivered: kind == EventKind::FollowTaskUndelivered,
        };
        let (to, about) = (
            Receiver::of(app, &account)?,
            About {
                task: row.id,
                link: None,
            },
        );
        store::message::about(tx, app, row.community_id, &to, &text, (about, app.now())).await?;
    }
    let payload = json!({ "task_id": row.id, "channel": row.channel });
    event(tx, app, kind, &row, None, payload).await
}

async fn owner(tx: &Tx, task: &follow_task::Model) -> Result<Option<account::Model>> {
    let Some(nurse) = task.owner_nurse_id else {
        return Ok(None);
    };
    let row = store::nurse::get(&**tx, task.community_id, nurse).await?;
    match row.and_then(|row| row.account_id) {
        Some(account) => store::account::get(&**tx, task.community_id, account).await,
        None => Ok(None),
    }
}
