use proptest::prelude::*;
use rstest::rstest;

use super::*;

#[rstest]
#[case::one_night(&[(Weekday::Mon, 1320, 360)], true)]
#[case::two_halves(&[(Weekday::Tue, 0, 60), (Weekday::Mon, 1380, 1440)], true)]
#[case::a_minute_between(&[(Weekday::Mon, 1380, 1439), (Weekday::Tue, 0, 60)], false)]
#[case::the_wrong_night(&[(Weekday::Tue, 1320, 360)], false)]
#[case::only_the_evening(&[(Weekday::Mon, 1320, 1440)], false)]
#[case::empty_window(&[(Weekday::Mon, 0, 0), (Weekday::Tue, 0, 0)], false)]
fn a_visit_over_midnight_is_covered_by_both_days(
    #[case] windows: &[(Weekday, u16, u16)],
    #[case] covered: bool,
) {
    let order = OrderFacts {
        starts_at: at("2026-11-23 23:30"),
        duration_min: 60,
        ..order()
    };
    let duty = windows
        .iter()
        .map(|&(weekday, from_min, to_min)| DutyWindow {
            weekday,
            from_min,
            to_min,
        });
    let nurse = NurseFacts {
        duty: duty.collect(),
        ..nurse()
    };
    let reasons = judged(&nurse, &order, Stage::Match);
    assert_eq!(!reasons.contains(&Reason::OffDuty), covered);
}

#[rstest]
#[case("22 20:37", false)]
#[case("22 20:38", true)]
fn rest_ends_to_the_minute(#[case] night_ends: &str, #[case] tired: bool) {
    let absences = away(LeaveKind::NightShift, "22 12:00", night_ends);
    let nurse = NurseFacts {
        absences,
        ..nurse()
    };
    let until = at("2026-11-23 08:38");
    let expected = if tired {
        vec![Reason::RestAfterNight { until }]
    } else {
        vec![]
    };
    assert_eq!(judged(&nurse, &order(), Stage::Match), expected);
}

proptest! {
    #[test]
    fn duty_covers_every_minute_or_it_does_not_cover(
        windows in prop::collection::vec((0_u8..7, 0_u16..1440, 0_u16..=1440), 0..12),
        start in 0_i64..3 * 1440,
        minutes in 1_u32..900,
    ) {
        let monday = at("2026-11-23 00:00");
        let duty: Vec<_> = windows.iter().map(|&(weekday, from_min, to_min)| DutyWindow {
            weekday: Weekday::try_from(weekday).expect("0 to 6"), from_min, to_min,
        }).collect();
        // Minutes of the week, Monday first; a window of Sunday night wraps to Monday.
        let mut on = vec![false; 7 * 1440];
        for window in &duty {
            let begins = window.weekday.num_days_from_monday() * 1440;
            let (from, to) = (u32::from(window.from_min), u32::from(window.to_min));
            let to = if to < from { to + 1440 } else { to };
            for minute in from..to {
                on[usize::try_from((begins + minute) % (7 * 1440)).expect("small")] = true;
            }
        }
        let minute_of = |m: u32| usize::try_from((start + i64::from(m)) % (7 * 1440)).expect("small");
        let covered = (0..minutes).all(|m| on[minute_of(m)]);
        let order = OrderFacts { starts_at: monday + TimeDelta::minutes(start), duration_min: minutes, ..order() };
        let nurse = NurseFacts { duty, ..nurse() };
        let off = judged(&nurse, &order, Stage::Match).contains(&Reason::OffDuty);
        prop_assert_eq!(off, !covered);
    }
}
