//! What the roster may say of a nurse: her papers, duty and leave (field guide §1.2, R1, R2, R21), and the
//! cells of a roster file.

pub mod cell;
mod certificate;
mod column;
mod duty;
mod error;

use chrono::NaiveDate;
use entity::enums::{NurseTitle, Sex};
use entity::ids::{AccountId, InstitutionId};

use super::name::PersonName;
use super::place::Point;
pub use cell::Cell;
pub use certificate::{CertificateFacts, CertificateState, certificate_state, certificates_of};
pub use column::Column;
pub use duty::{
    DutySpan, MAX_LEAVE_DAYS, MAX_WINDOWS, check_duty, check_leave, clock_text, duty_of,
    minute_of_day,
};
pub use error::RosterError;

/// Metres a nurse may be ready to go.
pub const RADIUS_M: std::ops::RangeInclusive<i64> = 500..=100_000;
/// Visits a day a nurse may be ready to make.
pub const DAILY_CAP: std::ops::RangeInclusive<i32> = 1..=20;
/// Radius of a nurse for whom none is given, metres.
pub const DEFAULT_RADIUS_M: i64 = 10_000;
/// Visits a day of a nurse for whom none are given.
pub const DEFAULT_DAILY_CAP: i32 = 6;
/// Longest staff number, characters.
pub const STAFF_NO_MAX: usize = 32;
/// Longest number of a licence, certificate or policy, characters.
pub const PAPER_NO_MAX: usize = 64;

/// A nurse as the roster describes her.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Where she is employed.
    pub institution: InstitutionId,
    /// Her account, once she has one.
    pub account: Option<AccountId>,
    /// Staff number, unique within the community.
    pub staff_no: String,
    /// Her name.
    pub name: PersonName,
    /// Her sex.
    pub sex: Sex,
    /// Her title.
    pub title: NurseTitle,
    /// Number of her registration, unique within the community.
    pub licence_no: String,
    /// First day of her registration.
    pub licence_from: NaiveDate,
    /// Last day of her registration.
    pub licence_to: NaiveDate,
    /// First day of clinical practice.
    pub practice_since: NaiveDate,
    /// When she passed the training for home visits.
    pub training_passed_on: Option<NaiveDate>,
    /// Last day of her health certificate.
    pub health_cert_to: Option<NaiveDate>,
    /// Policy of her accident insurance.
    pub accident_insurance_no: Option<String>,
    /// Last day of her accident insurance.
    pub accident_insurance_to: Option<NaiveDate>,
    /// Policy of her liability insurance.
    pub liability_insurance_no: Option<String>,
    /// Last day of her liability insurance.
    pub liability_insurance_to: Option<NaiveDate>,
    /// Takes home visits.
    pub active: bool,
    /// Where she sets out from.
    pub base: Option<Point>,
    /// Metres she is ready to go.
    pub service_radius_m: i64,
    /// Visits a day she is ready to make.
    pub daily_cap: i32,
}

/// A field that is wrong.
pub type Flaw = (&'static str, RosterError);

impl Profile {
    /// What is wrong across the fields, on a day; empty when nothing is.
    pub fn check(&self, today: NaiveDate) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut note = |field, verdict: Result<(), RosterError>| {
            if let Err(error) = verdict {
                flaws.push((field, error));
            }
        };
        for (field, date) in self.dates() {
            note(field, check_date(date));
        }
        if self.licence_to < self.licence_from {
            note("licence_to", Err(RosterError::DateOrder));
        }
        if self.practice_since > today {
            note("practice_since", Err(RosterError::DateFuture));
        }
        if self.training_passed_on.is_some_and(|date| date > today) {
            note("training_passed_on", Err(RosterError::DateFuture));
        }
        note(
            "service_radius_m",
            check_number(self.service_radius_m, (*RADIUS_M.start(), *RADIUS_M.end())),
        );
        note(
            "daily_cap",
            check_number(
                self.daily_cap.into(),
                ((*DAILY_CAP.start()).into(), (*DAILY_CAP.end()).into()),
            ),
        );
        flaws
    }

    fn dates(&self) -> impl Iterator<Item = (&'static str, NaiveDate)> {
        [
            ("licence_from", Some(self.licence_from)),
            ("licence_to", Some(self.licence_to)),
            ("practice_since", Some(self.practice_since)),
            ("training_passed_on", self.training_passed_on),
            ("health_cert_to", self.health_cert_to),
            ("accident_insurance_to", self.accident_insurance_to),
            ("liability_insurance_to", self.liability_insurance_to),
        ]
        .into_iter()
        .filter_map(|(field, date)| Some((field, date?)))
    }

    /// Names of the fields in which another profile differs, in the order of the fields.
    pub fn changes(&self, other: &Self) -> Vec<&'static str> {
        macro_rules! differing {
            ($($field:ident as $name:literal),+ $(,)?) => {
                [$(($name, self.$field != other.$field)),+]
            };
        }
        let all = differing! {
            institution as "institution_id", account as "account_id", staff_no as "staff_no",
            name as "name", sex as "sex", title as "title", licence_no as "licence_no",
            licence_from as "licence_from", licence_to as "licence_to",
            practice_since as "practice_since", training_passed_on as "training_passed_on",
            health_cert_to as "health_cert_to", accident_insurance_no as "accident_insurance_no",
            accident_insurance_to as "accident_insurance_to",
            liability_insurance_no as "liability_insurance_no",
            liability_insurance_to as "liability_insurance_to", active as "active", base as "base",
            service_radius_m as "service_radius_m", daily_cap as "daily_cap",
        };
        all.into_iter()
            .filter_map(|(name, differs)| differs.then_some(name))
            .collect()
    }
}

/// First and last day that a paper on a roster can name. Outside it a digit is wrong.
fn date_range() -> (NaiveDate, NaiveDate) {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(1950, 1, 1), day(2100, 12, 31))
}

fn check_date(date: NaiveDate) -> Result<(), RosterError> {
    let (min, max) = date_range();
    if (min..=max).contains(&date) {
        Ok(())
    } else {
        Err(RosterError::DateRange { min, max })
    }
}

fn check_number(number: i64, (min, max): (i64, i64)) -> Result<(), RosterError> {
    if (min..=max).contains(&number) {
        Ok(())
    } else {
        Err(RosterError::NumberRange { min, max })
    }
}

#[cfg(test)]
mod tests;
