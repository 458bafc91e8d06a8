//! Who may act for a patient: relation, consent, guardians of minors.

use entity::enums::{CarerRelation, ConsentBasis};

use super::{ADULT_AGE, PatientError};

/// Most carers of a patient.
pub const MAX_CARERS: usize = 20;

/// Whether somebody can be a carer. Minors are acted for by a parent or guardian; who only looks may be
/// anybody. Consent "oneself" is the patient's own; guardianship is never a village doctor's or call centre's.
pub fn check_carer(
    age_years: u16,
    relation: CarerRelation,
    consent: ConsentBasis,
    may_book: bool,
) -> Result<(), PatientError> {
    use CarerRelation::{CallCentre, Oneself, VillageDoctor};
    if (relation == Oneself) != (consent == ConsentBasis::Oneself) {
        return Err(PatientError::ConsentMismatch);
    }
    let guardianship = consent == ConsentBasis::Guardianship;
    if guardianship && matches!(relation, VillageDoctor | CallCentre) {
        return Err(PatientError::ConsentMismatch);
    }
    if age_years < ADULT_AGE && may_book {
        if !is_guardian(relation) {
            return Err(PatientError::GuardianRequired);
        }
        if !guardianship {
            return Err(PatientError::ConsentMismatch);
        }
    }
    Ok(())
}

const fn is_guardian(relation: CarerRelation) -> bool {
    matches!(relation, CarerRelation::Parent | CarerRelation::Guardian)
}

/// As whom somebody stands before a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Staff whose institutions include the patient's.
    Staff,
    /// A carer.
    Carer {
        /// What the carer is to the patient.
        relation: CarerRelation,
        /// May act, not only look.
        may_book: bool,
    },
    /// Sees the patient for another reason: the nurse of a visit.
    Visitor,
}

impl Standing {
    /// Whether this person may book and change things for a patient of that age. What a role may do at
    /// all is decided before.
    pub fn check_may_act(self, age_years: u16) -> Result<(), PatientError> {
        match self {
            Self::Staff => Ok(()),
            Self::Carer {
                relation,
                may_book: true,
            } if age_years >= ADULT_AGE || is_guardian(relation) => Ok(()),
            Self::Carer { may_book: true, .. } => Err(PatientError::GuardianRequired),
            Self::Carer { .. } | Self::Visitor => Err(PatientError::MayNotAct),
        }
    }

    /// The same as a yes or no.
    pub fn may_act(self, age_years: u16) -> bool {
        self.check_may_act(age_years).is_ok()
    }
}

/// Who registers a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registrar {
    /// Somebody who becomes the first carer.
    Family,
    /// Staff that names a carer by phone.
    StaffWithCarer,
    /// Staff with nothing but the patient's consent.
    Staff,
}

impl Registrar {
    /// Staff may name a carer; a family is the carer.
    pub fn of(staff: bool, carer_named: bool) -> Result<Self, PatientError> {
        match (staff, carer_named) {
            (false, false) => Ok(Self::Family),
            (false, true) => Err(PatientError::CarerNamed),
            (true, true) => Ok(Self::StaffWithCarer),
            (true, false) => Ok(Self::Staff),
        }
    }
}

/// Whether somebody may register a patient of that age; the relation of the first carer, if there will
/// be one.
pub fn check_registration(
    registrar: Registrar,
    age_years: u16,
    relation: Option<CarerRelation>,
    consent: ConsentBasis,
) -> Result<Option<CarerRelation>, PatientError> {
    if registrar == Registrar::Staff {
        // Somebody has to answer for a minor, so a carer must be named.
        return if age_years < ADULT_AGE {
            Err(PatientError::GuardianRequired)
        } else {
            Ok(None)
        };
    }
    let relation = relation.ok_or(PatientError::RelationMissing)?;
    check_carer(age_years, relation, consent, true)?;
    Ok(Some(relation))
}

/// Whether one carer of a list may go. The last one who may book stays: nobody could act for the patient then.
pub fn may_end(carer_may_book: bool, others_who_may_book: usize) -> bool {
    !carer_may_book || others_who_may_book > 0
}
