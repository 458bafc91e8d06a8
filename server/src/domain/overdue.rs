//! The overdue watch (R15): when a nurse who has not left is missed, and what is done then.

use chrono::{DateTime, TimeDelta, Utc};

/// What is known of a visit under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// When she set out.
    pub departed_at: DateTime<Utc>,
    /// When the procedure began.
    pub started_at: Option<DateTime<Utc>>,
    /// From when her time was planned, travel included.
    pub busy_from: DateTime<Utc>,
    /// Planned start at the patient's.
    pub starts_at: DateTime<Utc>,
    /// Planned end at the patient's.
    pub ends_at: DateTime<Utc>,
}

/// When she should leave: as planned, later by as much as she set out or began later.
pub fn expected_end(visit: &UnderWay) -> DateTime<Utc> {
    let by_departure = visit.departed_at + (visit.ends_at - visit.busy_from);
    let by_start = visit.started_at.map_or(visit.ends_at, |started| {
        started + (visit.ends_at - visit.starts_at)
    });
    visit.ends_at.max(by_departure).max(by_start)
}

/// How far a watch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// From when she is missed.
    pub due_at: DateTime<Utc>,
    /// When she was asked.
    pub asked_at: Option<DateTime<Utc>>,
    /// When a coordinator was told.
    pub told_at: Option<DateTime<Utc>>,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look again then.
    Wait(DateTime<Utc>),
    /// Ask the nurse, and look again after the time she has to answer.
    Ask,
    /// Tell a coordinator.
    Tell,
    /// A person looks after it.
    Nothing,
}

/// The next step of a watch. A visit whose expected end moved on since the watch began is waited for; one that was broken
/// off has none.
pub fn step(
    watch: &Watch,
    expected_end: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    margin_min: u32,
    answer_min: u32,
) -> Step {
    let minutes = |minutes: u32| TimeDelta::minutes(i64::from(minutes));
    let planned = expected_end.map(|end| end + minutes(margin_min));
    let due = planned.map_or(watch.due_at, |planned| planned.max(watch.due_at));
    match (watch.asked_at, watch.told_at) {
        (_, Some(_)) => Step::Nothing,
        (None, None) if now < due => Step::Wait(due),
        (None, None) => Step::Ask,
        (Some(asked), None) if now < asked + minutes(answer_min) => {
            Step::Wait(asked + minutes(answer_min))
        }
        (Some(_), None) => Step::Tell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
    }

    fn visit() -> UnderWay {
        UnderWay {
            departed_at: at(0),
            started_at: None,
            busy_from: at(0),
            starts_at: at(30),
            ends_at: at(90),
        }
    }

    #[test]
    fn the_expected_end_moves_with_departure_and_start() {
        assert_eq!(expected_end(&visit()), at(90));
        let early = UnderWay {
            departed_at: at(-60),
            ..visit()
        };
        assert_eq!(expected_end(&early), at(90));
        let late = UnderWay {
            departed_at: at(20),
            ..visit()
        };
        assert_eq!(expected_end(&late), at(110));
        let begun_late = UnderWay {
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
        let step = |watch: &Watch, now| step(watch, Some(at(90)), now, 30, 15);
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
        assert_eq!(step(&told, at(500)), Step::Nothing);
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
        assert_eq!(step(&broken_off, None, at(49), 30, 15), Step::Wait(at(50)));
        assert_eq!(step(&broken_off, None, at(50), 30, 15), Step::Ask);
    }
}
