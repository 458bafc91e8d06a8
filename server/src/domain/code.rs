//! Short codes that rule files use as names: checked once, on the way in.

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, schema::Schema, schema::Type},
};

/// A code that is empty, too long, or written with other letters than its kind allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a {kind}: 1 to {max} of {letters}")]
pub struct BadCode {
    kind: &'static str,
    max: usize,
    letters: &'static str,
    value: String,
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

fn lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

macro_rules! code {
    ($(#[doc = $doc:literal])+ $name:ident, $max:literal, $allowed:ident, $letters:literal) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The longest code allowed, in bytes (all letters are ASCII).
            pub const MAX: usize = $max;

            /// Takes the text as a code.
            pub fn new(value: impl Into<String>) -> Result<Self, BadCode> {
                let value = value.into();
                let fits = !value.is_empty() && value.len() <= Self::MAX;
                if fits && value.bytes().all($allowed) {
                    return Ok(Self(value));
                }
                let value = value.chars().take(Self::MAX + 1).collect();
                Err(BadCode { kind: stringify!($name), max: Self::MAX, letters: $letters, value })
            }

            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadCode;

            fn from_str(value: &str) -> Result<Self, BadCode> {
                Self::new(value)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadCode;

            fn try_from(value: String) -> Result<Self, BadCode> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        // By hand: the derive cannot put a pattern on a tuple field.
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(Some(1))
                    .max_length(Some($max))
                    .pattern(Some(concat!("^", $letters, "+$")))
                    .description(Some(concat!($($doc),+).trim()))
                    .into()
            }
        }

        impl ToSchema for $name {}
    };
}

code!(
    /// Code of a service item, such as `UC_CHG` (field guide §2.2).
    ItemCode, 16, upper, "[A-Z0-9_]"
);
code!(
    /// Code of a certificate kind, such as `IV`.
    CertCode, 16, upper, "[A-Z0-9_]"
);
code!(
    /// Code of a screening question or of a patient rule, such as `UC_HAEMATURIA`.
    QuestionCode, 32, upper, "[A-Z0-9_]"
);
code!(
    /// Code of anything else a rule file names: a condition, an option, a consumable.
    Key, 32, lower, "[a-z0-9_]"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_keeps_to_its_letters_and_length() {
        assert!(ItemCode::new("UC_CHG").is_ok());
        assert!(ItemCode::new("A".repeat(16)).is_ok());
        for bad in [
            "",
            "uc_chg",
            "UC-CHG",
            "UC CHG",
            "导尿",
            "AAAAAAAAAAAAAAAAA",
        ] {
            assert!(ItemCode::new(bad).is_err(), "{bad}");
        }
        assert!(Key::new("foley_catheter").is_ok());
        assert!(Key::new("Foley").is_err());
    }

    #[test]
    fn json_is_checked_on_the_way_in() {
        let code: ItemCode = serde_json::from_str("\"PICC\"").expect("a good code");
        assert_eq!(
            serde_json::to_string(&code).expect("plain text"),
            "\"PICC\""
        );
        let refused = serde_json::from_str::<ItemCode>("\"picc\"").expect_err("lower case");
        assert!(refused.to_string().contains("not a ItemCode"), "{refused}");
    }

    #[test]
    fn the_schema_says_what_is_allowed() {
        let schema = serde_json::to_value(ItemCode::schema()).expect("a schema");
        assert_eq!(schema["pattern"], "^[A-Z0-9_]+$");
        assert_eq!(schema["maxLength"], 16);
    }
}
