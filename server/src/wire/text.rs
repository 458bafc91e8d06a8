//! Text from outside: trimmed, without control characters, bounded.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// Text of `MIN` to `MAX` characters, outer white space removed, no control characters but line breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Checks a text; the error is a problem code with its parameters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err("text_control_character".to_owned());
        }
        if !(MIN..=MAX).contains(&text.chars().count()) {
            return Err(format!("text_length|min={MIN}|max={MAX}"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text itself.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl<const MIN: usize, const MAX: usize> PartialSchema for Text<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .min_length(Some(MIN))
            .max_length(Some(MAX))
            .into()
    }
}

impl<const MIN: usize, const MAX: usize> ToSchema for Text<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Text{MIN}to{MAX}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_bounded_and_free_of_control_characters() {
        assert_eq!(
            Text::<1, 3>::parse(" 张明 ").map(Text::into_string),
            Ok("张明".to_owned())
        );
        assert_eq!(
            Text::<1, 3>::parse("   "),
            Err("text_length|min=1|max=3".to_owned())
        );
        assert_eq!(
            Text::<1, 3>::parse("𠮷𠮷𠮷𠮷"),
            Err("text_length|min=1|max=3".to_owned())
        );
        assert_eq!(
            Text::<1, 9>::parse("a\0b"),
            Err("text_control_character".to_owned())
        );
    }
}
