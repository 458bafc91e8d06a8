//! How long things are kept that have no further use, and when they are looked for. Orders, records and events
//! are proof and are not among them.

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::calendar::{day_start, local_date};

/// Local time of the daily clean-up, after midnight: few people are about.
const AT: TimeDelta = TimeDelta::minutes(3 * 60 + 30);

/// How long each kind of thing is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Answers kept for retries, hours after they were given; at least [`Retention::SHORTEST_ANSWERS_H`].
    pub answers_h: u32,
    /// One-time codes after their end, and rate counters after the start of their window, days.
    pub codes_days: u32,
    /// Sessions and refresh tokens after their end, days: long enough to look into a theft.
    pub sessions_days: u32,
    /// A nurse's way after her visit is closed or called off, days (field guide §1.3: whereabouts are sensitive).
    pub tracks_days: u32,
}

impl Retention {
    /// A day more than a late act is believed: one that was done, its answer lost, is told again within that time and
    /// must meet its answer, not run a second time.
    pub const SHORTEST_ANSWERS_H: u32 = 192;
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            answers_h: Self::SHORTEST_ANSWERS_H,
            codes_days: 7,
            sessions_days: 90,
            tracks_days: 30,
        }
    }
}

/// Before which moment each kind of thing has no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoffs {
    /// Of [`Retention::answers_h`].
    pub answers: DateTime<Utc>,
    /// Of [`Retention::codes_days`].
    pub codes: DateTime<Utc>,
    /// Of [`Retention::sessions_days`].
    pub sessions: DateTime<Utc>,
    /// Of [`Retention::tracks_days`].
    pub tracks: DateTime<Utc>,
}

impl Retention {
    /// The cutoffs of a moment.
    pub fn cutoffs(&self, now: DateTime<Utc>) -> Cutoffs {
        let days = |days: u32| now - TimeDelta::days(i64::from(days));
        Cutoffs {
            answers: now - TimeDelta::hours(i64::from(self.answers_h)),
            codes: days(self.codes_days),
            sessions: days(self.sessions_days),
            tracks: days(self.tracks_days),
        }
    }
}

/// The next time to clean up, always later than `now`: 03:30 in `Asia/Shanghai`.
pub fn next_clean_up(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = local_date(now);
    let at = day_start(today) + AT;
    if now < at {
        return at;
    }
    day_start(today.checked_add_days(Days::new(1)).unwrap_or(today)) + AT
}

#[cfg(test)]
mod tests {
    use super::super::sync;
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn an_answer_is_kept_longer_than_a_late_act_is_believed() {
        let kept = TimeDelta::hours(i64::from(Retention::SHORTEST_ANSWERS_H));
        assert!(kept >= sync::OLDEST + TimeDelta::days(1));
    }

    #[test]
    fn the_next_clean_up_is_half_past_three_in_shanghai() {
        let first = utc("2026-03-01T19:30:00Z");
        assert_eq!(next_clean_up(utc("2026-03-01T19:29:59Z")), first);
        assert_eq!(next_clean_up(first), utc("2026-03-02T19:30:00Z"));
        // 07:59 and 08:01 in Shanghai, on both sides of midnight in UTC.
        assert_eq!(
            next_clean_up(utc("2026-03-01T23:59:00Z")),
            utc("2026-03-02T19:30:00Z")
        );
        assert_eq!(
            next_clean_up(utc("2026-03-02T00:01:00Z")),
            utc("2026-03-02T19:30:00Z")
        );
    }

    #[test]
    fn cutoffs_go_back_from_now() {
        let cutoffs = Retention::default().cutoffs(utc("2026-06-30T00:00:00Z"));
        let expected = Cutoffs {
            answers: utc("2026-06-22T00:00:00Z"),
            codes: utc("2026-06-23T00:00:00Z"),
            sessions: utc("2026-04-01T00:00:00Z"),
            tracks: utc("2026-05-31T00:00:00Z"),
        };
        assert_eq!(cutoffs, expected);
    }
}
