//! Answers kept for retries, in the transaction of their effect.

use chrono::{DateTime, Utc};
use entity::idempotency::{Column, Entity, Model};
use entity::ids::{AccountId, CommunityId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::sql;
use crate::answer::Answer;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::extract::RequestKey;
use crate::problem::Code;

/// The answer given before to this key, if any; another request under the same key is a problem.
pub async fn find(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    account: AccountId,
    key: &RequestKey,
) -> Result<Option<Answer>> {
    let kept = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::AccountId.eq(account))
        .filter(Column::Key.eq(&key.key))
        .one(db)
        .await?;
    let Some(kept) = kept else { return Ok(None) };
    if kept.request_hash != key.request_hash {
        return Err(Code::IdempotencyKeyReused.into());
    }
    read(app, account, &kept).map(Some)
}

/// The answer given to a key and when, whatever it was sent with: an act that was told at once is told again in a batch,
/// in other words but under the same key.
pub async fn answered(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    account: AccountId,
    key: &str,
) -> Result<Option<(Answer, DateTime<Utc>)>> {
    let kept = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::AccountId.eq(account))
        .filter(Column::Key.eq(key))
        .one(db)
        .await?;
    let read = |kept: Model| Ok((read(app, account, &kept)?, kept.created_at));
    kept.map(read).transpose()
}

fn read(app: &App, account: AccountId, kept: &Model) -> Result<Answer> {
    let text = app
        .cipher
        .open(place(account), &kept.answer_enc)
        .map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// What is told after the effect was tried. A refusal may only mean that the same request, sent twice at once,
/// has just won: then its answer stands for both.
pub async fn settle(
    app: &App,
    community: CommunityId,
    account: AccountId,
    key: &RequestKey,
    outcome: Result<Answer>,
) -> Result<Answer> {
    let Err(Error::Problem(problem)) = outcome else {
        return outcome;
    };
    let kept = find(app.db.reader(), app, community, account, key).await?;
    kept.ok_or(Error::Problem(problem))
}

/// Keeps an answer.
pub async fn keep(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    account: AccountId,
    key: &RequestKey,
    answer: &Answer,
) -> Result<()> {
    let text = serde_json::to_string(answer).map_err(Error::internal)?;
    let row = Model {
        community_id: community,
        account_id: account,
        key: key.key.clone(),
        request_hash: key.request_hash.clone(),
        status: i32::from(answer.status()),
        answer_enc: app.cipher.seal(place(account), &text),
        created_at: app.now(),
    };
    Ok(sql::insert(tx, row).await?)
}

fn place(account: AccountId) -> FieldPlace {
    FieldPlace {
        table: "idempotency",
        column: "answer_enc",
        row: account.0,
    }
}
