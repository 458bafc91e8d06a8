//! Small closed lists that the rules speak about, each with the text stored and sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
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
                let all = Self::ALL.iter().copied();
                all.clone().find(|value| value.as_str() == text).ok_or_else(|| {
                    let known: Vec<_> = all.map(Self::as_str).collect();
                    format!("not one of {}", known.join(", "))
                })
            }
        }
    };
}

text_enum! {
    /// Coordinate system a place was given in (field guide §6.1).
    Crs {
        /// GPS.
        Wgs84 = "wgs84",
        /// Amap, Tencent.
        Gcj02 = "gcj02",
        /// Baidu.
        Bd09 = "bd09",
    }
}

text_enum! {
    /// Kind of identity document (field guide §6.2).
    IdKind {
        /// 居民身份证, 18 characters with a checksum.
        ResidentId = "resident_id",
        /// 港澳台居民居住证, the same rule, prefixes 81, 82, 83.
        HmtResidencePermit = "hmt_residence_permit",
        /// 外国人永久居留身份证.
        ForeignPermanentResident = "foreign_permanent_resident",
        /// A passport.
        Passport = "passport",
        /// None yet: a newborn under the mother's id.
        NewbornNone = "newborn_none",
    }
}

text_enum! {
    /// Administrative sex, as the id number carries it.
    Sex {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_round_and_agree_with_json() {
        for crs in Crs::ALL {
            assert_eq!(crs.to_string().parse(), Ok(*crs));
            assert_eq!(serde_json::to_value(crs).expect("serialises"), crs.as_str());
        }
        for kind in IdKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(*kind));
            assert_eq!(
                serde_json::to_value(kind).expect("serialises"),
                kind.as_str()
            );
        }
        assert_eq!(
            serde_json::from_str::<Sex>("\"male\"").expect("parses"),
            Sex::Male
        );
    }

    #[test]
    fn unknown_text_is_refused_with_the_list() {
        let error = "WGS84".parse::<Crs>().expect_err("case matters");
        assert_eq!(error, "not one of wgs84, gcj02, bd09");
    }
}
