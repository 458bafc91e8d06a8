//! What is asked before a service is given, and what an answer means.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Bilingual, Key, QuestionCode};

pub use entity::enums::Sex;

/// How strongly something stands against a service (R6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A doctor or coordinator has to look.
    Soft,
    /// The service is refused.
    Hard,
}

/// An answer as it comes from the phone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Answer {
    /// To a yes-or-no question.
    YesNo(bool),
    /// To a question for a number, in the unit the question names.
    Number(f64),
    /// To a choice: the code of the option.
    Option(String),
}

/// A question of the screening.
///
/// The same code may stand in several items; it is then the same question, asked once, and each item draws its
/// own conclusions from the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its code.
    pub code: QuestionCode,
    /// What is asked.
    pub text: Bilingual,
    /// What an answer looks like.
    pub answer: AnswerKind,
    /// An order without the answer is refused.
    pub required: bool,
    /// Whom it is asked of; absent: of everyone.
    pub asked_of: Option<Audience>,
    /// What the answer means.
    pub triggers: Vec<Trigger>,
}

/// What an answer looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerKind {
    /// True or false.
    YesNo {},
    /// A number in a range.
    Number {
        /// Smallest number accepted.
        min: f64,
        /// Largest number accepted.
        max: f64,
        /// Its unit, as shown.
        unit: String,
        /// Digits after the point.
        #[schema(maximum = 3)]
        decimals: u8,
    },
    /// One of several options.
    Choice {
        /// The options, in the order shown.
        options: Vec<ChoiceOption>,
    },
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// Its code.
    pub code: Key,
    /// What is shown.
    pub text: Bilingual,
}

/// What a certain answer means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Which answers it is about.
    pub when: TriggerWhen,
    /// How strongly it stands against the service.
    pub severity: Severity,
    /// What the family is told, with where to go.
    pub advice: Bilingual,
}

/// Which answers a trigger is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriggerWhen {
    /// Exactly this answer; not for numbers.
    Equals(Answer),
    /// This number or more.
    AtLeast(f64),
    /// This number or less.
    AtMost(f64),
    /// Less than this number.
    Below(f64),
    /// More than this number.
    Above(f64),
    /// One of these options.
    OneOf(Vec<Key>),
}

impl TriggerWhen {
    /// Whether the answer is one the trigger is about; an answer of another kind never is.
    pub fn matches(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Equals(wanted), _) => wanted == answer,
            (Self::OneOf(codes), Answer::Option(code)) => {
                codes.iter().any(|one| one.as_str() == code)
            }
            (_, Answer::Number(number)) => self.matches_number(*number),
            _ => false,
        }
    }

    /// Whether the number lies where the trigger says.
    pub fn matches_number(&self, number: f64) -> bool {
        match self {
            Self::AtLeast(limit) => number >= *limit,
            Self::AtMost(limit) => number <= *limit,
            Self::Below(limit) => number < *limit,
            Self::Above(limit) => number > *limit,
            Self::Equals(_) | Self::OneOf(_) => false,
        }
    }

    /// The number of a trigger about numbers.
    pub fn limit(&self) -> Option<f64> {
        match self {
            Self::AtLeast(limit)
            | Self::AtMost(limit)
            | Self::Below(limit)
            | Self::Above(limit) => Some(*limit),
            Self::Equals(_) | Self::OneOf(_) => None,
        }
    }
}

/// A part of all patients; every condition given has to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// Of this sex.
    pub sex: Option<Sex>,
    /// This many full years or older.
    #[schema(maximum = 150)]
    pub age_from: Option<u16>,
    /// Younger than this many years.
    #[schema(maximum = 150)]
    pub age_below: Option<u16>,
}

impl Audience {
    /// Whether a patient belongs to it.
    pub fn includes(&self, age_years: u16, sex: Sex) -> bool {
        self.sex.is_none_or(|wanted| wanted == sex)
            && self.age_from.is_none_or(|from| age_years >= from)
            && self.age_below.is_none_or(|below| age_years < below)
    }
}

/// A condition on record that stands against a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contraindication {
    /// Which condition.
    pub condition: Key,
    /// How strongly.
    pub severity: Severity,
    /// What the family is told, with where to go.
    pub advice: Bilingual,
}

/// A limit that follows from who the patient is; every part given has to hold for it to apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientRule {
    /// Its code.
    pub code: QuestionCode,
    /// Patients of this sex and age.
    pub who: Option<Audience>,
    /// Patients with this condition on record.
    pub condition: Option<Key>,
    /// Patients for whom a yes-or-no question of the same item was answered so.
    pub answered: Option<AnswerIs>,
    /// How strongly it stands against the service.
    pub severity: Severity,
    /// What the family is told, with where to go.
    pub advice: Bilingual,
}

/// A given answer to a yes-or-no question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerIs {
    /// Which question.
    pub question: QuestionCode,
    /// Which answer.
    pub equals: bool,
}
