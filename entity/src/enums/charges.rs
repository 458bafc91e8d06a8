//! What else pays for care, and what an order is charged.

use super::prelude::*;

text_enum! {
    /// What else pays for care.
    EntitlementKind {
        /// A contract with a family doctor.
        FamilyDoctorContract = "family_doctor_contract",
        /// The long-term-care insurance.
        LongTermCareInsurance = "long_term_care_insurance",
    }
}

text_enum! {
    /// Whether an order is charged.
    ChargeState {
        /// Charged as priced; of an order that ended without a service, what was kept of it.
        Due = "due",
        /// Something else may pay for it: nothing is charged before somebody has decided.
        UnderReview = "under_review",
        /// Somebody decided that it is charged all the same.
        Charge = "charge",
        /// Somebody decided that something else pays, for all of it or a part.
        PaidElsewhere = "paid_elsewhere",
    }
}
