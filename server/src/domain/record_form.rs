//! What a visit record asks for, item by item: fields with units, plausible and critical values, as data
//! (`server/data/record_forms.json`, field guide §2.2 and §3.4).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::{Answer, ChoiceOption, ItemCode, Key};
use super::device_link::DeviceLink;
use super::photo::is_hash;
use super::rulefile::{Bilingual, Edition, Problems, RuleFile, RuleProblemCode as Code};
use super::screening::has_decimals;
use super::visit_record::{RecordProblem, VisitRecord, text_problem};
use super::vitals::{CriticalLimit, VitalRange};

/// Values of the fields of one item, by the code of the field. A date is a text, `2026-03-31`.
pub type FormValues = BTreeMap<String, Answer>;

/// Longest text of a field, in characters.
const TEXT_MAX: usize = 500;

/// One version of the forms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordForms {
    /// Counts up from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the values come from.
    pub source: String,
    /// Hours after the end of a visit from which an amendment is a late entry.
    #[schema(minimum = 1, maximum = 720)]
    pub late_after_h: u32,
    /// Fields that belong together.
    pub blocks: Vec<FormBlock>,
    /// Which item asks for what. An item that is not here has no form.
    pub items: Vec<ItemForm>,
}

/// Fields that belong together, such as those of a wound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormBlock {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// Its fields.
    pub fields: Vec<FormField>,
}

/// What an item asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemForm {
    /// The item.
    pub item: ItemCode,
    /// Its blocks, in this order.
    pub blocks: Vec<Key>,
    /// Consumables whose lot number has to be written down.
    pub lots: Vec<Key>,
    /// What the item does to a device of the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceLink>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// Its code, unique among all fields.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// What it holds.
    pub kind: FieldKind,
    /// Unit of a number, as shown.
    #[serde(default)]
    pub unit: Option<String>,
    /// Digits of a number after the point.
    #[serde(default)]
    #[schema(maximum = 3)]
    pub decimals: u8,
    /// Numbers outside are refused.
    #[serde(default)]
    pub plausible: Option<VitalRange>,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<ChoiceOption>,
    /// Values that call for somebody; they are recorded all the same.
    #[serde(default)]
    pub critical: Vec<CriticalLimit>,
    /// Has to be there when the item was done.
    pub required: bool,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A number in the unit of the field.
    Number,
    /// Words.
    Text,
    /// The code of one of the options.
    Choice,
    /// True or false.
    YesNo,
    /// A date, `2026-03-31`.
    Date,
    /// A photo of the visit, by the SHA-256 of its file in hex. It may come later than the record.
    Photo,
}

/// A value that calls for somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FormFlag {
    /// The item.
    pub item: ItemCode,
    /// The field.
    pub field: Key,
    /// The value.
    pub value: Answer,
    /// The red flag it belongs to.
    pub red_flag: String,
    /// What to do, and how soon.
    pub advice: Bilingual,
}

impl RecordForms {
    /// The form of an item, when it has one.
    pub fn form(&self, item: &str) -> Option<&ItemForm> {
        self.items.iter().find(|form| form.item.as_str() == item)
    }

    /// The fields of an item, in the order of the form.
    pub fn fields<'a>(&'a self, form: &'a ItemForm) -> impl Iterator<Item = &'a FormField> {
        let block = |code: &'a Key| self.blocks.iter().find(move |block| block.code == *code);
        form.blocks
            .iter()
            .filter_map(block)
            .flat_map(|block| &block.fields)
    }

    /// Checks the forms of a record against the items of its order: the values that call for somebody, or every
    /// mistake.
    pub fn check(
        &self,
        record: &VisitRecord,
        ordered: &[String],
    ) -> Result<Vec<FormFlag>, Vec<RecordProblem>> {
        let mut problems = Vec::new();
        let mut flags = Vec::new();
        for (item, values) in &record.forms {
            let path = format!("forms.{item}");
            if !ordered.iter().any(|code| code == item.as_str()) {
                let param = Some(("item", item.to_string()));
                problems.push(problem(path, "item_not_ordered", param));
                continue;
            }
            let known: BTreeMap<&str, &FormField> = self
                .form(item.as_str())
                .into_iter()
                .flat_map(|form| self.fields(form))
                .map(|field| (field.code.as_str(), field))
                .collect();
            for (name, value) in values {
                let path = format!("{path}.{name}");
                match known.get(name.as_str()) {
                    None => {
                        let param = Some(("name", name.chars().take(40).collect()));
                        problems.push(problem(path, "field_unknown", param));
                    }
                    Some(field) => match field.check(value) {
                        Some((code, param)) => problems.push(problem(path, code, param)),
                        None => flags.extend(field.flags(item, value)),
                    },
                }
            }
        }
        for item in record.items_done.iter().collect::<BTreeSet<_>>() {
            problems.extend(self.missing(record, item));
        }
        if problems.is_empty() {
            Ok(flags)
        } else {
            Err(problems)
        }
    }

    /// Flags of those values that can be true, whatever is wrong with the rest of the record.
    pub fn flags(&self, forms: &BTreeMap<ItemCode, FormValues>) -> Vec<FormFlag> {
        let mut flags = Vec::new();
        for (item, values) in forms {
            let fields = self.form(item.as_str()).into_iter();
            for field in fields.flat_map(|form| self.fields(form)) {
                let value = values.get(field.code.as_str());
                if let Some(value) = value.filter(|value| field.check(value).is_none()) {
                    flags.extend(field.flags(item, value));
                }
            }
        }
        flags
    }

    /// What a done item still lacks.
    fn missing(&self, record: &VisitRecord, item: &ItemCode) -> Vec<RecordProblem> {
        let Some(form) = self.form(item.as_str()) else {
            return Vec::new();
        };
        let values = record.forms.get(item);
        let given = |code: &Key| values.is_some_and(|values| values.contains_key(code.as_str()));
        let fields = self.fields(form);
        let absent = fields.filter(|field| field.required && !given(&field.code));
        let mut problems: Vec<_> = absent
            .map(|field| {
                let param = Some(("name", field.code.to_string()));
                problem(
                    format!("forms.{item}.{}", field.code),
                    "field_missing",
                    param,
                )
            })
            .collect();
        for (index, used) in record.consumables.iter().enumerate() {
            let wanted = form.lots.iter().any(|code| code.as_str() == used.code);
            if wanted && used.lot.as_deref().is_none_or(|lot| lot.trim().is_empty()) {
                let path = format!("consumables[{index}].lot");
                problems.push(problem(path, "lot_missing", None));
            }
        }
        problems
    }
}

fn problem(
    field: String,
    code: &'static str,
    param: Option<(&'static str, String)>,
) -> RecordProblem {
    RecordProblem { field, code, param }
}

type Mistake = (&'static str, Option<(&'static str, String)>);

impl FormField {
    /// What is wrong with a value, if anything.
    fn check(&self, value: &Answer) -> Option<Mistake> {
        match (self.kind, value) {
            (FieldKind::YesNo, Answer::YesNo(_)) => None,
            (FieldKind::Number, Answer::Number(number)) => self.check_number(*number),
            (FieldKind::Text, Answer::Option(text)) => {
                text_problem(text, 1, TEXT_MAX).map(|code| (code, None))
            }
            (FieldKind::Choice, Answer::Option(code)) => {
                let known = self.options.iter().any(|one| one.code.as_str() == code);
                (!known).then_some(("form_choice_unknown", None))
            }
            (FieldKind::Date, Answer::Option(text)) => {
                let date = (text.len() == 10).then(|| text.parse::<NaiveDate>().ok());
                date.flatten().is_none().then_some(("date_invalid", None))
            }
            (FieldKind::Photo, Answer::Option(text)) => {
                (!is_hash(text)).then_some(("form_value_kind", None))
            }
            _ => Some(("form_value_kind", None)),
        }
    }

    fn check_number(&self, number: f64) -> Option<Mistake> {
        let range = self
            .plausible
            .filter(|range| !(range.min..=range.max).contains(&number));
        if let Some(VitalRange { min, max }) = range {
            return Some((
                "form_value_implausible",
                Some(("range", format!("{min}–{max}"))),
            ));
        }
        let fits = number.is_finite() && has_decimals(number, self.decimals);
        (!fits).then_some(("form_value_kind", None))
    }

    fn flags<'a>(
        &'a self,
        item: &'a ItemCode,
        value: &'a Answer,
    ) -> impl Iterator<Item = FormFlag> + 'a {
        let hit = self
            .critical
            .iter()
            .filter(|limit| limit.when.matches(value));
        hit.map(|limit| FormFlag {
            item: item.clone(),
            field: self.code.clone(),
            value: value.clone(),
            red_flag: limit.red_flag.clone(),
            advice: limit.advice.clone(),
        })
    }

    fn check_rule(&self, at: &mut Problems) {
        at.text("name", &self.name);
        at.in_range("decimals", self.decimals, 0..=3);
        let number = self.kind == FieldKind::Number;
        at.require(
            number == self.plausible.is_some(),
            "plausible",
            Code::Inconsistent,
            "a number has a plausible range, and nothing else has",
        );
        if let Some(VitalRange { min, max }) = self.plausible {
            let ordered = min.is_finite() && max.is_finite() && min < max;
            at.require(
                ordered,
                "plausible",
                Code::OutOfRange,
                "min has to be below max",
            );
        }
        let choice = self.kind == FieldKind::Choice;
        at.require(
            choice != self.options.is_empty(),
            "options",
            Code::Inconsistent,
            "a choice has options, and nothing else has",
        );
        at.unique("options", self.options.iter().map(|option| &option.code));
        at.each("options", &self.options, |at, option| {
            at.text("text", &option.text);
        });
        at.each("critical", &self.critical, |at, limit| {
            at.text("advice", &limit.advice);
            at.plain("red_flag", &limit.red_flag);
            let about_number = limit.when.limit().is_some();
            at.require(
                about_number == number,
                "when",
                Code::Inconsistent,
                "numbers are compared with numbers",
            );
        });
    }
}

impl RuleFile for RecordForms {
    fn edition(&self) -> Edition<'_> {
        Edition {
            version: self.version,
            valid_from: self.valid_from,
            approved_by: self.approved_by.as_deref(),
            approved_on: self.approved_on,
            source: &self.source,
        }
    }

    fn check_rules(&self, problems: &mut Problems) {
        problems.in_range("late_after_h", self.late_after_h, 1..=720);
        problems.in_range("blocks", self.blocks.len(), 0..=100);
        problems.unique("blocks", self.blocks.iter().map(|block| &block.code));
        let fields = self.blocks.iter().flat_map(|block| &block.fields);
        problems.unique("blocks", fields.map(|field| &field.code));
        problems.each("blocks", &self.blocks, |at, block| {
            at.text("name", &block.name);
            at.in_range("fields", block.fields.len(), 1..=50);
            at.each("fields", &block.fields, |at, field| field.check_rule(at));
        });
        problems.unique("items", self.items.iter().map(|form| &form.item));
        problems.each("items", &self.items, |at, form| {
            at.unique("blocks", &form.blocks);
            let known = |code: &&Key| self.blocks.iter().any(|block| block.code == **code);
            for code in form.blocks.iter().filter(|code| !known(code)) {
                let detail = format!("there is no block `{code}`");
                at.add("blocks", Code::UnknownReference, detail);
            }
            if let Some(link) = &form.device {
                let fields: Vec<_> = self.fields(form).collect();
                at.within("device", |at| link.check(at, &fields));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::seed;
    use crate::domain::visit_record::ConsumableUsed;

    fn record(item: &str, values: &[(&str, Answer)]) -> VisitRecord {
        let item: ItemCode = item.parse().expect("a code");
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        VisitRecord {
            items_done: vec![item.clone()],
            vitals: Vec::new(),
            note: "顺利".to_owned(),
            consumables: Vec::new(),
            forms: BTreeMap::from([(item, values.collect())]),
        }
    }

    fn word(text: &str) -> Answer {
        Answer::Option(text.to_owned())
    }

    fn good() -> Vec<(&'static str, Answer)> {
        vec![
            ("identity_checked", Answer::YesNo(true)),
            ("aseptic", Answer::YesNo(true)),
            ("tolerance", word("well")),
            ("drug_name", word("低分子肝素")),
            ("drug_dose", word("4000 IU")),
            ("drug_lot", word("H1")),
            ("drug_expires", word("2027-01-31")),
            ("observed_min", Answer::Number(30.0)),
            ("reaction", Answer::YesNo(false)),
        ]
    }

    fn codes(record: &VisitRecord) -> Vec<(String, &'static str)> {
        let found = seed::record_forms().check(record, &["SC".to_owned()]);
        let found = found.err().unwrap_or_default();
        found.into_iter().map(|one| (one.field, one.code)).collect()
    }

    #[test]
    fn every_form_belongs_to_an_item_and_its_lots_to_consumables() {
        for form in &seed::record_forms().items {
            let item = seed::catalogue().item(form.item.as_str());
            let item = item.unwrap_or_else(|| panic!("{} is not in the catalogue", form.item));
            for lot in &form.lots {
                assert!(item.consumables.iter().any(|one| one.code == *lot), "{lot}");
            }
        }
    }

    #[test]
    fn a_full_form_passes_and_each_required_field_is_missed() {
        assert_eq!(codes(&record("SC", &good())), []);
        for index in 0..good().len() {
            let mut values = good();
            let (name, _) = values.remove(index);
            let expected = (format!("forms.SC.{name}"), "field_missing");
            assert_eq!(codes(&record("SC", &values)), [expected]);
        }
    }

    #[test]
    fn each_mistake_is_named_at_its_field() {
        for (name, value, code) in [
            ("tolerance", word("splendid"), "form_choice_unknown"),
            ("tolerance", Answer::YesNo(true), "form_value_kind"),
            (
                "observed_min",
                Answer::Number(241.0),
                "form_value_implausible",
            ),
            ("observed_min", Answer::Number(0.5), "form_value_kind"),
            (
                "observed_min",
                Answer::Number(f64::NAN),
                "form_value_implausible",
            ),
            ("observed_min", word("30"), "form_value_kind"),
            ("drug_expires", word("2027-02-30"), "date_invalid"),
            ("drug_lot", word(""), "text_length"),
            ("drug_lot", word("a\0b"), "text_control_character"),
        ] {
            let mut values = good();
            values.retain(|(known, _)| *known != name);
            values.push((name, value));
            assert_eq!(
                codes(&record("SC", &values)),
                [(format!("forms.SC.{name}"), code)]
            );
        }
        let mut values = good();
        values.push(("mood", word("fine")));
        assert_eq!(
            codes(&record("SC", &values)),
            [("forms.SC.mood".to_owned(), "field_unknown")]
        );
    }

    #[test]
    fn a_form_of_another_item_is_refused_and_one_not_done_need_not_be_full() {
        let mut other = record("SC", &good());
        other
            .forms
            .insert("IM".parse().expect("a code"), FormValues::new());
        assert_eq!(codes(&other), [("forms.IM".to_owned(), "item_not_ordered")]);
        let mut undone = record("SC", &good()[..2]);
        undone.items_done.clear();
        assert_eq!(codes(&undone), []);
    }

    #[test]
    fn critical_values_are_flagged_at_the_border() {
        let flags = |value: f64| {
            let mut one = record("SUCT", &[("spo2_before", Answer::Number(value))]);
            one.items_done.clear();
            let found = seed::record_forms().check(&one, &["SUCT".to_owned()]);
            found.expect("plausible").len()
        };
        assert_eq!((flags(90.0), flags(89.0)), (0, 1));
        let mut values = good();
        values.retain(|(name, _)| *name != "reaction");
        values.push(("reaction", Answer::YesNo(true)));
        let found = seed::record_forms().check(&record("SC", &values), &["SC".to_owned()]);
        assert_eq!(found.expect("plausible")[0].red_flag, "FORM_DRUG_REACTION");
    }

    #[test]
    fn flags_of_a_value_do_not_hang_on_the_rest_of_the_record() {
        let one = record(
            "SUCT",
            &[
                ("spo2_before", Answer::Number(82.0)),
                ("spo2_after", Answer::Number(820.0)),
                ("mood", word("fine")),
            ],
        );
        let rules = seed::record_forms();
        assert!(rules.check(&one, &["SUCT".to_owned()]).is_err());
        let flags = rules.flags(&one.forms);
        let fields: Vec<_> = flags.iter().map(|flag| flag.field.as_str()).collect();
        assert_eq!(fields, ["spo2_before"]);
    }

    #[test]
    fn a_lot_is_asked_for_where_the_form_says_so() {
        let mut one = record("UC_CHG", &[]);
        one.consumables.push(ConsumableUsed {
            code: "foley_catheter".to_owned(),
            quantity: 1,
            lot: Some(" ".to_owned()),
        });
        let found = seed::record_forms().check(&one, &["UC_CHG".to_owned()]);
        let found = found.expect_err("much is missing");
        assert!(found.iter().any(|one| one.code == "lot_missing"));
    }
}
