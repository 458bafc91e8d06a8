//! What makes a catalogue sound, beyond what its types say.

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalogue, Item, Listing, Question};
use crate::domain::rulefile::{Bilingual, Problems, RuleProblemCode as Code};

mod screening;

use screening::{contraindications, patient_rule, questions};

/// Most items a catalogue holds.
const ITEMS_MAX: usize = 500;

/// Codes that are defined, and what each shared code means where it was met first.
struct Defined<'a> {
    certificates: BTreeSet<&'a str>,
    conditions: BTreeSet<&'a str>,
    groups: BTreeSet<&'a str>,
    questions: BTreeMap<&'a str, &'a Question>,
    goods: BTreeMap<&'a str, (&'a Bilingual, Option<&'a Bilingual>)>,
}

pub(super) fn catalogue(file: &Catalogue, problems: &mut Problems) {
    problems.unique(
        "certificate_kinds",
        file.certificate_kinds.iter().map(|kind| &kind.code),
    );
    problems.unique(
        "conditions",
        file.conditions.iter().map(|condition| &condition.code),
    );
    problems.unique("groups", file.groups.iter().map(|group| &group.code));
    problems.unique("items", file.items.iter().map(|item| &item.code));
    problems.each("certificate_kinds", &file.certificate_kinds, |at, kind| {
        at.text("name", &kind.name);
    });
    problems.each("conditions", &file.conditions, |at, condition| {
        at.text("name", &condition.name);
    });
    problems.each("groups", &file.groups, |at, group| {
        at.text("name", &group.name);
    });
    problems.in_range("items", file.items.len(), 1..=ITEMS_MAX);
    let mut defined = Defined {
        certificates: file
            .certificate_kinds
            .iter()
            .map(|kind| kind.code.as_str())
            .collect(),
        conditions: file
            .conditions
            .iter()
            .map(|condition| condition.code.as_str())
            .collect(),
        groups: file
            .groups
            .iter()
            .map(|group| group.code.as_str())
            .collect(),
        questions: BTreeMap::new(),
        goods: BTreeMap::new(),
    };
    problems.within("general", |at| {
        questions(&file.general.screening, &mut defined, at);
        contraindications(&file.general.contraindications, &defined, at);
    });
    problems.each("items", &file.items, |at, item| {
        check_item(item, &mut defined, at);
    });
}

fn check_item<'a>(item: &'a Item, defined: &mut Defined<'a>, at: &mut Problems) {
    at.text("name", &item.name);
    references(item, defined, at);
    ranges(item, at);
    agreement(item, at);
    goods(item, defined, at);
    questions(&item.screening, defined, at);
    contraindications(&item.contraindications, defined, at);
    at.unique(
        "patient_rules",
        item.patient_rules.iter().map(|rule| &rule.code),
    );
    at.each("patient_rules", &item.patient_rules, |at, rule| {
        patient_rule(rule, item, defined, at);
    });
    at.each("stop_rules", &item.stop_rules, |at, rule| at.text("", rule));
}

fn references(item: &Item, defined: &Defined<'_>, at: &mut Problems) {
    known("group", item.group.as_str(), &defined.groups, at);
    at.each("certificates", &item.certificates, |at, any| {
        at.require(
            !any.is_empty(),
            "",
            Code::Inconsistent,
            "an empty choice of certificates can never be met",
        );
        at.unique("", any);
        for code in any {
            known("", code.as_str(), &defined.certificates, at);
        }
    });
}

fn known(field: &str, code: &str, defined: &BTreeSet<&str>, at: &mut Problems) {
    if !defined.contains(code) {
        at.add(
            field,
            Code::UnknownReference,
            format!("`{code}` is not defined in this catalogue"),
        );
    }
}

fn ranges(item: &Item, at: &mut Problems) {
    at.in_range("duration_min", item.duration_min, 5..=240);
    at.in_range("risk", item.risk, 1..=3);
    at.in_range("persons", item.persons, 1..=2);
    at.in_range(
        "assessment_valid_days",
        item.assessment_valid_days.unwrap_or(1),
        1..=365,
    );
    at.in_range(
        "prescription_valid_days",
        item.prescription_valid_days.unwrap_or(1),
        1..=90,
    );
    at.in_range("sites_included", item.sites_included.unwrap_or(1), 1..=20);
    if let Some(span) = item.repeat_days {
        at.within("repeat_days", |at| {
            at.in_range("min", span.min, 1..=365);
            at.in_range("max", span.max, 1..=365);
            at.require(
                span.min <= span.max,
                "",
                Code::Inconsistent,
                "min is above max",
            );
        });
    }
}

fn agreement(item: &Item, at: &mut Problems) {
    let open = item.listing == Listing::Positive || !item.open;
    at.require(
        open,
        "open",
        Code::Inconsistent,
        "an item on the negative list cannot be open",
    );
    let photo = item.needs_photo == item.photo_note.is_some();
    at.require(
        photo,
        "photo_note",
        Code::Inconsistent,
        "a photo and the note on what it shows go together",
    );
    for (field, text) in [
        ("photo_note", &item.photo_note),
        ("repeat_note", &item.repeat_note),
    ] {
        if let Some(text) = text {
            at.text(field, text);
        }
    }
}

fn goods<'a>(item: &'a Item, defined: &mut Defined<'a>, at: &mut Problems) {
    let codes = item
        .consumables
        .iter()
        .map(|good| &good.code)
        .chain(item.equipment.iter().map(|good| &good.code));
    at.unique("consumables", codes);
    at.each("consumables", &item.consumables, |at, good| {
        at.text("name", &good.name);
        at.text("unit", &good.unit);
        at.in_range("quantity", good.quantity, 1..=100);
        same_good(
            good.code.as_str(),
            &good.name,
            Some(&good.unit),
            defined,
            at,
        );
    });
    at.each("equipment", &item.equipment, |at, good| {
        at.text("name", &good.name);
        same_good(good.code.as_str(), &good.name, None, defined, at);
    });
}

fn same_good<'a>(
    code: &'a str,
    name: &'a Bilingual,
    unit: Option<&'a Bilingual>,
    defined: &mut Defined<'a>,
    at: &mut Problems,
) {
    if *defined.goods.entry(code).or_insert((name, unit)) != (name, unit) {
        at.add(
            "code",
            Code::Duplicate,
            format!("`{code}` has another name or unit elsewhere"),
        );
    }
}
