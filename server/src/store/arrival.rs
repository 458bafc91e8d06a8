//! Arrivals in question, the codes sent to families, and the cards of patients.

use entity::arrival_exception::{ActiveModel, Column, Entity, Model};
use entity::ids::{ArrivalExceptionId, CommunityId, OrderId, PatientId, VisitId};
use entity::{arrival_code, patient_card};
use sea_orm::sea_query::{Condition, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::page::newest;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::wire::Cursor;

/// Stores an exception.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Ok(sql::insert(tx, row).await?)
}

/// Changes an exception upon the version read.
pub async fn update(
    tx: &Tx,
    exception: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let changed = sql::change_read_version!(tx, exception, change, Id id)?;
    changed.ok_or_else(|| Code::AlreadySettled.into())
}

/// The exception of a visit, when its arrival is in question.
pub async fn of_visit(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .one(db)
        .await?)
}

/// The exceptions of an order's visits.
pub async fn of_order(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::OrderId.eq(order))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// An exception of the caller's institutions.
pub async fn require(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: ArrivalExceptionId,
) -> Result<Model> {
    Entity::find()
        .filter(within(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Which exceptions a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Waiting for a coordinator, or resolved.
    pub open: Option<bool>,
    /// With a proof, or without.
    pub proven: Option<bool>,
}

/// Exceptions of the caller's institutions, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: Filter,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let null = |column: Column, is_null: bool| {
        if is_null {
            column.is_null()
        } else {
            column.is_not_null()
        }
    };
    let condition = within(scope)
        .add_option(filter.open.map(|open| null(Column::ResolvedAt, open)))
        .add_option(filter.proven.map(|proven| null(Column::ProofAt, !proven)));
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

fn within(scope: &Scope) -> Condition {
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(Column::InstitutionId.is_in(scope.institutions.iter().map(|id| id.0)))
}

/// Seals what the nurse (`reason_enc`) or the coordinator (`note_enc`) wrote.
pub fn seal(app: &App, id: ArrivalExceptionId, column: &'static str, text: &str) -> String {
    app.cipher.seal(place(id, column), text)
}

/// Opens one of the two texts.
pub fn open(
    app: &App,
    id: ArrivalExceptionId,
    column: &'static str,
    sealed: Option<&String>,
) -> Result<Option<String>> {
    let opened = sealed.map(|sealed| app.cipher.open(place(id, column), sealed));
    opened.transpose().map_err(Error::internal)
}

fn place(id: ArrivalExceptionId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: "arrival_exception",
        column,
        row: id.0,
    }
}

/// The code sent last for a visit, locked until the write ends: tries at the same moment are judged and counted one after
/// the other.
pub async fn lock_code(
    tx: &Tx,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<arrival_code::Model>> {
    Ok(arrival_code::Entity::find()
        .filter(arrival_code::Column::CommunityId.eq(community))
        .filter(arrival_code::Column::VisitId.eq(visit))
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?)
}

/// Keeps a code in place of the one before.
pub async fn put_code(tx: &Tx, row: arrival_code::Model) -> Result<()> {
    use arrival_code::Column as C;
    let conflict = OnConflict::columns([C::CommunityId, C::VisitId])
        .update_columns([
            C::CodeHash,
            C::SentAt,
            C::ExpiresAt,
            C::Sent,
            C::Tries,
            C::UsedAt,
        ])
        .to_owned();
    arrival_code::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(conflict)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Counts a wrong try on a code.
pub async fn count_try(tx: &Tx, code: &arrival_code::Model) -> Result<()> {
    let key = [code.community_id.into(), code.visit_id.into()];
    let sql = "UPDATE arrival_code SET tries = tries + 1 WHERE community_id = $1 AND visit_id = $2";
    sql::change(tx, sql, key).await?;
    Ok(())
}

/// Uses a code up.
pub async fn use_code(
    tx: &Tx,
    code: &arrival_code::Model,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE arrival_code SET used_at = $1 WHERE community_id = $2 AND visit_id = $3",
        [at.into(), code.community_id.into(), code.visit_id.into()],
    )
    .await?;
    Ok(())
}

/// What is kept of a code: it holds for one visit only.
pub fn code_hash(app: &App, visit: VisitId, code: &str) -> String {
    app.lookup.hash("arrival_code", &format!("{visit}:{code}"))
}

/// The card of a patient, when one was printed.
pub async fn card(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Option<patient_card::Model>> {
    Ok(patient_card::Entity::find()
        .filter(patient_card::Column::CommunityId.eq(community))
        .filter(patient_card::Column::PatientId.eq(patient))
        .one(db)
        .await?)
}

/// Keeps a card in place of the one before.
pub async fn put_card(tx: &Tx, row: patient_card::Model) -> Result<()> {
    use patient_card::Column as C;
    let conflict = OnConflict::columns([C::CommunityId, C::PatientId])
        .update_columns([C::Serial, C::TokenHash, C::IssuedBy, C::IssuedAt])
        .to_owned();
    patient_card::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(conflict)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// What is printed on a card: patient, number of the card and a signature, so that it can be printed again and
/// only its hash is kept.
pub fn card_token(app: &App, community: CommunityId, patient: PatientId, serial: i32) -> String {
    let content = format!("{community}:{patient}:{serial}");
    let signature = app.lookup.hash("patient_card", &content);
    format!("jhc1.{}.{serial}.{}", patient.0.simple(), &signature[..40])
}
