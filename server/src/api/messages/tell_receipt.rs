//! `POST /v1/message-receipts`: the gateway tells what became of a message, signed.

use axum::extract::State;
use entity::enums::MessageState;
use entity::ids::MessageId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::delivery::{Receipt, after};
use crate::error::Result;
use crate::extract::{Foreign, Json, parse};
use crate::problem::Code;
use crate::wire::Text;
use crate::{follow_up, in_write, store};

/// Largest receipt, bytes.
const MAX_BYTES: usize = 16 * 1024;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// It reached the phone.
    Delivered,
    /// It did not.
    Undelivered,
}

/// A receipt of the gateway.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageReceipt {
    /// The `id` that the message was posted with.
    pub id: MessageId,
    /// What became of it.
    pub state: ReceiptState,
    /// Why it did not reach the phone, for the operator.
    #[schema(inline)]
    pub reason: Option<Text<1, 500>>,
}

/// How the message stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptTaken {
    /// The message.
    pub id: MessageId,
    /// Its state now.
    pub state: MessageState,
}

/// Tell what became of a message.
///
/// No login: the gateway signs with the secret that the messages to it are signed with. `X-Jiahu-Timestamp` is the Unix
/// second of signing (5 minutes off at most), `X-Jiahu-Signature` the HMAC-SHA256 of timestamp, a dot and the body, in hex
/// digits. A receipt may be sent any number of times. What reached the phone stays `delivered`. What did not is treated like
/// a message that was refused: a follow-up that relied on it goes to a nurse at once.
#[utoipa::path(
    post, path = "/v1/message-receipts", tag = "messages", security(()),
    request_body(content = MessageReceipt, content_type = "application/vnd.jiahu.receipt+json", description = "`application/json` is read too"),
    responses((status = 200, description = "Taken", body = ReceiptTaken))
)]
pub async fn tell_receipt(
    State(app): State<App>,
    request: Foreign<MAX_BYTES>,
) -> Result<Json<ReceiptTaken>> {
    let receipt: MessageReceipt = parse(&request.from_gateway(&app)?)?;
    let told = match receipt.state {
        ReceiptState::Delivered => Receipt::Delivered,
        ReceiptState::Undelivered => Receipt::Undelivered,
    };
    let reason = receipt.reason.as_ref().map(Text::as_str);
    let state = in_write!(app.db, "tell_receipt", |tx| {
        let message = store::message::by_id(&**tx, receipt.id).await?;
        let message = message.ok_or(Code::NotFound)?;
        let Some(state) = after(message.state, told) else {
            return Ok(message.state);
        };
        if !store::message::note_receipt(tx, &app, &message, state, reason).await? {
            return Err(Code::Busy.into());
        }
        if told == Receipt::Undelivered {
            follow_up::undelivered(tx, &app, &message).await?;
        }
        Ok(state)
    })?;
    Ok(Json(ReceiptTaken {
        id: receipt.id,
        state,
    }))
}
