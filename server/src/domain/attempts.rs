//! Tries that must not be repeated without end, and how long a door stays shut after too many.

use chrono::{DateTime, TimeDelta, Utc};

/// Tries at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// When.
    pub at: DateTime<Utc>,
    /// How many.
    pub count: i64,
}

/// Until when the door is shut: for a whole `window` from the last try, when within a window before it there were
/// `most` or more. Tries that stand further apart than that are each forgotten after a window. `None`: it is open.
pub fn shut_until(
    tries: &[Tries],
    most: i64,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let last = tries.iter().map(|tries| tries.at).max()?;
    let since = last - window;
    let count: i64 = tries
        .iter()
        .filter(|tries| tries.at > since)
        .map(|tries| tries.count)
        .sum();
    (count >= most && now < last + window).then_some(last + window)
}

/// How far back [`shut_until`] looks: to a window before a try that may be a window old.
pub fn looks_back(window: TimeDelta) -> TimeDelta {
    window * 2
}

/// Seconds to wait until a moment, at least one.
pub fn seconds_until(until: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
    // What is left of a second counts as one, or the caller comes a moment too early.
    let millis = (until - now).num_milliseconds().max(0).unsigned_abs();
    millis.div_ceil(1_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_times::at;

    const WINDOW: TimeDelta = TimeDelta::minutes(15);

    fn tries(times: &[&str]) -> Vec<Tries> {
        times
            .iter()
            .map(|time| Tries {
                at: at(&format!("2026-03-02 {time}")),
                count: 1,
            })
            .collect()
    }

    fn shut(times: &[&str], now: &str) -> Option<DateTime<Utc>> {
        let now = at(&format!("2026-03-02 {now}"));
        shut_until(&tries(times), 3, WINDOW, now)
    }

    #[test]
    fn the_last_of_too_many_tries_shuts_for_a_whole_window() {
        // No full quarter of an hour on the clock matters.
        let many = ["09:05", "09:10", "09:14"];
        assert_eq!(shut(&many[..2], "09:15"), None);
        assert_eq!(shut(&many, "09:14"), Some(at("2026-03-02 09:29")));
        assert_eq!(shut(&many, "09:28"), Some(at("2026-03-02 09:29")));
        assert_eq!(shut(&many, "09:29"), None);
    }

    #[test]
    fn tries_a_window_apart_do_not_add_up() {
        assert_eq!(shut(&["09:00", "09:10", "09:15"], "09:15"), None);
        assert!(shut(&["09:01", "09:10", "09:15"], "09:15").is_some());
        // After the lock the old ones are forgotten, though they are still looked at.
        assert_eq!(shut(&["09:05", "09:10", "09:14", "09:29"], "09:29"), None);
        assert_eq!(shut(&[], "09:00"), None);
    }

    #[test]
    fn tries_of_one_moment_count_each() {
        let moment = at("2026-03-02 09:00");
        let three = [Tries {
            at: moment,
            count: 3,
        }];
        assert!(shut_until(&three, 3, WINDOW, moment).is_some());
        assert!(shut_until(&three, 4, WINDOW, moment).is_none());
    }

    #[test]
    fn a_part_of_a_second_is_waited_for() {
        let now = at("2026-03-02 09:00");
        let after = |millis| seconds_until(now + TimeDelta::milliseconds(millis), now);
        assert_eq!([0, 1, 1_000, 1_001].map(after), [1, 1, 1, 2]);
    }
}
