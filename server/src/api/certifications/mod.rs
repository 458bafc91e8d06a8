//! Certificates of nurses: added, verified by somebody else, revoked with a reason.

pub mod add_certification;
pub mod revoke_certification;
pub mod verify_certification;

use chrono::{DateTime, NaiveDate, Utc};
use entity::certification::Model;
use entity::ids::{AccountId, CertificationId, NurseId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::roster::CertificateState;
use crate::store;

/// A certificate of a nurse.
#[derive(Debug, Serialize, ToSchema)]
pub struct Certification {
    /// The certificate.
    pub id: CertificationId,
    /// Whose it is.
    pub nurse_id: NurseId,
    /// Kind, one of the catalogue's `certificate_kinds`.
    #[schema(example = "IV")]
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Whether it counts today; only `in_force` does.
    pub state: CertificateState,
    /// Who verified it.
    pub verified_by: Option<AccountId>,
    /// When it was verified.
    pub verified_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why it was taken back.
    pub revoke_reason: Option<String>,
}

impl Certification {
    /// A certificate as it stands on a day.
    pub(super) fn of(row: Model, today: NaiveDate) -> Self {
        Self {
            state: store::certification::state_of(&row, today),
            id: row.id,
            nurse_id: row.nurse_id,
            kind: row.kind,
            number: row.number,
            issuer: row.issuer,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            verified_by: row.verified_by,
            verified_at: row.verified_at,
            revoked_at: row.revoked_at,
            revoke_reason: row.revoke_reason,
        }
    }
}
