//! Who may take an order: hard filters, each with readable reasons (field guide §1.6, §7.2).
//!
//! The order of the filters is the order of [`Filter::ALL`]. [`judge`] names every reason, so that a
//! nursing department sees at once all that has to be put right. Papers are judged by the date of the
//! visit where the patient lives; the last day they name still counts.

mod filters;
mod reason;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc, Weekday};
use entity::enums::{LeaveKind, NurseTitle, Sex};

use super::span::Span;
pub use reason::Reason;

/// Rules that an installation may set: some provinces ask for less than R1 says (field guide §1.6, R1 and R23, §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Lowest title for a home visit.
    pub min_title: NurseTitle,
    /// Full years of clinical practice on the visit date.
    pub min_years: u32,
    /// Hours without a visit after a night shift.
    pub rest_hours_after_night: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            min_title: NurseTitle::NursePractitioner,
            min_years: 5,
            rest_hours_after_night: 12,
        }
    }
}

/// A certificate of a nurse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Kind, as the catalogue names it.
    pub kind: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Whether somebody at the nursing department has seen it.
    pub verified: bool,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// On duty every week, in local minutes after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DutyWindow {
    /// Day on which it begins.
    pub weekday: Weekday,
    /// First minute, 0 to 1439.
    pub from_min: u16,
    /// First minute after it, up to 1440; when smaller than `from_min` it ends on the next day.
    pub to_min: u16,
}

/// Away from home visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// From when to when.
    pub span: Span,
    /// Why.
    pub kind: LeaveKind,
}

/// A nurse as far as one order needs to know her.
#[derive(Clone, Debug, PartialEq)]
pub struct NurseFacts {
    /// In the roster, and her account may log in.
    pub active: bool,
    /// Items of the order that her institution has not opened.
    pub closed_items: Vec<String>,
    /// Her sex.
    pub sex: Sex,
    /// Her title.
    pub title: NurseTitle,
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
    /// Last day of her accident insurance.
    pub accident_insurance_to: Option<NaiveDate>,
    /// Last day of her liability insurance.
    pub liability_insurance_to: Option<NaiveDate>,
    /// What she holds, checked or not.
    pub certificates: Vec<Certificate>,
    /// Patient and nurse are not to meet, whoever of them said so.
    pub refused_pair: bool,
    /// Metres she is ready to go.
    pub service_radius_m: u32,
    /// Visits a day she is ready to make.
    pub daily_cap: u32,
    /// The roster says where she usually sets out. Without it nobody knows whether she is near: she is never matched
    /// automatically, and her institution stands for it when somebody assigns her.
    pub has_base: bool,
    /// Metres in a straight line from her origin; `None` when one of the two places is not known.
    pub distance_m: Option<f64>,
    /// When this order would take her, travel and buffer included ([`super::travel::busy_range`]).
    pub taken: Span,
    /// Her duty.
    pub duty: Vec<DutyWindow>,
    /// Her leave and hospital shifts around that time.
    pub absences: Vec<Absence>,
    /// Her live visits around that time, travel and buffer included, this order left out.
    pub busy: Vec<Span>,
    /// Her visits on that date, this order left out.
    pub visits_that_day: u32,
}

/// An order as far as matching needs to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderFacts {
    /// When the visit begins: the start of the window, or now once she departs.
    pub starts_at: DateTime<Utc>,
    /// Minutes at the patient's home.
    pub duration_min: u32,
    /// Of each inner list she must hold at least one. The registered nurse herself (N5 of the
    /// catalogue) is no certificate and does not stand here.
    pub certificates: Vec<Vec<String>>,
    /// The patient's sex.
    pub patient_sex: Sex,
    /// An item must be done by a nurse of the patient's sex.
    pub requires_same_sex: bool,
}

impl OrderFacts {
    /// The time at the patient's home, a minute at the least.
    pub fn visit(&self) -> Span {
        let minutes = TimeDelta::minutes(i64::from(self.duration_min.max(1)));
        Span::new(self.starts_at, self.starts_at + minutes)
    }
}

/// When the question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Looking for nurses.
    Match,
    /// She accepts, or a coordinator assigns her.
    Accept,
    /// She sets out.
    Depart,
}

impl Stage {
    /// Whether a filter is asked at this stage. What may lapse in between (R1, R2, R21), and the wish
    /// for a nurse of the same sex (R10), is asked at all three. A missing place only bars automatic
    /// matching: a coordinator may know the way.
    pub const fn asks(self, filter: Filter) -> bool {
        match self {
            Self::Match => true,
            Self::Accept => !matches!(filter, Filter::Place),
            Self::Depart => matches!(
                filter,
                Filter::Active
                    | Filter::Registration
                    | Filter::Insurance
                    | Filter::Certificates
                    | Filter::Sex
            ),
        }
    }
}

/// A hard filter; the declaration order is the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filter {
    /// In the roster and able to log in.
    Active,
    /// R1: registration, title, years, training, health certificate.
    Registration,
    /// R21: accident and liability insurance.
    Insurance,
    /// R2: certificates of the items.
    Certificates,
    /// R3: her institution has the items open.
    Institution,
    /// Refused by or for the patient.
    Refused,
    /// Nurse of the patient's sex where an item asks for it.
    Sex,
    /// R23: on duty, not away, not on shift in the hospital.
    Shift,
    /// R23: no other visit at that time, travel included.
    Overlap,
    /// Her base point and the place of the address are known.
    Place,
    /// Within her own radius.
    Distance,
    /// Below her own number of visits a day.
    DailyCap,
    /// Rested after a night shift.
    Rest,
}

impl Filter {
    /// Every filter, in order.
    pub const ALL: &'static [Self] = &[
        Self::Active,
        Self::Registration,
        Self::Insurance,
        Self::Certificates,
        Self::Institution,
        Self::Refused,
        Self::Sex,
        Self::Shift,
        Self::Overlap,
        Self::Place,
        Self::Distance,
        Self::DailyCap,
        Self::Rest,
    ];
}

/// Every reason why `nurse` may not take `order`, in the order of the filters. Empty: she may.
pub fn judge(nurse: &NurseFacts, order: &OrderFacts, rules: &Rules, stage: Stage) -> Vec<Reason> {
    let case = filters::Case::new(nurse, order, rules);
    let mut reasons = Vec::new();
    for filter in Filter::ALL
        .iter()
        .copied()
        .filter(|filter| stage.asks(*filter))
    {
        case.ask(filter, &mut reasons);
    }
    reasons
}

#[cfg(test)]
mod tests;
