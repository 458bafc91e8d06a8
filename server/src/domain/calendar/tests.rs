use chrono::TimeDelta;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::{rulefile::mistakes, seed};

/// A UTC time from local wall time.
fn at(local: &str) -> DateTime<Utc> {
    format!("{local}:00+08:00")
        .parse::<DateTime<chrono::FixedOffset>>()
        .expect("a time")
        .to_utc()
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn night(from: &str, to: &str) -> NightHours {
    NightHours {
        from: from.parse().expect("a time"),
        to: to.parse().expect("a time"),
    }
}

#[rstest]
#[case("2026-03-31T23:30", "2026-03-31", 1410, Weekday::Tue)]
#[case("2026-03-31T23:59", "2026-03-31", 1439, Weekday::Tue)]
#[case("2026-04-01T00:00", "2026-04-01", 0, Weekday::Wed)]
#[case("2026-04-01T00:30", "2026-04-01", 30, Weekday::Wed)]
#[case("2026-04-01T07:59", "2026-04-01", 479, Weekday::Wed)]
fn days_and_minutes_are_local(
    #[case] local: &str,
    #[case] day: &str,
    #[case] minutes: u32,
    #[case] week: Weekday,
) {
    assert_eq!(local_date(at(local)), date(day));
    assert_eq!(local_minutes(at(local)), minutes);
    assert_eq!(weekday(at(local)), week);
    assert_eq!(minute_text(at(local)), local.replace('T', " "));
}

#[test]
fn a_day_is_half_open_and_begins_at_four_in_the_afternoon_utc() {
    let (from, to) = day_bounds(date("2026-04-01"));
    assert_eq!(from.to_rfc3339(), "2026-03-31T16:00:00+00:00");
    assert_eq!(to.to_rfc3339(), "2026-04-01T16:00:00+00:00");
    assert_eq!(local_date(to), date("2026-04-02"));
    // A visit from 23:30 to 00:30 lies in two days.
    let (start, end) = (at("2026-04-01T23:30"), at("2026-04-02T00:30"));
    assert!((from..to).contains(&start) && !(from..to).contains(&end));
    // The ends of time do not panic.
    day_bounds(NaiveDate::MIN);
    day_bounds(NaiveDate::MAX);
}

#[rstest]
#[case("19:59", false)]
#[case("20:00", true)]
#[case("23:30", true)]
#[case("00:00", true)]
#[case("00:30", true)]
#[case("06:59", true)]
#[case("07:00", false)]
#[case("12:00", false)]
fn a_night_crosses_midnight(#[case] time: &str, #[case] expected: bool) {
    assert_eq!(
        is_night(at(&format!("2026-04-01T{time}")), night("20:00", "07:00")),
        expected
    );
}

#[rstest]
#[case("00:59", false)]
#[case("01:00", true)]
#[case("04:59", true)]
#[case("05:00", false)]
#[case("23:00", false)]
fn a_night_within_one_day(#[case] time: &str, #[case] expected: bool) {
    assert_eq!(
        is_night(at(&format!("2026-04-01T{time}")), night("01:00", "05:00")),
        expected
    );
}

#[test]
fn a_holiday_begins_and_ends_at_midnight() {
    let calendar = seed::calendar();
    for (local, expected) in [
        ("2026-09-30T23:59", false),
        ("2026-10-01T00:00", true),
        ("2026-10-07T23:59", true),
        ("2026-10-08T00:00", false),
    ] {
        assert_eq!(
            calendar.is_holiday(local_date(at(local))),
            expected,
            "{local}"
        );
    }
    assert_eq!(
        calendar
            .holiday(date("2026-02-17"))
            .expect("the lunar new year")
            .name
            .en,
        "Spring Festival"
    );
}

#[rstest]
#[case("2026-10-09", true)] // an ordinary Friday
#[case("2026-10-10", true)] // a Saturday worked in exchange
#[case("2026-10-11", false)] // an ordinary Sunday
#[case("2026-10-05", false)] // a Monday off
#[case("2027-02-06", false)] // the lunar new year
#[case("2028-05-01", true)] // a year nobody has loaded
fn workdays(#[case] day: &str, #[case] expected: bool) {
    assert_eq!(seed::calendar().is_workday(date(day)), expected);
}

#[test]
fn a_year_that_is_not_loaded_is_noticed() {
    assert!(seed::calendar().covers(date("2026-12-31")));
    assert!(seed::calendar().covers(date("2027-01-01")));
    assert!(!seed::calendar().covers(date("2028-01-01")));
    assert_eq!(seed::calendar().years[1].status, YearStatus::Statutory);
}

#[rstest]
#[case("24:00")]
#[case("7:00")]
#[case("07:60")]
#[case("07-00")]
#[case("+7:00")]
#[case("07:00:00")]
#[case("七点:0")]
#[case("")]
fn what_is_no_time_is_refused(#[case] text: &str) {
    assert_eq!(text.parse::<LocalTime>(), Err(BadLocalTime));
}

#[test]
fn each_mistake_in_a_holiday_table_is_found() {
    mistakes::assert_found::<Calendar>(
        seed::HOLIDAYS_JSON,
        r#"
        /years                   | []           | years                        | out_of_range
        /years/1/year            | 2026         | years                        | duplicate
        /years/0/holidays/6/to   | "2026-09-30" | years[0].holidays[6].from    | out_of_range
        /years/0/holidays/6/to   | "2026-10-30" | years[0].holidays[6].from    | out_of_range
        /years/0/holidays/6/to   | "2027-10-01" | years[0].holidays[6].to      | out_of_range
        /years/0/holidays/5/to   | "2026-10-01" | years                        | duplicate
        /years/0/workdays/0      | "2026-01-05" | years[0].workdays            | inconsistent
        /years/0/workdays/0      | "2026-10-03" | years[0].workdays            | inconsistent
        /years/0/workdays/0      | "2026-02-14" | years[0].workdays            | duplicate
        /years/0/workdays/0      | "2027-01-02" | years[0].workdays            | out_of_range
        /years/0/workdays/0      | "2026-02-30" | years[0].workdays[0]         | malformed
        "#,
    );
}

proptest! {
    #[test]
    fn a_time_lies_in_the_bounds_of_its_date_and_of_no_other(seconds in 946_684_800_i64..4_102_444_800) {
        let time = DateTime::from_timestamp(seconds, 0).expect("in range");
        let (from, to) = day_bounds(local_date(time));
        prop_assert!((from..to).contains(&time));
        prop_assert_eq!(to - from, TimeDelta::days(1));
        prop_assert_eq!(i64::from(local_minutes(time)), (time - from).num_minutes());
    }

    #[test]
    fn a_local_time_reads_as_it_is_written(minutes in 0..1440_u32) {
        let text = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let time: LocalTime = text.parse().expect("a time");
        prop_assert_eq!(time.minutes(), minutes);
        prop_assert_eq!(String::from(time), text);
    }
}
