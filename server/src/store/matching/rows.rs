//! Rows that matching reads.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{AccountStatus, LeaveKind, NurseTitle, Sex};
use entity::ids::{AccountId, InstitutionId, NurseId, OrderId};
use sea_orm::FromQueryResult;

use crate::domain::patient::wish_holds;

/// A nurse with her place.
#[derive(Clone, Debug, FromQueryResult)]
pub struct NurseRow {
    /// Who.
    pub id: NurseId,
    /// Where she works.
    pub institution_id: InstitutionId,
    /// Her account.
    pub account_id: Option<AccountId>,
    /// Her sealed name.
    pub name_enc: String,
    /// On the roster.
    pub active: bool,
    /// State of her account; none without an account.
    pub account_status: Option<AccountStatus>,
    /// Her sex.
    pub sex: Sex,
    /// Her title.
    pub title: NurseTitle,
    /// First day of her registration.
    pub licence_from: NaiveDate,
    /// Last day of her registration.
    pub licence_to: NaiveDate,
    /// First day of practice.
    pub practice_since: NaiveDate,
    /// Training for home visits.
    pub training_passed_on: Option<NaiveDate>,
    /// Last day of her health certificate.
    pub health_cert_to: Option<NaiveDate>,
    /// Last day of her accident insurance.
    pub accident_insurance_to: Option<NaiveDate>,
    /// Last day of her liability insurance.
    pub liability_insurance_to: Option<NaiveDate>,
    /// Base point.
    pub base_lng: Option<f64>,
    /// Base point.
    pub base_lat: Option<f64>,
    /// Point of her institution.
    pub institution_lng: f64,
    /// Point of her institution.
    pub institution_lat: f64,
    /// Metres she is ready to go.
    pub service_radius_m: i64,
    /// Visits a day she is ready to make.
    pub daily_cap: i32,
    /// Not to meet the patient.
    pub apart: bool,
}

/// A certificate.
#[derive(Clone, Debug, FromQueryResult)]
pub struct CertificateRow {
    /// Whose.
    pub nurse_id: NurseId,
    /// Kind.
    pub kind: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Checked at.
    pub verified_at: Option<DateTime<Utc>>,
    /// Taken back at.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A weekly duty window.
#[derive(Clone, Debug, FromQueryResult)]
pub struct DutyRow {
    /// Whose.
    pub nurse_id: NurseId,
    /// ISO weekday, 1 to 7.
    pub weekday: i32,
    /// Local minutes.
    pub start_min: i32,
    /// Local minutes.
    pub end_min: i32,
}

/// An absence.
#[derive(Clone, Debug, FromQueryResult)]
pub struct LeaveRow {
    /// Whose.
    pub nurse_id: NurseId,
    /// Why.
    pub kind: LeaveKind,
    /// From.
    pub starts_at: DateTime<Utc>,
    /// To.
    pub ends_at: DateTime<Utc>,
}

/// A live visit around the time, with its place.
#[derive(Clone, Debug, FromQueryResult)]
pub struct VisitRow {
    /// Whose.
    pub nurse_id: NurseId,
    /// For which order.
    pub order_id: OrderId,
    /// At the patient's.
    pub starts_at: DateTime<Utc>,
    /// At the patient's.
    pub ends_at: DateTime<Utc>,
    /// Travel and buffer included.
    pub busy_from: DateTime<Utc>,
    /// Travel and buffer included.
    pub busy_to: DateTime<Utc>,
    /// Still to be done.
    pub live: bool,
    /// Place of the order.
    pub lng: Option<f64>,
    /// Place of the order.
    pub lat: Option<f64>,
}

/// What matching asks of a patient.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct PatientRow {
    /// Sex.
    pub sex: Sex,
    /// Only a nurse of the same sex may come.
    pub same_sex_nurse: bool,
    /// Since when; unknown of a wish that is older than this column.
    pub same_sex_since: Option<DateTime<Utc>>,
}

impl PatientRow {
    /// Whether only a nurse of the same sex may come, as of a moment.
    pub fn wants_same_sex(&self, at: DateTime<Utc>) -> bool {
        wish_holds(self.same_sex_nurse, self.same_sex_since, at)
    }
}
