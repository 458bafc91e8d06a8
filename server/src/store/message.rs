//! Messages to people, queued with the change that causes them.

use chrono::{DateTime, Utc};
use entity::account;
use entity::enums::{Language, MessageDrop, MessageState};
use entity::ids::{AccountId, AnswerLinkId, CommunityId, FollowTaskId, MessageId};
use entity::message::{Entity, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{job, sql};
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::message::Message;

/// Whom a message goes to.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// The account, when the phone is that of one.
    pub account: Option<AccountId>,
    /// The whole number.
    pub phone: String,
    /// The language to write in.
    pub language: Language,
}

impl Receiver {
    /// An account's phone, in its language.
    pub fn of(app: &App, account: &account::Model) -> Result<Self> {
        Ok(Self {
            account: Some(account.id),
            phone: super::account::phone(app, account)?.reveal().to_owned(),
            language: account.language,
        })
    }
}

/// The follow-up that a message is about: it goes out within the hours of contact, and only while the task is live and the
/// link opens something.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The task.
    pub task: FollowTaskId,
    /// The link in it, or that its code opens.
    pub link: Option<AnswerLinkId>,
}

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
    let to = Receiver {
        account,
        phone: phone.to_owned(),
        language,
    };
    queue(
        tx,
        app,
        new(app, community, &to, message),
        message,
        app.now(),
    )
    .await?;
    Ok(())
}

/// Queues a message to an account's phone, in its language.
pub async fn to_account(
    tx: &Tx,
    app: &App,
    account: &account::Model,
    message: &Message,
) -> Result<()> {
    let to = Receiver::of(app, account)?;
    let row = new(app, account.community_id, &to, message);
    queue(tx, app, row, message, app.now()).await?;
    Ok(())
}

/// Queues a message to each of these accounts of one community. Two statements, however many.
pub async fn to_all(
    tx: &Tx,
    app: &App,
    accounts: &[account::Model],
    message: &Message,
) -> Result<()> {
    let Some(first) = accounts.first() else {
        return Ok(());
    };
    let community = first.community_id;
    let row = |account: &account::Model| {
        let to = Receiver::of(app, account)?;
        Ok(new(app, community, &to, message))
    };
    let rows = accounts.iter().map(row).collect::<Result<Vec<_>>>()?;
    sql::insert_all(tx, &rows).await?;
    let ids = rows.iter().map(|row| row.id);
    job::enqueue_messages(tx, app, community, ids, message.lane(), app.now()).await
}

/// Queues a message about a follow-up task for a moment and gives it, whose state tells whether it was delivered.
pub async fn about(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    to: &Receiver,
    message: &Message,
    (about, at): (About, DateTime<Utc>),
) -> Result<MessageId> {
    let row = Model {
        task_id: Some(about.task),
        link_id: about.link,
        ..new(app, community, to, message)
    };
    queue(tx, app, row, message, at).await
}

fn new(app: &App, community: CommunityId, to: &Receiver, message: &Message) -> Model {
    let id = app.new_id::<MessageId>();
    let text = message.text(to.language);
    Model {
        community_id: community,
        id,
        account_id: to.account,
        phone_enc: app.cipher.seal(place(id, "phone_enc"), &to.phone),
        template: message.template().to_owned(),
        content_enc: app.cipher.seal(place(id, "content_enc"), &text),
        state: MessageState::Waiting,
        attempts: 0,
        last_error: None,
        created_at: app.now(),
        sent_at: None,
        task_id: None,
        link_id: None,
        drop_cause: None,
        delivered_at: None,
    }
}

async fn queue(
    tx: &Tx,
    app: &App,
    row: Model,
    message: &Message,
    at: DateTime<Utc>,
) -> Result<MessageId> {
    let (community, id) = (row.community_id, row.id);
    sql::insert(tx, row).await?;
    job::enqueue_messages(tx, app, community, [id], message.lane(), at).await?;
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

/// A message by its id alone, which is all that a receipt of the gateway names. The installation's own query: the gateway
/// serves all communities.
pub async fn by_id(db: &impl ConnectionTrait, id: MessageId) -> Result<Option<Model>> {
    use entity::message::Column;
    Ok(Entity::find().filter(Column::Id.eq(id)).one(db).await?)
}

/// Notes what became of an attempt; false when a receipt was quicker.
pub async fn settle(
    tx: &Tx,
    app: &App,
    message: &Model,
    state: MessageState,
    error: Option<&str>,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE message SET state = $1, attempts = attempts + 1, last_error = $2, sent_at = $3
         WHERE community_id = $4 AND id = $5 AND state = 'waiting'",
        [
            state.as_str().into(),
            error.map(short).into(),
            (state == MessageState::Sent).then(|| app.now()).into(),
            message.community_id.into(),
            message.id.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Drops a message that waits.
pub async fn drop_it(tx: &Tx, message: &Model, cause: MessageDrop) -> Result<()> {
    sql::change(
        tx,
        "UPDATE message SET state = 'dropped', drop_cause = $1
         WHERE community_id = $2 AND id = $3 AND state = 'waiting'",
        [
            cause.as_str().into(),
            message.community_id.into(),
            message.id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes what a receipt says of a message whose state is still the one read; false when it is not.
pub async fn note_receipt(
    tx: &Tx,
    app: &App,
    message: &Model,
    state: MessageState,
    reason: Option<&str>,
) -> Result<bool> {
    let delivered = state == MessageState::Delivered;
    let reason = reason.map(short).filter(|_| !delivered);
    let changed = sql::change(
        tx,
        "UPDATE message SET state = $1, last_error = $2, sent_at = COALESCE(sent_at, $3), delivered_at = $4, drop_cause = NULL
         WHERE community_id = $5 AND id = $6 AND state = $7",
        [
            state.as_str().into(),
            reason.into(),
            app.now().into(),
            delivered.then(|| app.now()).into(),
            message.community_id.into(),
            message.id.into(),
            message.state.as_str().into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

fn short(text: &str) -> String {
    text.chars().take(500).collect()
}

fn place(id: MessageId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: "message",
        column,
        row: id.0,
    }
}
