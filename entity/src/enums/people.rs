//! Accounts, institutions, nurses and patients.

use super::prelude::*;

text_enum! {
    /// What an account may be (design: the people).
    Role {
        /// Books for a patient: the family, the patient, a village doctor, a call centre.
        Family = "family",
        /// Accepts orders and visits.
        Nurse = "nurse",
        /// Assigns by hand and looks after what is late.
        Coordinator = "coordinator",
        /// Reviews screenings and assesses.
        Doctor = "doctor",
        /// The nursing department.
        Supervisor = "supervisor",
        /// Accounts and keys.
        Admin = "admin",
        /// Who read what.
        Auditor = "auditor",
    }
}

text_enum! {
    /// Life of an account.
    AccountStatus {
        /// Invited, has not set a password yet.
        Invited = "invited",
        /// May log in.
        Active = "active",
        /// May not log in; its sessions are revoked.
        Disabled = "disabled",
    }
}

text_enum! {
    /// Language of texts for a person.
    Language {
        /// Simplified Chinese, the default.
        Zh = "zh-CN",
        /// English.
        En = "en",
    }
}

text_enum! {
    /// Kind of institution.
    InstitutionKind {
        /// The lead hospital of the community.
        LeadHospital = "lead_hospital",
        /// A township health centre.
        HealthCentre = "health_centre",
    }
}

text_enum! {
    /// Administrative sex, as the id number carries it.
    Sex {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
    }
}

text_enum! {
    /// Professional title of a nurse, lowest first. Home visits need `NursePractitioner` or above (rule R1).
    NurseTitle {
        /// 护士.
        Nurse = "nurse",
        /// 护师.
        NursePractitioner = "nurse_practitioner",
        /// 主管护师.
        SeniorNurse = "senior_nurse",
        /// 副主任护师.
        DeputyChiefNurse = "deputy_chief_nurse",
        /// 主任护师.
        ChiefNurse = "chief_nurse",
    }
}

text_enum! {
    /// Why a nurse is away.
    LeaveKind {
        /// Leave of any sort.
        Leave = "leave",
        /// On shift in the hospital.
        HospitalShift = "hospital_shift",
        /// On night shift; the rest rule applies after it.
        NightShift = "night_shift",
    }
}

text_enum! {
    /// Kind of identity document (field guide §6.2).
    IdKind {
        /// 居民身份证, 18 characters with a checksum.
        ResidentId = "resident_id",
        /// 港澳台居民居住证, the same rule, prefixes 81, 82, 83.
        HmtResidencePermit = "hmt_residence_permit",
        /// 外国人永久居留身份证.
        ForeignPermanentResident = "foreign_permanent_resident",
        /// A passport.
        Passport = "passport",
        /// None yet: a newborn under the mother's id.
        NewbornNone = "newborn_none",
    }
}

text_enum! {
    /// What a carer is to the patient.
    CarerRelation {
        /// The patient.
        Oneself = "oneself",
        /// Husband or wife.
        Spouse = "spouse",
        /// Son or daughter.
        Child = "child",
        /// Mother or father.
        Parent = "parent",
        /// Legal guardian.
        Guardian = "guardian",
        /// Another relative.
        Relative = "relative",
        /// Village doctor, booking with consent.
        VillageDoctor = "village_doctor",
        /// Call centre, booking with consent.
        CallCentre = "call_centre",
    }
}

text_enum! {
    /// Sort of health fact.
    HealthFactKind {
        /// Allergy or intolerance.
        Allergy = "allergy",
        /// Diagnosis.
        Diagnosis = "diagnosis",
        /// Condition that screening asks about; its code is one of the catalogue's.
        Condition = "condition",
    }
}

text_enum! {
    /// What was decided on two patients who may be one.
    DuplicateState {
        /// Nobody has looked yet.
        Open = "open",
        /// They are two people.
        Dismissed = "dismissed",
        /// They were one, and are merged.
        Merged = "merged",
    }
}
