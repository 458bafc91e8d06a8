use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::seed;
use crate::domain::test_times::{at, day};

fn rule(kind: DeviceKind) -> &'static DeviceRule {
    seed::devices().rule(kind).expect("a kind of the seed")
}

#[test]
fn every_kind_has_its_rules_and_an_item_that_cares_for_it() {
    for kind in DeviceKind::ALL {
        let item = seed::catalogue().item(rule(*kind).item.as_str());
        assert_eq!(item.and_then(|item| item.device), Some(*kind), "{kind}");
    }
}

#[test]
fn the_material_decides_the_days() {
    let rule = rule(DeviceKind::Uc);
    let placed = day("2026-03-02");
    let of = |code| {
        let material = rule.material(code).expect("a material");
        rule.days(material, placed, placed).due
    };
    assert_eq!(of(Some("latex")), Some(day("2026-03-16")));
    assert_eq!(of(Some("silicone")), Some(day("2026-03-30")));
    assert_eq!(of(None), Some(day("2026-03-30")));
    assert_eq!(
        rule.material(Some("gold")),
        Err(DeviceError::MaterialUnknown)
    );
}

#[test]
fn a_review_never_goes_past_the_latest_day() {
    let rule = rule(DeviceKind::Uc);
    let latex = rule.material(Some("latex")).expect("a material");
    let days = rule.days(latex, day("2026-03-02"), day("2026-03-25"));
    assert_eq!(days.latest_on, Some(day("2026-03-30")));
    assert_eq!(days.due, Some(day("2026-03-30")));
    // Looked at after its latest day: due on that very day.
    let days = rule.days(latex, day("2026-03-02"), day("2026-04-05"));
    assert_eq!(days.due, Some(day("2026-04-05")));
    assert!(
        days.with_choice(Some(day("2026-04-06")), day("2026-04-05"))
            .is_err()
    );
    let days = rule.days(latex, day("2026-03-02"), day("2026-03-03"));
    let chosen = days.with_choice(Some(day("2026-03-09")), day("2026-03-03"));
    assert_eq!(
        chosen.expect("within the days").due,
        Some(day("2026-03-09"))
    );
    assert!(
        days.with_choice(Some(day("2026-03-02")), day("2026-03-03"))
            .is_err()
    );
}

#[test]
fn a_site_is_named_where_there_are_several() {
    assert_eq!(
        rule(DeviceKind::Uc).site(None).map(|s| s.code.as_str()),
        Ok("urethra")
    );
    let picc = rule(DeviceKind::Picc);
    assert_eq!(picc.site(None), Err(DeviceError::SiteUnknown));
    assert!(picc.site(Some("left_arm")).is_ok());
    assert_eq!(picc.site(Some("urethra")), Err(DeviceError::SiteUnknown));
}

#[test]
fn removed_before_placed_is_refused_at_the_border() {
    let placed = at("2026-03-02 10:00");
    assert_eq!(check_removed(placed, placed), Ok(()));
    assert_eq!(
        check_removed(placed, placed - TimeDelta::microseconds(1)),
        Err(DeviceError::RemovedBeforePlaced)
    );
    assert!(check_past(placed + TimeDelta::minutes(5), placed).is_ok());
    assert!(check_past(placed + TimeDelta::minutes(6), placed).is_err());
}

#[rstest]
// Three days before, in the morning.
#[case("2026-03-26", "2026-03-02 10:00", "2026-03-23 08:30")]
// Three days before is a Sunday: the Friday.
#[case("2026-03-25", "2026-03-02 10:00", "2026-03-20 08:30")]
// Three days before lies in the Spring Festival: the last working day before it.
#[case("2026-02-21", "2026-02-02 10:00", "2026-02-14 08:30")]
// Registered late, within the hours: now.
#[case("2026-03-04", "2026-03-02 10:00", "2026-03-02 10:00")]
// Late in the evening: the next morning.
#[case("2026-03-04", "2026-03-02 22:00", "2026-03-03 08:30")]
// Early in the morning: the same one.
#[case("2026-03-04", "2026-03-03 06:00", "2026-03-03 08:30")]
// On a Saturday before the day: Monday.
#[case("2026-03-09", "2026-03-07 10:00", "2026-03-09 08:30")]
// On a Saturday after the day: at once.
#[case("2026-03-06", "2026-03-07 10:00", "2026-03-07 10:00")]
fn people_are_told_in_working_hours(#[case] due: &str, #[case] now: &str, #[case] told: &str) {
    let told_at = seed::devices().remind_at(day(due), at(now), seed::calendar());
    assert_eq!(told_at, at(told));
}

#[test]
fn the_days_end_with_a_death_that_nothing_contradicts() {
    let (placed, died) = (at("2026-03-02 10:00"), at("2026-03-05 10:00"));
    assert_eq!(died_with(placed, None), None);
    assert_eq!(died_with(placed, Some(died)), Some(died));
    assert_eq!(died_with(died, Some(died)), Some(died));
    assert_eq!(died_with(at("2026-03-06 10:00"), Some(died)), None);
    let (third, fifth) = (Some(day("2026-03-03")), Some(day("2026-03-05")));
    assert_eq!(ended(None, None), (None, None));
    assert_eq!(ended(third, None), (third, third));
    assert_eq!(ended(None, fifth), (None, fifth));
    assert_eq!(ended(third, fifth), (third, third));
    assert_eq!(ended(fifth, fifth), (fifth, fifth));
    assert_eq!(ended(fifth, third), (None, third));
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0_i64..800).prop_map(|days| day("2026-01-01") + TimeDelta::days(days))
}

proptest! {
    #[test]
    fn nobody_is_told_at_night_or_before_now(due in any_day(), today in any_day(), minute in 0_i64..1440) {
        let now = day_start(today) + TimeDelta::minutes(minute);
        let told = seed::devices().remind_at(due, now, seed::calendar());
        prop_assert!(told >= now);
        prop_assert!(seed::devices().is_hour(told));
        prop_assert!(seed::calendar().is_workday(local_date(told)) || local_date(told) >= due);
    }

    #[test]
    fn the_days_of_periods_that_meet_add_up(
        placed in any_day(), stay in proptest::option::of(0_i64..400),
        mut borders in prop::collection::vec(any_day(), 3),
    ) {
        borders.sort();
        let removed = stay.map(|days| placed + TimeDelta::days(days));
        let count = |from, to| device_days(placed, removed, Period { from, to });
        prop_assert_eq!(
            count(borders[0], borders[2]),
            count(borders[0], borders[1]) + count(borders[1], borders[2])
        );
    }

    #[test]
    fn a_device_has_the_days_on_which_it_was_there(
        placed in any_day(), stay in 0_i64..90, from in any_day(), length in 0_i64..90,
    ) {
        let removed = placed + TimeDelta::days(stay);
        let period = Period { from, to: from + TimeDelta::days(length) };
        let counted = (0..length)
            .map(|days| from + TimeDelta::days(days))
            .filter(|day| placed <= *day && *day < removed)
            .count();
        prop_assert_eq!(device_days(placed, Some(removed), period) as usize, counted);
    }

    #[test]
    fn a_replaced_device_counts_no_day_twice(placed in any_day(), first in 0_i64..90, from in any_day(), length in 0_i64..90) {
        let changed = placed + TimeDelta::days(first);
        let period = Period { from, to: from + TimeDelta::days(length) };
        prop_assert_eq!(
            device_days(placed, Some(changed), period) + device_days(changed, None, period),
            device_days(placed, None, period)
        );
    }
}
