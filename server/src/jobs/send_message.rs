//! Hands a message to the gateway. At least once: the message's id lets the gateway drop a second one.

use entity::enums::MessageState;
use entity::ids::MessageId;
use entity::job::Model;

use crate::app::App;
use crate::error::{Error, Result};
use crate::gateway::{GatewayError, Outgoing};
use crate::{in_write, store};

/// Sends the message a job is about, unless it was sent already.
pub(super) async fn run(app: &App, job: &Model) -> Result<()> {
    let id = MessageId(job.subject_id);
    let Some(message) = store::message::open(app.db.reader(), app, job.community_id, id).await?
    else {
        return Ok(());
    };
    if message.row.state != MessageState::Waiting {
        return Ok(());
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
        store::message::settle(tx, app, &message.row, state, error).await
    })?;
    match sent {
        Err(GatewayError::Later(reason)) => Err(Error::internal(reason)),
        _ => Ok(()),
    }
}
