//! Questionnaires of follow-up (field guide §3.2): which questions are asked, in which order, and which of them only
//! after a certain answer. A sheet may hold several questionnaires; what they share is asked once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::{Answer, AnswerKind};
use super::code::Key;
use super::rulefile::{Bilingual, Edition, Problems, RuleFile, RuleProblemCode as Code};
use super::screening::{AnswerProblem, AnswerProblemKind, Answers, check_answer};

#[cfg(test)]
mod tests;

/// One version of the questionnaires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Questionnaires {
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
    /// The links by which families answer.
    pub link: LinkRules,
    /// Everything that can be asked. A red flag looks at the answer through the fact of the same code.
    pub questions: Vec<SheetQuestion>,
    /// Which of it is asked when.
    pub questionnaires: Vec<Questionnaire>,
}

/// How long a link is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRules {
    /// Hours from sending.
    #[schema(minimum = 1, maximum = 720)]
    pub valid_h: u32,
    /// Wrong codes until it is void.
    #[schema(minimum = 1, maximum = 20)]
    pub tries: i32,
}

/// Why a link does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkError {
    /// Its answers are in.
    Used,
    /// Its time is over.
    Expired,
    /// Too many wrong codes.
    Spent,
}

impl LinkError {
    /// The stable code of the problem.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Used => "answer_link_used",
            Self::Expired => "answer_link_expired",
            Self::Spent => "answer_link_spent",
        }
    }
}

/// How a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkState {
    /// Its answers are in.
    pub used: bool,
    /// End of its time.
    pub expires_at: DateTime<Utc>,
    /// Wrong codes so far.
    pub tries: i32,
}

impl LinkRules {
    /// Whether a link may be opened with a right code.
    pub fn check(&self, link: &LinkState, now: DateTime<Utc>) -> Result<(), LinkError> {
        if link.used {
            Err(LinkError::Used)
        } else if now >= link.expires_at {
            Err(LinkError::Expired)
        } else if link.tries >= self.tries {
            Err(LinkError::Spent)
        } else {
            Ok(())
        }
    }

    /// When a link that is sent now ends.
    pub fn expires_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::hours(i64::from(self.valid_h))
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetQuestion {
    /// Its code.
    pub code: Key,
    /// What is asked.
    pub text: Bilingual,
    /// What an answer looks like.
    pub answer: AnswerKind,
    /// Facts that answers tell besides the one of the question's own code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implies: Vec<AnswerFact>,
}

/// A fact that an answer tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerFact {
    /// Which answer.
    pub equals: Answer,
    /// What is so then.
    pub fact: Key,
}

/// A questionnaire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Questionnaire {
    /// Its code, such as `heart_failure`.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// Facts that hold for whoever gets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implies: Vec<Key>,
    /// What it asks, in order.
    pub questions: Vec<Place>,
}

/// The place of a question in a questionnaire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Which question.
    pub question: Key,
    /// A sheet on which it is shown needs its answer.
    #[serde(default)]
    pub required: bool,
    /// Only after these answers; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_if: Option<ShownIf>,
}

/// After which answers a question is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(no_recursion)]
pub enum ShownIf {
    /// Every one of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
    /// This answer to a question that stands before it and is shown.
    Answer {
        /// Which question.
        question: Key,
        /// Which answer.
        equals: Answer,
    },
}

/// A questionnaire that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownQuestionnaire(pub String);

/// What is asked of somebody at once.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    asked: Vec<(&'a SheetQuestion, Vec<&'a Place>)>,
    implied: BTreeSet<&'a Key>,
}

/// A question that is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown<'a> {
    /// The question.
    pub question: &'a SheetQuestion,
    /// Whether the sheet needs its answer.
    pub required: bool,
}

impl SheetQuestion {
    /// What is so by this answer.
    pub fn implied_by<'a>(&'a self, answer: &'a Answer) -> impl Iterator<Item = &'a Key> {
        let told = self.implies.iter();
        told.filter(move |one| one.equals == *answer)
            .map(|one| &one.fact)
    }
}

impl Questionnaires {
    /// The question with this code.
    pub fn question(&self, code: &str) -> Option<&SheetQuestion> {
        self.questions.iter().find(|one| one.code.as_str() == code)
    }

    /// One sheet of several questionnaires, in their order; each question stands where it comes first.
    pub fn sheet<'a>(&'a self, codes: &[&str]) -> Result<Sheet<'a>, UnknownQuestionnaire> {
        let mut sheet = Sheet {
            asked: Vec::new(),
            implied: BTreeSet::new(),
        };
        for code in codes {
            let mut all = self.questionnaires.iter();
            let found = all.find(|one| one.code.as_str() == *code);
            let found = found.ok_or_else(|| UnknownQuestionnaire((*code).to_owned()))?;
            sheet.implied.extend(&found.implies);
            for place in &found.questions {
                let mut asked = sheet.asked.iter_mut();
                match asked.find(|(question, _)| question.code == place.question) {
                    Some((_, places)) => places.push(place),
                    // Checked when the file was read.
                    None => sheet.asked.extend(
                        self.question(place.question.as_str())
                            .map(|question| (question, vec![place])),
                    ),
                }
            }
        }
        Ok(sheet)
    }
}

impl<'a> Sheet<'a> {
    /// The questions shown after these answers, in order. What one questionnaire shows is shown; what one of them needs
    /// where it shows it is needed.
    pub fn shown(&self, answers: &Answers) -> Vec<Shown<'a>> {
        let mut shown: Vec<Shown<'a>> = Vec::new();
        let mut counted = Answers::new();
        for (question, places) in &self.asked {
            let open: Vec<_> = places
                .iter()
                .filter(|place| {
                    place
                        .shown_if
                        .as_ref()
                        .is_none_or(|shown_if| shown_if.holds(&counted))
                })
                .collect();
            if open.is_empty() {
                continue;
            }
            shown.push(Shown {
                question,
                required: open.iter().any(|place| place.required),
            });
            // An answer to a question that is not shown opens no other.
            let code = question.code.as_str();
            if let Some(answer) = answers.get(code) {
                counted.insert(code.to_owned(), answer.clone());
            }
        }
        shown
    }

    /// Checks the answers and gives those to questions that are shown: what was answered before another answer hid the
    /// question is left out. Problems come in the order of the codes.
    pub fn check(&self, answers: &Answers) -> Result<Answers, Vec<AnswerProblem>> {
        let shown: BTreeMap<&str, Shown<'_>> = self
            .shown(answers)
            .into_iter()
            .map(|one| (one.question.code.as_str(), one))
            .collect();
        let mut problems = Vec::new();
        let mut kept = Answers::new();
        let problem = |code: &str, kind| AnswerProblem {
            question: code.to_owned(),
            kind,
        };
        for (code, one) in &shown {
            if one.required && !answers.contains_key(*code) {
                problems.push(problem(code, AnswerProblemKind::Missing));
            }
        }
        for (code, answer) in answers {
            let asked = self
                .asked
                .iter()
                .find(|(question, _)| question.code.as_str() == code);
            let Some((question, _)) = asked else {
                problems.push(problem(code, AnswerProblemKind::UnknownQuestion));
                continue;
            };
            match check_answer(&question.answer, answer) {
                Err(kind) => problems.push(problem(code, kind)),
                Ok(()) if shown.contains_key(code.as_str()) => {
                    kept.insert(code.clone(), answer.clone());
                }
                Ok(()) => {}
            }
        }
        problems.sort_by(|one, other| one.question.cmp(&other.question));
        if problems.is_empty() {
            Ok(kept)
        } else {
            Err(problems)
        }
    }

    /// Everything the sheet may ask, in order, each with where it stands.
    pub fn asked(&self) -> impl Iterator<Item = (&'a SheetQuestion, &[&'a Place])> {
        self.asked
            .iter()
            .map(|(question, places)| (*question, places.as_slice()))
    }

    /// Facts that hold for whoever gets the sheet.
    pub fn implied(&self) -> impl Iterator<Item = &'a Key> {
        self.implied.iter().copied()
    }
}

impl ShownIf {
    fn holds(&self, answers: &Answers) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(answers)),
            Self::Any(any) => any.iter().any(|one| one.holds(answers)),
            Self::Answer { question, equals } => answers.get(question.as_str()) == Some(equals),
        }
    }

    /// The answers it looks at.
    fn looks_at(&self) -> Vec<(&Key, &Answer)> {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().flat_map(Self::looks_at).collect(),
            Self::Answer { question, equals } => vec![(question, equals)],
        }
    }
}

impl RuleFile for Questionnaires {
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
        at.within("link", |at| {
            at.in_range("valid_h", self.link.valid_h, 1..=720);
            at.in_range("tries", self.link.tries, 1..=20);
        });
        at.in_range("questions", self.questions.len(), 1..=1_000);
        at.unique("questions", self.questions.iter().map(|one| &one.code));
        at.each("questions", &self.questions, |at, question| {
            at.text("text", &question.text);
            at.within("answer", |at| answer(at, &question.answer));
            at.each("implies", &question.implies, |at, one| {
                let fits = check_answer(&question.answer, &one.equals).is_ok();
                let detail = "no answer to this question";
                at.require(fits, "equals", Code::Inconsistent, detail);
            });
        });
        at.in_range("questionnaires", self.questionnaires.len(), 1..=200);
        at.unique(
            "questionnaires",
            self.questionnaires.iter().map(|one| &one.code),
        );
        at.each("questionnaires", &self.questionnaires, |at, one| {
            at.text("name", &one.name);
            at.in_range("questions", one.questions.len(), 1..=100);
            at.unique(
                "questions",
                one.questions.iter().map(|place| &place.question),
            );
            let mut before: BTreeSet<&Key> = BTreeSet::new();
            at.each("questions", &one.questions, |at, place| {
                self.check_place(at, place, &before);
                before.insert(&place.question);
            });
        });
    }
}

impl Questionnaires {
    fn check_place(&self, at: &mut Problems, place: &Place, before: &BTreeSet<&Key>) {
        let known = self.question(place.question.as_str()).is_some();
        at.require(
            known,
            "question",
            Code::UnknownReference,
            "no such question",
        );
        let looks_at = place.shown_if.iter().flat_map(ShownIf::looks_at);
        for (question, equals) in looks_at {
            let earlier = before.contains(question);
            let detail = "looks at a question that stands before it";
            at.require(earlier, "shown_if", Code::UnknownReference, detail);
            let asked = self.question(question.as_str());
            let fits = asked.is_none_or(|asked| check_answer(&asked.answer, equals).is_ok());
            let detail = "no answer to that question";
            at.require(fits, "shown_if", Code::Inconsistent, detail);
        }
    }
}

fn answer(at: &mut Problems, kind: &AnswerKind) {
    match kind {
        AnswerKind::YesNo {} => {}
        AnswerKind::Number {
            min,
            max,
            unit,
            decimals,
        } => {
            at.plain("unit", unit);
            at.in_range("decimals", *decimals, 0..=3);
            let ordered = min.is_finite() && max.is_finite() && min < max;
            at.require(ordered, "max", Code::OutOfRange, "has to be above min");
        }
        AnswerKind::Choice { options } => {
            at.in_range("options", options.len(), 2..=30);
            at.unique("options", options.iter().map(|option| &option.code));
            at.each("options", options, |at, option| {
                at.text("text", &option.text);
            });
        }
    }
}
