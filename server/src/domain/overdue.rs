//! The overdue watch (R15): when a nurse who has not set out or has not left is missed, and what is done then.

use chrono::{DateTime, TimeDelta, Utc};

/// What is known of a visit that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// When she got it.
    pub accepted_at: DateTime<Utc>,
    /// When she set out.
    pub departed_at: Option<DateTime<Utc>>,
    /// When the procedure began.
    pub started_at: Option<DateTime<Utc>>,
    /// From when her time was planned, travel included.
    pub busy_from: DateTime<Utc>,
    /// Planned start at the patient's.
    pub starts_at: DateTime<Utc>,
    /// Planned end at the patient's.
    pub ends_at: DateTime<Utc>,
    /// It goes on; else it is over for everybody but her, who has to leave yet.
    pub live: bool,
}

/// When she should leave: as planned, later by as much as she set out or began later.
pub fn expected_end(visit: &Watched) -> DateTime<Utc> {
    let by_departure = visit.departed_at.map_or(visit.ends_at, |departed| {
        departed + (visit.ends_at - visit.busy_from)
    });
    let by_start = visit.started_at.map_or(visit.ends_at, |started| {
        started + (visit.ends_at - visit.starts_at)
    });
    visit.ends_at.max(by_departure).max(by_start)
}

/// From when she is asked, while the visit goes on: some time after she should have set out, then after she should have
/// left. Who got it late had to get ready first.
pub fn due(visit: &Watched, margin_min: u32) -> DateTime<Utc> {
    let planned = match visit.departed_at {
        None => visit.busy_from.max(visit.accepted_at),
        Some(_) => expected_end(visit),
    };
    planned + minutes(margin_min)
}

/// When somebody is called whom she did not answer. Who did not tell that she set out may have no signal and tells it
/// later, so until she should be back she is not missed.
fn missed_at(
    visit: &Watched,
    asked: DateTime<Utc>,
    margin_min: u32,
    answer_min: u32,
) -> DateTime<Utc> {
    let unanswered = asked + minutes(answer_min);
    match visit.departed_at {
        None => unanswered.max(expected_end(visit) + minutes(margin_min)),
        Some(_) => unanswered,
    }
}

fn minutes(count: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(count))
}

/// How far a watch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// From when she is missed.
    pub due_at: DateTime<Utc>,
    /// When she was asked.
    pub asked_at: Option<DateTime<Utc>>,
    /// When somebody was called.
    pub told_at: Option<DateTime<Utc>>,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look again then.
    Wait(DateTime<Utc>),
    /// Ask the nurse, and look again after the time she has to answer.
    Ask,
    /// Call somebody who looks after it.
    Tell,
    /// Call further people, unless somebody looks after it.
    Escalate,
}

/// The next step of a watch. A visit whose plan moved on since the watch began is waited for; one that is broken off has
/// no plan.
pub fn step(
    watch: &Watch,
    visit: &Watched,
    now: DateTime<Utc>,
    margin_min: u32,
    answer_min: u32,
) -> Step {
    let from = if visit.live {
        due(visit, margin_min).max(watch.due_at)
    } else {
        watch.due_at
    };
    match (watch.asked_at, watch.told_at) {
        (_, Some(_)) => Step::Escalate,
        (None, None) if now < from => Step::Wait(from),
        (None, None) => Step::Ask,
        (Some(asked), None) => {
            let missed = missed_at(visit, asked, margin_min, answer_min);
            if now < missed {
                Step::Wait(missed)
            } else {
                Step::Tell
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
    }

    fn visit() -> Watched {
        Watched {
            accepted_at: at(-500),
            departed_at: Some(at(0)),
            started_at: None,
            busy_from: at(0),
            starts_at: at(30),
            ends_at: at(90),
            live: true,
        }
    }

    #[test]
    fn the_expected_end_moves_with_departure_and_start() {
        assert_eq!(expected_end(&visit()), at(90));
        let early = Watched {
            departed_at: Some(at(-60)),
            ..visit()
        };
        assert_eq!(expected_end(&early), at(90));
        let late = Watched {
            departed_at: Some(at(20)),
            ..visit()
        };
        assert_eq!(expected_end(&late), at(110));
        let begun_late = Watched {
            started_at: Some(at(70)),
            ..visit()
        };
        assert_eq!(expected_end(&begun_late), at(130));
    }

    #[test]
    fn she_is_asked_first_and_the_coordinator_told_later() {
        let fresh = Watch {
            due_at: at(120),
            asked_at: None,
            told_at: None,
        };
        let step = |watch: &Watch, now| step(watch, &visit(), now, 30, 15);
        assert_eq!(step(&fresh, at(119)), Step::Wait(at(120)));
        assert_eq!(step(&fresh, at(120)), Step::Ask);
        let asked = Watch {
            asked_at: Some(at(120)),
            ..fresh
        };
        assert_eq!(step(&asked, at(134)), Step::Wait(at(135)));
        assert_eq!(step(&asked, at(135)), Step::Tell);
        let told = Watch {
            told_at: Some(at(135)),
            ..asked
        };
        assert_eq!(
            step(&told, at(137)),
            Step::Escalate,
            "until somebody takes it"
        );
        // Her answer moved it on.
        let fine = Watch {
            due_at: at(200),
            ..fresh
        };
        assert_eq!(step(&fine, at(150)), Step::Wait(at(200)));
    }

    #[test]
    fn a_visit_broken_off_is_not_waited_for_until_its_planned_end() {
        let broken_off = Watch {
            due_at: at(50),
            asked_at: None,
            told_at: None,
        };
        let over = Watched {
            live: false,
            ..visit()
        };
        assert_eq!(step(&broken_off, &over, at(49), 30, 15), Step::Wait(at(50)));
        assert_eq!(step(&broken_off, &over, at(50), 30, 15), Step::Ask);
    }

    #[test]
    fn who_does_not_tell_that_she_set_out_is_asked_in_time_and_missed_when_she_should_be_back() {
        let at_home = Watched {
            departed_at: None,
            ..visit()
        };
        assert_eq!(
            due(&at_home, 30),
            at(30),
            "half an hour after she should go"
        );
        let late = Watched {
            accepted_at: at(10),
            ..at_home
        };
        assert_eq!(due(&late, 30), at(40), "she got it late");
        let fresh = Watch {
            due_at: at(30),
            asked_at: None,
            told_at: None,
        };
        let step = |watch: &Watch, now| step(watch, &at_home, now, 30, 15);
        assert_eq!(step(&fresh, at(29)), Step::Wait(at(30)));
        assert_eq!(step(&fresh, at(30)), Step::Ask);
        let asked = Watch {
            asked_at: Some(at(30)),
            ..fresh
        };
        assert_eq!(step(&asked, at(45)), Step::Wait(at(120)));
        assert_eq!(step(&asked, at(120)), Step::Tell);
    }
}
