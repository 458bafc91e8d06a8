//! Changes of single fields: absent leaves a field as it is, null empties it.

use serde::{Deserialize, Deserializer};

/// For `Option<Option<T>>` fields with `#[serde(default, deserialize_with = "patch::nullable")]`:
/// absent is `None`, null is `Some(None)`.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// For `Option<T>` fields that cannot be emptied, with `#[serde(default, deserialize_with = "patch::present")]`:
/// absent is `None`, null is refused rather than ignored.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        #[expect(clippy::option_option, reason = "three things are what this is about")]
        #[derive(Deserialize, PartialEq, Debug)]
        struct Change {
            #[serde(default, deserialize_with = "nullable")]
            phone: Option<Option<String>>,
        }
        let read = |text| serde_json::from_str::<Change>(text).expect("JSON").phone;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"phone":null}"#), Some(None));
        assert_eq!(read(r#"{"phone":"1"}"#), Some(Some("1".to_owned())));
    }
}
