//! Scales (field guide §4): items with points, a total, and the band it falls into. The server scores; a form never
//! sends a total. What the items, points and bands are is data, published by the hospital under its own licences.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::code::Key;
use super::rulefile::{Bilingual, Edition};

mod check;
mod score;
#[cfg(test)]
mod tests;

pub use score::{Score, ScoreProblem, ScoreProblemKind};

/// One version of the scales.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scales {
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
    /// The scales.
    pub scales: Vec<Scale>,
}

/// Which way a total gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// A higher total is better.
    Higher,
    /// A lower total is better.
    Lower,
}

/// Who may fill a scale in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RatedBy {
    /// Patients and families too.
    #[default]
    Anyone,
    /// Only staff: it takes training, or somebody at hand.
    Staff,
}

impl Better {
    /// What a change of the total means.
    pub fn trend(self, change: i32) -> Trend {
        match (self, change.signum()) {
            (_, 0) => Trend::Same,
            (Self::Higher, 1) | (Self::Lower, -1) => Trend::Better,
            _ => Trend::Worse,
        }
    }
}

/// Which way a total went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Better than the time before.
    Better,
    /// As before.
    Same,
    /// Worse than the time before.
    Worse,
}

/// One scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Its code, such as `barthel`.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// Which way a total gets better.
    pub better: Better,
    /// Who may fill it in.
    #[serde(default)]
    pub by: RatedBy,
    /// Who owns it, and what the hospital has to clear before it is used.
    pub licence: Bilingual,
    /// Where it was published.
    pub citation: String,
    /// What is asked, in order.
    pub items: Vec<ScaleItem>,
    /// What totals mean: from the lowest to the highest, without a gap.
    pub bands: Vec<Band>,
}

/// One item of a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleItem {
    /// Its code within the scale.
    pub code: Key,
    /// What is asked.
    pub text: Bilingual,
    /// How it is answered, and what an answer counts.
    pub ask: Ask,
}

/// How an item is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// One of several options; the answer is its code.
    Choice {
        /// The options, in the order shown.
        options: Vec<ScaleOption>,
    },
    /// A whole number that is its own points.
    Number {
        /// Smallest.
        min: i32,
        /// Largest.
        max: i32,
    },
    /// Something measured; the first way whose inputs are all there counts.
    Measured {
        /// The ways, best first.
        ways: Vec<Way>,
    },
    /// Full years of age on the day; never asked, the server knows it.
    Age {
        /// Points from a number of years on.
        steps: Vec<Step>,
    },
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleOption {
    /// Its code within the item.
    pub code: Key,
    /// What it counts.
    #[schema(minimum = 0, maximum = 100)]
    pub points: i32,
    /// What is shown.
    pub text: Bilingual,
    /// A band it puts the patient in, whatever the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<Key>,
}

/// A way to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// What is made of the inputs.
    pub derive: Derive,
    /// What is measured; each answers under its own code.
    pub inputs: Vec<Input>,
    /// Points from a value on.
    pub steps: Vec<Step>,
}

/// What is made of measured inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Derive {
    /// The one input.
    Value,
    /// The first by the second.
    Product,
    /// Kilograms by the square of metres; the inputs are kilograms and centimetres.
    Bmi,
}

/// One measured input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its code within the scale.
    pub code: Key,
    /// What is measured.
    pub text: Bilingual,
    /// Its unit, as shown.
    pub unit: String,
    /// Smallest value accepted.
    pub min: f64,
    /// Largest value accepted.
    pub max: f64,
    /// Digits after the point.
    #[schema(maximum = 1)]
    pub decimals: u8,
}

/// Points from a value on, up to the next step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// First value, in hundredths at the finest.
    pub from: f64,
    /// What it counts.
    pub points: i32,
}

/// What a range of totals means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Its code within the scale.
    pub code: Key,
    /// Lowest total in it.
    pub from: i32,
    /// Highest total in it.
    pub to: i32,
    /// What it means.
    pub text: Bilingual,
    /// Somebody has to look at it, and this is what for. No treatment ever follows from a band by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_person: Option<Bilingual>,
}

impl Scales {
    /// The scale with this code.
    pub fn scale(&self, code: &str) -> Option<&Scale> {
        self.scales.iter().find(|scale| scale.code.as_str() == code)
    }
}

impl Scale {
    /// The item with this code.
    pub fn item(&self, code: &str) -> Option<&ScaleItem> {
        self.items.iter().find(|item| item.code.as_str() == code)
    }

    /// The band with this code.
    pub fn band(&self, code: &str) -> Option<&Band> {
        self.bands.iter().find(|band| band.code.as_str() == code)
    }

    /// Lowest total.
    pub fn lowest(&self) -> i32 {
        self.items.iter().map(|item| item.ask.range().0).sum()
    }

    /// Highest total.
    pub fn highest(&self) -> i32 {
        self.items.iter().map(|item| item.ask.range().1).sum()
    }
}

impl Ask {
    /// Fewest and most points of an answer.
    fn range(&self) -> (i32, i32) {
        let span = |points: &mut dyn Iterator<Item = i32>| {
            points.fold((i32::MAX, i32::MIN), |(low, high), one| {
                (low.min(one), high.max(one))
            })
        };
        let (low, high) = match self {
            Self::Choice { options } => span(&mut options.iter().map(|option| option.points)),
            Self::Number { min, max } => (*min, *max),
            Self::Measured { ways } => {
                let steps = ways.iter().flat_map(|way| &way.steps);
                span(&mut steps.map(|step| step.points))
            }
            Self::Age { steps } => span(&mut steps.iter().map(|step| step.points)),
        };
        // A list that is empty is a mistake of its own.
        if low > high { (0, 0) } else { (low, high) }
    }
}

impl super::rulefile::RuleFile for Scales {
    fn edition(&self) -> Edition<'_> {
        Edition {
            version: self.version,
            valid_from: self.valid_from,
            approved_by: self.approved_by.as_deref(),
            approved_on: self.approved_on,
            source: &self.source,
        }
    }

    fn check_rules(&self, problems: &mut super::rulefile::Problems) {
        check::scales(self, problems);
    }
}
