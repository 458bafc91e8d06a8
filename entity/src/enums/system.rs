//! Rules, jobs, messages and events.

use super::prelude::*;

text_enum! {
    /// Family of versioned rule files.
    RuleSetKind {
        /// Items, certificates, screening.
        Catalogue = "catalogue",
        /// Prices and fees.
        Prices = "prices",
        /// Holidays and make-up workdays.
        Holidays = "holidays",
        /// Vital signs and their ranges.
        Vitals = "vitals",
        /// Texts that are consented to.
        Consents = "consents",
        /// When two nurses go, and who has to be there.
        VisitRules = "visit_rules",
        /// Indwelling devices and when they come due for review.
        Devices = "devices",
        /// What a visit record asks for, item by item.
        RecordForms = "record_forms",
        /// Kinds of adverse events, tubes and incidents.
        Harm = "harm",
        /// Library of rehabilitation exercises.
        Exercises = "exercises",
        /// Questionnaires of follow-up.
        Questionnaires = "questionnaires",
        /// Red flags: what they look at, deadlines, owners, texts.
        RedFlags = "red_flags",
        /// Scales: items, points, bands.
        Scales = "scales",
        /// Schedules of follow-up after discharge.
        FollowUp = "follow_up",
        /// Indicators of follow-up: days, windows, who is counted.
        Indicators = "indicators",
        /// What other contracts and insurances pay for.
        Entitlements = "entitlements",
    }
}

text_enum! {
    /// State of a job.
    JobState {
        /// Waiting for its time.
        Ready = "ready",
        /// Leased by a worker.
        Running = "running",
        /// Done.
        Done = "done",
        /// Gave up after its last try; shown by `jiahu doctor`.
        Failed = "failed",
    }
}

text_enum! {
    /// Jobs that are claimed and run apart from those of the others.
    JobLane {
        /// Somebody may be in danger, or waits at a door or a login.
        Urgent = "urgent",
        /// What the system does by itself.
        Work = "work",
        /// All other messages to phones.
        Messages = "messages",
    }
}

text_enum! {
    /// State of a message to a person.
    MessageState {
        /// Not handed over yet.
        Waiting = "waiting",
        /// The gateway took it.
        Sent = "sent",
        /// The gateway says that it reached the phone.
        Delivered = "delivered",
        /// The gateway says that it did not reach the phone.
        Undelivered = "undelivered",
        /// The gateway refused it for good, or did not take it after all tries.
        Failed = "failed",
        /// Not needed any more when its time came; the cause says why.
        Dropped = "dropped",
    }
}

text_enum! {
    /// Why a message was dropped.
    MessageDrop {
        /// Its follow-up task was over: answered, refused, stopped, lost.
        TaskOver = "task_over",
        /// Its link was used, or another one took its place.
        LinkVoid = "link_void",
        /// There was no hour of contact left before the last day of its task.
        TooLate = "too_late",
    }
}

text_enum! {
    /// What an event is about.
    SubjectKind {
        /// An order, with its offers and visit.
        Order = "order",
        /// A patient.
        Patient = "patient",
        /// A nurse and her certificates.
        Nurse = "nurse",
        /// An account.
        Account = "account",
        /// An institution and its open items.
        Institution = "institution",
        /// The community and its rule files.
        Community = "community",
    }
}
