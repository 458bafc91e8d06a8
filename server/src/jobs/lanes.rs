//! Lanes: jobs that are claimed and run apart, so that none waits for those of another lane. Each has its own worker in
//! each process.

use std::time::Duration;

use chrono::TimeDelta;
use entity::enums::JobLane;

use super::kind;
use crate::gateway;

/// How a lane works.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Jobs that one process runs at once. A worker claims no more than it can begin.
    pub at_once: usize,
    /// Longest time a job may take; then it is broken off and tried again.
    pub longest: Duration,
    /// Seconds until it is tried again the first time; twice as long with each further one.
    pub retry_s: i64,
}

/// A message is handed over, and what came of it written down.
const SENDING: Duration = Duration::from_secs(gateway::TIMEOUT.as_secs() + 5);
/// What claiming and settling may take besides.
const MARGIN: TimeDelta = TimeDelta::seconds(15);

/// How a lane works.
pub(super) const fn pace(lane: JobLane) -> Pace {
    match lane {
        JobLane::Urgent => Pace {
            at_once: 40,
            longest: SENDING,
            retry_s: 2,
        },
        JobLane::Work => Pace {
            at_once: 4,
            longest: Duration::from_secs(30),
            retry_s: 10,
        },
        JobLane::Messages => Pace {
            at_once: 10,
            longest: SENDING,
            retry_s: 10,
        },
    }
}

/// How long claimed jobs are held when at most so many of them run one after the other: longer than all of them may take,
/// so that no other worker runs one again while it still runs.
pub fn lease(lane: JobLane, in_turn: u32) -> TimeDelta {
    let longest = TimeDelta::from_std(pace(lane).longest).unwrap_or(TimeDelta::MAX);
    MARGIN + longest * i32::try_from(in_turn).unwrap_or(i32::MAX)
}

/// The lane of a kind of job. A message says itself how urgent it is.
pub(crate) fn of_kind(kind: &str) -> JobLane {
    match kind {
        kind::SOS_ESCALATION | kind::OVERDUE => JobLane::Urgent,
        kind::SEND_MESSAGE => JobLane::Messages,
        _ => JobLane::Work,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_outlasts_what_was_claimed_with_it() {
        for lane in JobLane::ALL.iter().copied() {
            let pace = pace(lane);
            for in_turn in [1, 2, 20, 200] {
                let held = lease(lane, in_turn).to_std().expect("positive");
                assert!(held > pace.longest * in_turn, "{lane}");
            }
        }
        for lane in [JobLane::Urgent, JobLane::Messages] {
            assert!(pace(lane).longest > gateway::TIMEOUT, "{lane}");
        }
    }

    #[test]
    fn the_safety_of_a_nurse_is_looked_after_apart() {
        for (kind, lane) in [
            (kind::SOS_ESCALATION, JobLane::Urgent),
            (kind::OVERDUE, JobLane::Urgent),
            (kind::SEND_MESSAGE, JobLane::Messages),
            (kind::DISPATCH, JobLane::Work),
        ] {
            assert_eq!(of_kind(kind), lane, "{kind}");
        }
    }
}
