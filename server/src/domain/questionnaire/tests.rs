use serde_json::{Value, json};

use super::*;
use crate::domain::red_flag::FactKind;
use crate::domain::rulefile::mistakes;
use crate::domain::seed::{QUESTIONNAIRES_JSON, questionnaires, red_flags};

fn answers(value: Value) -> Answers {
    serde_json::from_value(value).expect("answers")
}

fn shown(codes: &[&str], given: Value) -> Vec<(String, bool)> {
    let sheet = questionnaires().sheet(codes).expect("a sheet");
    let shown = sheet.shown(&answers(given));
    shown
        .iter()
        .map(|one| (one.question.code.to_string(), one.required))
        .collect()
}

fn is_shown(codes: &[&str], given: Value, question: &str) -> bool {
    shown(codes, given).iter().any(|(code, _)| code == question)
}

/// A sheet that is answered with what is quietest.
fn quiet(codes: &[&str]) -> Answers {
    let sheet = questionnaires().sheet(codes).expect("a sheet");
    let mut given = Answers::new();
    // Each answer may show further questions.
    for _ in 0..3 {
        for one in sheet.shown(&given) {
            let answer = match &one.question.answer {
                AnswerKind::YesNo {} => Answer::YesNo(false),
                AnswerKind::Number { min, max, .. } => Answer::Number(((min + max) / 2.0).round()),
                AnswerKind::Choice { options } => Answer::Option(options[0].code.to_string()),
            };
            given.entry(one.question.code.to_string()).or_insert(answer);
        }
    }
    given
}

fn problems(codes: &[&str], given: Answers) -> Vec<(String, &'static str)> {
    let sheet = questionnaires().sheet(codes).expect("a sheet");
    match sheet.check(&given) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .iter()
            .map(|one| (one.question.clone(), one.code()))
            .collect(),
    }
}

#[test]
fn a_question_is_shown_after_the_answer_that_calls_for_it() {
    let codes = ["tube"];
    assert!(!is_shown(&codes, json!({}), "no_urine_6h"));
    assert!(is_shown(
        &codes,
        json!({"tube_kind": "urinary"}),
        "no_urine_6h"
    ));
    assert!(!is_shown(&codes, json!({"tube_kind": "urinary"}), "ng_out"));
    assert!(is_shown(&codes, json!({"fever": true}), "temperature"));
    assert!(!is_shown(&codes, json!({"fever": false}), "temperature"));
}

#[test]
fn two_questionnaires_ask_what_they_share_once() {
    let one = shown(&["heart_failure"], json!({}));
    let two = shown(&["heart_failure", "copd"], json!({}));
    let codes: BTreeSet<_> = two.iter().map(|(code, _)| code).collect();
    assert_eq!(codes.len(), two.len());
    assert!(two.len() > one.len() && two.starts_with(&one));
    let sheet = questionnaires()
        .sheet(&["heart_failure", "copd"])
        .expect("a sheet");
    assert_eq!(
        sheet.implied().map(Key::as_str).collect::<Vec<_>>(),
        ["copd"]
    );
    let unknown = questionnaires()
        .sheet(&["heart_failure", "toothache"])
        .expect_err("unknown");
    assert_eq!(unknown, UnknownQuestionnaire("toothache".to_owned()));
}

#[test]
fn a_sheet_needs_every_required_answer_that_is_shown_and_no_other() {
    for one in &questionnaires().questionnaires {
        let codes = [one.code.as_str()];
        let full = quiet(&codes);
        assert_eq!(problems(&codes, full.clone()), [], "{}", one.code);
        for (code, required) in shown(&codes, serde_json::to_value(&full).expect("plain")) {
            let mut without = full.clone();
            without.remove(&code);
            let expected = if required {
                vec![(code.clone(), "answer_missing")]
            } else {
                vec![]
            };
            let found = problems(&codes, without);
            // A hidden question needs no answer either.
            assert!(found == expected, "{} without {code}: {found:?}", one.code);
        }
    }
}

#[test]
fn answers_out_of_range_of_another_kind_or_to_nothing_are_told() {
    let mut given = quiet(&["copd"]);
    given.insert("spo2".to_owned(), Answer::Number(101.0));
    given.insert("fever".to_owned(), Answer::Option("a bit".to_owned()));
    given.insert("horoscope".to_owned(), Answer::YesNo(true));
    let found = problems(&["copd"], given);
    assert_eq!(
        found,
        [
            ("fever".to_owned(), "answer_wrong_kind"),
            ("horoscope".to_owned(), "answer_unknown_question"),
            ("spo2".to_owned(), "answer_out_of_range"),
        ]
    );
}

#[test]
fn what_is_hidden_is_not_kept_and_opens_nothing() {
    let mut given = quiet(&["general"]);
    given.insert("fever".to_owned(), Answer::YesNo(false));
    given.insert("temperature".to_owned(), Answer::Number(39.5));
    let sheet = questionnaires().sheet(&["general"]).expect("a sheet");
    let kept = sheet.check(&given).expect("complete");
    assert!(!kept.contains_key("temperature") && kept.contains_key("fever"));
}

/// A question whose answer a red flag looks at is of the kind of its fact.
#[test]
fn questions_and_facts_of_one_code_agree() {
    let mut seen = 0;
    for question in &questionnaires().questions {
        let Some(fact) = red_flags().fact(question.code.as_str()) else {
            continue;
        };
        let kind = match question.answer {
            AnswerKind::YesNo {} => FactKind::YesNo,
            AnswerKind::Number { .. } => FactKind::Number,
            AnswerKind::Choice { .. } => panic!("{}: a choice is no fact", question.code),
        };
        assert_eq!(kind, fact.kind, "{}", question.code);
        seen += 1;
    }
    assert!(seen > 40, "{seen}");
    let sheets = questionnaires().questionnaires.iter();
    let answers = questionnaires().questions.iter();
    let answers = answers.flat_map(|question| question.implies.iter().map(|one| &one.fact));
    for implied in sheets.flat_map(|one| &one.implies).chain(answers) {
        let fact = red_flags().fact(implied.as_str());
        assert_eq!(
            fact.map(|fact| fact.kind),
            Some(FactKind::YesNo),
            "{implied}"
        );
    }
}

#[test]
fn an_option_tells_the_facts_that_it_implies() {
    let tube = questionnaires().question("tube_kind").expect("a question");
    let told = |option: &str| -> Vec<String> {
        let answer = Answer::Option(option.to_owned());
        tube.implied_by(&answer).map(ToString::to_string).collect()
    };
    for (option, fact) in [
        ("urinary", "catheter"),
        ("urinary_feeding", "catheter"),
        ("picc", "picc"),
        ("port", "picc"),
    ] {
        assert_eq!(told(option), [fact]);
    }
    assert!(told("feeding").is_empty() && told("other").is_empty());
}

/// A device may be out of reach; words are not. Counts and pain need none.
#[test]
fn nothing_that_is_measured_is_required() {
    for one in &questionnaires().questionnaires {
        for place in one.questions.iter().filter(|place| place.required) {
            let question = questionnaires().question(place.question.as_str());
            let question = question.expect("a question");
            let number = matches!(question.answer, AnswerKind::Number { .. });
            let counted = ["pain", "newborn_feeds"].contains(&place.question.as_str());
            assert!(!number || counted, "{} of {}", place.question, one.code);
        }
    }
}

/// What the guide's table of schedules names is asked (field guide §3.2), and caring is asked about everywhere.
#[test]
fn each_disease_is_asked_what_the_guide_names() {
    let named: &[(&str, &[&str])] = &[
        (
            "heart_failure",
            &[
                "weight",
                "new_leg_oedema",
                "systolic",
                "nyha",
                "takes_drugs",
                "salt",
            ],
        ),
        (
            "ami_pci",
            &[
                "takes_drugs",
                "chest_pain",
                "black_stool",
                "systolic",
                "ldl",
            ],
        ),
        ("stroke", &["systolic", "takes_drugs", "fell", "mood_low"]),
        (
            "copd",
            &["takes_drugs", "inhaler", "spo2", "flu_vaccine", "smoking"],
        ),
        (
            "joint_replacement",
            &[
                "pain",
                "joint_bend",
                "wound_pus",
                "calf_swollen",
                "takes_drugs",
                "fell",
            ],
        ),
        (
            "diabetes",
            &["hypo_events", "any_wound", "injection_technique", "hba1c"],
        ),
        ("hypertension", &["systolic", "diastolic"]),
        (
            "tumour",
            &["fever", "picc", "line_trouble", "eats", "pain", "mood_low"],
        ),
        (
            "postpartum",
            &["lochia_more", "breast_trouble", "wound_pus"],
        ),
        (
            "newborn",
            &["newborn_jaundice", "newborn_weight", "cord_trouble"],
        ),
        ("tube", &["tube_kind"]),
        ("wound", &["wound_pus"]),
        ("general", &["fever"]),
    ];
    assert_eq!(named.len(), questionnaires().questionnaires.len());
    for (code, questions) in named {
        let sheet = questionnaires().sheet(&[*code]).expect("a sheet");
        let asked: BTreeSet<_> = sheet.asked().map(|(one, _)| one.code.as_str()).collect();
        for question in questions
            .iter()
            .chain(&["caregiver_cannot_cope", "no_caregiver"])
        {
            assert!(asked.contains(question), "{code} does not ask {question}");
        }
    }
}

/// A quiet sheet is short: what follows only after a certain answer stays away.
#[test]
fn a_quiet_sheet_stays_short() {
    for one in &questionnaires().questionnaires {
        let codes = [one.code.as_str()];
        let given = serde_json::to_value(quiet(&codes)).expect("plain");
        let asked = shown(&codes, given);
        assert!(asked.len() <= 18, "{}: {}", one.code, asked.len());
    }
}

#[test]
fn mistakes_in_a_file_are_found() {
    mistakes::assert_found::<Questionnaires>(
        QUESTIONNAIRES_JSON,
        r#"
        /questions/1/code | "face_droop" | questions | duplicate
        /questions/0/text/zh | "FAST" | questions[0].text.zh | bad_text
        /questions/9/answer/max | 40 | questions[9].answer.max | out_of_range
        /questions/22/implies/0/equals | "gastric" | questions[22].implies[0].equals | inconsistent
        /questionnaires/1/code | "heart_failure" | questionnaires | duplicate
        /questionnaires/0/questions/0/question | "horoscope" | questionnaires[0].questions[0].question | unknown_reference
        /questionnaires/0/questions/1/question | "weight" | questionnaires[0].questions | duplicate
        /questionnaires/0/questions/4/shown_if/answer/question | "cannot_speak" | questionnaires[0].questions[4].shown_if | unknown_reference
        /questionnaires/0/questions/4/shown_if/answer/equals | "much" | questionnaires[0].questions[4].shown_if | inconsistent
        "#,
    );
}

#[test]
fn a_link_opens_until_it_is_used_over_or_spent() {
    let rules = questionnaires().link;
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let fresh = LinkState {
        used: false,
        expires_at: rules.expires_at(now),
        tries: 0,
    };
    assert_eq!(
        rules.check(&fresh, fresh.expires_at - TimeDelta::seconds(1)),
        Ok(())
    );
    assert_eq!(
        rules.check(&fresh, fresh.expires_at),
        Err(LinkError::Expired)
    );
    let spent = LinkState {
        tries: rules.tries,
        ..fresh
    };
    assert_eq!(
        rules.check(
            &LinkState {
                tries: rules.tries - 1,
                ..fresh
            },
            now
        ),
        Ok(())
    );
    assert_eq!(rules.check(&spent, now), Err(LinkError::Spent));
    assert_eq!(
        rules.check(
            &LinkState {
                used: true,
                ..spent
            },
            now
        ),
        Err(LinkError::Used)
    );
}
