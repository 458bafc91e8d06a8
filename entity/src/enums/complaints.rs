//! Complaints.

use super::prelude::*;

text_enum! {
    /// What a complaint is about.
    ComplaintAbout {
        /// The care itself.
        Care = "care",
        /// How somebody behaved.
        Conduct = "conduct",
        /// Late, or not come.
        Punctuality = "punctuality",
        /// What it cost.
        Price = "price",
        /// What was told to others.
        Privacy = "privacy",
        /// Something else.
        Other = "other",
    }
}

text_enum! {
    /// Where a complaint stands.
    ComplaintState {
        /// Nobody looks after it.
        Filed = "filed",
        /// Somebody does.
        Assigned = "assigned",
        /// Answered; the family may appeal once.
        Answered = "answered",
        /// The answer was not accepted; a supervisor answers.
        Appealed = "appealed",
        /// Over.
        Closed = "closed",
    }
}
