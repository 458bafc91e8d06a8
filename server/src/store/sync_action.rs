//! Acts that were told later. A refused one stays, with all that was said, until it is put right.

mod about;

use chrono::{DateTime, Utc};
use entity::enums::{ActKind, SyncResult};
use entity::ids::{CommunityId, NurseId, SyncActionId, VisitId};
use entity::sync_action::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter,
};

use super::page::newest;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::sync::{Chain, Fate, Place};
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::wire::Cursor;

pub use about::{About, about, institution_of};

/// The sealed columns.
#[derive(Clone, Copy, Debug)]
pub enum Sealed {
    /// What the phone sent.
    Body,
    /// What it was answered.
    Answer,
    /// What was said when it was put right.
    Note,
}

impl Sealed {
    fn place(self, id: SyncActionId) -> FieldPlace {
        FieldPlace {
            table: "sync_action",
            column: match self {
                Self::Body => "body_enc",
                Self::Answer => "answer_enc",
                Self::Note => "settle_note_enc",
            },
            row: id.0,
        }
    }

    /// Seals a text.
    pub fn seal(self, app: &App, id: SyncActionId, text: &str) -> String {
        app.cipher.seal(self.place(id), text)
    }

    /// Opens a sealed text. Of places that were told long ago nothing is kept (`retention.tracks_days`).
    pub fn open(self, app: &App, id: SyncActionId, sealed: &str) -> Result<String> {
        if sealed.is_empty() {
            return Ok("{}".to_owned());
        }
        app.cipher
            .open(self.place(id), sealed)
            .map_err(Error::internal)
    }
}

/// One act of a nurse, by the id that her phone gave it.
pub async fn find(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    id: SyncActionId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// What a nurse told under an id that says something else already, when she told that before.
pub async fn other_text(
    db: &impl ConnectionTrait,
    (community, nurse): (CommunityId, NurseId),
    original: SyncActionId,
    body_hash: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::NurseId.eq(nurse))
        .filter(Column::OriginalId.eq(original))
        .filter(Column::BodyHash.eq(body_hash))
        .one(db)
        .await?)
}

/// How far the chain of a visit has come on one device. What was told under a used id or at a taken place holds no place
/// until it takes effect. One statement.
pub async fn chain(
    db: &impl ConnectionTrait,
    (community, nurse): (CommunityId, NurseId),
    visit: VisitId,
    device: &str,
) -> Result<Chain> {
    #[derive(FromQueryResult)]
    struct Row {
        counter: i32,
        kind: ActKind,
        at: DateTime<Utc>,
        result: SyncResult,
        settled_at: Option<DateTime<Utc>>,
    }
    let rows = sql::all::<Row>(
        db,
        "SELECT counter, kind, at, result, settled_at FROM sync_action
         WHERE community_id = $1 AND nurse_id = $2 AND visit_id = $3 AND device = $4 AND counter IS NOT NULL
           AND (result = 'applied' OR (original_id IS NULL AND (code IS NULL OR code <> $5)))",
        [
            community.into(),
            nurse.into(),
            visit.into(),
            device.into(),
            Code::SyncPlaceTaken.as_str().into(),
        ],
    )
    .await?;
    let place = |row: Row| Place {
        counter: u32::try_from(row.counter).unwrap_or(0),
        at: row.at,
        fate: match (row.result, row.settled_at) {
            (SyncResult::Applied, _) if row.kind == ActKind::Sos => Fate::Raised,
            (SyncResult::Applied, _) => Fate::Applied,
            (_, Some(_)) => Fate::Settled,
            (SyncResult::Held, None) => Fate::Held,
            (_, None) => Fate::Refused,
        },
    };
    Ok(Chain::of(&rows.into_iter().map(place).collect::<Vec<_>>()))
}

/// What was said of a visit by acts of a kind that are kept and took no effect. One statement.
pub async fn kept_bodies(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    visit: VisitId,
    kind: ActKind,
) -> Result<Vec<String>> {
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Result.ne(SyncResult::Applied))
        .all(db)
        .await?;
    let open = |row: &Model| Sealed::Body.open(app, row.id, &row.body_enc);
    rows.iter().map(open).collect()
}

/// Stores an act, or what came of its next try. One that took effect or was settled meanwhile stays as it is: the write
/// is lost, and runs again.
pub async fn put(tx: &Tx, row: Model) -> Result<()> {
    let key = [Column::CommunityId, Column::NurseId, Column::Id];
    let outcome = [
        Column::Result,
        Column::Code,
        Column::AnswerEnc,
        Column::DuplicateVisitId,
        Column::At,
        Column::Counter,
    ];
    let conflict = sea_orm::sea_query::OnConflict::columns(key)
        .update_columns(outcome)
        .action_and_where(Column::Result.ne(SyncResult::Applied))
        .action_and_where(Column::SettledAt.is_null())
        .to_owned();
    let stored = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(conflict)
        .exec_without_returning(&**tx)
        .await?;
    if stored == 1 {
        Ok(())
    } else {
        Err(sql::lost_race())
    }
}

/// Takes the refused and held tries at a place of a chain off the work list, once another took effect. What was told
/// under a used id stays: it says something else.
pub async fn replaced(tx: &Tx, applied: &Model) -> Result<()> {
    let Some(counter) = applied.counter else {
        return Ok(());
    };
    Entity::update_many()
        .col_expr(Column::SettledAt, Expr::value(applied.received_at))
        .col_expr(Column::SettledBy, Expr::value(applied.account_id.0))
        .filter(Column::CommunityId.eq(applied.community_id))
        .filter(Column::NurseId.eq(applied.nurse_id))
        .filter(Column::VisitId.eq(applied.visit_id))
        .filter(Column::Device.eq(&applied.device))
        .filter(Column::Counter.eq(counter))
        .filter(Column::Result.ne(SyncResult::Applied))
        .filter(Column::OriginalId.is_null())
        .filter(Column::SettledAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(())
}

fn sight(scope: &Scope) -> Condition {
    let own = scope.nurse.map(|nurse| Column::NurseId.eq(nurse));
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(
            Condition::any()
                .add_option(own)
                .add(Column::InstitutionId.is_in(scope.institutions.iter().copied())),
        )
        .add(Column::Result.ne(SyncResult::Applied))
}

/// What is in the work lists that a caller sees, newest first.
pub async fn work_list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    settled: bool,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let open = if settled {
        Column::SettledAt.is_not_null()
    } else {
        Column::SettledAt.is_null()
    };
    let query = Entity::find().filter(sight(scope)).filter(open);
    newest(db, query, Column::Id, cursor).await
}

/// One entry of a work list in sight.
pub async fn in_sight(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: SyncActionId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(sight(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// Changes an entry that took no effect and that nobody settled meanwhile.
pub async fn settle(tx: &Tx, row: ActiveModel, of: &Model) -> Result<bool> {
    let done = Entity::update_many()
        .set(row)
        .filter(Column::CommunityId.eq(of.community_id))
        .filter(Column::NurseId.eq(of.nurse_id))
        .filter(Column::Id.eq(of.id))
        .filter(Column::Result.ne(SyncResult::Applied))
        .filter(Column::SettledAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(done.rows_affected == 1)
}
