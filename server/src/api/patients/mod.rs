//! Patients, who acts for them, where they live, what is known of their health.

pub mod add_address;
pub mod add_carer;
pub mod add_prescription;
pub mod admit_patient;
pub mod assess_patient;
pub mod change_address;
pub mod change_patient;
pub mod create_patient;
pub mod end_carer;
pub mod end_keep_apart;
pub mod end_warning;
pub mod get_address;
pub mod get_assessment;
pub mod get_card;
pub mod get_health;
pub mod get_patient;
pub mod get_warning;
pub mod give_patient_consent;
pub mod keep_apart;
pub mod list_addresses;
pub mod list_admissions;
pub mod list_assessments;
pub mod list_carers;
pub mod list_kept_apart;
pub mod list_patient_consents;
pub mod list_patients;
pub mod list_prescriptions;
pub mod put_health;
pub mod put_warning;
pub mod remove_address;
pub mod replace_card;
pub mod withdraw_patient_consent;
pub mod withdraw_prescription;

mod address;
pub(crate) mod assessment;
pub(crate) mod health;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{IdKind, Sex, SubjectKind};
use entity::ids::{AccountId, InstitutionId, PatientId};
use entity::patient;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::identity::IdNumber;
use crate::domain::patient::{BIRTH_ORDER, PatientError, age_on};
use crate::error::Result;
use crate::extract::{Caller, grants};
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::event::NewEvent;

/// A patient, unmasked but for the id number.
#[derive(Debug, Serialize, ToSchema)]
pub struct Patient {
    /// The patient.
    pub id: PatientId,
    /// The responsible institution.
    pub institution_id: InstitutionId,
    /// The whole name.
    #[schema(example = "王秀英")]
    pub name: String,
    /// Kind of id document.
    pub id_kind: IdKind,
    /// Its number: masked, unless `reveal=id_number` was asked for; null for newborns.
    #[schema(example = "110***********002X")]
    pub id_number: Option<String>,
    /// Of a newborn: kind of the mother's document.
    pub mother_id_kind: Option<IdKind>,
    /// Its number, shown like the patient's own.
    pub mother_id_number: Option<String>,
    /// Which of the mother's children it is.
    pub birth_order: Option<i32>,
    /// Birth date.
    pub birth_date: NaiveDate,
    /// Full years today, in Asia/Shanghai.
    pub age_years: u16,
    /// Sex.
    pub sex: Sex,
    /// The whole phone.
    pub phone: Option<String>,
    /// An adult without the capacity to act: a parent or guardian books and decides.
    pub lacks_capacity: bool,
    /// Only a nurse of the same sex may come.
    pub same_sex_nurse: bool,
    /// The caller may book and change things for this patient.
    pub may_book: bool,
    /// Registered at.
    pub created_at: DateTime<Utc>,
}

/// How much of the id number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IdNumberShown {
    Masked,
    Whole,
}

impl Patient {
    fn of(app: &App, row: &patient::Model, may_book: bool, shown: IdNumberShown) -> Result<Self> {
        let number = store::patient::id_number(app, row)?;
        let mother = store::patient::mother(app, row)?;
        let told = |number: &IdNumber| match shown {
            IdNumberShown::Masked => number.masked(),
            IdNumberShown::Whole => number.reveal().to_owned(),
        };
        Ok(Self {
            id: row.id,
            institution_id: row.institution_id,
            name: store::patient::name(app, row)?.reveal().to_owned(),
            id_kind: row.id_kind,
            id_number: number.as_ref().map(told),
            mother_id_kind: mother.as_ref().map(IdNumber::kind),
            mother_id_number: mother.as_ref().map(told),
            birth_order: row.birth_order,
            birth_date: row.birth_date,
            age_years: age_on(row.birth_date, local_date(app.now())),
            sex: row.sex,
            phone: store::patient::phone(app, row)?.map(|phone| phone.reveal().to_owned()),
            lacks_capacity: row.lacks_capacity,
            same_sex_nurse: row.same_sex_nurse,
            may_book,
            created_at: row.created_at,
        })
    }
}

/// Whether the caller may book for each of these patients. At most one statement.
async fn may_book(app: &App, caller: &Caller, rows: &[patient::Model]) -> Result<Vec<bool>> {
    let Ok(scope) = caller.scope_for::<grants::BookCare>() else {
        return Ok(vec![false; rows.len()]);
    };
    let standings = store::patient::standings(app.db.reader(), &scope, rows).await?;
    let one = |(row, standing): (&patient::Model, crate::domain::patient::Standing)| {
        standing.may_act(store::patient::is_ward(app, row))
    };
    Ok(rows.iter().zip(standings).map(one).collect())
}

/// An event of a patient, heard by the staff of the responsible institution.
pub(crate) fn event_of(kind: EventKind, row: &patient::Model, actor: AccountId) -> NewEvent {
    NewEvent::new(kind, SubjectKind::Patient, row.id.0, Some(actor))
        .institution(row.institution_id)
        .patient(row.id)
}

/// The problem of a refused patient.
fn refused(error: PatientError) -> Problem {
    refused_in("", error)
}

/// The same for fields inside another, `address.`.
fn refused_in(prefix: &str, error: PatientError) -> Problem {
    let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
    let name = error.field().unwrap_or_default();
    let mut params = vec![("reason", error.to_string()), ("name", name.to_owned())];
    if let PatientError::TooMany { limit } = error {
        params.push(("limit", limit.to_string()));
    }
    if let PatientError::BirthOrder = error {
        params.push(("min", BIRTH_ORDER.start().to_string()));
        params.push(("max", BIRTH_ORDER.end().to_string()));
    }
    // What concerns one field alone is told as such, like every other invalid field.
    let general = matches!(
        code,
        Code::FieldMissing
            | Code::FieldInvalid
            | Code::FieldNotHere
            | Code::NumberRange
            | Code::StaffField
    );
    let mut problem = Problem::new(if general { Code::InvalidRequest } else { code });
    for (name, value) in &params {
        problem = problem.with(name, value);
    }
    if name.is_empty() {
        problem
    } else {
        problem.field_with(format!("{prefix}{name}"), code, params)
    }
}
