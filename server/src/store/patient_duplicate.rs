//! Pairs of patients who may be one person.

use std::collections::BTreeSet;

use entity::enums::{DuplicateState, SubjectKind};
use entity::ids::{AccountId, CommunityId, PatientDuplicateId, PatientId};
use entity::patient;
use entity::patient_duplicate::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;

use super::event::{self, NewEvent};
use super::page::newest;
use super::patient::{id_number, name, phone};
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::db::Tx;
use crate::domain::duplicate::{Reason, Traits, reasons};
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::wire::Cursor;

/// Most patients that one is compared with. Those who share a birthday in a county are far fewer.
const CANDIDATES: u64 = 300;

/// Looks for others who may be the same person as a patient whose name, phone or papers are new, and notes the pairs
/// that nobody has seen yet. Found by hashes and the birth date; only those found are opened.
pub async fn look(tx: &Tx, app: &App, row: &patient::Model, by: AccountId) -> Result<()> {
    let mine = traits(app, row)?;
    let mut found = Vec::new();
    for other in candidates(tx, row).await? {
        let why = reasons(&mine, &traits(app, &other)?);
        if !why.is_empty() {
            found.push((other.id, why));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let known = of_patient(&**tx, row.community_id, row.id).await?;
    let is_new = |(other, _): &(PatientId, BTreeSet<Reason>)| {
        known
            .iter()
            .all(|pair| pair.one_id != *other && pair.other_id != *other)
    };
    found.retain(is_new);
    for (other, why) in &found {
        let pair = Model {
            community_id: row.community_id,
            id: app.new_id::<PatientDuplicateId>(),
            one_id: row.id.min(*other),
            other_id: row.id.max(*other),
            reasons: json!(why),
            state: DuplicateState::Open,
            found_at: app.now(),
            decided_by: None,
            decided_at: None,
        };
        let key = [Column::CommunityId, Column::OneId, Column::OtherId];
        // Somebody who registers the other one at the same moment finds the same pair.
        Entity::insert(pair.into_active_model().reset_all())
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
            .exec_without_returning(&**tx)
            .await?;
        let payload = json!({ "other_id": other, "reasons": why });
        let kind = EventKind::DuplicateFound;
        let event = NewEvent::new(kind, SubjectKind::Patient, row.id.0, Some(by))
            .institution(row.institution_id)
            .patient(row.id)
            .payload(payload);
        event::append(tx, app, row.community_id, event).await?;
    }
    Ok(())
}

fn traits(app: &App, row: &patient::Model) -> Result<Traits> {
    Ok(Traits {
        name: name(app, row)?,
        id_number: id_number(app, row)?,
        birth_date: row.birth_date,
        sex: row.sex,
        phone: phone(app, row)?,
    })
}

async fn candidates(tx: &Tx, row: &patient::Model) -> Result<Vec<patient::Model>> {
    use patient::Column as P;
    let born = Condition::all()
        .add(P::BirthDate.eq(row.birth_date))
        .add(P::Sex.eq(row.sex));
    let phone = row.phone_hash.as_ref().map(|hash| P::PhoneHash.eq(hash));
    let any = Condition::any()
        .add(P::NameHash.eq(&row.name_hash))
        .add(born)
        .add_option(phone);
    Ok(patient::Entity::find()
        .filter(P::CommunityId.eq(row.community_id))
        .filter(P::Id.ne(row.id))
        .filter(P::MergedInto.is_null())
        .filter(any)
        .order_by_desc(P::Id)
        .limit(CANDIDATES)
        .all(&**tx)
        .await?)
}

/// Every pair of a patient, decided or not.
async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    let either = Condition::any()
        .add(Column::OneId.eq(patient))
        .add(Column::OtherId.eq(patient));
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(either)
        .all(db)
        .await?)
}

/// Why a pair was noted.
pub fn reasons_of(row: &Model) -> Result<BTreeSet<Reason>> {
    serde_json::from_value(row.reasons.clone()).map_err(Error::internal)
}

/// Pairs in a state of which the caller may see both, newest first; of one patient, when asked.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: DuplicateState,
    patient: Option<PatientId>,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let either = patient.map(|patient| {
        Condition::any()
            .add(Column::OneId.eq(patient))
            .add(Column::OtherId.eq(patient))
    });
    let condition = within(scope)
        .add(Column::State.eq(state))
        .add_option(either);
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

/// A pair of which the caller may see both.
pub async fn require(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: PatientDuplicateId,
) -> Result<Model> {
    Entity::find()
        .filter(within(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Pairs of two patients of the scope, neither of them merged away, unless the pair was decided.
fn within(scope: &Scope) -> Condition {
    let seen = || -> SelectStatement {
        Query::select()
            .column(patient::Column::Id)
            .from(patient::Entity)
            .cond_where(scope.patients())
            .to_owned()
    };
    let gone = Query::select()
        .column(patient::Column::Id)
        .from(patient::Entity)
        .and_where(patient::Column::CommunityId.eq(scope.community))
        .and_where(patient::Column::MergedInto.is_not_null())
        .to_owned();
    let nobody_gone = Condition::all()
        .add(Column::OneId.not_in_subquery(gone.clone()))
        .add(Column::OtherId.not_in_subquery(gone));
    let decided = Condition::any()
        .add(Column::State.ne(DuplicateState::Open))
        .add(nobody_gone);
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(Column::OneId.in_subquery(seen()))
        .add(Column::OtherId.in_subquery(seen()))
        .add(decided)
}

/// Decides on a pair that nobody has decided on.
pub async fn decide(
    tx: &Tx,
    app: &App,
    row: &Model,
    state: DuplicateState,
    by: AccountId,
) -> Result<Model> {
    let changed = sql::change(
        tx,
        "UPDATE patient_duplicate SET state = $1, decided_by = $2, decided_at = $3
         WHERE community_id = $4 AND id = $5 AND state = 'open'",
        [
            state.as_str().into(),
            by.into(),
            app.now().into(),
            row.community_id.into(),
            row.id.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Err(Code::DuplicateDecided.into());
    }
    Ok(Model {
        state,
        decided_by: Some(by),
        decided_at: Some(app.now()),
        ..row.clone()
    })
}

/// Notes on the pair of two patients, when it is known, that they were merged.
pub async fn merged(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    (one, other): (PatientId, PatientId),
    by: AccountId,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE patient_duplicate SET state = 'merged', decided_by = $1, decided_at = $2
         WHERE community_id = $3 AND one_id = $4 AND other_id = $5",
        [
            by.into(),
            app.now().into(),
            community.into(),
            one.min(other).into(),
            one.max(other).into(),
        ],
    )
    .await?;
    Ok(())
}

/// The merge was taken back: somebody has to look again.
pub async fn parted(
    tx: &Tx,
    community: CommunityId,
    (one, other): (PatientId, PatientId),
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE patient_duplicate SET state = 'open', decided_by = NULL, decided_at = NULL
         WHERE community_id = $1 AND one_id = $2 AND other_id = $3 AND state = 'merged'",
        [
            community.into(),
            one.min(other).into(),
            one.max(other).into(),
        ],
    )
    .await?;
    Ok(())
}
