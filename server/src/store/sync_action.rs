//! Acts that were told later. A refused one stays, with all that was said, until it is put right.

use chrono::{DateTime, Utc};
use entity::enums::SyncResult;
use entity::ids::{CommunityId, InstitutionId, NurseId, SyncActionId, VisitId};
use entity::sync_action::{ActiveModel, Column, Entity, Model};
use entity::{care_order, visit};
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
use crate::error::{Error, Result};
use crate::wire::Cursor;

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

    /// Opens a sealed text.
    pub fn open(self, app: &App, id: SyncActionId, sealed: &str) -> Result<String> {
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

/// How far the chain of a visit has come on one device.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chain {
    /// Number of the last act that took effect, 0 before the first.
    pub applied: u32,
    /// When that was.
    pub at: Option<DateTime<Utc>>,
    /// True when the act after it was refused.
    pub refused: bool,
}

/// Reads a chain. One statement.
pub async fn chain(
    db: &impl ConnectionTrait,
    (community, nurse): (CommunityId, NurseId),
    visit: VisitId,
    device: &str,
) -> Result<Chain> {
    #[derive(FromQueryResult)]
    struct Row {
        counter: i32,
        at: DateTime<Utc>,
        result: SyncResult,
    }
    let rows = sql::all::<Row>(
        db,
        "SELECT counter, at, result FROM sync_action
         WHERE community_id = $1 AND nurse_id = $2 AND visit_id = $3 AND device = $4 AND counter IS NOT NULL
           AND result IN ('applied', 'refused') ORDER BY counter DESC",
        [community.into(), nurse.into(), visit.into(), device.into()],
    )
    .await?;
    let last = rows.iter().find(|row| row.result == SyncResult::Applied);
    let applied = last.map_or(0, |row| row.counter);
    Ok(Chain {
        applied: u32::try_from(applied).unwrap_or(0),
        at: last.map(|row| row.at),
        refused: rows.iter().any(|row| row.counter > applied),
    })
}

/// Stores an act, or what came of its next try.
pub async fn put(tx: &Tx, row: Model) -> Result<()> {
    let key = [Column::CommunityId, Column::NurseId, Column::Id];
    let outcome = [
        Column::Result,
        Column::Code,
        Column::AnswerEnc,
        Column::DuplicateVisitId,
        Column::At,
        Column::SettledAt,
        Column::SettledBy,
    ];
    let conflict = sea_orm::sea_query::OnConflict::columns(key)
        .update_columns(outcome)
        .to_owned();
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(conflict)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes the refused tries at a place of a chain off the work list, once another took effect.
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
        .filter(Column::Result.eq(SyncResult::Refused))
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

/// Changes an entry that nobody settled meanwhile.
pub async fn settle(tx: &Tx, row: ActiveModel, of: &Model) -> Result<bool> {
    let done = Entity::update_many()
        .set(row)
        .filter(Column::CommunityId.eq(of.community_id))
        .filter(Column::NurseId.eq(of.nurse_id))
        .filter(Column::Id.eq(of.id))
        .filter(Column::SettledAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// What an act is about, though the visit may have been taken from the nurse meanwhile.
#[derive(Clone, Debug)]
pub struct About {
    /// Her visit, as it was given to her.
    pub visit: visit::Model,
    /// Its order.
    pub order: care_order::Model,
    /// Another nurse's visit for the same order, when there is one: both may have been there.
    pub other: Option<VisitId>,
}

/// Looks up what an act is about; none when this nurse never had that visit. Up to three statements.
pub async fn about(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    visit: VisitId,
) -> Result<Option<About>> {
    let found = visit::Entity::find()
        .filter(visit::Column::CommunityId.eq(community))
        .filter(visit::Column::Id.eq(visit))
        .filter(visit::Column::NurseId.eq(nurse))
        .one(db)
        .await?;
    let Some(visit) = found else { return Ok(None) };
    let order = care_order::Entity::find()
        .filter(care_order::Column::CommunityId.eq(community))
        .filter(care_order::Column::Id.eq(visit.order_id))
        .one(db)
        .await?
        .ok_or_else(|| Error::internal("a visit without its order"))?;
    let other = visit::Entity::find()
        .filter(visit::Column::CommunityId.eq(community))
        .filter(visit::Column::OrderId.eq(visit.order_id))
        .filter(visit::Column::Id.ne(visit.id))
        .filter(visit::Column::Seat.eq(visit.seat))
        .filter(visit::Column::ReleasedAt.is_null())
        .one(db)
        .await?;
    Ok(Some(About {
        visit,
        order,
        other: other.map(|other| other.id),
    }))
}

/// The institution a nurse works for.
pub async fn institution_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
) -> Result<InstitutionId> {
    use entity::nurse;
    let row = nurse::Entity::find()
        .filter(nurse::Column::CommunityId.eq(community))
        .filter(nurse::Column::Id.eq(nurse))
        .one(db)
        .await?;
    row.map(|row| row.institution_id)
        .ok_or_else(|| Error::internal("an account without its nurse"))
}
