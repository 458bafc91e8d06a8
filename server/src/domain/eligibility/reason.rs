//! Why not: each reason carries what a reader needs to put it right.

mod text;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{NurseTitle, Sex};

use super::Filter;

/// Why a nurse may not take an order. Codes are stable; texts are for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not in the roster any more, or locked out.
    Inactive,
    /// Registration begins after the visit.
    LicenceNotYetValid {
        /// First day.
        from: NaiveDate,
    },
    /// Registration ends before the visit is over.
    LicenceExpired {
        /// Last day.
        to: NaiveDate,
    },
    /// Title below the lowest allowed.
    TitleTooLow {
        /// Lowest allowed.
        needed: NurseTitle,
    },
    /// Too few full years of practice on the visit date.
    ExperienceShort {
        /// First day of practice.
        since: NaiveDate,
        /// Full years needed.
        years: u32,
    },
    /// Training not passed by the visit date.
    TrainingMissing,
    /// No health certificate.
    HealthCertMissing,
    /// Health certificate ends before the visit is over.
    HealthCertExpired {
        /// Last day.
        to: NaiveDate,
    },
    /// No accident insurance.
    AccidentInsuranceMissing,
    /// Accident insurance ends before the visit is over.
    AccidentInsuranceExpired {
        /// Last day.
        to: NaiveDate,
    },
    /// No liability insurance.
    LiabilityInsuranceMissing,
    /// Liability insurance ends before the visit is over.
    LiabilityInsuranceExpired {
        /// Last day.
        to: NaiveDate,
    },
    /// None of these certificates.
    CertificateMissing {
        /// Any of these kinds would do.
        any_of: Vec<String>,
    },
    /// Nobody has checked the certificate.
    CertificateUnverified {
        /// Kind.
        kind: String,
    },
    /// The certificate was taken back.
    CertificateRevoked {
        /// Kind.
        kind: String,
    },
    /// The certificate begins after the visit.
    CertificateNotYetValid {
        /// Kind.
        kind: String,
        /// First day.
        from: NaiveDate,
    },
    /// The certificate ends before the visit is over.
    CertificateExpired {
        /// Kind.
        kind: String,
        /// Last day.
        to: NaiveDate,
    },
    /// Her institution has not opened the item.
    ItemNotOpen {
        /// Item code.
        item: String,
    },
    /// Patient and nurse are not to meet.
    RefusedPair,
    /// A nurse of the patient's sex is needed.
    WrongSex {
        /// Sex needed.
        needed: Sex,
    },
    /// Not on duty for the whole visit.
    OffDuty,
    /// On leave.
    OnLeave {
        /// Until when.
        to: DateTime<Utc>,
    },
    /// On shift in the hospital.
    OnShift {
        /// Until when.
        to: DateTime<Utc>,
    },
    /// Another visit at that time, travel and buffer included.
    Overlap {
        /// From when the other visit takes her.
        from: DateTime<Utc>,
        /// Until when.
        to: DateTime<Utc>,
    },
    /// The base point of the nurse or the place of the address is not known.
    NoPlace,
    /// Beyond her own radius.
    TooFar {
        /// Metres in a straight line, rounded up.
        distance_m: u32,
        /// Her radius in metres.
        radius_m: u32,
    },
    /// As many visits that day as she is ready to make.
    DailyCap {
        /// Visits she has.
        visits: u32,
        /// Visits she is ready to make.
        cap: u32,
    },
    /// Not rested after a night shift.
    RestAfterNight {
        /// Until when.
        until: DateTime<Utc>,
    },
}

impl Reason {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Inactive => "nurse_inactive",
            Self::LicenceNotYetValid { .. } => "licence_not_yet_valid",
            Self::LicenceExpired { .. } => "licence_expired",
            Self::TitleTooLow { .. } => "title_too_low",
            Self::ExperienceShort { .. } => "experience_short",
            Self::TrainingMissing => "training_missing",
            Self::HealthCertMissing => "health_cert_missing",
            Self::HealthCertExpired { .. } => "health_cert_expired",
            Self::AccidentInsuranceMissing => "accident_insurance_missing",
            Self::AccidentInsuranceExpired { .. } => "accident_insurance_expired",
            Self::LiabilityInsuranceMissing => "liability_insurance_missing",
            Self::LiabilityInsuranceExpired { .. } => "liability_insurance_expired",
            Self::CertificateMissing { .. } => "certificate_missing",
            Self::CertificateUnverified { .. } => "certificate_unverified",
            Self::CertificateRevoked { .. } => "certificate_revoked",
            Self::CertificateNotYetValid { .. } => "certificate_not_yet_valid",
            Self::CertificateExpired { .. } => "certificate_expired",
            Self::ItemNotOpen { .. } => "item_not_open",
            Self::RefusedPair => "refused_pair",
            Self::WrongSex { .. } => "wrong_sex",
            Self::OffDuty => "off_duty",
            Self::OnLeave { .. } => "on_leave",
            Self::OnShift { .. } => "on_shift",
            Self::Overlap { .. } => "overlap",
            Self::NoPlace => "no_place",
            Self::TooFar { .. } => "too_far",
            Self::DailyCap { .. } => "daily_cap",
            Self::RestAfterNight { .. } => "rest_after_night",
        }
    }

    /// The filter that gives it.
    pub const fn filter(&self) -> Filter {
        match self {
            Self::Inactive => Filter::Active,
            Self::LicenceNotYetValid { .. }
            | Self::LicenceExpired { .. }
            | Self::TitleTooLow { .. }
            | Self::ExperienceShort { .. }
            | Self::TrainingMissing
            | Self::HealthCertMissing
            | Self::HealthCertExpired { .. } => Filter::Registration,
            Self::AccidentInsuranceMissing
            | Self::AccidentInsuranceExpired { .. }
            | Self::LiabilityInsuranceMissing
            | Self::LiabilityInsuranceExpired { .. } => Filter::Insurance,
            Self::CertificateMissing { .. }
            | Self::CertificateUnverified { .. }
            | Self::CertificateRevoked { .. }
            | Self::CertificateNotYetValid { .. }
            | Self::CertificateExpired { .. } => Filter::Certificates,
            Self::ItemNotOpen { .. } => Filter::Institution,
            Self::RefusedPair => Filter::Refused,
            Self::WrongSex { .. } => Filter::Sex,
            Self::OffDuty | Self::OnLeave { .. } | Self::OnShift { .. } => Filter::Shift,
            Self::Overlap { .. } => Filter::Overlap,
            Self::NoPlace => Filter::Place,
            Self::TooFar { .. } => Filter::Distance,
            Self::DailyCap { .. } => Filter::DailyCap,
            Self::RestAfterNight { .. } => Filter::Rest,
        }
    }
}
