//! How the screening is answered: usually nothing stands against the visit, sometimes something does.

use jiahu::domain::catalogue::{Answer, AnswerKind, Catalogue, Question, Severity, Trigger};
use rand::Rng;
use serde_json::{Map, Value, json};

/// Answers to the questions of a quote. `trouble`: one answer says what a family in trouble would say.
pub fn answer(
    catalogue: &Catalogue,
    questions: &Value,
    trouble: bool,
    random: &mut impl Rng,
) -> Value {
    let mut answers = Map::new();
    let asked: Vec<&str> = questions
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|question| question["code"].as_str())
        .collect();
    let troubled = trouble.then(|| pick(random, asked.len())).flatten();
    for (index, code) in asked.iter().enumerate() {
        let known = known(catalogue, code);
        let Some(first) = known.first() else { continue };
        let triggers: Vec<&Trigger> = known
            .iter()
            .flat_map(|question| &question.triggers)
            .collect();
        let wanted = (troubled == Some(index)).then_some(Severity::Soft);
        if let Some(answer) = choose(&first.answer, &triggers, wanted) {
            answers.insert((*code).to_owned(), answer);
        }
    }
    Value::Object(answers)
}

/// The same with one answer that nobody may be visited with; none when no question has such an answer.
pub fn hard_answer(
    catalogue: &Catalogue,
    questions: &Value,
    random: &mut impl Rng,
) -> Option<Value> {
    let mut answers = answer(catalogue, questions, false, random);
    let asked = questions.as_array()?.iter();
    for code in asked.filter_map(|question| question["code"].as_str()) {
        let known = known(catalogue, code);
        let triggers: Vec<&Trigger> = known.iter().flat_map(|one| &one.triggers).collect();
        let Some(first) = known.first() else { continue };
        if let Some(hard) = exactly(&first.answer, &triggers, Some(Severity::Hard)) {
            answers[code] = hard;
            return Some(answers);
        }
    }
    None
}

fn pick(random: &mut impl Rng, count: usize) -> Option<usize> {
    use rand::RngExt;
    (count > 0).then(|| random.random_range(0..count))
}

/// Every place in the catalogue where a question stands: each item draws its own conclusions.
fn known<'a>(catalogue: &'a Catalogue, code: &str) -> Vec<&'a Question> {
    let general = catalogue.general.screening.iter();
    let of_items = catalogue.items.iter().flat_map(|item| &item.screening);
    general
        .chain(of_items)
        .filter(|question| question.code.as_str() == code)
        .collect()
}

/// The first possible answer that triggers something of the severity wanted, else one that triggers nothing.
fn choose(kind: &AnswerKind, triggers: &[&Trigger], wanted: Option<Severity>) -> Option<Value> {
    exactly(kind, triggers, wanted).or_else(|| exactly(kind, triggers, None))
}

/// The first possible answer that triggers nothing, or something of the severity wanted.
fn exactly(kind: &AnswerKind, triggers: &[&Trigger], wanted: Option<Severity>) -> Option<Value> {
    let hits = |answer: &Answer| {
        triggers
            .iter()
            .filter(|trigger| trigger.when.matches(answer))
            .map(|trigger| trigger.severity)
            .max()
    };
    let possible: Vec<Answer> = match kind {
        AnswerKind::YesNo {} => vec![Answer::YesNo(false), Answer::YesNo(true)],
        AnswerKind::Number { min, max, .. } => (0..=20)
            .map(|step| {
                Answer::Number(
                    (min + (max - min) * f64::from(step) / 20.0)
                        .round()
                        .clamp(*min, *max),
                )
            })
            .collect(),
        AnswerKind::Choice { options } => options
            .iter()
            .map(|option| Answer::Option(option.code.to_string()))
            .collect(),
    };
    let good = possible.iter().find(|answer| hits(answer) == wanted);
    good.map(|answer| json!(answer))
}
