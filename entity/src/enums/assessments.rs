//! First assessments and prescriptions.

use super::prelude::*;

text_enum! {
    /// How a first assessment was made.
    AssessmentMode {
        /// From the record, without a visit.
        Remote = "remote",
        /// On a visit.
        Visit = "visit",
    }
}

text_enum! {
    /// What a first assessment says of items.
    AssessmentResult {
        /// Fit for a visit at home.
        Approved = "approved",
        /// Fit under conditions.
        ApprovedWithConditions = "approved_with_conditions",
        /// Not fit; the reason says why, the advice where to go.
        Refused = "refused",
    }
}

text_enum! {
    /// Where the drug of a prescription comes from.
    DrugSource {
        /// The institution that visits brings it.
        Institution = "institution",
        /// Dispensed by a hospital's or licensed pharmacy, with its receipt.
        Pharmacy = "pharmacy",
    }
}
