//! Who may hear of an event in the live stream. Kinds say which group hears of them; this says who belongs to it.

use std::collections::BTreeSet;

use entity::ids::{CommunityId, InstitutionId, NurseId, PatientId};

use super::event::Audience;

/// Whom an event concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concern {
    /// The tenant.
    pub community: CommunityId,
    /// Institution.
    pub institution: Option<InstitutionId>,
    /// Patient.
    pub patient: Option<PatientId>,
    /// Nurse.
    pub nurse: Option<NurseId>,
}

/// What somebody who listens may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The tenant.
    pub community: CommunityId,
    /// As staff: institutions within reach.
    pub institutions: BTreeSet<InstitutionId>,
    /// As family: patients cared for.
    pub patients: BTreeSet<PatientId>,
    /// As nurse: herself.
    pub nurse: Option<NurseId>,
}

impl Sight {
    /// Sees nothing.
    pub fn blind(community: CommunityId) -> Self {
        Self {
            community,
            institutions: BTreeSet::new(),
            patients: BTreeSet::new(),
            nurse: None,
        }
    }

    /// True when an event for this audience may be heard: within the community, by family through the patient,
    /// by the nurse whom it names, by staff through the institution.
    pub fn may_hear(&self, audience: Audience, concern: &Concern) -> bool {
        let family = || {
            concern
                .patient
                .is_some_and(|patient| self.patients.contains(&patient))
        };
        concern.community == self.community
            && (audience.family && family()
                || audience.nurse && self.is_nurse(concern)
                || audience.staff && self.is_staff(concern))
    }

    /// True when the event may tell which nurse it is about: to staff and to herself. A family learns of her
    /// through the order, which knows when that is right.
    pub fn may_know_nurse(&self, concern: &Concern) -> bool {
        self.is_nurse(concern) || self.is_staff(concern)
    }

    fn is_nurse(&self, concern: &Concern) -> bool {
        concern.nurse.is_some() && concern.nurse == self.nurse
    }

    fn is_staff(&self, concern: &Concern) -> bool {
        concern
            .institution
            .is_some_and(|institution| self.institutions.contains(&institution))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::EventKind;
    use uuid::Uuid;

    fn id<T: From<Uuid>>(number: u128) -> T {
        Uuid::from_u128(number).into()
    }

    fn concern() -> Concern {
        Concern {
            community: id(1),
            institution: Some(id(2)),
            patient: Some(id(3)),
            nurse: Some(id(4)),
        }
    }

    fn family() -> Sight {
        Sight {
            patients: [id(3)].into(),
            ..Sight::blind(id(1))
        }
    }

    fn nurse() -> Sight {
        Sight {
            nurse: Some(id(4)),
            ..Sight::blind(id(1))
        }
    }

    fn staff() -> Sight {
        Sight {
            institutions: [id(2), id(20)].into(),
            ..Sight::blind(id(1))
        }
    }

    #[test]
    fn each_group_hears_of_what_concerns_it() {
        for (kind, by_family, by_nurse, by_staff) in [
            (EventKind::OrderAccepted, true, true, true),
            (EventKind::OfferMade, false, true, true),
            (EventKind::DispatchWidened, false, false, true),
            (EventKind::SessionRevoked, false, false, false),
        ] {
            let hears = |sight: Sight| sight.may_hear(kind.audience(), &concern());
            assert_eq!(hears(family()), by_family, "{kind:?}");
            assert_eq!(hears(nurse()), by_nurse, "{kind:?}");
            assert_eq!(hears(staff()), by_staff, "{kind:?}");
            assert!(!hears(Sight::blind(id(1))), "{kind:?}");
        }
    }

    #[test]
    fn another_patient_nurse_institution_or_community_is_not_heard_of() {
        let audience = EventKind::OrderAccepted.audience();
        let all = Sight {
            patients: family().patients,
            nurse: nurse().nurse,
            ..staff()
        };
        assert!(all.may_hear(audience, &concern()));
        let elsewhere = Concern {
            community: id(9),
            ..concern()
        };
        assert!(!all.may_hear(audience, &elsewhere));
        let other = Concern {
            institution: Some(id(9)),
            patient: Some(id(9)),
            nurse: Some(id(9)),
            ..concern()
        };
        assert!(!all.may_hear(audience, &other));
        let nobody = Concern {
            institution: None,
            patient: None,
            nurse: None,
            ..concern()
        };
        assert!(!all.may_hear(audience, &nobody));
        assert!(!Sight::blind(id(1)).may_hear(audience, &nobody));
    }

    #[test]
    fn the_nurse_is_named_to_staff_and_herself_only() {
        assert!(staff().may_know_nurse(&concern()));
        assert!(nurse().may_know_nurse(&concern()));
        assert!(!family().may_know_nurse(&concern()));
    }
}
