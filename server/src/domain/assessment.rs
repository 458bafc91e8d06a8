//! First assessment (R5): which items of an order nobody has found fit for a visit at home, and why.
//!
//! The newest assessment that names an item decides about it. It holds for the item's days, both ends included,
//! and any admission to hospital after it voids it: what was found before does not hold any more. Of an admission and
//! an assessment on one day the one that became known later counts.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::enums::AssessmentResult;
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::local_date;
use super::catalogue::{Item, ItemCode};
use super::rulefile::Bilingual;

/// Most items of one assessment.
pub const MAX_ITEMS: usize = 20;
/// The item by which a first assessment is ordered as a visit of its own.
pub const ASSESS: &str = "ASSESS";

/// What an assessment said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Its result.
    pub result: AssessmentResult,
    /// Codes of the items it speaks of.
    pub items: Vec<String>,
}

/// An admission to hospital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// First day of the stay.
    pub on: NaiveDate,
    /// When it was registered.
    pub known_at: DateTime<Utc>,
}

impl Admitted {
    fn voids(&self, assessed: &Assessed, day: NaiveDate) -> bool {
        let made = local_date(assessed.at);
        let after = self.on > made || (self.on == made && self.known_at >= assessed.at);
        after && self.on <= day
    }
}

/// Why an item is not covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    /// Nobody has assessed the patient for it.
    Never,
    /// It was found not fit.
    Refused,
    /// The patient was in hospital since.
    Admitted,
    /// Too long ago on the day of the visit.
    Expired,
}

impl Lack {
    /// Every reason.
    pub const ALL: &'static [Self] = &[Self::Never, Self::Refused, Self::Admitted, Self::Expired];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Never => "assessment_never",
            Self::Refused => "assessment_refused",
            Self::Admitted => "assessment_voided",
            Self::Expired => "assessment_expired",
        }
    }

    fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Never => (
                "尚未首诊评估:请等待医生或护士评估,或预约上门评估(ASSESS)。",
                "Not assessed yet: a doctor or nurse will assess, or book an assessment at home (ASSESS).",
            ),
            Self::Refused => (
                "首诊评估认为不宜居家进行。",
                "The first assessment found it unfit for home.",
            ),
            Self::Admitted => (
                "评估之后曾住院,须重新评估。",
                "The patient was in hospital since; it has to be assessed again.",
            ),
            Self::Expired => (
                "首诊评估在上门当日已过期,须重新评估。",
                "The first assessment does not reach the day of the visit; it has to be made again.",
            ),
        };
        Bilingual {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// An item without a valid first assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingAssessment {
    /// The item.
    pub item: ItemCode,
    /// Its name.
    pub name: Bilingual,
    /// Why: `assessment_never`, `assessment_refused`, `assessment_voided` or `assessment_expired`.
    pub code: String,
    /// The same in words.
    pub text: Bilingual,
}

/// Which items need an assessment on `day` and have none that holds.
pub fn missing<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    day: NaiveDate,
    assessments: &[Assessed],
    admitted: &[Admitted],
) -> Vec<MissingAssessment> {
    let lacking = items.into_iter().filter_map(|item| {
        let lack = lack(item, day, assessments, admitted)?;
        Some(MissingAssessment {
            item: item.code.clone(),
            name: item.name.clone(),
            code: lack.code().to_owned(),
            text: lack.text(),
        })
    });
    lacking.collect()
}

/// Why an item is not covered on `day`; none when it is, or when it needs no assessment.
pub fn lack(
    item: &Item,
    day: NaiveDate,
    assessments: &[Assessed],
    admitted: &[Admitted],
) -> Option<Lack> {
    let days = item.assessment_valid_days?;
    let Some(newest) = deciding(item.code.as_str(), assessments) else {
        return Some(Lack::Never);
    };
    let newest = &assessments[newest];
    if newest.result == AssessmentResult::Refused {
        return Some(Lack::Refused);
    }
    if admitted.iter().any(|stay| stay.voids(newest, day)) {
        return Some(Lack::Admitted);
    }
    let last = local_date(newest.at).checked_add_days(Days::new(u64::from(days)));
    (last < Some(day)).then_some(Lack::Expired)
}

/// Where the assessment stands that decides about an item: the newest that names it.
pub fn deciding(item: &str, assessments: &[Assessed]) -> Option<usize> {
    let names = |one: &Assessed| one.items.iter().any(|code| code == item);
    let named = assessments.iter().enumerate();
    let named = named.filter(|(_, one)| names(one));
    named.max_by_key(|(_, one)| one.at).map(|(index, _)| index)
}

/// The texts of an assessment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Texts<'a> {
    /// Under which conditions.
    pub conditions: Option<&'a str>,
    /// Why not.
    pub reason: Option<&'a str>,
    /// Where to go instead.
    pub advice: Option<&'a str>,
}

/// A field of an assessment that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextProblem {
    /// Which.
    pub field: &'static str,
    /// It is missing; otherwise it does not belong to the result.
    pub missing: bool,
}

/// Whether the texts are those of the result: conditions with conditions, reason and advice with a refusal.
pub fn check_texts(result: AssessmentResult, texts: Texts<'_>) -> Vec<TextProblem> {
    let conditional = result == AssessmentResult::ApprovedWithConditions;
    let refused = result == AssessmentResult::Refused;
    let fields = [
        ("conditions", texts.conditions, conditional),
        ("reason", texts.reason, refused),
        ("advice", texts.advice, refused),
    ];
    fields
        .into_iter()
        .filter(|(_, text, wanted)| text.is_some() != *wanted)
        .map(|(field, _, missing)| TextProblem { field, missing })
        .collect()
}

#[cfg(test)]
mod tests;
