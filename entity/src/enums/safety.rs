//! Alerts, arrivals in question, alarms and reports.

use super::prelude::*;

text_enum! {
    /// What an alert is about.
    AlertKind {
        /// On arrival a hard screening answer; the visit was broken off.
        ScreeningHard = "screening_hard",
        /// A measured value beyond a critical limit.
        CriticalValue = "critical_value",
        /// A prescription was withdrawn that an order relies on.
        PrescriptionWithdrawn = "prescription_withdrawn",
        /// A consent was withdrawn that an order relies on: to health data or location, or to care while the nurse is there.
        ConsentWithdrawn = "consent_withdrawn",
        /// A procedure was broken off, and its record is not signed yet.
        RecordOwed = "record_owed",
        /// The first assessment does not hold any more, and the nurse is on her way or at the door.
        AssessmentLapsed = "assessment_lapsed",
        /// An order takes more nurses than it has, or somebody of the family, or the patient's record stands against it.
        GatesChanged = "gates_changed",
        /// A procedure was broken off, and its waste is not back yet.
        WasteOwed = "waste_owed",
        /// A nurse should have left long since, or nothing was heard of her, and she does not answer.
        NurseMissed = "nurse_missed",
        /// A scale fell into a band that needs a person.
        ScaleBand = "scale_band",
        /// A red flag is up.
        RedFlag = "red_flag",
    }
}

text_enum! {
    /// How soon an alert has to be looked at.
    AlertSeverity {
        /// Today.
        Warning = "warning",
        /// At once.
        Critical = "critical",
    }
}

text_enum! {
    /// What became of an alert.
    AlertResult {
        /// A home-care order.
        Order = "order",
        /// Sent to a hospital or clinic.
        Referral = "referral",
        /// Advice was enough.
        Advice = "advice",
    }
}

text_enum! {
    /// State of an alarm.
    SosState {
        /// Nobody has taken it; it goes on to further people.
        Open = "open",
        /// Somebody looks after the nurse.
        Taken = "taken",
        /// Over.
        Closed = "closed",
    }
}

text_enum! {
    /// How an alarm ended.
    SosOutcome {
        /// Settled by talking or by somebody who went there.
        Helped = "helped",
        /// The police came.
        Police = "police",
        /// Somebody needed medical help.
        Medical = "medical",
        /// There was no danger.
        FalseAlarm = "false_alarm",
        /// Otherwise; the note tells.
        Other = "other",
    }
}

text_enum! {
    /// Why an arrival is in question.
    ArrivalDoubt {
        /// Beyond the fence.
        Outside = "outside",
        /// No place to judge.
        NoFix = "no_fix",
        /// The device says that its place is simulated.
        Mock = "mock",
    }
}

text_enum! {
    /// Why there was no place to judge.
    NoFixCause {
        /// The person did not allow it.
        Denied = "denied",
        /// No fix in time.
        Timeout = "timeout",
        /// Location is switched off.
        Off = "off",
        /// A fix without a usable accuracy.
        NoAccuracy = "no_accuracy",
        /// The address has no point to compare with.
        AddressUnknown = "address_unknown",
    }
}

text_enum! {
    /// What shows that a nurse was at the door without a good fix.
    ArrivalProof {
        /// A one-time code from the family's phone.
        Code = "code",
        /// The patient's printed card.
        Card = "card",
        /// The family confirmed it in their app.
        Family = "family",
        /// A fix inside the fence that came after the arrival.
        Place = "place",
    }
}

text_enum! {
    /// What a coordinator decided of an arrival in question.
    ArrivalDecision {
        /// She was there.
        Accepted = "accepted",
        /// She was not, or it cannot be told.
        Rejected = "rejected",
    }
}

text_enum! {
    /// State of a proposed point.
    ProposalState {
        /// Waits for the family or a coordinator.
        Open = "open",
        /// It is the address's point now.
        Accepted = "accepted",
        /// The old point was right.
        Rejected = "rejected",
    }
}

text_enum! {
    /// State of a warning about an address.
    WarningState {
        /// Written by a nurse after a visit; counts when staff set it.
        Proposed = "proposed",
        /// Shown to who goes there.
        Active = "active",
        /// Replaced or taken back.
        Ended = "ended",
    }
}

text_enum! {
    /// What a safety report is about.
    ReportSort {
        /// Harm to a patient, or nearly.
        AdverseEvent = "adverse_event",
        /// Something that went wrong around a visit.
        Incident = "incident",
    }
}

text_enum! {
    /// State of a safety report.
    ReportState {
        /// Nobody has looked at it.
        Reported = "reported",
        /// Somebody looks into it.
        Reviewing = "reviewing",
        /// Closed with a finding.
        Closed = "closed",
    }
}

text_enum! {
    /// How bad it was.
    HarmSeverity {
        /// No harm.
        None = "none",
        /// Slight; no treatment needed.
        Mild = "mild",
        /// Treatment needed.
        Moderate = "moderate",
        /// Lasting or life-threatening.
        Severe = "severe",
        /// The patient died.
        Death = "death",
    }
}
