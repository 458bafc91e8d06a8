//! Dates and clock times where the visits are: `Asia/Shanghai`, whatever the machine is set to.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Asia::Shanghai;

/// Wall-clock date and time at `moment`.
pub(super) fn local(moment: DateTime<Utc>) -> NaiveDateTime {
    moment.with_timezone(&Shanghai).naive_local()
}

/// Calendar date at `moment`.
pub(super) fn local_date(moment: DateTime<Utc>) -> NaiveDate {
    local(moment).date()
}

/// For people: `2026-03-31 09:30`.
pub(super) fn minute_text(moment: DateTime<Utc>) -> String {
    local(moment).format("%Y-%m-%d %H:%M").to_string()
}

/// A moment written as local time, `2026-03-31 09:30`.
#[cfg(test)]
pub(super) fn at(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .expect("a local time")
        .and_local_timezone(Shanghai)
        .single()
        .expect("no daylight saving here")
        .to_utc()
}

/// A date written as `2026-03-31`.
#[cfg(test)]
pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_turns_at_sixteen_utc() {
        let before = "2026-03-31T15:59:59Z".parse().expect("a moment");
        let after = "2026-03-31T16:00:00Z".parse().expect("a moment");
        assert_eq!(local_date(before), day("2026-03-31"));
        assert_eq!(local_date(after), day("2026-04-01"));
        assert_eq!(minute_text(at("2026-04-01 00:30")), "2026-04-01 00:30");
    }
}
