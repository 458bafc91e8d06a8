//! Patients who may be registered twice.

pub mod dismiss_patient_duplicate;
pub mod list_patient_duplicates;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{DuplicateState, Sex};
use entity::ids::{AccountId, InstitutionId, PatientDuplicateId, PatientId};
use entity::{patient, patient_duplicate};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::duplicate::Reason;
use crate::error::{Error, Result};
use crate::store;

/// Two patients who may be one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientDuplicate {
    /// The pair.
    pub id: PatientDuplicateId,
    /// Who may be the same person, the one registered first leading.
    pub patients: Vec<DuplicatePatient>,
    /// Why.
    pub reasons: BTreeSet<Reason>,
    /// What was decided.
    pub state: DuplicateState,
    /// When they were found.
    pub found_at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
}

/// One of the two, masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct DuplicatePatient {
    /// The patient.
    pub id: PatientId,
    /// The responsible institution.
    pub institution_id: InstitutionId,
    /// The name, masked.
    #[schema(example = "王*英")]
    pub name: String,
    /// Id number, masked; null for newborns.
    pub id_number: Option<String>,
    /// Birth date.
    pub birth_date: NaiveDate,
    /// Sex.
    pub sex: Sex,
    /// The phone, masked.
    #[schema(example = "138****1234")]
    pub phone: Option<String>,
    /// Registered at.
    pub created_at: DateTime<Utc>,
}

impl DuplicatePatient {
    fn of(app: &App, row: &patient::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            institution_id: row.institution_id,
            name: store::patient::name(app, row)?.masked(),
            id_number: store::patient::id_number(app, row)?.map(|number| number.masked()),
            birth_date: row.birth_date,
            sex: row.sex,
            phone: store::patient::phone(app, row)?.map(|phone| phone.masked()),
            created_at: row.created_at,
        })
    }
}

/// Pairs with their patients, in the order given. One statement.
pub(crate) async fn told(
    db: &impl ConnectionTrait,
    app: &App,
    rows: Vec<patient_duplicate::Model>,
) -> Result<Vec<PatientDuplicate>> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let ids: BTreeSet<_> = rows
        .iter()
        .flat_map(|row| [row.one_id, row.other_id])
        .collect();
    let patients = store::patient::by_ids(db, first.community_id, ids).await?;
    let patients: BTreeMap<_, _> = patients.iter().map(|row| (row.id, row)).collect();
    let one = |row: patient_duplicate::Model| {
        let of = |id: PatientId| {
            let found = patients.get(&id);
            let found = found.ok_or_else(|| Error::internal("a pair without its patient"))?;
            DuplicatePatient::of(app, found)
        };
        Ok(PatientDuplicate {
            id: row.id,
            patients: vec![of(row.one_id)?, of(row.other_id)?],
            reasons: store::patient_duplicate::reasons_of(&row)?,
            state: row.state,
            found_at: row.found_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
        })
    };
    rows.into_iter().map(one).collect()
}
