//! Patients. Names, phones and id numbers are sealed; an id number is found by its keyed hash.

mod sealed;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{IdKind, InstitutionKind, Sex};
use entity::ids::{AccountId, CommunityId, InstitutionId, PatientId};
use entity::patient::{Column, Entity, Model};
use entity::{care_order, institution};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::scope::Scope;
use super::{carer, sql};
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::identity::IdNumber;
use crate::domain::name::PersonName;
use crate::domain::patient::{self, Newborn, PatientError, Responsible, Standing, age_on};
use crate::domain::phone::Phone;
use crate::domain::screening::PatientFacts;
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};
use crate::store::health_fact;

pub use sealed::{
    id_number, id_number_hash, mother, name, name_hash, phone, phone_hash, set_id_number, set_name,
    set_newborn, set_phone,
};

/// A new patient, not yet stored; the papers are checked.
#[derive(Debug)]
pub struct NewPatient<'a> {
    /// Tenant.
    pub community: CommunityId,
    /// Responsible institution.
    pub institution: InstitutionId,
    /// Name.
    pub name: &'a PersonName,
    /// Kind of document.
    pub id_kind: IdKind,
    /// Its number; none for newborns.
    pub id_number: Option<&'a IdNumber>,
    /// By what a newborn without one is known.
    pub newborn: Option<&'a Newborn>,
    /// Birth date.
    pub birth_date: NaiveDate,
    /// Sex.
    pub sex: Sex,
    /// Phone.
    pub phone: Option<&'a Phone>,
    /// An adult for whom a guardian acts.
    pub lacks_capacity: bool,
    /// Only a nurse of the same sex may come.
    pub same_sex_nurse: bool,
    /// Who registers.
    pub created_by: AccountId,
}

/// Stores a patient; an id number, or a child of a mother, that is registered already is a problem.
pub async fn insert(tx: &Tx, app: &App, new: NewPatient<'_>) -> Result<Model> {
    let id = app.new_id::<PatientId>();
    let mut row = Model {
        community_id: new.community,
        id,
        institution_id: new.institution,
        name_enc: String::new(),
        name_hash: String::new(),
        id_kind: new.id_kind,
        id_number_enc: None,
        id_number_hash: None,
        mother_id_enc: None,
        birth_order: None,
        newborn_hash: None,
        birth_date: new.birth_date,
        sex: new.sex,
        phone_enc: None,
        phone_hash: None,
        merged_into: None,
        lacks_capacity: new.lacks_capacity,
        same_sex_nurse: new.same_sex_nurse,
        same_sex_since: new.same_sex_nurse.then(|| app.now()),
        version: 1,
        created_by: new.created_by,
        created_at: app.now(),
    };
    set_name(app, &mut row, new.name);
    set_phone(app, &mut row, new.phone);
    set_id_number(app, &mut row, new.id_number);
    set_newborn(app, &mut row, new.newborn);
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await
        .map_err(taken)?;
    Ok(row)
}

/// Writes every column of a patient whose version is still the one read; raises the version.
pub async fn update(tx: &Tx, row: Model) -> Result<Model> {
    let updated = sql::update_read_version!(tx, row).map_err(taken)?;
    updated.ok_or_else(|| Code::PreconditionFailed.into())
}

fn taken(error: sea_orm::DbErr) -> Error {
    const NAMES: [&str; 4] = [
        "patient_community_id_id_number_hash_key",
        "patient.id_number_hash",
        "patient_newborn",
        "patient.newborn_hash",
    ];
    if violates(&error, &NAMES) {
        Code::PatientExists.into()
    } else {
        error.into()
    }
}

/// A patient the caller may see.
pub async fn get(db: &impl ConnectionTrait, scope: &Scope, id: PatientId) -> Result<Model> {
    let row = Entity::find()
        .filter(scope.patients())
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or(Code::NotFound)?;
    unmerged(db, scope, row).await
}

/// Fails for a patient who was merged into another, and names that one to those who may see it.
async fn unmerged(db: &impl ConnectionTrait, scope: &Scope, row: Model) -> Result<Model> {
    let Some(survivor) = row.merged_into else {
        return Ok(row);
    };
    let seen = Entity::find()
        .filter(scope.patients())
        .filter(Column::Id.eq(survivor))
        .one(db)
        .await?;
    let problem = Problem::new(Code::PatientMerged);
    Err(match seen {
        Some(seen) => problem.member("survivor_id", seen.id),
        None => problem,
    }
    .into())
}

/// The patient whom a row stands for: the one it was merged into, locked until the write ends, else itself.
pub async fn survivor(tx: &Tx, row: Model) -> Result<Model> {
    let Some(id) = row.merged_into else {
        return Ok(row);
    };
    Entity::find_by_id((row.community_id, id))
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?
        .ok_or_else(|| Error::internal("a patient merged into nobody"))
}

/// Whether an id number, by its hash, is a patient's own or that of somebody who was merged into the patient.
pub async fn goes_by(db: &impl ConnectionTrait, row: &Model, hash: &str) -> Result<bool> {
    if row.id_number_hash.as_deref() == Some(hash) {
        return Ok(true);
    }
    let merged = Entity::find()
        .filter(Column::CommunityId.eq(row.community_id))
        .filter(Column::IdNumberHash.eq(hash))
        .filter(Column::MergedInto.eq(row.id))
        .one(db)
        .await?;
    Ok(merged.is_some())
}

/// Patients of the community by their ids, for what was found within scope. One statement.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    community: CommunityId,
    ids: impl IntoIterator<Item = PatientId>,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.is_in(ids))
        .all(db)
        .await?)
}

/// The patient with an id number, by its hash, locked until the write ends.
pub async fn by_id_number(tx: &Tx, community: CommunityId, hash: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::IdNumberHash.eq(hash))
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?)
}

/// The patient with an id number, by its hash, for looking only.
pub async fn goes_by_number(
    db: &impl ConnectionTrait,
    community: CommunityId,
    hash: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::IdNumberHash.eq(hash))
        .one(db)
        .await?)
}

/// A patient of the community, for what acts by itself.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: PatientId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// A patient the caller may act for, locked until the write ends.
pub async fn get_to_change(tx: &Tx, app: &App, scope: &Scope, id: PatientId) -> Result<Model> {
    let row = get_locked(tx, scope, id).await?;
    check_may_act(&**tx, app, scope, &row).await?;
    Ok(row)
}

/// Locks a patient until the write ends: an order and an entitlement that come at once see each other.
pub async fn lock(tx: &Tx, community: CommunityId, patient: PatientId) -> Result<()> {
    Entity::find_by_id((community, patient))
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?;
    Ok(())
}

/// A patient the caller may see, locked until the write ends: what two people change at once about one
/// patient is changed one after the other.
pub async fn get_locked(tx: &Tx, scope: &Scope, id: PatientId) -> Result<Model> {
    let row = Entity::find()
        .filter(scope.patients())
        .filter(Column::Id.eq(id))
        // A plain lock would also hold up orders that only refer to the patient. SQLite has one writer anyway.
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?
        .ok_or(Code::NotFound)?;
    unmerged(&**tx, scope, row).await
}

/// Fails for those who may look but not act.
pub async fn check_may_act(
    db: &impl ConnectionTrait,
    app: &App,
    scope: &Scope,
    patient: &Model,
) -> Result<()> {
    let standing = acting(db, scope, patient).await?;
    standing
        .check_may_act(is_ward(app, patient))
        .map_err(refused)
}

/// Fails for those who may not book for a patient of the scope (R8).
pub async fn check_may_book(
    db: &impl ConnectionTrait,
    app: &App,
    scope: &Scope,
    patient: &Model,
) -> Result<()> {
    let standing = acting(db, scope, patient).await?;
    let ward = is_ward(app, patient);
    let guardian = ward && carer::has_guardian(db, patient).await?;
    standing.check_may_book(ward, guardian).map_err(refused)
}

async fn acting(db: &impl ConnectionTrait, scope: &Scope, patient: &Model) -> Result<Standing> {
    let standing = standing(db, scope, patient).await?;
    // A carer who was removed while this waited for the lock sees nothing any more.
    if standing == Standing::Visitor && scope.nurse.is_none() {
        return Err(Code::NotFound.into());
    }
    Ok(standing)
}

/// Fails for those who may see an order but not change what was booked: all but staff of the institution that
/// provides it, and who may act for the patient.
pub async fn check_may_change(
    db: &impl ConnectionTrait,
    app: &App,
    scope: &Scope,
    order: &care_order::Model,
) -> Result<()> {
    if scope.reaches(order.institution_id) {
        return Ok(());
    }
    let patient = of_order(db, order).await?;
    check_may_act(db, app, scope, &patient).await
}

/// The patient of an order, whose scope was checked before.
pub async fn of_order(db: &impl ConnectionTrait, order: &care_order::Model) -> Result<Model> {
    Entity::find_by_id((order.community_id, order.patient_id))
        .one(db)
        .await?
        .ok_or_else(|| Error::internal("an order has no patient"))
}

/// Whether a parent or guardian acts for a patient now.
pub fn is_ward(app: &App, patient: &Model) -> bool {
    let today = local_date(app.now());
    patient::is_ward(patient.birth_date, patient.lacks_capacity, today)
}

fn refused(error: PatientError) -> Error {
    Code::parse(error.code()).unwrap_or(Code::Forbidden).into()
}

/// As whom the caller stands before a patient of the scope.
pub async fn standing(
    db: &impl ConnectionTrait,
    scope: &Scope,
    patient: &Model,
) -> Result<Standing> {
    let standings = standings(db, scope, std::slice::from_ref(patient)).await?;
    Ok(standings.first().copied().unwrap_or(Standing::Visitor))
}

/// As whom the caller stands before each of these patients. At most one statement.
pub async fn standings(
    db: &impl ConnectionTrait,
    scope: &Scope,
    patients: &[Model],
) -> Result<Vec<Standing>> {
    let others: Vec<PatientId> = patients
        .iter()
        .filter(|patient| !scope.reaches(patient.institution_id))
        .map(|patient| patient.id)
        .collect();
    let mine = carer::mine(db, scope, &others).await?;
    let one = |patient: &Model| {
        if scope.reaches(patient.institution_id) {
            return Standing::Staff;
        }
        let mine = mine.iter().find(|carer| carer.patient_id == patient.id);
        mine.map_or(Standing::Visitor, carer::standing_of)
    };
    Ok(patients.iter().map(one).collect())
}

/// Patients of the scope before an id, newest first; of one institution, when asked.
pub async fn page(
    db: &impl ConnectionTrait,
    scope: &Scope,
    institution: Option<InstitutionId>,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find()
        .filter(scope.patients())
        .filter(Column::MergedInto.is_null());
    if let Some(institution) = institution {
        query = query.filter(Column::InstitutionId.eq(institution));
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    Ok(query.order_by_desc(Column::Id).limit(limit).all(db).await?)
}

/// Institutions that could be responsible: the one asked for, or every active one.
pub async fn responsible(
    db: &impl ConnectionTrait,
    community: CommunityId,
    asked: Option<InstitutionId>,
) -> Result<Vec<Responsible>> {
    let mut query = institution::Entity::find()
        .filter(institution::Column::CommunityId.eq(community))
        .filter(institution::Column::Active.eq(true));
    if let Some(id) = asked {
        query = query.filter(institution::Column::Id.eq(id));
    }
    let rows = query.all(db).await?;
    let one = |row: institution::Model| Responsible {
        id: row.id,
        lead: row.kind == InstitutionKind::LeadHospital,
    };
    Ok(rows.into_iter().map(one).collect())
}

/// What screening knows of a patient on a day: full years, sex, codes of the conditions on record. One statement.
pub async fn screening_facts(
    db: &impl ConnectionTrait,
    app: &App,
    patient: &Model,
    day: NaiveDate,
) -> Result<PatientFacts> {
    screening_facts_at(db, app, patient, (day, app.now())).await
}

/// The same, by the record as it stood at a moment.
pub async fn screening_facts_at(
    db: &impl ConnectionTrait,
    app: &App,
    patient: &Model,
    (day, at): (NaiveDate, DateTime<Utc>),
) -> Result<PatientFacts> {
    let of = (patient.community_id, patient.id);
    Ok(PatientFacts {
        age_years: age_on(patient.birth_date, day),
        sex: patient.sex,
        conditions: health_fact::condition_codes(db, app, of, at).await?,
    })
}
