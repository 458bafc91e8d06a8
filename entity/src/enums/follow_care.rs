//! Scales, rehabilitation, and what is answered between visits.

use super::prelude::*;

text_enum! {
    /// Whose task a red flag is.
    FlagOwner {
        /// A doctor's.
        Doctor = "doctor",
        /// The patient's nurse's; without one, the coordinators'.
        Nurse = "nurse",
    }
}

text_enum! {
    /// Who filled a scale in.
    ScaleRater {
        /// A nurse.
        Nurse = "nurse",
        /// A doctor.
        Doctor = "doctor",
        /// A coordinator.
        Coordinator = "coordinator",
        /// The patient.
        Patient = "patient",
        /// Somebody of the family, for the patient.
        Proxy = "proxy",
    }
}

text_enum! {
    /// State of a rehabilitation plan.
    RehabState {
        /// It is done at home.
        Active = "active",
        /// Ended; the cause says why.
        Stopped = "stopped",
    }
}

text_enum! {
    /// Why a rehabilitation plan ended.
    RehabStop {
        /// The goal is reached.
        GoalReached = "goal_reached",
        /// The patient or the family wants no more.
        Refused = "refused",
        /// In hospital.
        Admitted = "admitted",
        /// The patient's state does not allow it.
        Unwell = "unwell",
        /// Another plan takes its place.
        Replaced = "replaced",
        /// The patient died.
        Died = "died",
        /// Otherwise; the note tells.
        Other = "other",
    }
}

text_enum! {
    /// State of an exercise of a plan.
    RehabExerciseState {
        /// Waits for a nurse or doctor.
        Proposed = "proposed",
        /// On the plan.
        Approved = "approved",
        /// Not taken up.
        Declined = "declined",
        /// Not on the plan any more.
        Ended = "ended",
    }
}

text_enum! {
    /// What came of an exercise.
    RehabOutcome {
        /// Done.
        Done = "done",
        /// Looked at; nobody said that it was done.
        Opened = "opened",
        /// Not done; the reason says why.
        Skipped = "skipped",
    }
}

text_enum! {
    /// Why an exercise was not done.
    SkipReason {
        /// It hurts.
        Pain = "pain",
        /// Tired.
        Tired = "tired",
        /// Unwell.
        Unwell = "unwell",
        /// No time.
        NoTime = "no_time",
        /// Nobody there to help.
        NoHelper = "no_helper",
        /// Forgotten.
        Forgot = "forgot",
        /// It is not clear how it is done.
        Unclear = "unclear",
        /// Otherwise.
        Other = "other",
    }
}

text_enum! {
    /// How answers came.
    SheetSource {
        /// Asked on the phone.
        Call = "call",
        /// Asked at home.
        Visit = "visit",
        /// Given through a link.
        Link = "link",
    }
}

text_enum! {
    /// What told a number of a patient.
    ReadingSource {
        /// The record of a visit.
        Visit = "visit",
        /// Answers to a follow-up task.
        Answers = "answers",
        /// A scale that was filled in.
        Scale = "scale",
        /// A tap after an exercise.
        Exercise = "exercise",
        /// Family or nurse, by itself.
        Own = "own",
    }
}

text_enum! {
    /// Why a scale of a follow-up task is not filled in.
    ScaleSkip {
        /// The person does not want to.
        Refused = "refused",
        /// The person cannot do what it asks.
        Unable = "unable",
        /// What makes it safe is not at hand.
        Unsafe = "unsafe",
        /// It does not apply any more.
        NotApplicable = "not_applicable",
    }
}
