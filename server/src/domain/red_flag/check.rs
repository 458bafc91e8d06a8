//! Mistakes in a file of red flags that the types cannot rule out.

use super::{FactKind, FactSource, Level, RedFlags, When};
use crate::domain::catalogue::TriggerWhen;
use crate::domain::code::Key;
use crate::domain::rulefile::{Bilingual, Problems, RuleProblemCode as Code};

/// Most conditions within conditions.
const MAX_DEPTH: usize = 6;
/// What no family is ever told.
const NEVER: &[&str] = &["等待回复", "等候回复", "wait for a reply", "await a reply"];

pub(super) fn red_flags(file: &RedFlags, at: &mut Problems) {
    at.in_range("facts", file.facts.len(), 1..=500);
    at.unique("facts", file.facts.iter().map(|fact| &fact.code));
    at.each("facts", &file.facts, |at, fact| {
        at.text("text", &fact.text);
        at.each("from", &fact.from, |at, from| source(at, fact.kind, from));
    });
    at.in_range("rules", file.rules.len(), 1..=200);
    at.unique("rules", file.rules.iter().map(|rule| &rule.code));
    at.each("rules", &file.rules, |at, rule| {
        at.text("name", &rule.name);
        at.in_range("levels", rule.levels.len(), 1..=5);
        at.each("levels", &rule.levels, |at, level| {
            check_level(at, file, level);
        });
    });
}

fn source(at: &mut Problems, kind: FactKind, from: &FactSource) {
    let gives = match from {
        FactSource::Vital { .. } | FactSource::Item { .. } | FactSource::Scale { .. } => {
            FactKind::Number
        }
        FactSource::Condition { .. }
        | FactSource::Device { .. }
        | FactSource::Diagnosis { .. }
        | FactSource::Discharge { .. } => FactKind::YesNo,
    };
    match from {
        FactSource::Discharge {
            within_days: Some(days),
            ..
        } => at.in_range("within_days", *days, 1..=3_650),
        FactSource::Vital {
            under_days: Some(days),
            ..
        } => at.in_range("under_days", *days, 1..=3_650),
        _ => {}
    }
    let detail = "the source gives the other kind of fact";
    at.require(gives == kind, "", Code::Inconsistent, detail);
}

fn check_level(at: &mut Problems, file: &RedFlags, level: &Level) {
    at.in_range("deadline_min", level.deadline_min, 1..=10_080);
    at.text("staff", &level.staff);
    at.text("family", &level.family);
    at.within("family", |at| family(at, level));
    at.within("when", |at| when(at, file, &level.when, MAX_DEPTH));
}

/// The family is told what to do now, and 120 where it has to call.
fn family(at: &mut Problems, level: &Level) {
    let Bilingual { zh, en } = &level.family;
    for (field, text) in [("zh", zh), ("en", en)] {
        let waits = NEVER
            .iter()
            .any(|never| text.to_lowercase().contains(never));
        at.require(
            !waits,
            field,
            Code::BadText,
            "nobody is told to wait for a reply",
        );
        let named = !level.call_120 || text.contains("120");
        at.require(named, field, Code::Inconsistent, "has to name 120");
    }
}

fn when(at: &mut Problems, file: &RedFlags, condition: &When, depth: usize) {
    if depth == 0 {
        return at.add("", Code::OutOfRange, "conditions are nested too deep");
    }
    match condition {
        When::All(list) | When::Any(list) => {
            let name = if matches!(condition, When::All(_)) {
                "all"
            } else {
                "any"
            };
            at.in_range(name, list.len(), 1..=50);
            at.each(name, list, |at, one| when(at, file, one, depth - 1));
        }
        When::Not(one) => at.within("not", |at| when(at, file, one, depth - 1)),
        When::Yes(code) => fact(at, file, "yes", code, FactKind::YesNo),
        When::Number { fact: code, is } => at.within("number", |at| {
            fact(at, file, "fact", code, FactKind::Number);
            let limit = !matches!(is, TriggerWhen::Equals(_) | TriggerWhen::OneOf(_));
            let detail = "a number is compared with a number";
            at.require(limit, "is", Code::Inconsistent, detail);
        }),
        When::Rise {
            fact: code,
            by,
            within_h,
        } => at.within("rise", |at| {
            fact(at, file, "fact", code, FactKind::Number);
            at.in_range("by", *by, 0.01..=10_000.0);
            at.in_range("within_h", *within_h, 1..=720);
        }),
    }
}

fn fact(at: &mut Problems, file: &RedFlags, field: &str, code: &Key, kind: FactKind) {
    match file.fact(code.as_str()) {
        None => at.add(field, Code::UnknownReference, "no such fact"),
        Some(fact) if fact.kind != kind => {
            at.add(field, Code::Inconsistent, "the fact is of the other kind");
        }
        Some(_) => {}
    }
}
