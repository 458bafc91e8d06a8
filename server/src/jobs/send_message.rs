//! Hands a message to the gateway. At least once: the message's id lets the gateway drop a second one.

use entity::enums::MessageState;
use entity::ids::MessageId;
use entity::job::Model;
use entity::message;

use super::Next;
use crate::app::App;
use crate::db::Tx;
use crate::domain::follow_up::GoesOut;
use crate::error::{Error, Result};
use crate::gateway::{GatewayError, Outgoing};
use crate::{follow_up, in_write, store};

/// Sends the message a job is about, unless it was sent already. What is about follow-up is asked for once more: it may
/// have waited over night, and its task may be over.
pub(super) async fn run(app: &App, job: &Model) -> Result<Next> {
    let id = MessageId(job.subject_id);
    let found = store::message::open(app.db.reader(), app, job.community_id, id).await?;
    let Some(message) = found.filter(|one| one.row.state == MessageState::Waiting) else {
        return Ok(Next::Done);
    };
    match follow_up::goes_out(app, &message.row).await? {
        GoesOut::Now => {}
        GoesOut::At(at) => return Ok(Next::Again(at)),
        GoesOut::Never(cause) => {
            in_write!(app.db, "drop_message", |tx| {
                store::message::drop_it(tx, &message.row, cause).await
            })?;
            return Ok(Next::Done);
        }
    }
    let outgoing = Outgoing {
        id: id.to_string(),
        phone: message.phone,
        template: message.row.template.clone(),
        text: message.text,
    };
    let sent = app.gateway.send(&outgoing).await;
    let (state, error) = match &sent {
        Ok(()) => (MessageState::Sent, None),
        Err(GatewayError::Never(reason)) => (MessageState::Failed, Some(reason.as_str())),
        Err(GatewayError::Later(reason)) => (MessageState::Waiting, Some(reason.as_str())),
    };
    in_write!(app.db, "settle_message", |tx| {
        settle(tx, app, &message.row, state, error).await
    })?;
    match sent {
        Err(GatewayError::Later(reason)) => Err(Error::internal(reason)),
        _ => Ok(Next::Done),
    }
}

/// The last try was in vain: the message failed.
pub(super) async fn give_up(tx: &Tx, app: &App, job: &Model, reason: &str) -> Result<()> {
    let ids = [MessageId(job.subject_id)];
    let mut found = store::message::states(&**tx, job.community_id, &ids).await?;
    match found.pop() {
        Some(message) => settle(tx, app, &message, MessageState::Failed, Some(reason)).await,
        None => Ok(()),
    }
}

async fn settle(
    tx: &Tx,
    app: &App,
    message: &message::Model,
    state: MessageState,
    error: Option<&str>,
) -> Result<()> {
    let settled = store::message::settle(tx, app, message, state, error).await?;
    if settled && state == MessageState::Failed {
        follow_up::undelivered(tx, app, message).await?;
    }
    Ok(())
}
