//! What makes the screening rules of a catalogue sound.

use super::{Defined, known};
use crate::domain::{
    catalogue::{
        Answer, AnswerKind, Audience, Contraindication, Item, PatientRule, Question, Trigger,
        TriggerWhen,
    },
    rulefile::{Problems, RuleProblemCode as Code},
};

/// Most questions one order can be asked by one item, so that an answer sheet stays bounded.
const QUESTIONS_MAX: usize = 30;

pub(super) fn contraindications(
    list: &[Contraindication],
    defined: &Defined<'_>,
    at: &mut Problems,
) {
    at.unique(
        "contraindications",
        list.iter().map(|entry| &entry.condition),
    );
    at.each("contraindications", list, |at, entry| {
        known(
            "condition",
            entry.condition.as_str(),
            &defined.conditions,
            at,
        );
        at.text("advice", &entry.advice);
    });
}

pub(super) fn questions<'a>(list: &'a [Question], defined: &mut Defined<'a>, at: &mut Problems) {
    at.in_range("screening", list.len(), 0..=QUESTIONS_MAX);
    at.unique("screening", list.iter().map(|question| &question.code));
    at.each("screening", list, |at, question| {
        at.text("text", &question.text);
        at.within("answer", |at| answer_kind(&question.answer, at));
        if let Some(audience) = &question.asked_of {
            at.within("asked_of", |at| check_audience(audience, at));
        }
        at.each("triggers", &question.triggers, |at, entry| {
            trigger(entry, &question.answer, at);
        });
        let first = *defined
            .questions
            .entry(question.code.as_str())
            .or_insert(question);
        let same = first.text == question.text
            && first.answer == question.answer
            && first.asked_of == question.asked_of
            && first.required == question.required;
        at.require(
            same,
            "code",
            Code::Duplicate,
            "the same code asks something else elsewhere",
        );
    });
}

fn answer_kind(kind: &AnswerKind, at: &mut Problems) {
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
            at.require(ordered, "min", Code::OutOfRange, "min has to be below max");
        }
        AnswerKind::Choice { options } => {
            at.in_range("options", options.len(), 2..=20);
            at.unique("options", options.iter().map(|option| &option.code));
            at.each("options", options, |at, option| {
                at.text("text", &option.text);
            });
        }
    }
}

fn trigger(entry: &Trigger, kind: &AnswerKind, at: &mut Problems) {
    at.text("advice", &entry.advice);
    at.within("when", |at| trigger_when(&entry.when, kind, at));
}

fn trigger_when(when: &TriggerWhen, kind: &AnswerKind, at: &mut Problems) {
    match (when, kind) {
        (TriggerWhen::Equals(Answer::YesNo(_)), AnswerKind::YesNo {}) => {}
        (TriggerWhen::Equals(Answer::Option(code)), AnswerKind::Choice { options }) => {
            known(
                "equals",
                code,
                &options.iter().map(|option| option.code.as_str()).collect(),
                at,
            );
        }
        (TriggerWhen::OneOf(codes), AnswerKind::Choice { options }) => {
            let defined = options.iter().map(|option| option.code.as_str()).collect();
            at.require(
                !codes.is_empty(),
                "one_of",
                Code::Inconsistent,
                "an empty list never applies",
            );
            at.unique("one_of", codes);
            for code in codes {
                known("one_of", code.as_str(), &defined, at);
            }
        }
        (_, AnswerKind::Number { min, max, .. }) if when.limit().is_some() => {
            at.in_range("", when.limit().unwrap_or(*min), *min..=*max);
        }
        _ => at.add(
            "",
            Code::Inconsistent,
            "this comparison does not fit the kind of answer",
        ),
    }
}

pub(super) fn patient_rule(
    rule: &PatientRule,
    item: &Item,
    defined: &Defined<'_>,
    at: &mut Problems,
) {
    at.text("advice", &rule.advice);
    let limited = rule.who.is_some() || rule.condition.is_some() || rule.answered.is_some();
    at.require(
        limited,
        "who",
        Code::Inconsistent,
        "a rule without any limit would apply to everyone",
    );
    if let Some(audience) = &rule.who {
        at.within("who", |at| check_audience(audience, at));
    }
    if let Some(condition) = &rule.condition {
        known("condition", condition.as_str(), &defined.conditions, at);
    }
    if let Some(answered) = &rule.answered {
        let asked = item
            .screening
            .iter()
            .find(|question| question.code == answered.question);
        let yes_no = asked.is_some_and(|question| question.answer == AnswerKind::YesNo {});
        let detail = "has to be a yes-or-no question of the same item";
        at.require(yes_no, "answered", Code::UnknownReference, detail);
    }
}

fn check_audience(audience: &Audience, at: &mut Problems) {
    let limited =
        audience.sex.is_some() || audience.age_from.is_some() || audience.age_below.is_some();
    at.require(
        limited,
        "",
        Code::Inconsistent,
        "has to name a sex or an age",
    );
    at.in_range("age_from", audience.age_from.unwrap_or(0), 0..=150);
    at.in_range("age_below", audience.age_below.unwrap_or(150), 1..=150);
    let ordered = audience.age_from.unwrap_or(0) < audience.age_below.unwrap_or(u16::MAX);
    at.require(
        ordered,
        "age_below",
        Code::Inconsistent,
        "nobody is that old and that young",
    );
}
