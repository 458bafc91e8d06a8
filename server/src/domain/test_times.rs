//! Dates and moments as tests write them: local ones.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::calendar::ZONE;

/// A moment written as local time, `2026-03-31 09:30`.
pub(super) fn at(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .expect("a local time")
        .and_local_timezone(ZONE)
        .single()
        .expect("no daylight saving here")
        .to_utc()
}

/// A date written as `2026-03-31`.
pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}
