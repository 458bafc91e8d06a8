//! What makes price rules sound, beyond what their types say.

use super::{CancelStage, CancellationRule, LineKind, PriceRules};
use crate::domain::rulefile::{Problems, RuleProblemCode as Code};

/// Highest single amount, 100,000 yuan: catches a price typed in the wrong unit, and keeps sums far from overflow.
const FEN_MAX: i64 = 10_000_000;
/// Most items with a price; as many as a catalogue may hold.
const ITEMS_MAX: usize = 500;

pub(super) fn prices(rules: &PriceRules, problems: &mut Problems) {
    problems.unique("items", rules.items.iter().map(|price| &price.item));
    problems.in_range("items", rules.items.len(), 1..=ITEMS_MAX);
    problems.each("items", &rules.items, |at, price| {
        at.in_range("procedure_fen", price.procedure_fen, 0..=FEN_MAX);
        at.in_range("consumables_fen", price.consumables_fen, 0..=FEN_MAX);
    });
    bands(rules, problems);
    if let Some(night) = &rules.night {
        problems.within("night", |at| {
            surcharge(night.percent, &night.parts, at);
            at.require(
                night.from != night.to,
                "to",
                Code::Inconsistent,
                "a night needs a beginning and an end",
            );
        });
    }
    if let Some(holiday) = &rules.holiday {
        problems.within("holiday", |at| {
            surcharge(holiday.percent, &holiday.parts, at);
        });
    }
    let unit = [1, 10, 100].contains(&rules.rounding.unit_fen);
    problems.require(
        unit,
        "rounding.unit_fen",
        Code::OutOfRange,
        "has to be 1, 10 or 100",
    );
    cancellation(rules, problems);
}

fn bands(rules: &PriceRules, problems: &mut Problems) {
    problems.in_range("visit_fee", rules.visit_fee.len(), 1..=50);
    problems.each("visit_fee", &rules.visit_fee, |at, band| {
        at.in_range("up_to_m", band.up_to_m.unwrap_or(1), 1..=1_000_000);
        at.in_range("fen", band.fen, 0..=FEN_MAX);
    });
    for pair in rules.visit_fee.windows(2) {
        let ordered = pair[0]
            .up_to_m
            .is_some_and(|near| pair[1].up_to_m.is_none_or(|far| near < far));
        let detail = "bands go from near to far, and only the last one is open";
        problems.require(ordered, "visit_fee", Code::Inconsistent, detail);
        let dearer = pair[0].fen <= pair[1].fen;
        problems.require(
            dearer,
            "visit_fee",
            Code::Inconsistent,
            "a farther band cannot be cheaper",
        );
    }
}

fn surcharge(percent: u32, kinds: &[LineKind], at: &mut Problems) {
    at.in_range("percent", percent, 1..=300);
    parts(kinds, at);
    let plain = !kinds.iter().any(|kind| kind.is_surcharge());
    at.require(
        plain,
        "parts",
        Code::Inconsistent,
        "a surcharge is not taken on a surcharge",
    );
}

fn parts(kinds: &[LineKind], at: &mut Problems) {
    at.require(
        !kinds.is_empty(),
        "parts",
        Code::Inconsistent,
        "names no part of the bill",
    );
    at.unique("parts", kinds.iter().map(|kind| kind.name()));
}

fn cancellation(rules: &PriceRules, problems: &mut Problems) {
    problems.unique(
        "cancellation",
        rules.cancellation.iter().map(|rule| &rule.code),
    );
    problems.each("cancellation", &rules.cancellation, |at, rule| {
        at.in_range("percent", rule.percent, 0..=100);
        at.in_range(
            "min_notice_min",
            rule.min_notice_min.unwrap_or(0),
            0..=10_080,
        );
        at.text("text", &rule.text);
        parts(&rule.parts, at);
    });
    for stage in [
        CancelStage::BeforeAccept,
        CancelStage::Accepted,
        CancelStage::Departed,
        CancelStage::Aborted,
    ] {
        let of_stage: Vec<_> = rules
            .cancellation
            .iter()
            .filter(|rule| rule.stage == stage)
            .collect();
        if !is_ladder(&of_stage) {
            let detail = format!(
                "the rules of {stage:?} go from long to short notice and end with one for any time"
            );
            problems.add("cancellation", Code::Inconsistent, detail);
        }
    }
}

/// Falling notice, then exactly one rule that needs none: every moment has its rule and every rule can be reached.
fn is_ladder(rules: &[&CancellationRule]) -> bool {
    let falls = |pair: &[&CancellationRule]| match (pair[0].min_notice_min, pair[1].min_notice_min)
    {
        (Some(long), Some(short)) => long > short,
        (notice, None) => notice.is_some(),
        (None, Some(_)) => false,
    };
    rules
        .last()
        .is_some_and(|rule| rule.min_notice_min.is_none())
        && rules.windows(2).all(falls)
}
