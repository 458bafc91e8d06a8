//! What is wrong with a value, in words of our own: serde says it in English, and in terms of Rust.

use crate::problem::{Code, Params};
use crate::wire::PARAM;

/// The code and the parameters of what serde says. Wire types put a problem code into the error's text.
pub(super) fn of_serde(text: &str) -> (Code, Params) {
    of_wire(text)
        .or_else(|| of_name(text))
        .or_else(|| of_expected(text))
        .unwrap_or_else(|| (of_parsing(text), Vec::new()))
}

/// `text_length|min=1|max=50`.
fn of_wire(text: &str) -> Option<(Code, Params)> {
    let mut parts = text.split(PARAM);
    let code = parts.next().and_then(Code::parse)?;
    let params = parts.filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        let name = ["min", "max", "item", "vital"]
            .into_iter()
            .find(|known| *known == name)?;
        Some((name, value.to_owned()))
    });
    Some((code, params.collect()))
}

/// A field or a choice that is named in backticks.
fn of_name(text: &str) -> Option<(Code, Params)> {
    let (said, known) = text.rsplit_once(", expected ").unwrap_or((text, ""));
    let name = || vec![("name", quoted(said).into_iter().next().unwrap_or_default())];
    if said.starts_with("unknown field") {
        Some((Code::FieldUnknown, name()))
    } else if said.starts_with("missing field") {
        Some((Code::FieldMissing, name()))
    } else if said.starts_with("duplicate field") {
        Some((Code::FieldTwice, name()))
    } else if said.starts_with("unknown variant") {
        Some((
            Code::ChoiceUnknown,
            vec![("known", quoted(known).join(", "))],
        ))
    } else {
        None
    }
}

fn quoted(text: &str) -> Vec<String> {
    let odd = text.split('`').skip(1).step_by(2);
    odd.map(str::to_owned).collect()
}

/// `invalid type: integer `1`, expected a string`.
fn of_expected(text: &str) -> Option<(Code, Params)> {
    let (said, expected) = text.rsplit_once(", expected ")?;
    let plain = |code| Some((code, Vec::new()));
    if let Some((min, max)) = bounds(expected) {
        let range = vec![("min", min), ("max", max)];
        // A whole number that is too large or too small for its field.
        return if said.starts_with("invalid value: integer") {
            Some((Code::NumberRange, range))
        } else {
            plain(Code::NumberExpected)
        };
    }
    match expected {
        "f32" | "f64" => plain(Code::NumberExpected),
        "a boolean" => plain(Code::FlagExpected),
        "a string" | "a borrowed string" | "a character" | "string or map" => {
            plain(Code::TextExpected)
        }
        "a sequence" => plain(Code::ListExpected),
        "a map" => plain(Code::ObjectExpected),
        _ if expected.starts_with("struct ") => plain(Code::ObjectExpected),
        _ if expected.contains("formatted date") => plain(Code::DateTimeInvalid),
        _ if expected.contains("UUID") => plain(Code::IdInvalid),
        _ => None,
    }
}

/// The smallest and the largest number of a type.
fn bounds(kind: &str) -> Option<(String, String)> {
    macro_rules! of {
        ($($kind:ident),+) => {
            match kind {
                $(stringify!($kind) => Some(($kind::MIN.to_string(), $kind::MAX.to_string())),)+
                _ => None,
            }
        };
    }
    of!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize)
}

/// What a parser of the text said; in query strings everything is text.
fn of_parsing(text: &str) -> Code {
    const TIME: [&str; 6] = [
        "input contains invalid characters",
        "input is not enough for unique date and time",
        "input is out of range",
        "no possible date and time matching input",
        "premature end of input",
        "trailing input",
    ];
    const NUMBER: [&str; 5] = [
        "cannot parse integer from empty string",
        "invalid digit found in string",
        "invalid float literal",
        "number too large to fit in target type",
        "number too small to fit in target type",
    ];
    if TIME.contains(&text) {
        Code::DateTimeInvalid
    } else if NUMBER.contains(&text) {
        Code::NumberExpected
    } else if text.contains("`true` or `false`") {
        Code::FlagExpected
    } else if text.starts_with("UUID parsing failed") {
        Code::IdInvalid
    } else if text.starts_with('`') && text.contains("` is not a ") {
        Code::CodeForm
    } else {
        Code::ValueInvalid
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};
    use entity::enums::Sex;
    use entity::ids::PatientId;
    use rstest::rstest;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::catalogue::ItemCode;
    use crate::wire::{Day, PhoneText, Text};

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct All {
        whole: u16,
        signed: i64,
        real: f64,
        flag: bool,
        text: String,
        note: Option<Text<1, 9>>,
        phone: Option<PhoneText>,
        list: Vec<u8>,
        inner: Option<Box<Self>>,
        at: DateTime<Utc>,
        born: NaiveDate,
        day: Option<Day>,
        id: Option<PatientId>,
        sex: Option<Sex>,
        item: Option<ItemCode>,
    }

    #[rstest]
    #[case(json!({"whole": "1"}), "number_expected")]
    #[case(json!({"whole": 1.5}), "number_expected")]
    #[case(json!({"whole": null}), "number_expected")]
    #[case(json!({"whole": 70_000}), "number_range")]
    #[case(json!({"whole": -1}), "number_range")]
    #[case(json!({"signed": 1e30}), "number_expected")]
    #[case(json!({"real": "x"}), "number_expected")]
    #[case(json!({"flag": "yes"}), "flag_expected")]
    #[case(json!({"text": 1}), "text_expected")]
    #[case(json!({"text": null}), "text_expected")]
    #[case(json!({"note": []}), "text_expected")]
    #[case(json!({"note": "a`, expected b"}), "text_length")]
    #[case(json!({"phone": "1"}), "phone_invalid")]
    #[case(json!({"list": {}}), "list_expected")]
    #[case(json!({"inner": "x"}), "object_expected")]
    #[case(json!({"inner": {"surprise": 1}}), "field_unknown")]
    #[case(json!({"at": "tomorrow"}), "date_time_invalid")]
    #[case(json!({"at": "2026-03-02T09:00:00"}), "date_time_invalid")]
    #[case(json!({"at": 5}), "date_time_invalid")]
    #[case(json!({"born": "2026-02-30"}), "date_time_invalid")]
    #[case(json!({"born": {}}), "date_time_invalid")]
    #[case(json!({"day": "2026-02-30"}), "date_invalid")]
    #[case(json!({"id": "x"}), "id_invalid")]
    #[case(json!({"id": 5}), "id_invalid")]
    #[case(json!({"sex": "none`, expected `x"}), "choice_unknown")]
    #[case(json!({"sex": {"surprise": 1}}), "choice_unknown")]
    #[case(json!({"sex": 1}), "text_expected")]
    #[case(json!({"item": "no such"}), "code_form")]
    #[case(json!(5), "object_expected")]
    fn what_serde_says_has_a_text_of_our_own(#[case] body: Value, #[case] code: &str) {
        let error = serde_json::from_value::<All>(body).expect_err("refused");
        assert_eq!(of_serde(&error.to_string()).0.as_str(), code, "{error}");
    }

    #[test]
    fn choices_are_named() {
        let error = serde_json::from_value::<Sex>(json!("x")).expect_err("refused");
        let (_, params) = of_serde(&error.to_string());
        assert_eq!(params, [("known", "female, male".to_owned())], "{error}");
    }
}
