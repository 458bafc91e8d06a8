//! Mistakes in a file of scales that the types cannot rule out.

use super::score::hundredths;
use super::{Ask, Band, Derive, Input, Scale, ScaleItem, ScaleOption, Scales, Step, Way};
use crate::domain::rulefile::{Problems, RuleProblemCode as Code};

pub(super) fn scales(file: &Scales, at: &mut Problems) {
    at.in_range("scales", file.scales.len(), 1..=100);
    at.unique("scales", file.scales.iter().map(|scale| &scale.code));
    at.each("scales", &file.scales, scale);
}

fn scale(at: &mut Problems, scale: &Scale) {
    at.text("name", &scale.name);
    at.text("licence", &scale.licence);
    at.plain("citation", &scale.citation);
    at.in_range("items", scale.items.len(), 1..=60);
    at.unique("items", scale.items.iter().flat_map(answered_under));
    at.each("items", &scale.items, |at, item| {
        at.text("text", &item.text);
        at.within("ask", |at| ask(at, &item.ask, scale));
    });
    bands(at, scale);
}

/// Codes under which an item is answered: they share one namespace.
fn answered_under(item: &ScaleItem) -> Vec<&str> {
    match &item.ask {
        Ask::Measured { ways } => ways
            .iter()
            .flat_map(|way| &way.inputs)
            .map(|input| input.code.as_str())
            .chain([item.code.as_str()])
            .collect(),
        _ => vec![item.code.as_str()],
    }
}

fn ask(at: &mut Problems, ask: &Ask, scale: &Scale) {
    match ask {
        Ask::Choice { options } => {
            at.in_range("options", options.len(), 2..=20);
            at.unique("options", options.iter().map(|option| &option.code));
            at.each("options", options, |at, one| option(at, one, scale));
        }
        Ask::Number { min, max } => {
            at.in_range("min", *min, 0..=1000);
            at.in_range("max", *max, 0..=1000);
            at.require(min < max, "max", Code::OutOfRange, "has to be above min");
        }
        Ask::Measured { ways } => {
            at.in_range("ways", ways.len(), 1..=5);
            at.each("ways", ways, way);
        }
        Ask::Age { steps } => check_steps(at, steps),
    }
}

fn option(at: &mut Problems, option: &ScaleOption, scale: &Scale) {
    at.text("text", &option.text);
    at.in_range("points", option.points, 0..=100);
    if let Some(band) = &option.band {
        let known = scale.band(band.as_str()).is_some();
        at.require(known, "band", Code::UnknownReference, "no such band");
    }
}

fn way(at: &mut Problems, way: &Way) {
    let inputs = match way.derive {
        Derive::Value => 1,
        Derive::Product | Derive::Bmi => 2,
    };
    at.in_range("inputs", way.inputs.len(), inputs..=inputs);
    at.each("inputs", &way.inputs, |at, one| input(at, one, way.derive));
    check_steps(at, &way.steps);
}

fn input(at: &mut Problems, input: &Input, derive: Derive) {
    at.text("text", &input.text);
    at.plain("unit", &input.unit);
    // With two digits each a product would be finer than the hundredths it is judged in.
    at.in_range("decimals", input.decimals, 0..=1);
    let least = if derive == Derive::Bmi { 1.0 } else { 0.0 };
    at.in_range("min", input.min, least..=10_000.0);
    at.in_range("max", input.max, least..=10_000.0);
    let detail = "has to be above min";
    at.require(input.min < input.max, "max", Code::OutOfRange, detail);
}

fn check_steps(at: &mut Problems, steps: &[Step]) {
    at.in_range("steps", steps.len(), 1..=50);
    at.each("steps", steps, |at, step| {
        at.in_range("from", step.from, 0.0..=1_000_000.0);
        at.in_range("points", step.points, 0..=100);
    });
    let rising = steps
        .windows(2)
        .all(|pair| hundredths(pair[0].from) < hundredths(pair[1].from));
    let from_zero = steps.first().is_some_and(|step| step.from == 0.0);
    let detail = "begin at 0 and rise";
    at.require(rising && from_zero, "steps", Code::Inconsistent, detail);
}

/// The bands hold every total from the lowest to the highest once.
fn bands(at: &mut Problems, scale: &Scale) {
    at.in_range("bands", scale.bands.len(), 1..=20);
    at.unique("bands", scale.bands.iter().map(|band| &band.code));
    let mut next = scale.lowest();
    at.each("bands", &scale.bands, |at, band| {
        let Band { from, to, .. } = band;
        at.text("text", &band.text);
        if let Some(text) = &band.needs_person {
            at.text("needs_person", text);
        }
        let follows = *from == next && to >= from;
        let detail = format!("bands follow each other without a gap: this one begins at {next}");
        at.require(follows, "from", Code::Inconsistent, &detail);
        next = to + 1;
    });
    let highest = scale.highest();
    let detail = format!("the last band ends at the highest total, {highest}");
    at.require(next == highest + 1, "bands", Code::Inconsistent, &detail);
}
