//! Enums stored as text: no native enum type, so a new value needs no migration on either database.

macro_rules! text_enum {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            EnumIter, DeriveActiveEnum, Serialize, Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                $(#[doc = $vdoc])+
                #[sea_orm(string_value = $text)]
                #[serde(rename = $text)]
                $variant,
            )+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        // By hand, because the derive macro does not see texts that come through a macro.
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let values = [$(format!("- `{}`:{}", $text, concat!($($vdoc),+))),+].join("\n");
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(format!("{}\n\n{values}", concat!($($doc),+).trim())))
                    .enum_values(Some(Self::ALL.map_texts()))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.as_str() == text)
                    .ok_or_else(|| format!("{text:?} is not one of {:?}", Self::ALL.map_texts()))
            }
        }

        impl MapTexts for [$name] {
            fn map_texts(&self) -> Vec<&'static str> {
                self.iter().map(|value| value.as_str()).collect()
            }
        }
    };
}

mod assessments;
mod charges;
mod complaints;
mod consents;
mod devices;
mod follow_care;
mod follow_up;
mod orders;
mod people;
mod safety;
mod system;

pub use assessments::*;
pub use charges::*;
pub use complaints::*;
pub use consents::*;
pub use devices::*;
pub use follow_care::*;
pub use follow_up::*;
pub use orders::*;
pub use people::*;
pub use safety::*;
pub use system::*;

/// What the macro above writes with.
mod prelude {
    pub(super) use std::borrow::Cow;

    pub(super) use sea_orm::{DeriveActiveEnum, EnumIter};
    pub(super) use serde::{Deserialize, Serialize};
    pub(super) use utoipa::openapi::RefOr;
    pub(super) use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
    pub(super) use utoipa::{PartialSchema, ToSchema};

    /// The texts of a list of values, for messages.
    pub(super) trait MapTexts {
        fn map_texts(&self) -> Vec<&'static str>;
    }
}
