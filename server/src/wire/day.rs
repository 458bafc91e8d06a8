//! Dates of papers.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// A date of the calendar, written `2026-03-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Day(pub NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Keeps out what chrono reads besides: `2026-3-1`, `+2026-03-01`, `-999-03-01`.
        let is_plain = text.len() == 10 && text.starts_with(|c: char| c.is_ascii_digit());
        let date = is_plain.then(|| text.parse().ok()).flatten();
        date.map(Self)
            .ok_or_else(|| de::Error::custom("date_invalid"))
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .examples([serde_json::json!("2026-03-31")])
            .into()
    }
}

impl ToSchema for Day {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Day")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_spelling_is_a_day() {
        assert!(serde_json::from_str::<Day>("\"2026-03-31\"").is_ok());
        for text in [
            "2026-02-30",
            "2026-3-31",
            "20260331",
            "31-03-2026",
            "2026-03-31T00:00",
            "-999-03-31",
            "+999-03-31",
            "",
        ] {
            let error = serde_json::from_str::<Day>(&format!("{text:?}")).expect_err(text);
            assert!(error.to_string().starts_with("date_invalid"), "{text}");
        }
    }
}
