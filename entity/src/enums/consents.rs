//! Consents, and how people show who they are.

use super::prelude::*;

text_enum! {
    /// How the patient agreed that somebody acts for them.
    ConsentBasis {
        /// The patient is the account's owner.
        Oneself = "oneself",
        /// The patient said so, in writing.
        Written = "written",
        /// The patient said so, in words, noted by the booker.
        Verbal = "verbal",
        /// Guardian of a minor or of someone without capacity.
        Guardianship = "guardianship",
    }
}

text_enum! {
    /// What a consent is for. Health data and location are asked apart from care (PIPL Art. 29).
    ConsentPurpose {
        /// What is done on a visit.
        Care = "care",
        /// Keeping and using health data.
        HealthData = "health_data",
        /// Keeping and using the place of the home and of the nurse on her way.
        Location = "location",
    }
}

text_enum! {
    /// By what a nurse recognises a patient. Never a face.
    PatientIdentifier {
        /// The name, as the patient says it.
        Name = "name",
        /// The birth date, as the patient says it.
        BirthDate = "birth_date",
        /// The last four characters of the id number.
        IdLast4 = "id_last4",
        /// The phone, by calling it.
        Phone = "phone",
        /// A card: identity, insurance or the patient's own.
        Card = "card",
        /// Somebody of the family or the village says who it is.
        Witness = "witness",
    }
}

text_enum! {
    /// On whose device a consent was signed.
    ConsentDevice {
        /// The nurse's.
        Nurse = "nurse",
        /// The family's.
        Family = "family",
        /// At a desk, or on paper brought there.
        Desk = "desk",
    }
}
