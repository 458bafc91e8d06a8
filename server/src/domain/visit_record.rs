//! The record of a visit: what was done, measured and used.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::catalogue::Answer;
use super::code::ItemCode;
use super::record_form::FormValues;
use super::vitals::VitalReading;

/// Most consumables of one visit.
pub const MOST_CONSUMABLES: usize = 50;

/// What the nurse writes down. Sealed as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitRecord {
    /// Items of the order that were done, by code.
    #[schema(max_items = 5, example = json!(["UC_CHG"]))]
    pub items_done: Vec<ItemCode>,
    /// Vital signs, within plausible ranges.
    #[schema(max_items = 20)]
    pub vitals: Vec<VitalReading>,
    /// How it went.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
    /// What was used.
    #[schema(max_items = 50)]
    pub consumables: Vec<ConsumableUsed>,
    /// Values of the form of each item, by code of the item and of the field. `forms` of the
    /// visit say what is asked.
    #[serde(default)]
    pub forms: BTreeMap<ItemCode, FormValues>,
}

/// A consumable that was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsumableUsed {
    /// Code, as in the catalogue, or free.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// Pieces, 1 to 1000.
    #[schema(minimum = 1, maximum = 1000)]
    pub quantity: u32,
    /// Lot number, when it has one.
    #[schema(max_length = 40)]
    pub lot: Option<String>,
}

/// What was measured, of a record that may be wrong elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Vital signs.
    pub vitals: Vec<VitalReading>,
    /// Values of the forms.
    pub forms: BTreeMap<ItemCode, FormValues>,
}

impl Measured {
    /// Reads what can be read of a record that was sent.
    pub fn read(body: &str) -> Self {
        let told: Value = serde_json::from_str(body).unwrap_or_default();
        let vitals = told["vitals"].as_array().into_iter().flatten();
        let forms = told["forms"].as_object().into_iter().flatten();
        let form = |(item, values): (&String, &Value)| {
            let values = values.as_object().into_iter().flatten();
            let values = values.filter_map(|(field, value)| {
                Some((field.clone(), Answer::deserialize(value).ok()?))
            });
            Some((item.parse().ok()?, values.collect()))
        };
        Self {
            vitals: vitals
                .filter_map(|reading| VitalReading::deserialize(reading).ok())
                .collect(),
            forms: forms.filter_map(form).collect(),
        }
    }
}

impl From<VisitRecord> for Measured {
    fn from(record: VisitRecord) -> Self {
        Self {
            vitals: record.vitals,
            forms: record.forms,
        }
    }
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordProblem {
    /// JSON path of the field.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// The value of a place in the text, when it has one.
    pub param: Option<(&'static str, String)>,
}

/// Whether a text that is told later, without the version it was made upon, gives way to the one that stands: that one was
/// written after it and says something else. Each with the moment it was written.
pub fn gives_way(
    (told, told_at): (&VisitRecord, DateTime<Utc>),
    standing: Option<(&VisitRecord, DateTime<Utc>)>,
) -> bool {
    standing.is_some_and(|(text, at)| at > told_at && text != told)
}

/// Whether a path names something of a record.
pub fn is_record_field(path: &str) -> bool {
    let root = path.split(['.', '[']).next().unwrap_or_default();
    let below = path.len() > root.len() + 1;
    match root {
        "note" => path == "note",
        "items_done" | "vitals" | "consumables" | "forms" => below || path == root,
        _ => false,
    }
}

/// Checks the items of a record against those of its order.
pub fn check_items(record: &VisitRecord, ordered: &[String]) -> Vec<RecordProblem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, item) in record.items_done.iter().enumerate() {
        let field = format!("items_done[{index}]");
        let param = Some(("item", item.to_string()));
        if !ordered.iter().any(|code| code == item.as_str()) {
            problems.push(RecordProblem {
                field,
                code: "item_not_ordered",
                param,
            });
        } else if !seen.insert(item) {
            problems.push(RecordProblem {
                field,
                code: "item_duplicate",
                param,
            });
        }
    }
    problems
}

/// Checks what can be checked without the order; vital signs are checked by their own rules.
pub fn check_shape(record: &VisitRecord) -> Vec<RecordProblem> {
    let mut problems = Vec::new();
    if let Some(code) = text_problem(&record.note, 1, 4000) {
        problems.push(RecordProblem {
            field: "note".to_owned(),
            code,
            param: None,
        });
    }
    if record.consumables.len() > MOST_CONSUMABLES {
        let param = Some(("reason", format!("<= {MOST_CONSUMABLES}")));
        problems.push(RecordProblem {
            field: "consumables".to_owned(),
            code: "field_invalid",
            param,
        });
    }
    for (index, used) in record.consumables.iter().enumerate() {
        let field = |name: &str| format!("consumables[{index}].{name}");
        if let Some(code) = text_problem(&used.code, 1, 40) {
            problems.push(RecordProblem {
                field: field("code"),
                code,
                param: None,
            });
        }
        if let Some(code) = used.lot.as_deref().and_then(|lot| text_problem(lot, 0, 40)) {
            problems.push(RecordProblem {
                field: field("lot"),
                code,
                param: None,
            });
        }
        if !(1..=1000).contains(&used.quantity) {
            let param = Some(("reason", "1..=1000".to_owned()));
            problems.push(RecordProblem {
                field: field("quantity"),
                code: "field_invalid",
                param,
            });
        }
    }
    problems
}

pub(super) fn text_problem(text: &str, min: usize, max: usize) -> Option<&'static str> {
    if text.chars().any(|c| c.is_control() && c != '\n') {
        Some("text_control_character")
    } else if !(min..=max).contains(&text.trim().chars().count()) {
        Some("text_length")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;

    fn items(codes: &[&str]) -> Vec<ItemCode> {
        let codes = codes.iter().copied();
        codes.map(|code| code.parse().expect("a code")).collect()
    }

    fn record() -> VisitRecord {
        VisitRecord {
            items_done: items(&["UC_CHG"]),
            vitals: Vec::new(),
            note: "顺利".to_owned(),
            consumables: vec![ConsumableUsed {
                code: "foley".to_owned(),
                quantity: 1,
                lot: None,
            }],
            forms: BTreeMap::new(),
        }
    }

    #[test]
    fn a_good_record_passes() {
        assert_eq!(check_shape(&record()), Vec::new());
        assert_eq!(check_items(&record(), &["UC_CHG".to_owned()]), Vec::new());
    }

    #[test]
    fn what_was_measured_is_read_of_a_record_that_is_wrong_elsewhere() {
        let body = json!({
            "vitals": [{ "code": "pulse", "value": "fast" }, { "code": "spo2", "value": 82 }],
            "forms": { "SUCT": { "spo2_before": 82, "spo2_after": null }, "no item": { "x": 1 }, "SC": 3 },
            "more": 1,
        });
        let read = Measured::read(&body.to_string());
        let codes: Vec<_> = read.vitals.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["spo2"]);
        let suct = &read.forms[&items(&["SUCT"])[0]];
        assert_eq!(suct.len(), 1);
        for body in ["", "[]", "3", r#"{ "vitals": 3 }"#] {
            assert_eq!(Measured::read(body), Measured::default());
        }
        assert_eq!(Measured::from(record()), Measured::default());
    }

    #[test]
    fn a_text_told_later_gives_way_to_a_newer_one_that_says_something_else() {
        let at = |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let (told, mut other) = (record(), record());
        other.note = "家属已学会观察".to_owned();
        assert!(!gives_way((&told, at(5)), None));
        assert!(gives_way((&told, at(5)), Some((&other, at(6)))));
        assert!(!gives_way((&told, at(5)), Some((&other, at(5)))));
        assert!(!gives_way((&told, at(5)), Some((&other, at(4)))));
        assert!(
            !gives_way((&told, at(5)), Some((&record(), at(6)))),
            "its answer was lost"
        );
    }

    #[test]
    fn an_amendment_names_what_a_record_has() {
        for path in [
            "note",
            "vitals.temperature",
            "forms.UC_CHG.balloon_ml",
            "items_done",
            "consumables[0].lot",
        ] {
            assert!(is_record_field(path), "{path}");
        }
        for path in [
            "", "notes", "note.x", ".note", "vitals.", "state", "visit.id",
        ] {
            assert!(!is_record_field(path), "{path}");
        }
    }

    #[test]
    fn each_mistake_is_named_with_its_field() {
        let mut bad = record();
        bad.items_done = items(&["PICC", "UC_CHG", "UC_CHG"]);
        bad.note = "a\0".to_owned();
        bad.consumables = vec![ConsumableUsed {
            code: String::new(),
            quantity: 0,
            lot: Some("x".repeat(41)),
        }];
        let mut found = check_items(&bad, &["UC_CHG".to_owned()]);
        found.extend(check_shape(&bad));
        let found: Vec<_> = found
            .iter()
            .map(|problem| (problem.field.as_str(), problem.code))
            .collect();
        assert_eq!(
            found,
            [
                ("items_done[0]", "item_not_ordered"),
                ("items_done[2]", "item_duplicate"),
                ("note", "text_control_character"),
                ("consumables[0].code", "text_length"),
                ("consumables[0].lot", "text_length"),
                ("consumables[0].quantity", "field_invalid"),
            ]
        );
    }
}
