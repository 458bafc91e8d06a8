//! What the days of a discharge may be.

use chrono::NaiveDate;

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
