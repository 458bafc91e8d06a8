//! Vital signs: which readings can be true, and which ones alarm.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    catalogue::{Key, TriggerWhen},
    rulefile::{self, Bilingual, Edition, Problems, RuleErrors, RuleFile, RuleProblemCode as Code},
    screening::has_decimals,
};

#[cfg(test)]
mod tests;

/// One version of the rules for vital signs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VitalRules {
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
    /// The signs that can be recorded.
    pub signs: Vec<VitalSign>,
}

/// One vital sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VitalSign {
    /// Its code, such as `spo2`.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// Its unit, as shown.
    pub unit: String,
    /// Digits after the point.
    #[schema(maximum = 3)]
    pub decimals: u8,
    /// Readings outside are refused: a slip of the finger, or a broken device.
    pub plausible: VitalRange,
    /// Another sign of the same record that has to be smaller.
    pub must_exceed: Option<Key>,
    /// Readings that raise a flag; they are recorded all the same.
    pub critical: Vec<CriticalLimit>,
}

/// A range, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VitalRange {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

/// A limit beyond which somebody has to act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CriticalLimit {
    /// Which readings.
    pub when: TriggerWhen,
    /// The red flag it belongs to, such as `RF03` (field guide §3.4).
    pub red_flag: String,
    /// What to do, and how soon.
    pub advice: Bilingual,
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VitalReading {
    /// The code of the sign.
    #[schema(max_length = 32, example = "temperature")]
    pub code: String,
    /// The value, in the sign's unit.
    pub value: f64,
}

/// A reading that alarms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VitalFlag {
    /// The sign.
    pub code: Key,
    /// The reading.
    pub value: f64,
    /// The red flag it belongs to.
    pub red_flag: String,
    /// What to do, and how soon.
    pub advice: Bilingual,
}

impl VitalFlag {
    /// What is told the desk of it, a line.
    pub fn line(&self) -> String {
        format!("{} {}: {}", self.code, self.value, self.advice.zh)
    }
}

/// What is wrong with a reading.
#[derive(Debug, Clone, PartialEq)]
pub enum VitalProblemKind {
    /// Outside the plausible range.
    OutOfRange(VitalRange),
    /// More digits after the point than the sign has.
    TooPrecise {
        /// Digits after the point.
        decimals: u8,
    },
    /// Not above the sign it has to exceed.
    NotAbove {
        /// That other sign.
        other: Key,
    },
    /// No such sign.
    Unknown,
    /// The same sign twice.
    Duplicate,
}

/// A reading that cannot be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct VitalProblem {
    /// The code as it was sent.
    pub sign: String,
    /// What is wrong.
    pub kind: VitalProblemKind,
}

impl VitalProblem {
    /// The stable code of the problem.
    pub fn code(&self) -> &'static str {
        match self.kind {
            VitalProblemKind::Unknown => "vital_unknown",
            VitalProblemKind::Duplicate => "vital_duplicate",
            VitalProblemKind::OutOfRange(_)
            | VitalProblemKind::TooPrecise { .. }
            | VitalProblemKind::NotAbove { .. } => "vital_implausible",
        }
    }
}

impl VitalRules {
    /// Reads rules for vital signs and checks all of them.
    pub fn parse(json: &str) -> Result<Self, RuleErrors> {
        rulefile::parse(json)
    }

    /// The sign with this code.
    pub fn sign(&self, code: &str) -> Option<&VitalSign> {
        self.signs.iter().find(|sign| sign.code.as_str() == code)
    }

    /// Checks the readings of one record together; flags come in the order of the readings.
    pub fn check(&self, readings: &[VitalReading]) -> Result<Vec<VitalFlag>, Vec<VitalProblem>> {
        let mut values = BTreeMap::new();
        let mut problems = Vec::new();
        let mut flags = Vec::new();
        for reading in readings {
            let twice = values
                .insert(reading.code.as_str(), reading.value)
                .is_some();
            match self.sign(&reading.code) {
                None => problems.push(reading.problem(VitalProblemKind::Unknown)),
                Some(_) if twice => problems.push(reading.problem(VitalProblemKind::Duplicate)),
                Some(sign) => match sign.check_value(reading.value) {
                    Ok(()) => flags.extend(sign.flags(reading.value)),
                    Err(kind) => problems.push(reading.problem(kind)),
                },
            }
        }
        problems.extend(self.check_order(&values));
        if problems.is_empty() {
            Ok(flags)
        } else {
            Err(problems)
        }
    }

    /// Flags of those readings that can be true, each by itself, whatever is wrong with the others.
    pub fn flags(&self, readings: &[VitalReading]) -> Vec<VitalFlag> {
        let one = |reading| {
            self.check(std::slice::from_ref(reading))
                .unwrap_or_default()
        };
        readings.iter().flat_map(one).collect()
    }

    fn check_order(&self, values: &BTreeMap<&str, f64>) -> Vec<VitalProblem> {
        let breaks_order = |sign: &VitalSign| {
            let other = sign.must_exceed.clone()?;
            let (value, below) = (values.get(sign.code.as_str())?, values.get(other.as_str())?);
            let kind = VitalProblemKind::NotAbove { other };
            (value <= below).then(|| VitalProblem {
                sign: sign.code.to_string(),
                kind,
            })
        };
        self.signs.iter().filter_map(breaks_order).collect()
    }
}

impl VitalReading {
    fn problem(&self, kind: VitalProblemKind) -> VitalProblem {
        VitalProblem {
            sign: self.code.clone(),
            kind,
        }
    }
}

impl VitalSign {
    fn check_value(&self, value: f64) -> Result<(), VitalProblemKind> {
        if !(self.plausible.min..=self.plausible.max).contains(&value) {
            return Err(VitalProblemKind::OutOfRange(self.plausible));
        }
        if has_decimals(value, self.decimals) {
            Ok(())
        } else {
            Err(VitalProblemKind::TooPrecise {
                decimals: self.decimals,
            })
        }
    }

    fn flags(&self, value: f64) -> impl Iterator<Item = VitalFlag> {
        self.critical
            .iter()
            .filter(move |limit| limit.when.matches_number(value))
            .map(move |limit| VitalFlag {
                code: self.code.clone(),
                value,
                red_flag: limit.red_flag.clone(),
                advice: limit.advice.clone(),
            })
    }

    fn check_rule(&self, all: &VitalRules, at: &mut Problems) {
        at.text("name", &self.name);
        at.plain("unit", &self.unit);
        at.in_range("decimals", self.decimals, 0..=3);
        let VitalRange { min, max } = self.plausible;
        let ordered = min.is_finite() && max.is_finite() && min < max;
        at.require(
            ordered,
            "plausible",
            Code::OutOfRange,
            "min has to be below max",
        );
        if let Some(other) = &self.must_exceed {
            let another = all
                .sign(other.as_str())
                .is_some_and(|sign| sign.code != self.code);
            at.require(
                another,
                "must_exceed",
                Code::UnknownReference,
                "has to be another sign of this file",
            );
        }
        at.each("critical", &self.critical, |at, limit| {
            at.text("advice", &limit.advice);
            at.plain("red_flag", &limit.red_flag);
            match limit.when.limit() {
                Some(number) => at.in_range("when", number, min..=max),
                None => at.add(
                    "when",
                    Code::Inconsistent,
                    "a vital sign is compared with a number",
                ),
            }
        });
    }
}

impl RuleFile for VitalRules {
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
        problems.in_range("signs", self.signs.len(), 1..=100);
        problems.unique("signs", self.signs.iter().map(|sign| &sign.code));
        problems.each("signs", &self.signs, |at, sign| sign.check_rule(self, at));
    }
}
