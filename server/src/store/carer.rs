//! Who acts for a patient. An ended carer stays on record and sees nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::carer::{Column, Entity, Model};
use entity::enums::{AccountStatus, CarerRelation, ConsentBasis, Role};
use entity::ids::{AccountId, CarerId, CommunityId, PatientId};
use entity::{account, patient};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder,
};

use super::scope::Scope;
use super::{account as accounts, sql};
use crate::app::App;
use crate::db::Tx;
use crate::domain::patient::{Standing, is_guardian};
use crate::domain::phone::Phone;
use crate::error::{Result, violates};
use crate::problem::Code;

/// A new carer, not yet stored; the relation is checked.
#[derive(Clone, Copy, Debug)]
pub struct NewCarer {
    /// Tenant.
    pub community: CommunityId,
    /// The patient.
    pub patient: PatientId,
    /// The account that will act.
    pub account: AccountId,
    /// What it is to the patient.
    pub relation: CarerRelation,
    /// How the patient agreed.
    pub consent: ConsentBasis,
    /// May act, not only look.
    pub may_book: bool,
    /// Who adds.
    pub added_by: AccountId,
}

/// Stores a carer; one who is a carer already is a problem.
pub async fn insert(tx: &Tx, app: &App, new: NewCarer) -> Result<Model> {
    let row = Model {
        community_id: new.community,
        id: app.new_id::<CarerId>(),
        patient_id: new.patient,
        account_id: new.account,
        relation: new.relation,
        consent: new.consent,
        may_book: new.may_book,
        added_by: new.added_by,
        added_at: app.now(),
        ended_at: None,
    };
    let stored = Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match stored {
        Err(error) if violates(&error, &["carer_once", "carer.account_id"]) => {
            Err(Code::CarerExists.into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(row),
    }
}

/// The account that a phone belongs to, when it can be a carer: a family's, not disabled.
pub async fn account_of(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    phone: &Phone,
) -> Result<account::Model> {
    let hash = accounts::phone_hash(app, phone);
    let found = accounts::by_phone(db, community, &hash).await?;
    let Some(account) = found.filter(|account| account.status != AccountStatus::Disabled) else {
        return Err(Code::CarerUnknown.into());
    };
    let grants = accounts::grants_of(db, community, account.id).await?;
    if grants.iter().any(|grant| grant.role == Role::Family) {
        Ok(account)
    } else {
        Err(Code::CarerUnknown.into())
    }
}

/// The birth date of whoever an account belongs to, where they are registered as a patient too.
pub async fn birth_date(
    db: &impl ConnectionTrait,
    community: CommunityId,
    account: AccountId,
) -> Result<Option<NaiveDate>> {
    #[derive(FromQueryResult)]
    struct Born {
        birth_date: NaiveDate,
    }
    let found = sql::one::<Born>(
        db,
        "SELECT p.birth_date FROM carer c
         JOIN patient p ON p.community_id = c.community_id AND p.id = c.patient_id
         WHERE c.community_id = $1 AND c.account_id = $2 AND c.relation = $3 AND c.ended_at IS NULL
         ORDER BY c.id LIMIT 1",
        [
            community.into(),
            account.into(),
            CarerRelation::Oneself.as_str().into(),
        ],
    )
    .await?;
    Ok(found.map(|found| found.birth_date))
}

/// The same of these carers of a patient, also of those who ended. One statement.
pub async fn birth_dates(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    ids: &[CarerId],
) -> Result<BTreeMap<CarerId, NaiveDate>> {
    #[derive(FromQueryResult)]
    struct Born {
        id: CarerId,
        birth_date: NaiveDate,
    }
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut values = vec![
        community.into(),
        patient.into(),
        CarerRelation::Oneself.as_str().into(),
    ];
    values.extend(ids.iter().map(|id| (*id).into()));
    let text = format!(
        "SELECT c.id, p.birth_date FROM carer c
         JOIN carer own ON own.community_id = c.community_id AND own.account_id = c.account_id
             AND own.relation = $3 AND own.ended_at IS NULL
         JOIN patient p ON p.community_id = own.community_id AND p.id = own.patient_id
         WHERE c.community_id = $1 AND c.patient_id = $2 AND c.id IN ({})
         ORDER BY own.id DESC",
        sql::places(4, ids.len())
    );
    // Of several the oldest row counts, as above.
    let rows = sql::all::<Born>(db, text, values).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.birth_date))
        .collect())
}

/// Carers of a patient, oldest first, each with its account. Two statements.
pub async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<(Model, account::Model)>> {
    let found = of_patients(db, community, [patient]).await?;
    Ok(found.into_values().flatten().collect())
}

/// Carers of several patients, oldest first, each with its account. Two statements.
pub async fn of_patients(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patients: impl IntoIterator<Item = PatientId>,
) -> Result<BTreeMap<PatientId, Vec<(Model, account::Model)>>> {
    let carers = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.is_in(patients))
        .filter(Column::EndedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let accounts = account::Entity::find()
        .filter(account::Column::CommunityId.eq(community))
        .filter(account::Column::Id.is_in(carers.iter().map(|carer| carer.account_id)))
        .all(db)
        .await?;
    let pair = |carer: Model| {
        let mut accounts = accounts.iter();
        let account = accounts.find(|account| account.id == carer.account_id)?;
        Some((carer, account.clone()))
    };
    let pairs: Vec<_> = carers.into_iter().filter_map(pair).collect();
    Ok(sql::grouped(pairs, |(carer, _)| carer.patient_id))
}

/// Carers of a patient, oldest first.
pub async fn live(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::EndedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Those who were carers of a patient at a moment, oldest first.
pub async fn at(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    at: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let ended_later = Condition::any()
        .add(Column::EndedAt.is_null())
        .add(Column::EndedAt.gt(at));
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::AddedAt.lte(at))
        .filter(ended_later)
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// What the caller is to these patients. One statement, none for somebody without family.
pub async fn mine(
    db: &impl ConnectionTrait,
    scope: &Scope,
    patients: &[PatientId],
) -> Result<Vec<Model>> {
    let Some(account) = scope.carer.filter(|_| !patients.is_empty()) else {
        return Ok(Vec::new());
    };
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(scope.community))
        .filter(Column::AccountId.eq(account))
        .filter(Column::PatientId.is_in(patients.iter().copied()))
        .filter(Column::EndedAt.is_null())
        .all(db)
        .await?)
}

/// True when a parent or guardian who may act is on record.
pub async fn has_guardian(db: &impl ConnectionTrait, patient: &patient::Model) -> Result<bool> {
    let carers = live(db, patient.community_id, patient.id).await?;
    let mut carers = carers.iter();
    Ok(carers.any(|carer| carer.may_book && is_guardian(carer.relation)))
}

/// As whom a carer stands before the patient.
pub fn standing_of(row: &Model) -> Standing {
    Standing::Carer {
        relation: row.relation,
        may_book: row.may_book,
    }
}

/// Ends a carer; false when there is none that lives.
pub async fn end(tx: &Tx, community: CommunityId, id: CarerId, now: DateTime<Utc>) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE carer SET ended_at = $1 WHERE community_id = $2 AND id = $3 AND ended_at IS NULL",
        [now.into(), community.into(), id.into()],
    )
    .await?;
    Ok(changed == 1)
}
