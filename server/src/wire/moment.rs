//! Moments that apps send.

use std::borrow::Cow;
use std::ops::{Deref, RangeInclusive};

use chrono::{DateTime, Datelike, SubsecRound, Timelike, Utc};
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use super::Text;

/// A moment of the years 1900 to 2199, in UTC, cut to microseconds. A leap second is none: PostgreSQL gives it back as the
/// second after, and what was hashed would not be what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// Clocks that were never set begin in 1970 or later, in the time zone of the phone.
    const YEARS: RangeInclusive<i32> = 1900..=2199;

    /// Reads a time as RFC 3339 writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
        let is_leap = at.nanosecond() >= 1_000_000_000;
        let is_kept = !is_leap && Self::YEARS.contains(&at.year());
        is_kept.then(|| Self(at.trunc_subsecs(6)))
    }
}

impl Deref for Moment {
    type Target = DateTime<Utc>;

    fn deref(&self) -> &DateTime<Utc> {
        &self.0
    }
}

impl From<Moment> for DateTime<Utc> {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("date_time_invalid"))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

/// The spec shows it in its place, as a text of the format `date-time`.
impl ToSchema for Moment {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Moment")
    }
}

/// A time by the phone's clock in what is told later: when one of many acts was, or when they are sent. One that cannot be
/// read refuses at most its own act, and no other that is sent beside it.
#[derive(Clone, Copy, Debug)]
pub struct ActMoment(pub Option<Moment>);

impl<'de> Deserialize<'de> for ActMoment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::<1, 64>::deserialize(deserializer)?;
        Ok(Self(Moment::parse(text.as_str())))
    }
}

/// No format is promised, for any short text is taken.
impl PartialSchema for ActMoment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .min_length(Some(1))
            .max_length(Some(64))
            .examples(["2026-03-02T09:00:00+08:00"])
            .into()
    }
}

impl ToSchema for ActMoment {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ActMoment")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2026-03-02T09:00:00+08:00", "2026-03-02T01:00:00Z")]
    #[case("2026-03-02T01:00:59.9999999Z", "2026-03-02T01:00:59.999999Z")]
    #[case("1969-12-31T16:00:00Z", "1969-12-31T16:00:00Z")]
    #[case("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z")]
    #[case("2199-12-31T23:59:59.999999Z", "2199-12-31T23:59:59.999999Z")]
    fn a_moment_is_kept_as_the_databases_keep_it(#[case] text: &str, #[case] kept: &str) {
        let moment = Moment::parse(text).expect("a moment");
        assert_eq!(Ok(*moment), kept.parse());
    }

    #[rstest]
    // Leap seconds, where none can be and where one could.
    #[case("2026-03-02T01:00:60Z")]
    #[case("2026-06-30T23:59:60Z")]
    #[case("2026-03-02T01:00:60.5Z")]
    #[case("1899-12-31T23:59:59Z")]
    #[case("2200-01-01T00:00:00Z")]
    #[case("0000-01-01T00:00:00Z")]
    #[case("-5000-01-01T00:00:00Z")]
    #[case("+12026-03-02T01:00:00Z")]
    #[case("2026-03-02T01:00:00")]
    #[case("2026-03-02")]
    #[case("")]
    fn what_no_clock_shows_is_no_moment(#[case] text: &str) {
        assert_eq!(Moment::parse(text), None);
        let error = serde_json::from_value::<Moment>(text.into()).expect_err("refused");
        assert_eq!(error.to_string(), "date_time_invalid");
        if !text.is_empty() {
            let one_of_many = serde_json::from_value::<ActMoment>(text.into()).expect("a text");
            assert_eq!(one_of_many.0, None);
        }
    }
}
