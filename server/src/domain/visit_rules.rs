//! Two persons, somebody of the family there, a nurse of the patient's sex: when (R10, R11).
//!
//! Field guide §1.2 found no national text on two persons and differing practice, so this is a table of the county
//! (`server/data/visit_rules.json`): by item, patient, hour and area. It is asked when a visit is booked or moved, and
//! what it says is kept with the order.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::enums::CarerRelation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::local;
use super::catalogue::{Item, ItemCode, Key};
use super::rulefile::{Bilingual, Edition, Problems, RuleFile, RuleProblemCode};
use super::span::Span;

#[cfg(test)]
mod tests;

/// Most persons of a visit.
pub const MOST_PERSONS: u8 = 2;

/// One version of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitRules {
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
    /// The rules; each that fits adds its requirement.
    pub rules: Vec<VisitRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitRule {
    /// Its code.
    pub code: Key,
    /// Why, as it is shown.
    pub name: Bilingual,
    /// When it fits.
    pub when: When,
    /// What it asks for.
    pub require: Requirement,
}

/// When a rule fits: everything that is set has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// An item of this risk or a higher one.
    #[schema(minimum = 1, maximum = 3)]
    pub min_risk: Option<u8>,
    /// One of these items.
    pub items: Vec<ItemCode>,
    /// An item with all of these marks; risk, code and marks have to be of the same item.
    pub item_flags: Vec<ItemFlag>,
    /// A patient with one of these conditions on record.
    pub patient_conditions: Vec<Key>,
    /// The patient asked for a nurse of the same sex.
    pub patient_wants_same_sex: bool,
    /// The visit touches these hours.
    pub hours: Option<Hours>,
    /// The address lies in one of these areas: codes of townships or villages, or the beginning of such.
    pub areas: Vec<String>,
    /// Nurse and patient are not of the same sex. For `two_persons` it means that such a nurse does not go alone.
    pub sexes_differ: bool,
}

/// Hours of the day, in Asia/Shanghai; over midnight when they end before they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First minute of the day.
    #[schema(maximum = 1439)]
    pub from_min: u16,
    /// First minute that is not in it.
    #[schema(maximum = 1439)]
    pub to_min: u16,
}

/// A mark of an item in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemFlag {
    /// Touches intimate parts.
    Intimate,
    /// Takes two nurses.
    TwoPersons,
    /// Wants somebody of the family there.
    FamilyPresent,
}

/// What a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// Two nurses go (R10).
    TwoPersons,
    /// An adult of the family is there when the procedure begins (R11).
    FamilyPresent,
    /// A nurse of the patient's sex goes (R10).
    SameSex,
}

/// What a visit is, as far as the table asks.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What is to be done.
    pub items: &'a [&'a Item],
    /// Codes of the conditions on the patient's record.
    pub conditions: &'a BTreeSet<String>,
    /// The patient asked for a nurse of the same sex.
    pub wants_same_sex: bool,
    /// When it is planned.
    pub span: Span,
    /// Code of the township or village of the address, when known.
    pub area: Option<&'a str>,
}

/// What a visit needs, and why. Kept with its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Gates {
    /// Version of the table.
    pub rules_version: u32,
    /// How many nurses go.
    #[schema(minimum = 1, maximum = 2)]
    pub persons: u8,
    /// An adult of the family has to be there.
    pub family_present: bool,
    /// Only nurses of the patient's sex.
    pub same_sex: bool,
    /// Nobody of the other sex goes alone.
    pub same_sex_alone: bool,
    /// The rules that fit.
    pub reasons: Vec<Because>,
}

/// A rule that fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Because {
    /// Code of the rule.
    pub rule: Key,
    /// What it asks for.
    pub require: Requirement,
    /// Why.
    pub name: Bilingual,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            rules_version: 0,
            persons: 1,
            family_present: false,
            same_sex: false,
            same_sex_alone: false,
            reasons: Vec::new(),
        }
    }
}

impl Gates {
    /// Whether only nurses of the patient's sex may take it.
    pub fn requires_same_sex(&self) -> bool {
        self.requires_same_sex_of(self.persons.into())
    }

    /// The same, of a visit that has so many nurses.
    pub fn requires_same_sex_of(&self, persons: i32) -> bool {
        self.same_sex || (self.same_sex_alone && persons < i32::from(MOST_PERSONS))
    }

    /// Whether it asks for something that `before` did not.
    pub fn asks_more_than(&self, before: &Self) -> bool {
        self.persons > before.persons
            || (self.family_present && !before.family_present)
            || (self.requires_same_sex() && !before.requires_same_sex())
    }
}

impl VisitRules {
    /// What a visit needs: what the catalogue says of its items, and every rule that fits.
    pub fn judge(&self, case: &Case<'_>) -> Gates {
        let mut gates = Gates {
            rules_version: self.version,
            persons: case
                .items
                .iter()
                .map(|item| item.persons)
                .max()
                .unwrap_or(1),
            ..Gates::default()
        };
        for rule in self.rules.iter().filter(|rule| rule.when.fits(case)) {
            match (rule.require, rule.when.sexes_differ) {
                (Requirement::TwoPersons, false) => gates.persons = MOST_PERSONS,
                (Requirement::TwoPersons, true) => gates.same_sex_alone = true,
                // Who will come is not known yet, so the sexes are taken to differ.
                (Requirement::FamilyPresent, _) => gates.family_present = true,
                (Requirement::SameSex, _) => gates.same_sex = true,
            }
            gates.reasons.push(Because {
                rule: rule.code.clone(),
                require: rule.require,
                name: rule.name.clone(),
            });
        }
        gates
    }
}

impl When {
    fn fits(&self, case: &Case<'_>) -> bool {
        let asks_item =
            self.min_risk.is_some() || !self.items.is_empty() || !self.item_flags.is_empty();
        let conditions = self.patient_conditions.iter();
        let area = |prefix: &String| {
            case.area
                .is_some_and(|area| area.starts_with(prefix.as_str()))
        };
        (!asks_item || case.items.iter().any(|item| self.fits_item(item)))
            && (self.patient_conditions.is_empty()
                || conditions
                    .into_iter()
                    .any(|code| case.conditions.contains(code.as_str())))
            && (!self.patient_wants_same_sex || case.wants_same_sex)
            && self.hours.is_none_or(|hours| hours.touch(case.span))
            && (self.areas.is_empty() || self.areas.iter().any(area))
    }

    fn fits_item(&self, item: &Item) -> bool {
        let has = |flag: &ItemFlag| match flag {
            ItemFlag::Intimate => item.intimate,
            ItemFlag::TwoPersons => item.persons >= MOST_PERSONS,
            ItemFlag::FamilyPresent => item.family_present,
        };
        self.min_risk.is_none_or(|risk| item.risk >= risk)
            && (self.items.is_empty() || self.items.contains(&item.code))
            && self.item_flags.iter().all(has)
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Hours {
    /// Whether a span of time has a moment in these hours.
    fn touch(self, span: Span) -> bool {
        let (from, to) = (local(span.from), local(span.to));
        let first = from.date() - Days::new(1);
        let mut days = first.iter_days().take_while(|day| *day <= to.date());
        days.any(|day| {
            let at =
                |minute: u16| day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute));
            let ends = at(self.to_min) + Days::new(u64::from(self.to_min <= self.from_min));
            at(self.from_min) < to && from < ends
        })
    }
}

impl RuleFile for VisitRules {
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
        use RuleProblemCode::{BadText, Inconsistent, OutOfRange};
        problems.in_range("rules", self.rules.len(), 0..=200);
        problems.unique("rules", self.rules.iter().map(|rule| &rule.code));
        problems.each("rules", &self.rules, |at, rule| {
            at.text("name", &rule.name);
            let when = &rule.when;
            at.require(
                !when.is_empty(),
                "when",
                Inconsistent,
                "a rule needs a condition",
            );
            if let Some(risk) = when.min_risk {
                at.in_range("when.min_risk", risk, 1..=3);
            }
            if let Some(hours) = when.hours {
                let fits =
                    hours.from_min < 1440 && hours.to_min < 1440 && hours.from_min != hours.to_min;
                at.require(
                    fits,
                    "when.hours",
                    OutOfRange,
                    "minutes are 0 to 1439 and differ",
                );
            }
            for area in &when.areas {
                let digits = area.bytes().all(|byte| byte.is_ascii_digit());
                let fits = digits && (2..=12).contains(&area.len());
                at.require(fits, "when.areas", BadText, "an area is 2 to 12 digits");
            }
        });
    }
}

/// Somebody who is there when a procedure begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// What they are to the patient.
    pub relation: CarerRelation,
    /// 18 or older.
    pub of_age: bool,
}

/// Whether an adult of the family is there (R11); the patient does not count.
pub fn family_is_there(present: &[Present]) -> bool {
    let mut present = present.iter();
    present.any(|one| one.of_age && one.relation != CarerRelation::Oneself)
}

/// When a visit is planned, for the table.
pub fn planned(start: DateTime<Utc>, duration_min: u32) -> Span {
    Span::new(
        start,
        start + TimeDelta::minutes(i64::from(duration_min.max(1))),
    )
}
