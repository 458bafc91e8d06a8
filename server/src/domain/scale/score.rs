//! From answers to points, total and band.

use std::collections::BTreeMap;

use super::{Ask, Band, Derive, Input, Scale, Step, Way};
use crate::domain::catalogue::Answer;
use crate::domain::code::Key;
use crate::domain::screening::has_decimals;

/// What a form came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Points of each item.
    pub points: BTreeMap<Key, i32>,
    /// Their sum.
    pub total: i32,
    /// The band it falls into.
    pub band: Band,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum ScoreProblemKind {
    /// An item has no answer: a scale is scored whole or not at all.
    Missing,
    /// The scale does not ask this.
    Unknown,
    /// An answer of another kind, an option that is not there, or too many digits.
    WrongKind,
    /// A number outside the range.
    OutOfRange {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
}

/// An answer that cannot be scored.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreProblem {
    /// The code it stands or should stand under.
    pub code: String,
    /// What is wrong.
    pub kind: ScoreProblemKind,
}

impl ScoreProblem {
    fn new(code: &str, kind: ScoreProblemKind) -> Self {
        Self {
            code: code.to_owned(),
            kind,
        }
    }

    /// The stable code of the problem.
    pub fn problem(&self) -> &'static str {
        match self.kind {
            ScoreProblemKind::Missing => "answer_missing",
            ScoreProblemKind::Unknown => "answer_unknown_question",
            ScoreProblemKind::WrongKind => "answer_wrong_kind",
            ScoreProblemKind::OutOfRange { .. } => "answer_out_of_range",
        }
    }
}

type Answers = BTreeMap<String, Answer>;

/// Points of one item, and the band that its option puts the patient in.
type Counted<'a> = (i32, Option<&'a Key>);

impl Scale {
    /// Scores a form. Every item has to be answered; every problem is told, in the order of the codes.
    pub fn score(&self, answers: &Answers, age_years: u16) -> Result<Score, Vec<ScoreProblem>> {
        let mut problems: Vec<_> = answers
            .keys()
            .filter(|code| !self.asks(code))
            .map(|code| ScoreProblem::new(code, ScoreProblemKind::Unknown))
            .collect();
        let mut points = BTreeMap::new();
        let mut chosen = None;
        for item in &self.items {
            match item.ask.count(item.code.as_str(), answers, age_years) {
                Ok((count, band)) => {
                    points.insert(item.code.clone(), count);
                    chosen = chosen.or(band);
                }
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            problems.sort_by(|one, other| one.code.cmp(&other.code));
            return Err(problems);
        }
        let total = points.values().sum();
        let band = match chosen {
            Some(code) => self.band(code.as_str()),
            None => self.band_of(total),
        };
        // Without a gap, as checked when the file was read.
        let band = band.or(self.bands.last()).cloned().ok_or_else(Vec::new)?;
        Ok(Score {
            points,
            total,
            band,
        })
    }

    /// The band of a total.
    pub fn band_of(&self, total: i32) -> Option<&Band> {
        self.bands
            .iter()
            .find(|band| (band.from..=band.to).contains(&total))
    }

    /// Whether a form may have an answer under this code.
    fn asks(&self, code: &str) -> bool {
        self.items.iter().any(|item| match &item.ask {
            Ask::Choice { .. } | Ask::Number { .. } => item.code.as_str() == code,
            Ask::Measured { ways } => ways
                .iter()
                .flat_map(|way| &way.inputs)
                .any(|input| input.code.as_str() == code),
            Ask::Age { .. } => false,
        })
    }
}

impl Ask {
    fn count(
        &self,
        code: &str,
        answers: &Answers,
        age_years: u16,
    ) -> Result<Counted<'_>, Vec<ScoreProblem>> {
        let refuse = |kind| vec![ScoreProblem::new(code, kind)];
        match self {
            Self::Choice { options } => match answers.get(code) {
                None => Err(refuse(ScoreProblemKind::Missing)),
                Some(Answer::Option(chosen)) => options
                    .iter()
                    .find(|option| option.code.as_str() == chosen)
                    .map(|option| (option.points, option.band.as_ref()))
                    .ok_or_else(|| refuse(ScoreProblemKind::WrongKind)),
                Some(_) => Err(refuse(ScoreProblemKind::WrongKind)),
            },
            Self::Number { min, max } => {
                let (low, high) = (f64::from(*min), f64::from(*max));
                let value = number(answers.get(code), 0, (low, high)).map_err(refuse)?;
                let points = i32::try_from(value / 100).unwrap_or(*max);
                Ok((points, None))
            }
            Self::Measured { ways } => measured(ways, answers).map(|points| (points, None)),
            Self::Age { steps } => Ok((step(steps, i64::from(age_years) * 100), None)),
        }
    }
}

/// The first way that is complete; what is there of the others has to be right all the same.
fn measured(ways: &[Way], answers: &Answers) -> Result<i32, Vec<ScoreProblem>> {
    let mut problems = Vec::new();
    let mut points = None;
    for way in ways {
        let mut values = Vec::new();
        for input in &way.inputs {
            let given = answers.get(input.code.as_str());
            match given.map(|answer| input.read(answer)) {
                None => {}
                Some(Ok(value)) => values.push(value),
                Some(Err(problem)) => problems.push(problem),
            }
        }
        if values.len() == way.inputs.len() {
            points = points.or_else(|| Some(step(&way.steps, way.derive.of(&values))));
        }
    }
    if problems.is_empty() {
        return points.ok_or_else(|| lacking(ways, answers));
    }
    Err(problems)
}

/// The inputs that are missing of the way somebody began with, else of the first.
fn lacking(ways: &[Way], answers: &Answers) -> Vec<ScoreProblem> {
    let given = |input: &Input| answers.contains_key(input.code.as_str());
    let begun = ways.iter().find(|way| way.inputs.iter().any(given));
    let inputs = begun
        .or(ways.first())
        .into_iter()
        .flat_map(|way| &way.inputs);
    inputs
        .filter(|input| !given(input))
        .map(|input| ScoreProblem::new(input.code.as_str(), ScoreProblemKind::Missing))
        .collect()
}

impl Input {
    fn read(&self, answer: &Answer) -> Result<i64, ScoreProblem> {
        let range = (self.min, self.max);
        number(Some(answer), self.decimals, range)
            .map_err(|kind| ScoreProblem::new(self.code.as_str(), kind))
    }
}

impl Derive {
    /// The value in hundredths, rounded down. Whole numbers, so that a limit is met exactly or not at all.
    fn of(self, hundredths: &[i64]) -> i64 {
        match (self, hundredths) {
            (Self::Value, [one, ..]) => *one,
            (Self::Product, [one, other, ..]) => one * other / 100,
            (Self::Bmi, [kg, cm, ..]) if *cm > 0 => kg * 100_000_000 / (cm * cm),
            _ => 0,
        }
    }
}

/// Points of a value in hundredths: those of the last step that it reaches.
fn step(steps: &[Step], value: i64) -> i32 {
    steps
        .iter()
        .rev()
        .find(|step| value >= hundredths(step.from))
        .map_or(0, |step| step.points)
}

/// A number of an answer in hundredths.
fn number(
    answer: Option<&Answer>,
    decimals: u8,
    (min, max): (f64, f64),
) -> Result<i64, ScoreProblemKind> {
    match answer {
        None => Err(ScoreProblemKind::Missing),
        Some(Answer::Number(value)) if !(min..=max).contains(value) => {
            Err(ScoreProblemKind::OutOfRange { min, max })
        }
        Some(Answer::Number(value)) if has_decimals(*value, decimals) => Ok(hundredths(*value)),
        Some(_) => Err(ScoreProblemKind::WrongKind),
    }
}

/// Hundredths of a number of a file or of an answer, which are at most a million.
#[expect(
    clippy::cast_possible_truncation,
    reason = "whole after rounding, and bounded by the checked ranges"
)]
pub(super) fn hundredths(value: f64) -> i64 {
    (value * 100.0).round() as i64
}
