//! How long a nurse is on the road, and how long an order takes her (field guide §6.1, §7.2).

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::calendar::local_date;
use super::span::Span;

/// From metres to minutes. Roads are longer than the straight line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TravelRules {
    /// Road metres per straight metre, 1 or more: 1.3 in the plain, 1.5 to 1.8 in hills.
    pub road_factor: f64,
    /// Kilometres an hour on these roads, above 0.
    pub speed_kmh: f64,
    /// Minutes kept free before the drive and after the visit.
    pub buffer_min: u32,
}

impl Default for TravelRules {
    fn default() -> Self {
        Self {
            road_factor: 1.3,
            speed_kmh: 30.0,
            buffer_min: 15,
        }
    }
}

impl TravelRules {
    /// What is wrong with these numbers, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        if !(self.road_factor.is_finite() && self.road_factor >= 1.0) {
            return Err("road_factor must be 1 or more");
        }
        if !(self.speed_kmh.is_finite() && self.speed_kmh > 0.0) {
            return Err("speed_kmh must be above 0");
        }
        Ok(())
    }

    /// Minutes on the road for `distance_m` metres in a straight line, rounded up.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast stops at both ends of u32, which is what a senseless distance deserves"
    )]
    pub fn minutes(&self, distance_m: f64) -> u32 {
        let road_km = distance_m * self.road_factor / 1000.0;
        let minutes = road_km / self.speed_kmh * 60.0;
        // The last bits of the division must not turn 30 minutes into 31.
        (minutes - 1e-9).ceil() as u32
    }
}

/// When an order takes a nurse: the drive and a buffer before the start, a buffer after the end.
pub fn busy_range(
    window_start: DateTime<Utc>,
    duration_min: u32,
    travel_min: u32,
    buffer_min: u32,
) -> Span {
    let before = i64::from(travel_min) + i64::from(buffer_min);
    let after = i64::from(duration_min) + i64::from(buffer_min);
    Span::new(
        window_start - TimeDelta::minutes(before),
        window_start + TimeDelta::minutes(after),
    )
}

/// The same, when she has a visit after it, whose place is `drive_min` minutes away. If she cannot be there in time,
/// the range reaches into that visit, so that whoever compares ranges, the database too, sees that both do not fit.
pub fn until_next(taken: Span, next_start: DateTime<Utc>, drive_min: u32, buffer_min: u32) -> Span {
    let there = taken.to + TimeDelta::minutes(i64::from(drive_min) + i64::from(buffer_min));
    if taken.from < next_start && there > next_start {
        Span::new(taken.from, there)
    } else {
        taken
    }
}

/// Where a nurse's drive begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginKind {
    /// Where her visit before this one ends.
    PreviousVisit,
    /// The base point the roster gives her: a duty place, or her home on a 1 km grid.
    Base,
    /// The institution she works for.
    Institution,
}

/// A visit of hers that is planned or done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisitEnd<P> {
    /// When she is through with it.
    pub ends_at: DateTime<Utc>,
    /// Where that is, when known.
    pub place: Option<P>,
}

/// Where she would set out from for a visit that starts at `start`: the last place of her previous
/// visit that day, else her base point, else her institution. `None`: no place is known.
pub fn origin<P: Copy>(
    start: DateTime<Utc>,
    visits: &[VisitEnd<P>],
    base: Option<P>,
    institution: Option<P>,
) -> Option<(P, OriginKind)> {
    let today = local_date(start);
    let previous = visits
        .iter()
        .filter(|visit| visit.ends_at <= start && local_date(visit.ends_at) == today)
        .max_by_key(|visit| visit.ends_at)
        .and_then(|visit| visit.place);
    previous
        .map(|place| (place, OriginKind::PreviousVisit))
        .or_else(|| base.map(|place| (place, OriginKind::Base)))
        .or_else(|| institution.map(|place| (place, OriginKind::Institution)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::domain::test_times::at;

    #[rstest]
    #[case(0.0, 0)]
    #[case(1.0, 1)]
    #[case(5_000.0, 13)] // 6.5 km of road at 30 km/h
    #[case(5_000.1, 14)]
    #[case(-5.0, 0)]
    #[case(f64::NAN, 0)]
    #[case(f64::INFINITY, u32::MAX)]
    fn minutes_round_up(#[case] metres: f64, #[case] minutes: u32) {
        assert_eq!(TravelRules::default().minutes(metres), minutes);
    }

    #[rstest]
    #[case(0.9, 30.0)]
    #[case(f64::NAN, 30.0)]
    #[case(1.3, 0.0)]
    #[case(1.3, f64::INFINITY)]
    fn senseless_rules_are_refused(#[case] road_factor: f64, #[case] speed_kmh: f64) {
        let rules = TravelRules {
            road_factor,
            speed_kmh,
            buffer_min: 10,
        };
        assert!(rules.check().is_err());
        assert_eq!(TravelRules::default().check(), Ok(()));
    }

    #[test]
    fn she_is_taken_from_the_drive_until_the_buffer_after() {
        let busy = busy_range(at("2026-11-23 09:00"), 40, 13, 10);
        assert_eq!(
            busy,
            Span::new(at("2026-11-23 08:37"), at("2026-11-23 09:50"))
        );
    }

    /// Free at 09:50; half an hour's drive and the buffer before the next make 10:30.
    #[rstest]
    #[case::in_time("2026-11-23 10:30", "2026-11-23 09:50")]
    #[case::a_minute_late("2026-11-23 10:29", "2026-11-23 10:30")]
    #[case::at_the_same_time("2026-11-23 09:00", "2026-11-23 10:30")]
    #[case::before_her_drive("2026-11-23 08:37", "2026-11-23 09:50")]
    fn the_drive_to_the_next_visit_has_to_fit(#[case] next: &str, #[case] until: &str) {
        let taken = busy_range(at("2026-11-23 09:00"), 40, 13, 10);
        let found = until_next(taken, at(next), 30, 10);
        assert_eq!(found, Span::new(taken.from, at(until)));
    }

    #[rstest]
    #[case::last_of_the_day(&[("2026-11-23 08:00", Some('a')), ("2026-11-23 10:00", Some('b'))], Some(('b', OriginKind::PreviousVisit)))]
    #[case::later_visits_do_not_count(&[("2026-11-23 08:00", Some('a')), ("2026-11-23 11:01", Some('b'))], Some(('a', OriginKind::PreviousVisit)))]
    #[case::yesterday_does_not_count(&[("2026-11-22 23:59", Some('a'))], Some(('h', OriginKind::Base)))]
    #[case::unknown_place_of_the_last(&[("2026-11-23 08:00", Some('a')), ("2026-11-23 10:00", None)], Some(('h', OriginKind::Base)))]
    #[case::none(&[], Some(('h', OriginKind::Base)))]
    fn origin_follows_the_day(
        #[case] visits: &[(&str, Option<char>)],
        #[case] expected: Option<(char, OriginKind)>,
    ) {
        let visits: Vec<_> = visits
            .iter()
            .map(|(ends, place)| VisitEnd {
                ends_at: at(ends),
                place: *place,
            })
            .collect();
        assert_eq!(
            origin(at("2026-11-23 11:00"), &visits, Some('h'), Some('i')),
            expected
        );
    }

    #[test]
    fn origin_falls_back_to_the_institution_and_then_to_nothing() {
        let start = at("2026-11-23 11:00");
        assert_eq!(
            origin(start, &[], None, Some('i')),
            Some(('i', OriginKind::Institution))
        );
        assert_eq!(origin::<char>(start, &[], None, None), None);
    }

    proptest! {
        #[test]
        fn farther_is_never_quicker(a in 0.0..200_000.0_f64, b in 0.0..200_000.0_f64) {
            let rules = TravelRules::default();
            let (near, far) = (rules.minutes(a.min(b)), rules.minutes(a.max(b)));
            prop_assert!(near <= far);
            let exact = a * 1.3 / 500.0;
            let minutes = f64::from(rules.minutes(a));
            prop_assert!(minutes + 1e-6 >= exact && minutes < exact + 1.0);
        }

        #[test]
        fn the_busy_range_has_all_its_minutes(duration in 0_u32..600, travel in 0_u32..300, buffer in 0_u32..60) {
            let busy = busy_range(at("2026-11-23 00:10"), duration, travel, buffer);
            let minutes = (busy.to - busy.from).num_minutes();
            prop_assert_eq!(minutes, i64::from(duration + travel + 2 * buffer));
        }
    }
}
