use std::slice::from_ref;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::{catalogue::AnswerKind, seed};

pub(super) fn items(codes: &[&str]) -> Vec<&'static Item> {
    codes
        .iter()
        .map(|code| seed::catalogue().item(code).expect("a seed item"))
        .collect()
}

pub(super) fn patient(age_years: u16, sex: Sex, conditions: &[&str]) -> PatientFacts {
    PatientFacts {
        age_years,
        sex,
        conditions: conditions.iter().map(|code| (*code).to_owned()).collect(),
    }
}

#[test]
fn the_record_alone_stands_against_an_item_whatever_was_answered() {
    let hard = |codes: &[&str], conditions: &[&str]| {
        let patient = patient(70, Sex::Male, conditions);
        let found = hard_on_record(seed::catalogue(), &items(codes), &patient);
        let of = |one: &Finding| {
            (
                one.item.as_ref().map(ToString::to_string),
                one.source.code.clone(),
            )
        };
        found.iter().map(of).collect::<Vec<_>>()
    };
    let everything = (None, "aggression".to_owned());
    assert_eq!(hard(&["EDU"], &["aggression"]), [everything]);
    let catheter = (Some("UC_CHG".to_owned()), "urethral_stricture".to_owned());
    assert_eq!(
        hard(&["EDU", "UC_CHG"], &["urethral_stricture"]),
        [catheter]
    );
    assert_eq!(hard(&["EDU"], &["urethral_stricture"]), []);
    // A soft one went to review.
    assert_eq!(hard(&["RH_MOT"], &["dvt"]), []);
}

pub(super) fn old_man() -> PatientFacts {
    patient(81, Sex::Male, &[])
}

/// Answers that raise nothing: for each question asked, one that no trigger of the chosen items is about.
fn harmless(chosen: &[&Item], patient: &PatientFacts) -> Answers {
    let triggers = |code: &str| -> Vec<_> {
        let general = seed::catalogue().general.screening.iter();
        let all = general.chain(chosen.iter().flat_map(|item| &item.screening));
        all.filter(|question| question.code.as_str() == code)
            .flat_map(|question| &question.triggers)
            .collect()
    };
    let asked = questions(seed::catalogue(), chosen, patient)
        .into_iter()
        .filter(|question| question.required);
    let pick = |question: &Question| {
        let candidates = match &question.answer {
            AnswerKind::YesNo {} => vec![Answer::YesNo(false), Answer::YesNo(true)],
            AnswerKind::Number { min, max, .. } => {
                vec![
                    Answer::Number(*min),
                    Answer::Number(((min + max) / 2.0).round()),
                    Answer::Number(*max),
                ]
            }
            AnswerKind::Choice { options } => options
                .iter()
                .map(|option| Answer::Option(option.code.to_string()))
                .collect(),
        };
        let rules = triggers(question.code.as_str());
        let quiet = |answer: &Answer| !rules.iter().any(|trigger| trigger.when.matches(answer));
        candidates
            .into_iter()
            .find(quiet)
            .expect("a harmless answer")
    };
    asked
        .map(|question| (question.code.to_string(), pick(question)))
        .collect()
}

pub(super) fn judged(
    codes: &[&str],
    patient: &PatientFacts,
    change: &[(&str, Answer)],
) -> Screening {
    let chosen = items(codes);
    let mut answers = harmless(&chosen, patient);
    answers.extend(
        change
            .iter()
            .map(|(code, answer)| ((*code).to_owned(), answer.clone())),
    );
    judge(seed::catalogue(), &chosen, &answers, patient).expect("answers that can be judged")
}

pub(super) fn yes() -> Answer {
    Answer::YesNo(true)
}

pub(super) fn option(code: &str) -> Answer {
    Answer::Option(code.to_owned())
}

#[test]
fn every_item_can_be_ordered_by_someone() {
    for item in &seed::catalogue().items {
        let facts = match item.code.as_str() {
            "MB_PP" => patient(29, Sex::Female, &[]),
            "MB_NB" => patient(0, Sex::Male, &[]),
            _ => old_man(),
        };
        let answers = harmless(from_ref(&item), &facts);
        let screening =
            judge(seed::catalogue(), from_ref(&item), &answers, &facts).expect("complete answers");
        assert_eq!(
            screening.outcome(),
            ScreeningOutcome::Clear,
            "{}: {screening:?}",
            item.code
        );
    }
}

#[test]
fn a_first_catheter_with_an_enlarged_prostate_is_refused() {
    let man = patient(70, Sex::Male, &["bph"]);
    let screening = judged(&["UC_NEW"], &man, &[("UC_NEW_FIRST", yes())]);
    assert_eq!(screening.outcome(), ScreeningOutcome::Refused);
    let codes: Vec<_> = screening
        .findings
        .iter()
        .map(|finding| finding.source.code.as_str())
        .collect();
    assert_eq!(codes, ["UC_NEW_FIRST_BPH", "UC_NEW_BPH"]);
    let healthy = judged(&["UC_NEW"], &old_man(), &[("UC_NEW_FIRST", yes())]);
    assert_eq!(healthy.outcome(), ScreeningOutcome::Clear);
}

#[test]
fn a_newborn_too_warm_or_too_cold_goes_to_hospital() {
    let baby = patient(0, Sex::Female, &[]);
    for (temperature, findings) in [(35.9, 1), (36.0, 0), (37.5, 0), (37.6, 1)] {
        let screening = judged(
            &["MB_NB"],
            &baby,
            &[("NB_TEMP", Answer::Number(temperature))],
        );
        assert_eq!(screening.findings.len(), findings, "{temperature}");
    }
}

#[test]
fn a_finding_names_its_item_and_its_rule() {
    let screening = judged(
        &["UC_CARE", "EDU"],
        &old_man(),
        &[("UC_HAEMATURIA", yes()), ("GEN_AGITATED", yes())],
    );
    assert_eq!(screening.catalogue_version, 1);
    let [general, own] = screening.findings.as_slice() else {
        panic!("{screening:?}")
    };
    assert_eq!(
        (&general.item, general.source.code.as_str()),
        (&None, "GEN_AGITATED")
    );
    assert_eq!(own.item.as_ref().map(ItemCode::as_str), Some("UC_CARE"));
    assert_eq!(
        own.source,
        FindingSource {
            kind: FindingKind::Question,
            code: "UC_HAEMATURIA".into()
        }
    );
    assert!(own.advice.zh.contains("医院"));
}

#[test]
fn a_shared_question_is_asked_once_and_judged_by_each_item() {
    let chosen = items(&["UC_CARE", "MB_PP", "TCM"]);
    let asked = questions(seed::catalogue(), &chosen, &patient(30, Sex::Female, &[]));
    assert_eq!(
        asked
            .iter()
            .filter(|question| question.code.as_str() == "FEVER")
            .count(),
        1
    );
    let woman = patient(30, Sex::Female, &[]);
    for (answer, refusing) in [("no", 0), ("to_37_9", 1), ("to_38_4", 2), ("from_38_5", 3)] {
        let screening = judged(
            &["UC_CARE", "MB_PP", "TCM"],
            &woman,
            &[("FEVER", option(answer))],
        );
        assert_eq!(screening.findings.len(), refusing, "{answer}");
    }
}

#[test]
fn a_question_is_asked_of_those_it_concerns_but_heard_from_everyone() {
    let asks = |facts: &PatientFacts| {
        let asked = questions(seed::catalogue(), &items(&["ENEMA"]), facts);
        asked
            .iter()
            .any(|question| question.code.as_str() == "PREGNANT")
    };
    assert!(asks(&patient(30, Sex::Female, &[])));
    assert!(!asks(&patient(85, Sex::Female, &[])));
    assert!(!asks(&patient(30, Sex::Male, &[])));
    let screening = judged(&["ENEMA"], &old_man(), &[("PREGNANT", yes())]);
    assert_eq!(screening.outcome(), ScreeningOutcome::Refused);
}

#[test]
fn answers_that_cannot_be_judged_are_all_named() {
    let chosen = items(&["STITCH"]);
    let mut answers = harmless(&chosen, &old_man());
    answers.remove("GEN_TRUE");
    answers.insert("STITCH_COUNT".into(), Answer::Number(201.0));
    answers.insert("STITCH_PLACES".into(), Answer::Number(1.5));
    answers.insert("STITCH_OPEN".into(), option("yes"));
    answers.insert("GEN_SUPPLIES".into(), option("gift"));
    answers.insert("UC_HAEMATURIA".into(), yes());
    let problems =
        judge(seed::catalogue(), &chosen, &answers, &old_man()).expect_err("six mistakes");
    let found: Vec<_> = problems
        .iter()
        .map(|problem| (problem.question.as_str(), problem.code()))
        .collect();
    assert_eq!(
        found,
        [
            ("GEN_SUPPLIES", "answer_wrong_kind"),
            ("GEN_TRUE", "answer_missing"),
            ("STITCH_COUNT", "answer_out_of_range"),
            ("STITCH_OPEN", "answer_wrong_kind"),
            ("STITCH_PLACES", "answer_wrong_kind"),
            ("UC_HAEMATURIA", "answer_unknown_question"),
        ]
    );
    assert_eq!(
        problems[2].kind,
        AnswerProblemKind::OutOfRange {
            min: 1.0,
            max: 200.0
        }
    );
}

#[test]
fn numbers_at_the_edge_and_beyond() {
    let chosen = items(&["SC"]);
    for (value, code) in [
        (0.6, None),
        (40.0, None),
        (0.59, Some("answer_out_of_range")),
        (40.1, Some("answer_out_of_range")),
        (5.55, Some("answer_wrong_kind")),
        (f64::NAN, Some("answer_out_of_range")),
        (f64::INFINITY, Some("answer_out_of_range")),
    ] {
        let mut answers = harmless(&chosen, &old_man());
        answers.insert("GLUCOSE".into(), Answer::Number(value));
        let result = judge(seed::catalogue(), &chosen, &answers, &old_man());
        assert_eq!(
            result.err().map(|problems| problems[0].code()),
            code,
            "{value}"
        );
    }
}

#[test]
fn answers_come_as_plain_json() {
    let answers: Answers =
        serde_json::from_str(r#"{"A": true, "B": 37, "C": "no"}"#).expect("three kinds");
    assert_eq!(answers["A"], yes());
    assert_eq!(answers["B"], Answer::Number(37.0));
    assert_eq!(answers["C"], option("no"));
    assert!(serde_json::from_str::<Answers>(r#"{"A": null}"#).is_err());
    assert!(serde_json::from_str::<Answers>(r#"{"A": [true]}"#).is_err());
}

#[rstest]
#[case("UC_CHG", None, None)]
#[case("UC_CHG", Some(false), Some("item_closed"))]
#[case("UC_NEW", None, Some("item_closed"))]
#[case("UC_NEW", Some(true), None)]
#[case("IV_INF", None, Some("item_negative_listed"))]
#[case("IV_INF", Some(true), Some("item_negative_listed"))]
fn an_item_is_bookable(
    #[case] code: &str,
    #[case] institution: Option<bool>,
    #[case] problem: Option<&str>,
) {
    let result = check_bookable(items(&[code])[0], institution);
    assert_eq!(result.err().map(NotBookable::code), problem);
}

/// An answer of any kind, to any question.
fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        any::<bool>().prop_map(Answer::YesNo),
        (-50.0..350.0_f64).prop_map(|number| Answer::Number(number.round())),
        prop::sample::select(vec!["no", "nurse", "own_unknown", "from_38_5", "often"])
            .prop_map(option),
    ]
}

proptest! {
    /// More items never make an order easier: what refuses alone refuses in company.
    #[test]
    fn findings_only_grow_with_items(
        first in 0..38_usize,
        second in 0..38_usize,
        sheet in prop::collection::btree_map(0..60_usize, any_answer(), 0..40),
        age_years in 0..100_u16,
    ) {
        prop_assume!(first != second);
        let catalogue = seed::catalogue();
        let (one, other) = (&catalogue.items[first], &catalogue.items[second]);
        let facts = patient(age_years, Sex::Female, &[]);
        let both = [one, other];
        let mut answers = harmless(&both, &facts);
        let codes: Vec<_> = answers.keys().cloned().collect();
        for (index, answer) in sheet {
            answers.insert(codes[index % codes.len()].clone(), answer);
        }
        let alone: Answers = answers
            .iter()
            .filter(|(code, _)| all_questions(catalogue, &[one]).iter().any(|asked| asked.code.as_str() == **code))
            .map(|(code, answer)| (code.clone(), answer.clone()))
            .collect();
        match (judge(catalogue, &[one], &alone, &facts), judge(catalogue, &both, &answers, &facts)) {
            (Ok(small), Ok(large)) => {
                prop_assert!(small.outcome() as u8 <= large.outcome() as u8);
                prop_assert!(small.findings.iter().all(|finding| large.findings.contains(finding)));
            }
            (Err(_), Ok(_)) => prop_assert!(false, "an answer sheet became valid by one more item"),
            (_, Err(problems)) => prop_assert!(!problems.is_empty()),
        }
    }
}

#[test]
fn at_the_door_a_hard_finding_is_the_end_and_a_soft_one_needs_a_word() {
    use ScreeningOutcome::{Clear, Refused, Review};
    for (outcome, acknowledged, wanted) in [
        (Clear, false, AtTheDoor::Begin),
        (Clear, true, AtTheDoor::Begin),
        (Review, false, AtTheDoor::Acknowledge),
        (Review, true, AtTheDoor::Begin),
        (Refused, false, AtTheDoor::BreakOff),
        (Refused, true, AtTheDoor::BreakOff),
    ] {
        assert_eq!(
            at_the_door(outcome, acknowledged),
            wanted,
            "{outcome:?} {acknowledged}"
        );
    }
}
