//! Alarms. The database keeps one open alarm of a visit, so that a nurse who presses again is one alarm.

use std::collections::BTreeMap;

use entity::enums::SosState;
use entity::ids::{CommunityId, NurseId, SosId, VisitId};
use entity::sos_alarm::{ActiveModel, Column, Entity, Model};
use entity::{account, nurse};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::page::newest;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::phone::Phone;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::wire::Cursor;

/// Stores an alarm.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Ok(sql::insert(tx, row).await?)
}

/// Changes an alarm upon the version read. Another one meanwhile is no problem: the write runs again upon that, so that an
/// alarm that is pressed as somebody takes it, or as it goes on to further people, is not refused.
pub async fn update(
    tx: &Tx,
    alarm: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let changed = sql::change_read_version!(tx, alarm, change, Id id)?;
    changed.ok_or_else(sql::lost_race)
}

/// The alarm of a visit that nobody has taken.
pub async fn open_of_visit(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .filter(Column::State.eq(SosState::Open))
        .one(db)
        .await?)
}

/// Every alarm of a visit.
pub async fn of_visit(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .all(db)
        .await?)
}

/// Notes anew whether an alarm lies outside of its visit. It is no step of the alarm: whoever takes it meanwhile is not
/// hindered.
pub async fn set_outside(tx: &Tx, alarm: &Model, outside: bool) -> Result<()> {
    sql::change(
        tx,
        "UPDATE sos_alarm SET outside_visit = $1 WHERE community_id = $2 AND id = $3",
        [outside.into(), alarm.community_id.into(), alarm.id.into()],
    )
    .await?;
    Ok(())
}

/// An alarm of the community, for the server's own work.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: SosId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// An alarm in scope: the nurse's own, or of the caller's institutions.
pub async fn require(db: &impl ConnectionTrait, scope: &Scope, id: SosId) -> Result<Model> {
    Entity::find()
        .filter(within(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Alarms in scope, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<SosState>,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let condition = within(scope).add_option(state.map(|state| Column::State.eq(state)));
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

fn within(scope: &Scope) -> Condition {
    let any = Condition::any()
        .add(Column::InstitutionId.is_in(scope.institutions.iter().map(|id| id.0)))
        .add_option(scope.nurse.map(|nurse| Column::NurseId.eq(nurse)));
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(any)
}

/// A nurse as those who look after her need her.
#[derive(Clone, Debug)]
pub struct NurseContact {
    /// Her name.
    pub name: String,
    /// Her account's phone.
    pub phone: Option<Phone>,
}

/// Name and phone of nurses. Two statements.
pub async fn contacts(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    ids: impl IntoIterator<Item = NurseId>,
) -> Result<BTreeMap<NurseId, NurseContact>> {
    let nurses = nurse::Entity::find()
        .filter(nurse::Column::CommunityId.eq(community))
        .filter(nurse::Column::Id.is_in(ids))
        .all(db)
        .await?;
    let accounts = account::Entity::find()
        .filter(account::Column::CommunityId.eq(community))
        .filter(account::Column::Id.is_in(nurses.iter().filter_map(|nurse| nurse.account_id)))
        .all(db)
        .await?;
    let mut found = BTreeMap::new();
    for nurse in nurses {
        let place = FieldPlace {
            table: "nurse",
            column: "name_enc",
            row: nurse.id.0,
        };
        let name = app.cipher.open(place, &nurse.name_enc);
        let account = accounts
            .iter()
            .find(|account| Some(account.id) == nurse.account_id);
        let phone = account.map(|account| super::account::phone(app, account));
        let contact = NurseContact {
            name: name.map_err(Error::internal)?,
            phone: phone.transpose()?,
        };
        found.insert(nurse.id, contact);
    }
    Ok(found)
}

/// Seals what was noted when an alarm was closed.
pub fn seal_note(app: &App, id: SosId, note: &str) -> String {
    app.cipher.seal(note_place(id), note)
}

/// What was noted when it was closed.
pub fn note(app: &App, alarm: &Model) -> Result<Option<String>> {
    let sealed = alarm.note_enc.as_ref();
    let opened = sealed.map(|sealed| app.cipher.open(note_place(alarm.id), sealed));
    opened.transpose().map_err(Error::internal)
}

fn note_place(id: SosId) -> FieldPlace {
    FieldPlace {
        table: "sos_alarm",
        column: "note_enc",
        row: id.0,
    }
}
