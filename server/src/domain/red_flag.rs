//! Red flags (field guide §3.4): what has to be acted on within a deadline, judged from answers, vital signs, scales and
//! how they change. The family is told at once what to do; nobody is told to wait for a reply.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::{AlertSeverity, DeviceKind, FlagOwner};
use serde::{Deserialize, Serialize};

use super::catalogue::TriggerWhen;
use super::code::{ItemCode, Key, QuestionCode};
use super::rulefile::{Bilingual, Edition};

mod check;
#[cfg(test)]
mod tests;

/// One version of the red flags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedFlags {
    /// Counts up from 1.
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the values come from.
    pub source: String,
    /// What the rules look at. A question of a questionnaire with the same code answers it.
    pub facts: Vec<FactDef>,
    /// The rules.
    pub rules: Vec<RedFlag>,
}

/// Something that can be known of a patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactDef {
    /// Its code.
    pub code: Key,
    /// What it is.
    pub kind: FactKind,
    /// Its name.
    pub text: Bilingual,
    /// Where it comes from besides answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<FactSource>,
}

/// What a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// It is so, or not.
    YesNo,
    /// A number, followed over time.
    Number,
}

/// Where a fact comes from besides answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum FactSource {
    /// A vital sign.
    Vital {
        /// Its code.
        vital: Key,
        /// Only of somebody younger than so many days; absent: of everybody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        under_days: Option<u32>,
    },
    /// Points of an item of a scale.
    Item {
        /// Code of the scale.
        scale: Key,
        /// Code of the item.
        item: Key,
    },
    /// The total of a scale.
    Scale {
        /// Its code.
        scale: Key,
    },
    /// A condition on the patient's record.
    Condition {
        /// Its code.
        condition: Key,
    },
    /// A device in place.
    Device {
        /// Its kind.
        device: DeviceKind,
    },
    /// A diagnosis of a discharge or on the patient's record.
    Diagnosis {
        /// Code of its group in the rules of follow-up.
        diagnosis_group: Key,
    },
    /// What a discharge says besides its diagnoses.
    Discharge {
        /// Code of the condition in the rules of follow-up.
        discharge_condition: Key,
        /// Days after the discharge until which it holds; absent: for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within_days: Option<u32>,
    },
}

/// What is known of a patient's stays in hospital and diagnoses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Groups of the diagnoses.
    pub groups: BTreeSet<String>,
    /// What discharges say besides, each with the day of the discharge.
    pub said: Vec<(String, NaiveDate)>,
}

/// A red flag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedFlag {
    /// Its code, such as `RF01`.
    pub code: QuestionCode,
    /// What it is about.
    pub name: Bilingual,
    /// How bad it can be; the first level that holds counts.
    pub levels: Vec<Level>,
}

/// How bad a red flag is, and what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// When it holds.
    pub when: When,
    /// How soon it has to be looked at.
    pub severity: AlertSeverity,
    /// Minutes until it has to be dealt with.
    pub deadline_min: u32,
    /// Who deals with it.
    pub owner: FlagOwner,
    /// The family calls 120 at once.
    pub call_120: bool,
    /// What the family does now.
    pub family: Bilingual,
    /// What staff do.
    pub staff: Bilingual,
    /// Items that an order may have which becomes of it; suggested, never booked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemCode>,
}

/// A condition over facts. What is not known does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// Every one of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// It is known to be so.
    Yes(Key),
    /// The number told now.
    Number {
        /// Of which fact.
        fact: Key,
        /// Where it lies.
        is: TriggerWhen,
    },
    /// The number told now is higher by at least so much than one told within the hours before.
    Rise {
        /// Of which fact.
        fact: Key,
        /// By how much.
        by: f64,
        /// Within how many hours.
        within_h: u32,
    },
}

/// What is known of a patient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    yes: BTreeSet<Key>,
    now: BTreeMap<Key, f64>,
    before: BTreeMap<Key, Vec<(DateTime<Utc>, f64)>>,
}

impl Facts {
    /// Something is so.
    pub fn yes(&mut self, code: Key) {
        self.yes.insert(code);
    }

    /// A number told now.
    pub fn number(&mut self, code: Key, value: f64) {
        self.now.insert(code, value);
    }

    /// A number told before.
    pub fn earlier(&mut self, code: Key, at: DateTime<Utc>, value: f64) {
        self.before.entry(code).or_default().push((at, value));
    }

    /// Leaves out what was told before of a fact at a moment.
    pub fn forget(&mut self, code: &Key, at: DateTime<Utc>) {
        if let Some(earlier) = self.before.get_mut(code) {
            earlier.retain(|(told_at, _)| *told_at != at);
        }
    }

    /// The numbers told now.
    pub fn numbers(&self) -> &BTreeMap<Key, f64> {
        &self.now
    }

    fn rose(&self, fact: &Key, by: f64, within_h: u32, now: DateTime<Utc>) -> bool {
        let since = now - TimeDelta::hours(i64::from(within_h));
        let (Some(value), Some(before)) = (self.now.get(fact), self.before.get(fact)) else {
            return false;
        };
        let mut earlier = before.iter().filter(|(at, _)| (since..now).contains(at));
        // In hundredths: 72.1 is two more than 70.1 also where floats are not.
        earlier.any(|(_, earlier)| ((value - earlier) * 100.0).round() >= (by * 100.0).round())
    }
}

impl When {
    /// Whether it holds at a moment.
    pub fn holds(&self, facts: &Facts, now: DateTime<Utc>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(facts, now)),
            Self::Any(any) => any.iter().any(|one| one.holds(facts, now)),
            Self::Not(one) => !one.holds(facts, now),
            Self::Yes(fact) => facts.yes.contains(fact),
            Self::Number { fact, is } => facts
                .now
                .get(fact)
                .is_some_and(|number| is.matches_number(*number)),
            Self::Rise { fact, by, within_h } => facts.rose(fact, *by, *within_h, now),
        }
    }
}

/// A red flag that is up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raised<'a> {
    /// Which.
    pub flag: &'a RedFlag,
    /// How bad.
    pub level: &'a Level,
}

impl RedFlags {
    /// The flags that are up, the shortest deadline first.
    pub fn judge(&self, facts: &Facts, now: DateTime<Utc>) -> Vec<Raised<'_>> {
        let mut raised: Vec<_> = self
            .rules
            .iter()
            .filter_map(|flag| {
                let level = flag
                    .levels
                    .iter()
                    .find(|level| level.when.holds(facts, now))?;
                Some(Raised { flag, level })
            })
            .collect();
        raised.sort_by_key(|one| one.level.deadline_min);
        raised
    }

    /// What a code stands for.
    pub fn fact(&self, code: &str) -> Option<&FactDef> {
        self.facts.iter().find(|fact| fact.code.as_str() == code)
    }

    /// The rule with this code.
    pub fn rule(&self, code: &str) -> Option<&RedFlag> {
        self.rules.iter().find(|rule| rule.code.as_str() == code)
    }

    /// Codes of the facts that come from a source.
    pub fn from_source(&self, wanted: &FactSource) -> impl Iterator<Item = &Key> {
        self.facts
            .iter()
            .filter(move |fact| fact.from.contains(wanted))
            .map(|fact| &fact.code)
    }

    /// Codes of the facts that a vital sign tells of somebody so many days old.
    pub fn from_vital(&self, code: &str, age_days: i64) -> impl Iterator<Item = &Key> {
        let told = move |from: &FactSource| match from {
            FactSource::Vital { vital, under_days } => {
                let young = under_days.is_none_or(|days| age_days < i64::from(days));
                vital.as_str() == code && young
            }
            _ => false,
        };
        self.facts
            .iter()
            .filter(move |fact| fact.from.iter().any(told))
            .map(|fact| &fact.code)
    }

    /// Codes of the facts that stays and diagnoses tell on a day.
    pub fn from_past(&self, past: &Past, day: NaiveDate) -> impl Iterator<Item = &Key> {
        let told = move |from: &FactSource| match from {
            FactSource::Diagnosis { diagnosis_group } => {
                past.groups.contains(diagnosis_group.as_str())
            }
            FactSource::Discharge {
                discharge_condition,
                within_days,
            } => past.said.iter().any(|(said, since)| {
                let holds =
                    within_days.is_none_or(|most| (day - *since).num_days() <= i64::from(most));
                said == discharge_condition.as_str() && holds
            }),
            _ => false,
        };
        self.facts
            .iter()
            .filter(move |fact| fact.from.iter().any(told))
            .map(|fact| &fact.code)
    }

    /// The most hours back that a rule looks.
    pub fn longest_look_h(&self) -> u32 {
        fn look(when: &When) -> u32 {
            match when {
                When::All(all) | When::Any(all) => all.iter().map(look).max().unwrap_or(0),
                When::Not(one) => look(one),
                When::Rise { within_h, .. } => *within_h,
                When::Yes(_) | When::Number { .. } => 0,
            }
        }
        let levels = self.rules.iter().flat_map(|rule| &rule.levels);
        levels.map(|level| look(&level.when)).max().unwrap_or(0)
    }
}

/// When an alert that nobody took goes to the next person: at half of its deadline, then at its end.
pub fn escalation_at(
    opened_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    level: i32,
) -> Option<DateTime<Utc>> {
    match level {
        0 => Some(opened_at + (due_at - opened_at) / 2),
        1 => Some(due_at),
        _ => None,
    }
}

impl super::rulefile::RuleFile for RedFlags {
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
        check::red_flags(self, problems);
    }
}
