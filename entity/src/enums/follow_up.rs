//! Discharges and follow-up.

use super::prelude::*;

text_enum! {
    /// How a discharge came in.
    DischargeSource {
        /// Typed by somebody of the ward.
        Ward = "ward",
        /// A row of a list.
        List = "list",
        /// The signed feed of the hospital's system.
        Feed = "feed",
        /// An encounter of a FHIR bundle.
        Fhir = "fhir",
    }
}

text_enum! {
    /// State of a discharge.
    DischargeState {
        /// As it was first told.
        Active = "active",
        /// Put right since.
        Corrected = "corrected",
        /// It was an error.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Whether a stay in hospital was planned.
    AdmissionKind {
        /// Nobody had planned it.
        Unplanned = "unplanned",
        /// A cycle of a chemotherapy.
        Chemotherapy = "chemotherapy",
        /// The next stage of an operation.
        StagedSurgery = "staged_surgery",
        /// Planned otherwise.
        Planned = "planned",
    }
}

text_enum! {
    /// State of a follow-up plan.
    FollowPlanState {
        /// Its contacts are planned.
        Active = "active",
        /// All its contacts are over.
        Finished = "finished",
        /// Ended before its end; the cause says why.
        Stopped = "stopped",
    }
}

text_enum! {
    /// Why a plan or a task was stopped.
    FollowStop {
        /// In hospital again.
        Readmitted = "readmitted",
        /// The person died.
        Died = "died",
        /// The person wants no more calls.
        Refused = "refused",
        /// Moved out of reach of the community.
        Moved = "moved",
        /// What was followed is over: healed, removed, settled.
        Completed = "completed",
        /// The discharge was an error.
        Cancelled = "cancelled",
        /// The discharge was corrected; another plan took its place.
        Corrected = "corrected",
        /// Two records were one person's; another task serves what this one did.
        Merged = "merged",
        /// Each day of its window has another contact; nobody is called twice on a day.
        Crowded = "crowded",
    }
}

text_enum! {
    /// State of a follow-up task.
    FollowTaskState {
        /// Its window is not open yet.
        Waiting = "waiting",
        /// To be done now.
        Open = "open",
        /// The person was reached; the answers are still to come.
        Reached = "reached",
        /// Done.
        Done = "done",
        /// Not reached, after enough attempts at different days and hours.
        Lost = "lost",
        /// The window ended before enough was tried.
        Missed = "missed",
        /// Not needed any more; the cause says why.
        Stopped = "stopped",
    }
}

text_enum! {
    /// When a task counts as done.
    FollowResolve {
        /// Somebody was reached.
        Reached = "reached",
        /// Its questionnaires are answered.
        Answered = "answered",
        /// Somebody was there.
        Visited = "visited",
    }
}

text_enum! {
    /// By what a task was resolved.
    FollowResolution {
        /// An attempt that reached somebody.
        Contact = "contact",
        /// Answers to its questionnaires.
        Answers = "answers",
        /// A visit at home.
        Visit = "visit",
        /// Enough attempts that reached nobody.
        Attempts = "attempts",
        /// The end of its window.
        Window = "window",
        /// The end of what it serves.
        Stop = "stop",
    }
}

text_enum! {
    /// A way to reach somebody, in the order in which they are tried.
    ContactChannel {
        /// A form in WeChat.
        Wechat = "wechat",
        /// A link in a text message.
        Sms = "sms",
        /// A call by a nurse.
        Phone = "phone",
        /// A visit by the village doctor.
        VillageDoctor = "village_doctor",
        /// A visit by a nurse.
        Visit = "visit",
    }
}

text_enum! {
    /// What came of an attempt to reach somebody.
    ContactResult {
        /// The person answered.
        ReachedSelf = "reached_self",
        /// Somebody else answered for them.
        ReachedProxy = "reached_proxy",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The number is not theirs.
        WrongNumber = "wrong_number",
        /// They want no more contact.
        Refused = "refused",
        /// The person died.
        Died = "died",
        /// In hospital again.
        Readmitted = "readmitted",
        /// Moved out of reach.
        Moved = "moved",
    }
}

text_enum! {
    /// A number that shows how well people are looked after once they are home.
    Indicator {
        /// Reached within days of the discharge, of all to whom a contact was due.
        FollowUp = "follow_up",
        /// Tried to be reached within those days, of all to whom a contact was due.
        Attempted = "attempted",
        /// Reached within those days, of those whom somebody tried to reach.
        Reached = "reached",
        /// Lost, of contacts that are over.
        Lost = "lost",
        /// Closed before its deadline, of red flags.
        RedFlagInTime = "red_flag_in_time",
        /// In hospital again unplanned, of discharges.
        Readmission = "readmission",
        /// How the Barthel index changed, on average.
        BarthelChange = "barthel_change",
        /// Independent by the modified Rankin scale, of strokes.
        MrsGood = "mrs_good",
        /// Take their antithrombotic drugs.
        DrugsTaken = "drugs_taken",
        /// Exercises done, of those planned over seven days.
        RehabAdherence = "rehab_adherence",
    }
}
