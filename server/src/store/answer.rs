//! Answers to follow-up tasks, and the links by which families give them. Answers are never changed; of several sheets of
//! a task the newest counts.

use chrono::{DateTime, Utc};
use entity::answer_link::{Column, Entity, Model as Link};
use entity::answer_sheet::Model as Sheet;
use entity::follow_task;
use entity::ids::{AlertId, AnswerLinkId, AnswerSheetId, CommunityId, FollowTaskId};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::sql;
use crate::app::App;
use crate::crypto::{FieldPlace, token_hash};
use crate::db::Tx;
use crate::domain::screening::Answers;
use crate::error::{Error, Result};

/// Seals the answers of a sheet.
pub fn seal(app: &App, id: AnswerSheetId, answers: &Answers) -> Result<String> {
    let text = serde_json::to_string(answers).map_err(Error::internal)?;
    Ok(app.cipher.seal(place(id), &text))
}

/// The answers of a sheet, as `seal` made them.
pub fn open(app: &App, id: AnswerSheetId, sealed: &str) -> Result<Answers> {
    let text = app
        .cipher
        .open(place(id), sealed)
        .map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// The alerts of the red flags that were up with the answers of a sheet.
pub fn alerts(row: &Sheet) -> Result<Vec<AlertId>> {
    serde_json::from_value(row.alerts.clone()).map_err(Error::internal)
}

fn place(id: AnswerSheetId) -> FieldPlace {
    FieldPlace {
        table: "answer_sheet",
        column: "answers_enc",
        row: id.0,
    }
}

/// Keeps a sheet.
pub async fn insert(tx: &Tx, row: Sheet) -> Result<()> {
    Ok(sql::insert(tx, row).await?)
}

/// Keyed hash of the code of a link.
pub fn code_hash(app: &App, id: AnswerLinkId, code: &str) -> String {
    app.lookup.hash("answer_code", &format!("{id}:{code}"))
}

/// Keeps a link; those of the task before it are void when it goes out.
pub async fn insert_link(tx: &Tx, row: Link) -> Result<()> {
    sql::change(
        tx,
        "UPDATE answer_link SET expires_at = $1
         WHERE community_id = $2 AND task_id = $3 AND used_at IS NULL AND expires_at > $1",
        [
            row.sent_at.into(),
            row.community_id.into(),
            row.task_id.into(),
        ],
    )
    .await?;
    Ok(sql::insert(tx, row).await?)
}

/// The link of a task that has not gone out yet.
pub async fn waiting_link(
    tx: &Tx,
    task: &follow_task::Model,
    now: DateTime<Utc>,
) -> Result<Option<Link>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(task.community_id))
        .filter(Column::TaskId.eq(task.id))
        .filter(Column::SentAt.gt(now))
        .one(&**tx)
        .await?)
}

/// Whether the family got a link for a task, or gets one.
pub async fn had_link(tx: &Tx, task: &follow_task::Model) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::CommunityId.eq(task.community_id))
        .filter(Column::TaskId.eq(task.id))
        .one(&**tx)
        .await?;
    Ok(found.is_some())
}

/// Whether a link still opens something: not used, its time not over, no other one in its place.
pub async fn opens(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: AnswerLinkId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let found = Entity::find_by_id((community, id)).one(db).await?;
    Ok(found.is_some_and(|link| link.used_at.is_none() && now < link.expires_at))
}

/// The link of a token, which names its community; locked until the write ends, so that tries and answers at the same moment
/// are judged one after the other.
pub async fn lock_link(tx: &Tx, community: CommunityId, token: &str) -> Result<Option<Link>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::TokenHash.eq(token_hash(token)))
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?)
}

/// Counts a wrong code.
pub async fn note_try(tx: &Tx, link: &Link) -> Result<()> {
    sql::change(
        tx,
        "UPDATE answer_link SET tries = tries + 1 WHERE community_id = $1 AND id = $2",
        [link.community_id.into(), link.id.into()],
    )
    .await?;
    Ok(())
}

/// Uses a link; false when somebody did at the same moment.
pub async fn use_link(tx: &Tx, link: &Link, now: DateTime<Utc>) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE answer_link SET used_at = $1 WHERE community_id = $2 AND id = $3 AND used_at IS NULL",
        [now.into(), link.community_id.into(), link.id.into()],
    )
    .await?;
    Ok(changed == 1)
}

/// Keyed hash of what was sent through a link.
pub fn request_hash(app: &App, request: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(request).map_err(Error::internal)?;
    Ok(app.lookup.hash("answer_request", &text))
}

/// Keeps what was told to the answers of a link.
pub async fn keep_reply(
    tx: &Tx,
    app: &App,
    link: &Link,
    request: &str,
    reply: &impl Serialize,
) -> Result<()> {
    let text = serde_json::to_string(reply).map_err(Error::internal)?;
    sql::change(
        tx,
        "UPDATE answer_link SET request_hash = $1, reply_enc = $2 WHERE community_id = $3 AND id = $4",
        [
            request.into(),
            app.cipher.seal(reply_place(link.id), &text).into(),
            link.community_id.into(),
            link.id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// What was told to these answers, when they were sent through the link before.
pub fn reply<T: DeserializeOwned>(app: &App, link: &Link, request: &str) -> Result<Option<T>> {
    let Some(sealed) = link
        .reply_enc
        .as_ref()
        .filter(|_| link.request_hash.as_deref() == Some(request))
    else {
        return Ok(None);
    };
    let text = app.cipher.open(reply_place(link.id), sealed);
    let text = text.map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

fn reply_place(id: AnswerLinkId) -> FieldPlace {
    FieldPlace {
        table: "answer_link",
        column: "reply_enc",
        row: id.0,
    }
}

/// Sheets of a task, newest first.
pub async fn of_task(
    db: &impl ConnectionTrait,
    community: CommunityId,
    task: FollowTaskId,
) -> Result<Vec<Sheet>> {
    use entity::answer_sheet::{Column as C, Entity as E};
    use sea_orm::QueryOrder;
    Ok(E::find()
        .filter(C::CommunityId.eq(community))
        .filter(C::TaskId.eq(task))
        .order_by_desc(C::Id)
        .all(db)
        .await?)
}
