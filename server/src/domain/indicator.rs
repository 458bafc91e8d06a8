//! Indicators of follow-up (field guide §3.5): whom each of them counts, and whom it leaves out and why. A number is the
//! sum over its cases, so that number and list cannot disagree. Days are days in Asia/Shanghai.

mod cases;
mod verdict;

use chrono::NaiveDate;
use entity::enums::{AdmissionKind, Indicator};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::Answer;
use super::code::Key;
use super::rulefile::{Bilingual, Edition, Problems, RuleFile, RuleProblemCode as Code};

pub use cases::{Index, Measured, Readmission, of_contact, of_flag, of_rehab};
pub use verdict::{Exclusion, Part, Sum, Verdict, sum};

#[cfg(test)]
mod tests;

/// One version of the rules for indicators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorRules {
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
    /// Days after the discharge in which somebody is to be reached.
    #[schema(minimum = 1, maximum = 90)]
    pub follow_up_days: u32,
    /// Readmissions.
    pub readmission: ReadmissionRule,
    /// How the Barthel index changes.
    pub barthel: ChangeRule,
    /// How many have a good outcome on the modified Rankin scale.
    pub mrs: OutcomeRule,
    /// How many take their drugs.
    pub drugs: DrugRule,
}

/// Which readmissions count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadmissionRule {
    /// Days after the discharge.
    #[schema(minimum = 1, maximum = 365)]
    pub days: u32,
    /// Groups of a stay's first diagnosis that tell that it was planned, where nobody told.
    pub planned_groups: Vec<PlannedGroup>,
}

/// A group of diagnoses that tells that a stay was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedGroup {
    /// Code of the group in the rules for follow-up.
    pub group: Key,
    /// As what it was planned.
    pub kind: AdmissionKind,
}

/// Days after a discharge on which something may be measured; the measurement nearest to the day counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayWindow {
    /// First day; below 0 before the discharge.
    pub from_day: i64,
    /// The day that is meant.
    pub day: i64,
    /// Last day.
    pub to_day: i64,
}

/// How a scale changes from the discharge on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRule {
    /// Code of the scale.
    pub scale: Key,
    /// Groups of diagnoses that are counted; empty: all.
    pub groups: Vec<Key>,
    /// When the first score is taken.
    pub before: DayWindow,
    /// When the second one is taken.
    pub after: DayWindow,
}

/// A good outcome on a scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRule {
    /// Code of the scale.
    pub scale: Key,
    /// Groups of diagnoses that are counted; empty: all.
    pub groups: Vec<Key>,
    /// When the score is taken.
    pub at: DayWindow,
    /// The highest total that is good. Who died until the day has no good outcome.
    pub good_to: i32,
}

/// Which answers say that drugs are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrugRule {
    /// Groups of diagnoses that are counted; empty: all.
    pub groups: Vec<Key>,
    /// When it is asked.
    pub at: DayWindow,
    /// All of these answers.
    pub taken: Vec<TakenAnswer>,
}

/// An answer to a question of the questionnaires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakenAnswer {
    /// Which question.
    pub question: Key,
    /// Which answer.
    pub equals: Answer,
}

/// What the value of an indicator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorUnit {
    /// A share, 0 to 1.
    Share,
    /// Points of a scale, on average.
    Points,
}

/// What an indicator is about; a discharge, for most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// A discharge of the period.
    Discharge,
    /// A contact that fell due in the period.
    FollowTask,
    /// A red flag that came up in the period.
    Alert,
    /// A rehabilitation plan that ran in the last week of the period.
    RehabPlan,
}

/// What the value of an indicator is.
pub const fn unit(indicator: Indicator) -> IndicatorUnit {
    match indicator {
        Indicator::BarthelChange => IndicatorUnit::Points,
        _ => IndicatorUnit::Share,
    }
}

/// What an indicator is about.
pub const fn case_kind(indicator: Indicator) -> CaseKind {
    match indicator {
        Indicator::Lost => CaseKind::FollowTask,
        Indicator::RedFlagInTime => CaseKind::Alert,
        Indicator::RehabAdherence => CaseKind::RehabPlan,
        Indicator::FollowUp
        | Indicator::Attempted
        | Indicator::Reached
        | Indicator::Readmission
        | Indicator::BarthelChange
        | Indicator::MrsGood
        | Indicator::DrugsTaken => CaseKind::Discharge,
    }
}

impl IndicatorRules {
    /// The name of an indicator, with its days.
    pub fn name(&self, indicator: Indicator) -> Bilingual {
        let first = self.follow_up_days;
        match indicator {
            Indicator::FollowUp => Bilingual::new(
                format!("出院 {first} 天随访率"),
                format!("Reached within {first} days, of all due"),
            ),
            Indicator::Attempted => Bilingual::new(
                format!("出院 {first} 天联系率"),
                format!("Attempted within {first} days, of all due"),
            ),
            Indicator::Reached => Bilingual::new(
                format!("出院 {first} 天联系成功率"),
                format!("Reached within {first} days, of those attempted"),
            ),
            Indicator::Lost => Bilingual::new("失访率", "Lost, of contacts that are over"),
            Indicator::RedFlagInTime => {
                Bilingual::new("红旗按时关闭率", "Red flags closed in time")
            }
            Indicator::Readmission => {
                let days = self.readmission.days;
                Bilingual::new(
                    format!("{days} 天非计划再入院率"),
                    format!("Unplanned readmission within {days} days"),
                )
            }
            Indicator::BarthelChange => {
                let day = self.barthel.after.day;
                Bilingual::new(
                    format!("Barthel 指数出院至 {day} 天变化"),
                    format!("Change of the Barthel index from discharge to day {day}"),
                )
            }
            Indicator::MrsGood => {
                let (day, good) = (self.mrs.at.day, self.mrs.good_to);
                Bilingual::new(
                    format!("{day} 天 mRS 0–{good} 比例"),
                    format!("mRS 0-{good} on day {day}"),
                )
            }
            Indicator::DrugsTaken => {
                let day = self.drugs.at.day;
                Bilingual::new(
                    format!("{day} 天抗栓药依从率"),
                    format!("Antithrombotic drugs taken on day {day}"),
                )
            }
            Indicator::RehabAdherence => Bilingual::new(
                "康复训练完成率(7 天)",
                "Exercises done, of those planned over 7 days",
            ),
        }
    }
}

impl DayWindow {
    fn check(self, at: &mut Problems) {
        at.in_range("from_day", self.from_day, -90..=730);
        at.in_range("to_day", self.to_day, -90..=730);
        let around = self.from_day <= self.day && self.day <= self.to_day;
        at.require(around, "day", Code::Inconsistent, "lies outside its window");
    }
}

impl RuleFile for IndicatorRules {
    fn edition(&self) -> Edition<'_> {
        Edition {
            version: self.version,
            valid_from: self.valid_from,
            approved_by: self.approved_by.as_deref(),
            approved_on: self.approved_on,
            source: &self.source,
        }
    }

    fn check_rules(&self, at: &mut Problems) {
        at.in_range("follow_up_days", self.follow_up_days, 1..=90);
        at.within("readmission", |at| {
            let rule = &self.readmission;
            at.in_range("days", rule.days, 1..=365);
            at.unique(
                "planned_groups",
                rule.planned_groups.iter().map(|one| &one.group),
            );
            at.each("planned_groups", &rule.planned_groups, |at, one| {
                let planned = one.kind != AdmissionKind::Unplanned;
                at.require(planned, "kind", Code::Inconsistent, "is not planned");
            });
        });
        at.within("barthel", |at| {
            at.unique("groups", &self.barthel.groups);
            at.within("before", |at| self.barthel.before.check(at));
            at.within("after", |at| self.barthel.after.check(at));
            let apart = self.barthel.before.to_day < self.barthel.after.from_day;
            let detail = "begins after the window before has ended";
            at.require(apart, "after", Code::Inconsistent, detail);
        });
        at.within("mrs", |at| {
            at.unique("groups", &self.mrs.groups);
            at.within("at", |at| self.mrs.at.check(at));
            at.in_range("good_to", self.mrs.good_to, 0..=6);
        });
        at.within("drugs", |at| {
            at.unique("groups", &self.drugs.groups);
            at.within("at", |at| self.drugs.at.check(at));
            at.in_range("taken", self.drugs.taken.len(), 1..=10);
            at.unique("taken", self.drugs.taken.iter().map(|one| &one.question));
        });
    }
}
