//! Messages to people, queued with the change that causes them.

use chrono::{DateTime, Utc};
use entity::account;
use entity::enums::{Language, MessageState};
use entity::ids::{AccountId, CommunityId, MessageId};
use entity::message::{Entity, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{job, sql};
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs::kind::SEND_MESSAGE;
use crate::message::Message;

/// Queues a message to a phone.
pub async fn enqueue(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    account: Option<AccountId>,
    phone: &str,
    language: Language,
    message: &Message,
) -> Result<()> {
    let to = (community, account);
    queue(tx, app, to, phone, language, message).await?;
    Ok(())
}

/// Queues a message to an account's phone, in its language.
pub async fn to_account(
    tx: &Tx,
    app: &App,
    account: &account::Model,
    message: &Message,
) -> Result<()> {
    let phone = super::account::phone(app, account)?;
    let (community, id) = (account.community_id, Some(account.id));
    let language = account.language;
    enqueue(tx, app, community, id, phone.reveal(), language, message).await
}

/// Queues a message to each of these accounts.
pub async fn to_all(
    tx: &Tx,
    app: &App,
    accounts: &[account::Model],
    message: &Message,
) -> Result<()> {
    for account in accounts {
        to_account(tx, app, account, message).await?;
    }
    Ok(())
}

/// Queues a message to a phone and gives it, whose state tells whether it was delivered.
pub async fn queue(
    tx: &Tx,
    app: &App,
    to: (CommunityId, Option<AccountId>),
    phone: &str,
    language: Language,
    message: &Message,
) -> Result<MessageId> {
    queue_at(tx, app, to, phone, language, message, app.now()).await
}

/// The same for a message that goes out later.
pub async fn queue_at(
    tx: &Tx,
    app: &App,
    (community, account): (CommunityId, Option<AccountId>),
    phone: &str,
    language: Language,
    message: &Message,
    at: DateTime<Utc>,
) -> Result<MessageId> {
    let id = app.new_id::<MessageId>();
    let row = Model {
        community_id: community,
        id,
        account_id: account,
        phone_enc: app.cipher.seal(place(id, "phone_enc"), phone),
        template: message.template().to_owned(),
        content_enc: app
            .cipher
            .seal(place(id, "content_enc"), &message.text(language)),
        state: MessageState::Waiting,
        attempts: 0,
        last_error: None,
        created_at: app.now(),
        sent_at: None,
    };
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    job::enqueue(tx, app, community, SEND_MESSAGE, id.0, json!({}), at).await?;
    Ok(id)
}

/// What became of messages.
pub async fn states(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: &[MessageId],
) -> Result<Vec<Model>> {
    use entity::message::Column;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// A message with phone and text opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The row.
    pub row: Model,
    /// The whole number.
    pub phone: String,
    /// The text.
    pub text: String,
}

/// Reads a message for sending.
pub async fn open(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    id: MessageId,
) -> Result<Option<Opened>> {
    let row = Entity::find_by_id((community, id)).one(db).await?;
    row.map(|row| opened(app, row)).transpose()
}

/// Messages that were made after one, else all, oldest first; for a demo.
pub async fn made_after(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    after: Option<MessageId>,
    limit: u64,
) -> Result<Vec<Opened>> {
    use entity::message::Column;
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Condition::all().add_option(after.map(|id| Column::Id.gt(id))))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(|row| opened(app, row)).collect()
}

fn opened(app: &App, row: Model) -> Result<Opened> {
    let open = |column, sealed: &str| {
        let opened = app.cipher.open(place(row.id, column), sealed);
        opened.map_err(Error::internal)
    };
    let phone = open("phone_enc", &row.phone_enc)?;
    let text = open("content_enc", &row.content_enc)?;
    Ok(Opened { row, phone, text })
}

/// Notes what became of an attempt.
pub async fn settle(
    tx: &Tx,
    app: &App,
    message: &Model,
    state: MessageState,
    error: Option<&str>,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE message SET state = $1, attempts = attempts + 1, last_error = $2, sent_at = $3
         WHERE community_id = $4 AND id = $5",
        [
            state.as_str().into(),
            error.map(str::to_owned).into(),
            (state == MessageState::Sent).then(|| app.now()).into(),
            message.community_id.into(),
            message.id.into(),
        ],
    )
    .await?;
    Ok(())
}

fn place(id: MessageId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: "message",
        column,
        row: id.0,
    }
}
