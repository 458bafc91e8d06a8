//! When a message about a task goes out, and whether it still does: asked when it is made and again when its time comes,
//! for a server or a gateway may have been away meanwhile.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{FollowTaskState, MessageDrop};

use super::super::calendar::{Calendar, local_date};
use super::{FollowUpRules, is_live, next_hour};

/// A task as its messages see it.
#[derive(Clone, Copy, Debug)]
pub struct Addressed {
    /// Its state.
    pub state: FollowTaskState,
    /// Due day.
    pub due_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
}

/// What becomes of a message whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoesOut {
    /// It goes out.
    Now,
    /// It waits for the hours of contact.
    At(DateTime<Utc>),
    /// It is not needed any more.
    Never(MessageDrop),
}

/// When a message about a task goes out: at the next moment at which people may be contacted, on a day off only when there
/// is no working day up to the due day, afterwards up to the last day; never after that day.
pub fn link_hour(
    rules: &FollowUpRules,
    calendar: &Calendar,
    from: DateTime<Utc>,
    (due_on, ends_on): (NaiveDate, NaiveDate),
) -> Option<DateTime<Utc>> {
    let in_time = next_hour(rules, calendar, from, due_on);
    let at = if local_date(in_time) <= due_on {
        in_time
    } else {
        next_hour(rules, calendar, from, ends_on)
    };
    (local_date(at) <= ends_on).then_some(at)
}

/// Whether a message about a task goes out now. `void`: the link in it opens nothing any more.
pub fn goes_out(
    rules: &FollowUpRules,
    calendar: &Calendar,
    now: DateTime<Utc>,
    task: &Addressed,
    void: bool,
) -> GoesOut {
    if !is_live(task.state) {
        return GoesOut::Never(MessageDrop::TaskOver);
    }
    if void {
        return GoesOut::Never(MessageDrop::LinkVoid);
    }
    match link_hour(rules, calendar, now, (task.due_on, task.ends_on)) {
        None => GoesOut::Never(MessageDrop::TooLate),
        Some(at) if at > now => GoesOut::At(at),
        Some(_) => GoesOut::Now,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::follow_up::LIVE;
    use crate::domain::seed;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00+08:00").parse().expect("a time")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    // 2026-03-06 is a Friday.
    #[rstest]
    #[case::within(
        "2026-03-02T09:00",
        "2026-03-03",
        "2026-03-06",
        Some("2026-03-02T09:00")
    )]
    #[case::last_minute(
        "2026-03-02T17:29",
        "2026-03-03",
        "2026-03-06",
        Some("2026-03-02T17:29")
    )]
    #[case::after_hours(
        "2026-03-02T17:30",
        "2026-03-03",
        "2026-03-06",
        Some("2026-03-03T08:30")
    )]
    #[case::night(
        "2026-03-03T02:00",
        "2026-03-03",
        "2026-03-06",
        Some("2026-03-03T08:30")
    )]
    #[case::weekend_waits(
        "2026-03-06T20:00",
        "2026-03-09",
        "2026-03-12",
        Some("2026-03-09T08:30")
    )]
    #[case::due_at_the_weekend(
        "2026-03-06T20:00",
        "2026-03-07",
        "2026-03-10",
        Some("2026-03-07T08:30")
    )]
    #[case::overdue_waits_for_monday(
        "2026-03-06T20:00",
        "2026-03-06",
        "2026-03-09",
        Some("2026-03-09T08:30")
    )]
    #[case::last_day_is_a_day_off(
        "2026-03-06T20:00",
        "2026-03-05",
        "2026-03-08",
        Some("2026-03-07T08:30")
    )]
    #[case::last_evening("2026-03-05T17:30", "2026-03-02", "2026-03-05", None)]
    fn a_message_goes_out_within_the_hours_up_to_the_last_day(
        #[case] from: &str,
        #[case] due_on: &str,
        #[case] ends_on: &str,
        #[case] expected: Option<&str>,
    ) {
        let days = (day(due_on), day(ends_on));
        let next = link_hour(seed::follow_up(), seed::calendar(), at(from), days);
        assert_eq!(next, expected.map(at));
    }

    #[test]
    fn what_is_over_void_or_too_late_is_dropped_with_its_cause() {
        let asked = |state, now: &str, void| {
            let task = Addressed {
                state,
                due_on: day("2026-03-02"),
                ends_on: day("2026-03-05"),
            };
            goes_out(seed::follow_up(), seed::calendar(), at(now), &task, void)
        };
        let open = FollowTaskState::Open;
        assert_eq!(asked(open, "2026-03-03T08:30", false), GoesOut::Now);
        let morning = GoesOut::At(at("2026-03-03T08:30"));
        assert_eq!(asked(open, "2026-03-03T08:29", false), morning);
        let never = GoesOut::Never;
        assert_eq!(
            asked(open, "2026-03-03T08:30", true),
            never(MessageDrop::LinkVoid)
        );
        assert_eq!(
            asked(open, "2026-03-05T17:30", false),
            never(MessageDrop::TooLate)
        );
        for state in FollowTaskState::ALL {
            let over = asked(*state, "2026-03-03T02:00", false) == never(MessageDrop::TaskOver);
            assert_eq!(over, !LIVE.contains(state), "{state}");
        }
    }
}
