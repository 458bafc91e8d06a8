//! Domain values as JSON strings.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::name::PersonName;
use crate::domain::phone::Phone;

macro_rules! parsed_text {
    ($(#[$meta:meta])* $name:ident($inner:ty), $schema:literal, $min:literal..=$max:literal, $example:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                <$inner>::parse(&text).map(Self).map_err(|error| de::Error::custom(error.code()))
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(SchemaType::Type(Type::String))
                    .min_length(Some($min))
                    .max_length(Some($max))
                    .examples([serde_json::json!($example)])
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($schema)
            }
        }
    };
}

parsed_text! {
    /// A phone number: mobile, or landline with its area code; spaces, dashes and +86 are dropped.
    PhoneText(Phone), "Phone", 7..=24, "13800000000"
}

parsed_text! {
    /// A person's name, 2 to 50 characters.
    NameText(PersonName), "PersonName", 2..=60, "张小明"
}

/// A password as sent, of at most 128 characters: nothing longer is ever hashed.
#[derive(Clone, Debug)]
pub struct PasswordText(pub SecretString);

impl PasswordText {
    /// Most characters.
    const MOST: usize = 128;
}

impl<'de> Deserialize<'de> for PasswordText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secret = SecretString::deserialize(deserializer)?;
        if secret.expose_secret().chars().count() > Self::MOST {
            return Err(de::Error::custom("password_too_long"));
        }
        Ok(Self(secret))
    }
}

/// An id number as sent; checked together with its kind.
#[derive(Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = IdNumber, value_type = String, max_length = 40, example = "11010519491231002X")]
pub struct IdNumberText(pub String);

impl std::fmt::Debug for IdNumberText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdNumberText(…)")
    }
}
