//! Acts that are told later: when they were, and in which order they count (field guide §5.6, §7.3).
//!
//! A phone numbers the acts of each visit from 1 without gaps. That number says what came after what; clocks do not,
//! for they are set wrong and set right in the middle of a day.

use std::collections::{BTreeMap, BTreeSet};

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
/// (`floor`), for then the device's clock was changed between the two. Two acts may have one moment for that.
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

/// A time that a device tells within an act, by our clock: moved as that of the act was.
pub fn corrected(told: DateTime<Utc>, ahead: TimeDelta) -> DateTime<Utc> {
    told.checked_sub_signed(ahead).unwrap_or(told)
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
    /// Its place is done with: another act took effect there, or a person settled what was told in its place.
    Taken,
}

/// What became of an act of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It took effect.
    Applied,
    /// It is an alarm and was raised, whatever its clock showed: its moment may be that of the telling, hours after what
    /// was done next.
    Raised,
    /// A rule refused it.
    Refused,
    /// It waits behind a refused one.
    Held,
    /// It was refused or held, and a person put it right in another way.
    Settled,
}

/// A place of a chain that was told of, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub counter: u32,
    /// When the act was.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub fate: Fate,
}

/// How far the chain of a visit has come on one device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Number of the last act that is done with, as all before it are, 0 before the first: it took effect, or a person
    /// settled whatever was told in its place.
    pub passed: u32,
    /// The latest moment of those that took effect, alarms aside.
    pub at: Option<DateTime<Utc>>,
    /// True when a person settled one of these.
    pub settled: bool,
    /// True when the act after it was refused. Its number is free for another try.
    pub refused: bool,
    /// Numbers beyond, of acts that are done with: an alarm, one that was told at once, one that a person settled.
    ahead: BTreeSet<u32>,
}

impl Chain {
    /// The chain that these places make.
    pub fn of(places: &[Place]) -> Self {
        let mut taken: BTreeMap<u32, &Place> = BTreeMap::new();
        for place in places {
            // One try that is settled says nothing of another at its place.
            let waits = |one: &Place| {
                one.counter == place.counter && matches!(one.fate, Fate::Refused | Fate::Held)
            };
            if matches!(place.fate, Fate::Applied | Fate::Raised) {
                taken.insert(place.counter, place);
            } else if !places.iter().any(waits) {
                taken.entry(place.counter).or_insert(place);
            }
        }
        let mut chain = Self::default();
        while let Some(place) = taken.remove(&chain.next()) {
            chain.passed = place.counter;
            let bound = (place.fate == Fate::Applied).then_some(place.at);
            chain.at = chain.at.max(bound);
            chain.settled |= place.fate == Fate::Settled;
        }
        let next = chain.next();
        let refused = |place: &Place| place.fate == Fate::Refused && place.counter == next;
        chain.refused = places.iter().any(refused);
        chain.ahead = taken.into_keys().collect();
        chain
    }

    /// Whether it is the turn of an act with this number.
    pub fn turn(&self, counter: Option<u32>) -> Turn {
        let Some(counter) = counter else {
            return Turn::Now;
        };
        if counter <= self.passed || self.ahead.contains(&counter) {
            Turn::Taken
        } else if counter == self.next() {
            Turn::Now
        } else if self.refused {
            Turn::Held
        } else {
            Turn::Missing
        }
    }

    /// The place of an act that has taken effect whatever came before it: its own, none when another act stands there.
    pub fn place(&self, counter: Option<u32>) -> Option<u32> {
        counter.filter(|_| self.turn(counter) != Turn::Taken)
    }

    fn next(&self) -> u32 {
        self.passed.saturating_add(1)
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
    fn the_times_within_an_act_move_with_it() {
        let day = TimeDelta::days(1);
        assert_eq!(corrected(at(-310) + day, day), at(-310));
        assert_eq!(corrected(at(-310) - day, -day), at(-310));
        let never = DateTime::<Utc>::MIN_UTC;
        assert_eq!(corrected(never, day), never, "it is not believed anyway");
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

    fn of(fates: &[(Fate, &[u32])]) -> Chain {
        let place = |fate, counter: u32| Place {
            counter,
            at: at(counter.into()),
            fate,
        };
        let places = fates
            .iter()
            .flat_map(|(fate, counters)| counters.iter().map(|counter| place(*fate, *counter)));
        Chain::of(&places.collect::<Vec<_>>())
    }

    fn chain(applied: &[u32], refused: &[u32]) -> Chain {
        of(&[(Fate::Applied, applied), (Fate::Refused, refused)])
    }

    #[test]
    fn a_chain_goes_step_by_step() {
        assert_eq!(chain(&[], &[]).turn(Some(1)), Turn::Now);
        assert_eq!(chain(&[1], &[]).turn(Some(3)), Turn::Missing);
        assert_eq!(chain(&[1], &[2]).turn(Some(3)), Turn::Held);
        let again = chain(&[1], &[2]).turn(Some(2));
        assert_eq!(again, Turn::Now, "another try at the refused one");
        assert_eq!(chain(&[1], &[]).turn(Some(1)), Turn::Taken);
        assert_eq!(chain(&[1], &[]).turn(Some(0)), Turn::Taken);
        assert_eq!(chain(&[1], &[2]).turn(None), Turn::Now, "outside of it");
        assert_eq!(chain(&[1], &[1]).turn(Some(3)), Turn::Missing);
        assert_eq!(chain(&[1], &[3]).turn(Some(4)), Turn::Missing, "2 is");
    }

    #[test]
    fn an_act_ahead_holds_its_place_until_the_chain_has_come_there() {
        let gap = chain(&[1, 4], &[]);
        assert_eq!((gap.passed, gap.at), (1, Some(at(1))));
        assert_eq!(gap.turn(Some(2)), Turn::Now);
        assert_eq!(gap.turn(Some(3)), Turn::Missing);
        assert_eq!(gap.turn(Some(4)), Turn::Taken);
        assert_eq!(gap.turn(Some(5)), Turn::Missing);
        assert_eq!(chain(&[1, 4], &[2]).turn(Some(5)), Turn::Held);
        assert_eq!(chain(&[1, 2, 3, 4], &[2]).turn(Some(5)), Turn::Now);
        assert_eq!((gap.place(Some(4)), gap.place(Some(6))), (None, Some(6)));
        assert_eq!((gap.place(Some(1)), gap.place(None)), (None, None));
    }

    #[test]
    fn what_a_person_settled_is_passed() {
        use Fate::{Applied, Held, Refused, Settled};
        let behind = of(&[(Applied, &[1]), (Settled, &[2]), (Held, &[3, 4])]);
        assert_eq!((behind.passed, behind.at), (2, Some(at(1))));
        assert!(behind.settled && !of(&[(Applied, &[1])]).settled);
        assert_eq!(behind.turn(Some(3)), Turn::Now);
        assert_eq!(behind.turn(Some(4)), Turn::Missing, "3 is to be told again");
        assert_eq!(behind.turn(Some(2)), Turn::Taken, "it was put right");
        // One of those that wait, before the refused one.
        let ahead = of(&[(Applied, &[1]), (Refused, &[2]), (Settled, &[3])]);
        assert_eq!((ahead.passed, ahead.refused), (1, true));
        assert_eq!(ahead.turn(Some(3)), Turn::Taken);
        assert_eq!(ahead.turn(Some(4)), Turn::Held);
        let righted = of(&[(Applied, &[1, 2]), (Settled, &[2, 3])]);
        assert_eq!((righted.passed, righted.turn(Some(4))), (3, Turn::Now));
        // Of two tries at one place the other one still waits.
        let tries = of(&[(Applied, &[1]), (Settled, &[2]), (Refused, &[2])]);
        assert_eq!((tries.passed, tries.refused), (1, true));
        assert_eq!(of(&[(Settled, &[2])]).turn(Some(3)), Turn::Missing, "1 is");
    }

    #[test]
    fn what_follows_is_not_before_the_latest_of_the_chain() {
        let place = |counter, minutes| Place {
            counter,
            at: at(minutes),
            fate: Fate::Applied,
        };
        let chain = Chain::of(&[place(1, 10), place(2, 30), place(3, 20)]);
        assert_eq!(chain.at, Some(at(30)));
    }

    #[test]
    fn an_alarm_holds_its_place_and_binds_no_later_act() {
        use Fate::{Applied, Raised, Settled};
        let alarm = of(&[(Applied, &[1]), (Raised, &[2])]);
        assert_eq!((alarm.passed, alarm.at), (2, Some(at(1))));
        assert!(!alarm.settled);
        assert_eq!(alarm.turn(Some(2)), Turn::Taken);
        assert_eq!(alarm.turn(Some(3)), Turn::Now);
        assert_eq!(of(&[(Raised, &[1])]).at, None);
        let ahead = of(&[(Applied, &[1]), (Raised, &[3])]);
        assert_eq!((ahead.passed, ahead.turn(Some(3))), (1, Turn::Taken));
        // What took effect at a place outweighs what was settled there.
        assert!(!of(&[(Settled, &[1]), (Raised, &[1])]).settled);
    }

    proptest! {
        #[test]
        fn told_in_any_order_a_chain_is_whole_in_the_end(
            order in Just((1_u32..=12).collect::<Vec<_>>()).prop_shuffle(),
            alarms in proptest::collection::btree_set(1_u32..=12, 0..4),
            settled in proptest::collection::btree_set(1_u32..=12, 0..4),
        ) {
            let mut applied: Vec<u32> = Vec::new();
            let settled: Vec<u32> = settled.into_iter().collect();
            // Each round tells all of them again, as a phone does; one more takes effect in each at least.
            for _ in 0..12 {
                for counter in &order {
                    let known = of(&[(Fate::Applied, &applied), (Fate::Settled, &settled)]);
                    let raised = alarms.contains(counter) && known.place(Some(*counter)).is_some();
                    if raised || known.turn(Some(*counter)) == Turn::Now {
                        applied.push(*counter);
                    }
                }
            }
            let known = of(&[(Fate::Applied, &applied), (Fate::Settled, &settled)]);
            prop_assert_eq!(known.passed, 12);
            prop_assert_eq!(applied.len() + settled.len(), 12, "each once");
        }

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
