//! Who a patient is and who may act for them: identity that agrees with itself, age on a day, guardians
//! of minors, consent, health facts (field guide §6.2; PIPL art. 28 to 31).

mod address;
mod carer;
mod facts;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{IdKind, Sex};
use entity::ids::InstitutionId;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::identity::{IdError, IdNumber, check_consistent};
pub use address::{DEFAULT_FENCE_M, FENCE_M, MAX_ADDRESSES, check_address, check_far};
pub use carer::{
    MAX_CARERS, Registrar, Standing, check_carer, check_registration, is_guardian, is_ward, may_end,
};
pub use facts::{
    Allergy, AllergySeverity, Change, Condition, Diagnosis, Fact, FactProblem, HealthRecord,
    MAX_FACTS, changes, lost_of_staff,
};

/// Full years from which a person acts alone.
pub const ADULT_AGE: u16 = 18;
/// Full years that nobody is believed to be older than.
pub const MAX_AGE: u16 = 130;
/// Why a patient, or what somebody wants to do for one, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PatientError {
    /// The document has a number and none was given.
    #[error("the number of the document is missing")]
    NumberMissing,
    /// The number is wrong or says something else than the fields beside it.
    #[error(transparent)]
    Number(#[from] IdError),
    /// The number of the mother is wrong, or no woman's.
    #[error(transparent)]
    Mother(IdError),
    /// The mother's number without which of her children it is, or the other way round.
    #[error("{field} is missing")]
    NewbornHalf {
        /// What is missing.
        field: &'static str,
    },
    /// The mother of somebody who has a document.
    #[error("only of a newborn without an id number")]
    MotherNotAsked,
    /// Outside [`BIRTH_ORDER`].
    #[error("{} to {}", BIRTH_ORDER.start(), BIRTH_ORDER.end())]
    BirthOrder,
    /// Registered without a document, but no newborn.
    #[error("only a child under one year has no id number")]
    NotNewborn,
    /// A date that comes too late.
    #[error("{date} > {limit}")]
    DateLate {
        /// The date given.
        date: NaiveDate,
        /// The latest one possible.
        limit: NaiveDate,
    },
    /// A date that comes too early.
    #[error("{date} < {limit}")]
    DateEarly {
        /// The date given.
        date: NaiveDate,
        /// The earliest one possible.
        limit: NaiveDate,
    },
    /// A ward whose parent or guardian does not act.
    #[error("a ward needs a parent or guardian")]
    GuardianRequired,
    /// The consent cannot be given by that person.
    #[error("the consent does not fit the relation")]
    ConsentMismatch,
    /// The carer's relation was not said.
    #[error("the relation of the carer is missing")]
    RelationMissing,
    /// A family named somebody else as the first carer.
    #[error("only staff names another carer")]
    CarerNamed,
    /// Not a statistical code.
    #[error("0-9: 9 / 12")]
    Township,
    /// Outside [`FENCE_M`].
    #[error("{} - {}", FENCE_M.start(), FENCE_M.end())]
    Fence,
    /// More than there can be.
    #[error("at most {limit}")]
    TooMany {
        /// How many there can be.
        limit: usize,
    },
    /// The carer may see but not act.
    #[error("this carer may not act")]
    MayNotAct,
}

impl PatientError {
    /// The stable code of the problem document.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NumberMissing | Self::RelationMissing | Self::NewbornHalf { .. } => {
                "field_missing"
            }
            Self::Number(error) | Self::Mother(error) => error.code(),
            Self::MotherNotAsked => "field_not_here",
            Self::BirthOrder => "number_range",
            Self::NotNewborn => "id_number_needed",
            Self::CarerNamed => "staff_field",
            Self::Township | Self::Fence => "field_invalid",
            Self::TooMany { .. } => "too_many",
            Self::DateLate { .. } | Self::DateEarly { .. } => "date_impossible",
            Self::GuardianRequired => "guardian_required",
            Self::ConsentMismatch => "consent_mismatch",
            Self::MayNotAct => "booking_not_allowed",
        }
    }

    /// The field of the request that is wrong, when one is.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Number(IdError::BirthDateMismatch)
            | Self::DateLate { .. }
            | Self::DateEarly { .. } => Some("birth_date"),
            Self::Number(IdError::SexMismatch) => Some("sex"),
            Self::NumberMissing | Self::Number(_) => Some("id_number"),
            Self::Mother(_) | Self::MotherNotAsked => Some("mother_id_number"),
            Self::NewbornHalf { field } => Some(field),
            Self::BirthOrder => Some("birth_order"),
            Self::NotNewborn => Some("id_kind"),
            Self::GuardianRequired | Self::RelationMissing => Some("relation"),
            Self::ConsentMismatch => Some("consent"),
            Self::CarerNamed => Some("carer_phone"),
            Self::Township => Some("township_code"),
            Self::Fence => Some("fence_radius_m"),
            Self::MayNotAct | Self::TooMany { .. } => None,
        }
    }
}

/// Age in full years on a day, both dates of `Asia/Shanghai`. Before birth it is 0; who is born on
/// 29 February is a year older on 1 March of other years.
pub fn age_on(birth_date: NaiveDate, day: NaiveDate) -> u16 {
    day.years_since(birth_date)
        .and_then(|years| u16::try_from(years).ok())
        .unwrap_or(0)
}

/// Whether somebody is an adult on a day of `Asia/Shanghai`: it has to be said, and a birth date on record, where there is
/// one, must not speak against it.
pub fn of_age(said: bool, born: Option<NaiveDate>, today: NaiveDate) -> bool {
    said && born.is_none_or(|born| age_on(born, today) >= ADULT_AGE)
}

/// Whether a wish of the patient holds for what is done at a moment; one whose beginning is not known always did.
pub fn wish_holds(wished: bool, since: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
    wished && since.is_none_or(|since| since <= at)
}

/// Which of a mother's children somebody can be.
pub const BIRTH_ORDER: std::ops::RangeInclusive<i32> = 1..=20;

/// By what a newborn without a number of its own is known (field guide §6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newborn {
    /// The mother's document.
    pub mother: IdNumber,
    /// Which of her children it is, all her births counted: twins have two numbers.
    pub order: i32,
}

/// What was sent of a newborn's mother.
#[derive(Clone, Copy, Debug, Default)]
pub struct MotherSent<'a> {
    /// Kind of her document; a resident's id when left out.
    pub kind: Option<IdKind>,
    /// Its number as typed.
    pub number: Option<&'a str>,
    /// Which of her children it is.
    pub order: Option<i32>,
}

impl MotherSent<'_> {
    /// Checks the number like any other, and that it is a woman's; `child` is the kind of document of the child.
    pub fn check(self, child: IdKind) -> Result<Option<Newborn>, PatientError> {
        let missing = |field| Err(PatientError::NewbornHalf { field });
        let (number, order) = match (self.number, self.order) {
            (None, None) if self.kind.is_none() => return Ok(None),
            _ if child != IdKind::NewbornNone => return Err(PatientError::MotherNotAsked),
            (None, _) => return missing("mother_id_number"),
            (Some(_), None) => return missing("birth_order"),
            (Some(number), Some(order)) => (number, order),
        };
        if !BIRTH_ORDER.contains(&order) {
            return Err(PatientError::BirthOrder);
        }
        let mother = IdNumber::parse(self.kind.unwrap_or(IdKind::ResidentId), number)
            .map_err(PatientError::Mother)?;
        // Without a document of her own she tells nothing.
        if mother.reveal().is_empty() {
            return Err(PatientError::Mother(IdError::Length));
        }
        if mother.sex().is_some_and(|sex| sex != Sex::Female) {
            return Err(PatientError::Mother(IdError::SexMismatch));
        }
        Ok(Some(Newborn { mother, order }))
    }
}

/// What the papers say of a person, as sent.
#[derive(Clone, Copy, Debug)]
pub struct Papers<'a> {
    /// Kind of document.
    pub kind: IdKind,
    /// Its number as typed; none for newborns.
    pub number: Option<&'a str>,
    /// Birth date.
    pub birth_date: NaiveDate,
    /// Sex.
    pub sex: Sex,
}

impl Papers<'_> {
    /// Checks the number, the date and that all agree; the number in its one spelling. `today` is the
    /// date in `Asia/Shanghai`.
    pub fn check(&self, today: NaiveDate) -> Result<Option<IdNumber>, PatientError> {
        check_birth_date(self.birth_date, today)?;
        if self.kind == IdKind::NewbornNone {
            IdNumber::parse(self.kind, self.number.unwrap_or_default())?;
            return match age_on(self.birth_date, today) {
                0 => Ok(None),
                _ => Err(PatientError::NotNewborn),
            };
        }
        let number = self.number.ok_or(PatientError::NumberMissing)?;
        let number = IdNumber::parse(self.kind, number)?;
        check_consistent(&number, self.birth_date, self.sex)?;
        Ok(Some(number))
    }
}

fn check_birth_date(date: NaiveDate, today: NaiveDate) -> Result<(), PatientError> {
    if date > today {
        return Err(PatientError::DateLate { date, limit: today });
    }
    if age_on(date, today) > MAX_AGE {
        let months = chrono::Months::new(12 * (u32::from(MAX_AGE) + 1));
        let limit = today
            .checked_sub_months(months)
            .and_then(|too_early| too_early.succ_opt())
            .unwrap_or(NaiveDate::MIN);
        return Err(PatientError::DateEarly { date, limit });
    }
    Ok(())
}

/// Whose wish it is that a nurse and a patient are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBy {
    /// The patient's or the family's.
    Patient,
    /// The nurse's.
    Nurse,
    /// The nursing department's.
    Department,
}

impl RefusedBy {
    /// The text stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Nurse => "nurse",
            Self::Department => "department",
        }
    }

    /// The value of a stored text.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Patient, Self::Nurse, Self::Department]
            .into_iter()
            .find(|one| one.as_str() == text)
    }
}

/// An institution that could be responsible for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Responsible {
    /// The institution.
    pub id: InstitutionId,
    /// The lead hospital.
    pub lead: bool,
}

/// The institution that is responsible: the one asked for, else the lead hospital, else the only one in
/// reach. `reach` is empty for families, who may ask for any that is active. `None`: there is no such one.
pub fn choose_institution(
    asked: Option<InstitutionId>,
    active: &[Responsible],
    reach: &BTreeSet<InstitutionId>,
) -> Option<InstitutionId> {
    let possible: Vec<_> = active
        .iter()
        .filter(|one| reach.is_empty() || reach.contains(&one.id))
        .collect();
    match (asked, possible.as_slice()) {
        (Some(id), _) => possible.iter().find(|one| one.id == id),
        (None, [only]) => Some(only),
        (None, _) => possible.iter().find(|one| one.lead),
    }
    .map(|one| one.id)
}

/// Fails when one more would be too many.
pub const fn check_room(there_are: usize, limit: usize) -> Result<(), PatientError> {
    if there_are < limit {
        Ok(())
    } else {
        Err(PatientError::TooMany { limit })
    }
}

#[cfg(test)]
mod tests;
