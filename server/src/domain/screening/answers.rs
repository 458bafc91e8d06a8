//! Whether an answer sheet is complete and answers what was asked.

use std::collections::BTreeMap;

use utoipa::ToSchema;

use super::PatientFacts;
use crate::domain::catalogue::{Answer, AnswerKind, Question};

/// Answers by the code of their question.
pub type Answers = BTreeMap<String, Answer>;

/// Answers to the screening questions, by the code of the question. Gives [`Answers`] a name in the spec.
#[derive(ToSchema)]
#[schema(as = ScreeningAnswers)]
pub struct AnswersSchema(pub BTreeMap<String, Answer>);

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerProblemKind {
    /// A required question has no answer.
    Missing,
    /// No chosen item asks this.
    UnknownQuestion,
    /// An answer of another kind than the question asks for, an unknown option, or too many decimals.
    WrongKind,
    /// A number outside the range.
    OutOfRange {
        /// Smallest number accepted.
        min: f64,
        /// Largest number accepted.
        max: f64,
    },
}

/// An answer that cannot be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerProblem {
    /// The code of the question.
    pub question: String,
    /// What is wrong.
    pub kind: AnswerProblemKind,
}

impl AnswerProblem {
    /// The stable code of the problem.
    pub fn code(&self) -> &'static str {
        match self.kind {
            AnswerProblemKind::Missing => "answer_missing",
            AnswerProblemKind::UnknownQuestion => "answer_unknown_question",
            AnswerProblemKind::WrongKind => "answer_wrong_kind",
            AnswerProblemKind::OutOfRange { .. } => "answer_out_of_range",
        }
    }
}

pub(super) fn is_asked(question: &Question, patient: &PatientFacts) -> bool {
    question
        .asked_of
        .as_ref()
        .is_none_or(|audience| audience.includes(patient.age_years, patient.sex))
}

pub(super) fn check_answers(
    questions: &[&Question],
    answers: &Answers,
    patient: &PatientFacts,
) -> Result<(), Vec<AnswerProblem>> {
    let known: BTreeMap<&str, &Question> = questions
        .iter()
        .map(|question| (question.code.as_str(), *question))
        .collect();
    let mut problems = Vec::new();
    for (code, question) in &known {
        if question.required && is_asked(question, patient) && !answers.contains_key(*code) {
            problems.push(AnswerProblem {
                question: (*code).to_owned(),
                kind: AnswerProblemKind::Missing,
            });
        }
    }
    for (code, answer) in answers {
        let fits = match known.get(code.as_str()) {
            Some(question) => check_answer(&question.answer, answer),
            None => Err(AnswerProblemKind::UnknownQuestion),
        };
        if let Err(kind) = fits {
            problems.push(AnswerProblem {
                question: code.clone(),
                kind,
            });
        }
    }
    problems.sort_by(|one, other| one.question.cmp(&other.question));
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// Whether an answer is of the kind, among the options and in the range.
pub(in crate::domain) fn check_answer(
    kind: &AnswerKind,
    answer: &Answer,
) -> Result<(), AnswerProblemKind> {
    match (kind, answer) {
        (AnswerKind::YesNo {}, Answer::YesNo(_)) => Ok(()),
        (AnswerKind::Choice { options }, Answer::Option(code))
            if options.iter().any(|option| option.code.as_str() == code) =>
        {
            Ok(())
        }
        (
            AnswerKind::Number {
                min, max, decimals, ..
            },
            Answer::Number(number),
        ) => {
            if !(*min..=*max).contains(number) {
                return Err(AnswerProblemKind::OutOfRange {
                    min: *min,
                    max: *max,
                });
            }
            if has_decimals(*number, *decimals) {
                Ok(())
            } else {
                Err(AnswerProblemKind::WrongKind)
            }
        }
        _ => Err(AnswerProblemKind::WrongKind),
    }
}

/// Whether a number is written with at most so many digits after the point.
pub(in crate::domain) fn has_decimals(number: f64, decimals: u8) -> bool {
    let scaled = number * 10_f64.powi(i32::from(decimals));
    (scaled - scaled.round()).abs() < 1e-6
}
