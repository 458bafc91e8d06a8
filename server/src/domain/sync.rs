//! Acts that are told later: when they were, and in which order they count (field guide §5.6, §7.3).
//!
//! A phone numbers the acts of each visit from 1 without gaps. That number says what came after what; clocks do not,
//! for they are set wrong and set right in the middle of a day.

use chrono::{DateTime, TimeDelta, Utc};

/// Most acts of one batch.
pub const MOST_ACTIONS: usize = 100;
/// A clock that differs by less is right: the difference is the way of the message.
pub const TOLERANCE: TimeDelta = TimeDelta::seconds(120);
/// Acts told later than this are not believed without a person.
pub const OLDEST: TimeDelta = TimeDelta::days(7);

/// By how much a device's clock is ahead of ours, measured when it speaks to us; zero within the tolerance.
pub fn skew(sent_at: DateTime<Utc>, received_at: DateTime<Utc>) -> TimeDelta {
    let difference = sent_at - received_at;
    if difference.abs() <= TOLERANCE {
        TimeDelta::zero()
    } else {
        difference
    }
}

/// When an act happened, by our clock.
///
/// The device's time less its skew; never after we heard of it, and never before the act that it followed
/// (`floor`), for then the device's clock was changed between the two.
pub fn moment(
    device_at: DateTime<Utc>,
    skew: TimeDelta,
    received_at: DateTime<Utc>,
    floor: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    let at = device_at
        .checked_sub_signed(skew)
        .unwrap_or(received_at)
        .min(received_at);
    floor.map_or(at, |floor| at.max(floor).min(received_at))
}

/// True when an act is told too late to be believed.
pub fn is_too_old(at: DateTime<Utc>, received_at: DateTime<Utc>) -> bool {
    received_at - at > OLDEST
}

/// What a visit's chain says to an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is the next one, or stands outside the chain.
    Now,
    /// An act before it was refused: it waits until that one is put right.
    Held,
    /// An act before it has not been told yet.
    Missing,
    /// Another act stands at its place already.
    Taken,
}

/// Whether it is an act's turn. `applied` is the number of the last act of the chain that took effect, 0 before the
/// first; `refused` whether the one after it was refused. The number of a refused act is free for another try.
pub fn turn(counter: Option<u32>, applied: u32, refused: bool) -> Turn {
    let Some(counter) = counter else {
        return Turn::Now;
    };
    match counter.cmp(&applied.saturating_add(1)) {
        std::cmp::Ordering::Equal => Turn::Now,
        std::cmp::Ordering::Less => Turn::Taken,
        std::cmp::Ordering::Greater if refused => Turn::Held,
        std::cmp::Ordering::Greater => Turn::Missing,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(1_000_000 + minutes)
    }

    #[test]
    fn a_clock_off_by_a_day_is_corrected_and_a_slow_message_is_not() {
        let day = TimeDelta::days(1);
        assert_eq!(skew(at(0) + day, at(0)), day);
        assert_eq!(skew(at(0) - day, at(0)), -day);
        assert_eq!(
            skew(at(0) - TimeDelta::seconds(100), at(0)),
            TimeDelta::zero()
        );
        assert_eq!(moment(at(-300) + day, day, at(0), None), at(-300));
        assert_eq!(moment(at(-300) - day, -day, at(0), None), at(-300));
    }

    #[test]
    fn an_act_is_neither_after_its_telling_nor_before_the_one_it_followed() {
        assert_eq!(moment(at(5), TimeDelta::zero(), at(0), None), at(0));
        assert_eq!(
            moment(at(-9), TimeDelta::zero(), at(0), Some(at(-3))),
            at(-3)
        );
        assert_eq!(moment(at(-9), TimeDelta::zero(), at(0), Some(at(3))), at(0));
    }

    #[test]
    fn acts_older_than_a_week_are_not_believed() {
        assert!(!is_too_old(at(0) - OLDEST, at(0)));
        assert!(is_too_old(at(0) - OLDEST - TimeDelta::seconds(1), at(0)));
    }

    #[test]
    fn a_chain_goes_step_by_step() {
        assert_eq!(turn(Some(1), 0, false), Turn::Now);
        assert_eq!(turn(Some(3), 1, false), Turn::Missing);
        assert_eq!(turn(Some(3), 1, true), Turn::Held);
        assert_eq!(
            turn(Some(2), 1, true),
            Turn::Now,
            "another try at the refused one"
        );
        assert_eq!(turn(Some(1), 1, false), Turn::Taken);
        assert_eq!(turn(None, 7, true), Turn::Now, "an alarm waits for nothing");
        assert_eq!(turn(Some(u32::MAX), u32::MAX, false), Turn::Now);
    }

    proptest! {
        #[test]
        fn moments_keep_their_order(device in proptest::collection::vec(-10_000_i64..10_000, 1..20), skew_min in -3_000_i64..3_000) {
            let received = at(20_000);
            let mut floor = None;
            for minutes in device {
                let when = moment(at(minutes), TimeDelta::minutes(skew_min), received, floor);
                prop_assert!(when <= received);
                prop_assert!(floor.is_none_or(|floor| when >= floor));
                floor = Some(when);
            }
        }
    }
}
