//! Who may act for a patient: relation, consent, guardians of wards (R8; Civil Code art. 19 to 23, 27, 28).

use entity::enums::{CarerRelation, ConsentBasis};

use chrono::NaiveDate;

use super::{ADULT_AGE, PatientError, age_on};

/// Most carers of a patient.
pub const MAX_CARERS: usize = 20;

/// Whether a parent or guardian acts for somebody, today in `Asia/Shanghai`: for a minor, and for an adult without
/// the capacity to act. A spouse or child who was made an adult's guardian is entered as `guardian`.
pub fn is_ward(birth_date: NaiveDate, lacks_capacity: bool, today: NaiveDate) -> bool {
    lacks_capacity || age_on(birth_date, today) < ADULT_AGE
}

/// Whether somebody can be a carer. A ward is acted for by a parent or guardian; who only looks may be
/// anybody. Consent "oneself" is the patient's own; guardianship is never a village doctor's or call centre's.
pub fn check_carer(
    ward: bool,
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
    if ward && may_book {
        if !is_guardian(relation) {
            return Err(PatientError::GuardianRequired);
        }
        if !guardianship {
            return Err(PatientError::ConsentMismatch);
        }
    }
    Ok(())
}

/// Whether a relation lets somebody decide for a ward.
pub const fn is_guardian(relation: CarerRelation) -> bool {
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
    /// Whether this person may change things for a patient, a ward or not. What a role may do at all is
    /// decided before.
    pub fn check_may_act(self, ward: bool) -> Result<(), PatientError> {
        match self {
            Self::Staff => Ok(()),
            Self::Carer {
                relation,
                may_book: true,
            } if !ward || is_guardian(relation) => Ok(()),
            Self::Carer { may_book: true, .. } => Err(PatientError::GuardianRequired),
            Self::Carer { .. } | Self::Visitor => Err(PatientError::MayNotAct),
        }
    }

    /// The same as a yes or no.
    pub fn may_act(self, ward: bool) -> bool {
        self.check_may_act(ward).is_ok()
    }

    /// Whether this person may book (R8). Staff book for a ward on the word of a guardian, who therefore has to be
    /// on record.
    pub fn check_may_book(self, ward: bool, guardian_on_record: bool) -> Result<(), PatientError> {
        self.check_may_act(ward)?;
        if ward && !guardian_on_record {
            return Err(PatientError::GuardianRequired);
        }
        Ok(())
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

/// Whether somebody may register a patient, a ward or not; the relation of the first carer, if there will
/// be one.
pub fn check_registration(
    registrar: Registrar,
    ward: bool,
    relation: Option<CarerRelation>,
    consent: ConsentBasis,
) -> Result<Option<CarerRelation>, PatientError> {
    if registrar == Registrar::Staff {
        // Somebody has to answer for a ward, so a carer must be named.
        return if ward {
            Err(PatientError::GuardianRequired)
        } else {
            Ok(None)
        };
    }
    let relation = relation.ok_or(PatientError::RelationMissing)?;
    check_carer(ward, relation, consent, true)?;
    Ok(Some(relation))
}

/// Whether one carer of a list may go. The last one who may act stays: nobody could act for the patient then.
pub fn may_end(carer_may_act: bool, others_who_may_act: usize) -> bool {
    !carer_may_act || others_who_may_act > 0
}
