//! What the days of a discharge may be, and what a further word of it changes.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::ids::NurseId;
use serde::{Deserialize, Serialize};

use super::IcdCode;

/// The days of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// First day.
    pub admitted_on: NaiveDate,
    /// Day of discharge.
    pub discharged_on: NaiveDate,
    /// Birth date of the patient.
    pub birth_date: NaiveDate,
}

/// Why a discharge is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DischargeError {
    /// Discharged before the admission.
    #[error("discharged before the admission")]
    BeforeAdmission,
    /// In the future.
    #[error("discharged in the future")]
    Future,
    /// Before the patient was born.
    #[error("admitted before birth")]
    BeforeBirth,
}

impl DischargeError {
    /// Stable problem code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BeforeAdmission => "discharge_before_admission",
            Self::Future => "date_future",
            Self::BeforeBirth => "date_impossible",
        }
    }

    /// The field that is wrong.
    pub const fn field(self) -> &'static str {
        match self {
            Self::BeforeAdmission | Self::Future => "discharged_on",
            Self::BeforeBirth => "admitted_on",
        }
    }
}

impl Stay {
    /// Checks the days against each other and against today, all dates of Asia/Shanghai.
    pub fn check(self, today: NaiveDate) -> Result<(), DischargeError> {
        if self.discharged_on < self.admitted_on {
            Err(DischargeError::BeforeAdmission)
        } else if self.discharged_on > today {
            Err(DischargeError::Future)
        } else if self.admitted_on < self.birth_date {
            Err(DischargeError::BeforeBirth)
        } else {
            Ok(())
        }
    }
}

/// What is said of a stay. What is left out is not known, or stays as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// First day of the stay.
    pub admitted_on: NaiveDate,
    /// Last day of the stay.
    pub discharged_on: NaiveDate,
    /// From which ward.
    pub ward: Option<String>,
    /// Diagnosis codes, the first one first.
    pub diagnoses: Option<Vec<IcdCode>>,
    /// The diagnosis in words.
    pub text: Option<String>,
    /// What else it says, by the codes of the rules.
    pub conditions: Option<BTreeSet<String>>,
    /// The responsible doctor.
    pub doctor: Option<String>,
    /// The nurse named for the follow-up.
    pub nurse: Option<NurseId>,
    /// The next stay is planned already.
    pub readmission_planned: Option<bool>,
    /// What else is to be known.
    pub note: Option<String>,
}

/// What is known of a stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// First day of the stay.
    pub admitted_on: NaiveDate,
    /// Last day of the stay.
    pub discharged_on: NaiveDate,
    /// From which ward.
    pub ward: Option<String>,
    /// Diagnosis codes, the first one first.
    pub diagnoses: Vec<IcdCode>,
    /// The diagnosis in words.
    pub text: Option<String>,
    /// What else was said, without what the diagnoses imply.
    pub conditions: BTreeSet<String>,
    /// The responsible doctor.
    pub doctor: Option<String>,
    /// The nurse named for the follow-up.
    pub nurse: Option<NurseId>,
    /// The next stay is planned already.
    pub readmission_planned: bool,
    /// What else is to be known.
    pub note: Option<String>,
}

impl Facts {
    /// What the first word tells.
    pub fn of(word: &Word) -> Self {
        let word = word.clone();
        Self {
            admitted_on: word.admitted_on,
            discharged_on: word.discharged_on,
            ward: word.ward,
            diagnoses: word.diagnoses.unwrap_or_default(),
            text: word.text,
            conditions: word.conditions.unwrap_or_default(),
            doctor: word.doctor,
            nurse: word.nurse,
            readmission_planned: word.readmission_planned.unwrap_or(false),
            note: word.note,
        }
    }

    /// What is known after a further word. What it leaves out stays; so does what it says as the `last` word of the
    /// same system said it, for somebody may have put that right since.
    #[must_use]
    pub fn after(self, word: &Word, last: Option<&Word>) -> Self {
        Self {
            admitted_on: news(
                Some(&word.admitted_on),
                last.map(|last| &last.admitted_on),
                self.admitted_on,
            ),
            discharged_on: news(
                Some(&word.discharged_on),
                last.map(|last| &last.discharged_on),
                self.discharged_on,
            ),
            diagnoses: news(
                word.diagnoses.as_ref(),
                last.and_then(|last| last.diagnoses.as_ref()),
                self.diagnoses,
            ),
            conditions: news(
                word.conditions.as_ref(),
                last.and_then(|last| last.conditions.as_ref()),
                self.conditions,
            ),
            readmission_planned: news(
                word.readmission_planned.as_ref(),
                last.and_then(|last| last.readmission_planned.as_ref()),
                self.readmission_planned,
            ),
            ward: said(
                word.ward.as_ref(),
                last.and_then(|last| last.ward.as_ref()),
                self.ward,
            ),
            text: said(
                word.text.as_ref(),
                last.and_then(|last| last.text.as_ref()),
                self.text,
            ),
            doctor: said(
                word.doctor.as_ref(),
                last.and_then(|last| last.doctor.as_ref()),
                self.doctor,
            ),
            nurse: said(
                word.nurse.as_ref(),
                last.and_then(|last| last.nurse.as_ref()),
                self.nurse,
            ),
            note: said(
                word.note.as_ref(),
                last.and_then(|last| last.note.as_ref()),
                self.note,
            ),
        }
    }
}

/// What a word says when it is no repetition, else what is known.
fn news<T: Clone + PartialEq>(word: Option<&T>, last: Option<&T>, known: T) -> T {
    match word {
        Some(word) if last != Some(word) => word.clone(),
        _ => known,
    }
}

/// The same of what need not be known at all.
fn said<T: Clone + PartialEq>(word: Option<&T>, last: Option<&T>, known: Option<T>) -> Option<T> {
    match word {
        Some(word) if last != Some(word) => Some(word.clone()),
        _ => known,
    }
}
