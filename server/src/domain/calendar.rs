//! Days, hours and holidays as they are lived in Asia/Shanghai. Times come and go as UTC.

use std::str::FromStr;

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc, Weekday,
};
use chrono_tz::{Asia::Shanghai, Tz};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, schema::Schema, schema::Type},
};

use super::rulefile::{
    self, Bilingual, Edition, Problems, RuleErrors, RuleFile, RuleProblemCode as Code,
};

#[cfg(test)]
mod tests;

/// The time zone of every date, hour and holiday.
pub const ZONE: Tz = Shanghai;

/// Date and time on the wall.
pub fn local(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&ZONE).naive_local()
}

/// The date on the wall.
pub fn local_date(at: DateTime<Utc>) -> NaiveDate {
    local(at).date()
}

/// For people: `2026-03-31 09:30`.
pub fn minute_text(at: DateTime<Utc>) -> String {
    local(at).format("%Y-%m-%d %H:%M").to_string()
}

/// Minutes since local midnight, 0 to 1439.
pub fn local_minutes(at: DateTime<Utc>) -> u32 {
    let local = local(at);
    local.hour() * 60 + local.minute()
}

/// The day of the week on the wall.
pub fn weekday(at: DateTime<Utc>) -> Weekday {
    local_date(at).weekday()
}

/// The local midnight a date begins with.
pub fn day_start(date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    // Clocks last changed in Shanghai in 1991. In such a gap, and at the ends of time, take the hour as written.
    ZONE.from_local_datetime(&midnight)
        .earliest()
        .map_or_else(|| midnight.and_utc(), |local| local.to_utc())
}

/// A local day as a half-open span of time: from its midnight to the next.
pub fn day_bounds(date: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    (
        day_start(date),
        day_start(date.succ_opt().unwrap_or(NaiveDate::MAX)),
    )
}

/// A local hour and minute, written `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime {
    minutes: u32,
}

impl LocalTime {
    /// Minutes since midnight, 0 to 1439.
    pub fn minutes(self) -> u32 {
        self.minutes
    }
}

/// A text that is no `HH:MM`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a local time is written HH:MM, from 00:00 to 23:59")]
pub struct BadLocalTime;

impl FromStr for LocalTime {
    type Err = BadLocalTime;

    fn from_str(text: &str) -> Result<Self, BadLocalTime> {
        let bytes = text.as_bytes();
        let digits = |pair: &[u8]| match *pair {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
                Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
            }
            _ => None,
        };
        if bytes.len() != 5 || bytes[2] != b':' {
            return Err(BadLocalTime);
        }
        match (digits(&bytes[..2]), digits(&bytes[3..])) {
            (Some(hour @ 0..=23), Some(minute @ 0..=59)) => Ok(Self {
                minutes: hour * 60 + minute,
            }),
            _ => Err(BadLocalTime),
        }
    }
}

impl TryFrom<String> for LocalTime {
    type Error = BadLocalTime;

    fn try_from(text: String) -> Result<Self, BadLocalTime> {
        text.parse()
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        format!("{:02}:{:02}", time.minutes / 60, time.minutes % 60)
    }
}

impl PartialSchema for LocalTime {
    fn schema() -> RefOr<Schema> {
        let pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(pattern))
            .into()
    }
}

impl ToSchema for LocalTime {}

/// A span of local hours, half-open; it crosses midnight when `to` is not after `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NightHours {
    /// First minute of the night.
    pub from: LocalTime,
    /// First minute of the day.
    pub to: LocalTime,
}

/// Whether a time lies in the night.
pub fn is_night(at: DateTime<Utc>, night: NightHours) -> bool {
    let (now, from, to) = (local_minutes(at), night.from.minutes(), night.to.minutes());
    if from < to {
        (from..to).contains(&now)
    } else {
        now >= from || now < to
    }
}

/// One version of the holiday table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Counts up from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the dates come from.
    pub source: String,
    /// The years it covers.
    pub years: Vec<CalendarYear>,
}

/// How far the dates of a year are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum YearStatus {
    /// The State Council has announced them, bridging days included.
    Announced,
    /// Only the days of the law; the announcement is still to come.
    Statutory,
}

/// The holidays of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// The year.
    pub year: i32,
    /// How far its dates are known.
    pub status: YearStatus,
    /// Days off.
    pub holidays: Vec<Holiday>,
    /// Saturdays and Sundays that are worked in exchange.
    pub workdays: Vec<NaiveDate>,
}

/// A holiday, both days included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// First day off.
    pub from: NaiveDate,
    /// Last day off.
    pub to: NaiveDate,
    /// Its name.
    pub name: Bilingual,
}

impl Calendar {
    /// Reads a holiday table and checks all of it.
    pub fn parse(json: &str) -> Result<Self, RuleErrors> {
        rulefile::parse(json)
    }

    /// Whether the year of the date is in the table. In a year that is not, no day counts as a holiday, so that
    /// a table nobody renewed costs a surcharge and not the bookings.
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.years.iter().any(|year| year.year == date.year())
    }

    /// The holiday a date belongs to.
    pub fn holiday(&self, date: NaiveDate) -> Option<&Holiday> {
        self.years
            .iter()
            .flat_map(|year| &year.holidays)
            .find(|holiday| (holiday.from..=holiday.to).contains(&date))
    }

    /// Whether the date is a public holiday; an ordinary weekend is none.
    pub fn is_holiday(&self, date: NaiveDate) -> bool {
        self.holiday(date).is_some()
    }

    /// Whether offices work: Monday to Friday and the exchanged weekends, without the holidays.
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        let exchanged = self.years.iter().any(|year| year.workdays.contains(&date));
        exchanged || (!is_weekend(date) && !self.is_holiday(date))
    }

    fn check_year(&self, year: &CalendarYear, at: &mut Problems) {
        at.in_range("year", year.year, 2000..=2100);
        at.unique("workdays", &year.workdays);
        at.each("holidays", &year.holidays, |at, holiday| {
            at.text("name", &holiday.name);
            at.require(
                holiday.to.year() == year.year,
                "to",
                Code::OutOfRange,
                "has to end in its year",
            );
            let days = (holiday.to - holiday.from).num_days() + 1;
            at.require(
                (1..=15).contains(&days),
                "from",
                Code::OutOfRange,
                "a holiday has 1 to 15 days",
            );
        });
        for date in &year.workdays {
            at.require(
                date.year() == year.year,
                "workdays",
                Code::OutOfRange,
                "has to lie in its year",
            );
            let exchanged = is_weekend(*date) && !self.is_holiday(*date);
            let detail = "only a Saturday or Sunday without a holiday is worked in exchange";
            at.require(exchanged, "workdays", Code::Inconsistent, detail);
        }
    }
}

impl RuleFile for Calendar {
    fn edition(&self) -> Edition<'_> {
        Edition {
            version: self.version,
            valid_from: self.valid_from,
            approved_by: self.approved_by.as_deref(),
            approved_on: self.approved_on,
            source: &self.source,
        }
    }

    fn check_rules(&self, problems: &mut Problems) {
        problems.unique("years", self.years.iter().map(|year| year.year));
        problems.in_range("years", self.years.len(), 1..=20);
        problems.each("years", &self.years, |at, year| self.check_year(year, at));
        let mut spans: Vec<_> = self.years.iter().flat_map(|year| &year.holidays).collect();
        spans.sort_by_key(|holiday| holiday.from);
        for pair in spans.windows(2) {
            if pair[1].from <= pair[0].to {
                problems.add(
                    "years",
                    Code::Duplicate,
                    format!("{} lies in two holidays", pair[1].from),
                );
            }
        }
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}
