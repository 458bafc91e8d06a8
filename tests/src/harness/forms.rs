//! Forms filled in as on a good day, for records that are about something else.

use chrono::NaiveDate;
use jiahu::domain::record_form::{FieldKind, FormField};
use jiahu::domain::seed;
use serde_json::{Map, Value, json};

/// The forms of these items, each required field filled in with what is plausible and not critical.
pub fn filled_forms<S: AsRef<str>>(items: &[S]) -> Value {
    let forms = seed::record_forms();
    let one = |item: &S| {
        let form = forms.form(item.as_ref())?;
        let required = forms.fields(form).filter(|field| field.required);
        let values: Map<_, _> = required
            .map(|field| (field.code.to_string(), calm(field)))
            .collect();
        Some((item.as_ref().to_owned(), Value::Object(values)))
    };
    Value::Object(items.iter().filter_map(one).collect())
}

/// A value of a field that raises no flag.
fn calm(field: &FormField) -> Value {
    let answer = |value: &Value| serde_json::from_value(value.clone()).expect("an answer");
    let quiet = |value: &Value| {
        let mut limits = field.critical.iter();
        !limits.any(|limit| limit.when.matches(&answer(value)))
    };
    let range = field
        .plausible
        .map_or((0.0, 0.0), |range| (range.min, range.max));
    let tries: Vec<Value> = match field.kind {
        FieldKind::Number => [range.0, range.1, f64::midpoint(range.0, range.1).round()]
            .into_iter()
            .map(Value::from)
            .collect(),
        FieldKind::Text => vec![json!("如常")],
        FieldKind::Choice => field
            .options
            .iter()
            .map(|option| json!(option.code))
            .collect(),
        FieldKind::YesNo => vec![json!(true), json!(false)],
        FieldKind::Date => vec![json!(NaiveDate::from_ymd_opt(2027, 1, 31))],
        FieldKind::Photo => vec![json!("0".repeat(64))],
    };
    let found = tries.iter().find(|value| quiet(value));
    found
        .unwrap_or_else(|| panic!("no calm value for {}", field.code))
        .clone()
}
