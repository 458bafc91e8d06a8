//! The life of a complaint (R19): filed, taken by an owner, answered within its clock, appealed at most once, closed.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::ComplaintState;

/// What is done to a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody looks after it from now on.
    Assign,
    /// It is answered.
    Answer,
    /// The answer is not accepted.
    Appeal,
    /// It is over.
    Close,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 4] = [Self::Assign, Self::Answer, Self::Appeal, Self::Close];
}

/// Where a step leads; none: it cannot be taken now. `appealed` before: the second answer is the last.
pub fn next(state: ComplaintState, step: Step, appealed: bool) -> Option<ComplaintState> {
    use ComplaintState::{Answered, Appealed, Assigned, Closed, Filed};
    match (state, step) {
        (Filed | Assigned, Step::Assign) => Some(Assigned),
        // Whoever appeals is answered by a supervisor, whoever owns it.
        (Appealed, Step::Assign) => Some(Appealed),
        (Assigned | Appealed, Step::Answer) => Some(Answered),
        (Answered, Step::Appeal) if !appealed => Some(Appealed),
        (Answered, Step::Close) => Some(Closed),
        _ => None,
    }
}

/// Whether somebody is still owed an answer.
pub const fn waits(state: ComplaintState) -> bool {
    matches!(
        state,
        ComplaintState::Filed | ComplaintState::Assigned | ComplaintState::Appealed
    )
}

/// Until when an answer is owed.
pub fn due(from: DateTime<Utc>, hours: u32) -> DateTime<Utc> {
    from + TimeDelta::hours(i64::from(hours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ComplaintState::{Answered, Appealed, Assigned, Closed, Filed};

    #[test]
    fn a_complaint_goes_its_way_and_no_other() {
        let allowed = [
            (Filed, Step::Assign, Assigned),
            (Assigned, Step::Assign, Assigned),
            (Assigned, Step::Answer, Answered),
            (Answered, Step::Appeal, Appealed),
            (Answered, Step::Close, Closed),
            (Appealed, Step::Assign, Appealed),
            (Appealed, Step::Answer, Answered),
        ];
        for state in [Filed, Assigned, Answered, Appealed, Closed] {
            for step in Step::ALL {
                let found = allowed.iter().find(|one| (one.0, one.1) == (state, step));
                assert_eq!(
                    next(state, step, false),
                    found.map(|one| one.2),
                    "{state} {step:?}"
                );
            }
        }
        assert_eq!(next(Answered, Step::Appeal, true), None);
        assert_eq!(next(Answered, Step::Close, true), Some(Closed));
    }

    #[test]
    fn an_answer_is_owed_until_there_is_one() {
        let owed = [Filed, Assigned, Answered, Appealed, Closed].map(waits);
        assert_eq!(owed, [true, true, false, true, false]);
        let at = DateTime::UNIX_EPOCH;
        assert_eq!(due(at, 72), at + TimeDelta::days(3));
    }
}
