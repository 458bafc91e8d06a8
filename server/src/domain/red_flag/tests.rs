//! Each rule has a test of its own: without the rule in the data it fails.

use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::domain::rulefile::{mistakes, parse};
use crate::domain::seed::{RED_FLAGS_JSON, follow_up, questionnaires, red_flags, scales, vitals};

fn key(code: &str) -> Key {
    Key::new(code).expect("a code")
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// Facts by a short notation: `chills` is so, `temperature=38.5` is told now, `weight=70@72` was told 72 hours ago.
fn facts(text: &str) -> Facts {
    let mut facts = Facts::default();
    for word in text.split_whitespace() {
        match word.split_once('=') {
            None => facts.yes(key(word)),
            Some((code, value)) => {
                let known = red_flags().fact(code).unwrap_or_else(|| panic!("{code}"));
                assert_eq!(known.kind, FactKind::Number, "{code}");
                match value.split_once('@') {
                    None => facts.number(key(code), value.parse().expect("a number")),
                    Some((value, hours)) => {
                        let hours = TimeDelta::hours(hours.parse().expect("hours"));
                        facts.earlier(key(code), now() - hours, value.parse().expect("a number"));
                    }
                }
            }
        }
    }
    for code in &facts.yes {
        let known = red_flags().fact(code.as_str());
        assert!(
            known.is_some_and(|fact| fact.kind == FactKind::YesNo),
            "{code}"
        );
    }
    facts
}

/// The flags that are up, with their deadline.
fn up(text: &str) -> Vec<(String, u32)> {
    let facts = facts(text);
    let raised = red_flags().judge(&facts, now());
    raised
        .iter()
        .map(|one| (one.flag.code.to_string(), one.level.deadline_min))
        .collect()
}

/// Asserts that each of these facts raises the flag within its deadline, and none of those does.
fn raises(code: &str, yes: &[(&str, u32)], no: &[&str]) {
    for (text, deadline) in yes {
        let up = up(text);
        assert!(
            up.contains(&(code.to_owned(), *deadline)),
            "{code} by {text}: {up:?}"
        );
    }
    for text in no {
        let up = up(text);
        assert!(
            up.iter().all(|(one, _)| one != code),
            "{code} not by {text}: {up:?}"
        );
    }
}

fn calls_120(code: &str, text: &str) -> bool {
    let facts = facts(text);
    let raised = red_flags().judge(&facts, now());
    let one = raised.iter().find(|one| one.flag.code.as_str() == code);
    one.expect("raised").level.call_120
}

#[test]
fn rf01_stroke_or_unconscious_calls_120() {
    let signs = [
        "face_droop",
        "arm_weakness",
        "speech_trouble",
        "sudden_headache",
        "unconscious",
    ];
    raises(
        "RF01",
        &signs.map(|sign| (sign, 15)),
        &["", "confusion", "syncope", "gcs=9"],
    );
    // A coma by its scale.
    raises("RF01", &[("gcs=8", 15), ("gcs=3", 15)], &["gcs=15"]);
    assert!(calls_120("RF01", "gcs=8"));
    assert!(signs.iter().all(|sign| calls_120("RF01", sign)));
}

#[test]
fn rf02_chest_pain_that_stays_or_syncope_calls_120() {
    raises(
        "RF02",
        &[("chest_pain_15min", 15), ("syncope", 15)],
        &["chest_pain", ""],
    );
    assert!(calls_120("RF02", "syncope"));
}

#[test]
fn rf03_low_oxygen_has_another_limit_with_copd() {
    let yes = [
        ("spo2=89", 15),
        ("copd spo2=87", 15),
        ("breathless_at_rest", 15),
        ("cannot_speak", 15),
    ];
    raises(
        "RF03",
        &yes,
        &["spo2=90", "copd spo2=88", "copd spo2=89", "copd", ""],
    );
    assert!(calls_120("RF03", "spo2=80"));
}

#[test]
fn rf04_two_kilograms_in_three_days_or_one_in_a_day() {
    let yes = [
        ("weight=72.1 weight=70.1@72", 240),
        ("weight=71.1 weight=70.1@24", 240),
        ("weight=72 weight=70@71 weight=71.5@2", 240),
        ("new_leg_oedema", 240),
        ("orthopnoea", 240),
    ];
    let no = [
        "weight=72",
        "weight=72.0 weight=70.1@72",
        "weight=72.1 weight=70.1@73",
        "weight=71.0 weight=70.1@24",
        "weight=71.1 weight=70.1@25",
        "weight=68 weight=70@24",
    ];
    raises("RF04", &yes, &no);
}

#[test]
fn rf05_fever_counts_sooner_under_chemotherapy_or_with_a_line() {
    let yes = [
        ("temperature=38.5", 60),
        ("temperature=38.0 on_chemotherapy", 60),
        ("temperature=38.0 picc", 60),
        ("temperature=38.0 catheter chills", 60),
    ];
    let no = [
        "temperature=38.4",
        "temperature=37.9 on_chemotherapy picc catheter chills",
        "temperature=38.4 catheter",
        "temperature=38.4 chills",
        "chills on_chemotherapy",
    ];
    raises("RF05", &yes, &no);
}

#[test]
fn rf06_a_swollen_calf_and_120_with_chest_pain() {
    let yes = [
        ("calf_swollen", 60),
        ("calf_swollen chest_pain", 15),
        ("calf_swollen breathless_at_rest", 15),
    ];
    raises("RF06", &yes, &["chest_pain", ""]);
    assert!(calls_120("RF06", "calf_swollen chest_pain") && !calls_120("RF06", "calf_swollen"));
}

#[test]
fn rf07_a_wound_that_looks_bad() {
    let signs = ["wound_pus", "wound_redness", "wound_open", "wound_bleeding"];
    raises("RF07", &signs.map(|sign| (sign, 240)), &[""]);
}

#[test]
fn rf08_a_catheter_that_is_blocked_bloody_or_out() {
    let signs = ["no_urine_6h", "urine_clots", "catheter_out"];
    raises("RF08", &signs.map(|sign| (sign, 120)), &["catheter"]);
}

#[test]
fn rf09_tube_feeding_stops() {
    let signs = [
        "ng_out",
        "feeding_cough",
        "feeding_spo2_drop",
        "aspirate_dark",
    ];
    raises("RF09", &signs.map(|sign| (sign, 120)), &[""]);
    let level = &red_flags().rule("RF09").expect("a rule").levels[0];
    assert!(level.family.zh.contains("停止喂食") && level.family.en.contains("Stop feeding"));
}

#[test]
fn rf10_low_glucose_at_once_and_high_within_four_hours() {
    let yes = [
        ("glucose=3.8", 15),
        ("glucose=3.8 confusion", 15),
        ("glucose=16.7", 240),
        ("ketone", 240),
        ("confusion", 240),
    ];
    raises("RF10", &yes, &["glucose=3.9", "glucose=16.6"]);
}

#[test]
fn rf11_blood_pressure_high_or_low_with_symptoms() {
    let yes = [
        ("systolic=180 diastolic=90", 60),
        ("systolic=150 diastolic=110", 60),
        ("systolic=89 diastolic=60 low_bp_symptoms", 60),
        ("systolic=95 diastolic=59 low_bp_symptoms", 60),
    ];
    let no = [
        "systolic=179 diastolic=109",
        "systolic=89 diastolic=59",
        "systolic=90 diastolic=60 low_bp_symptoms",
    ];
    raises("RF11", &yes, &no);
}

#[test]
fn rf12_bleeding_inside_calls_120_or_a_doctor_now() {
    let yes = [
        ("vomiting_blood", 15),
        ("black_stool", 15),
        ("nose_bleed_20min", 15),
    ];
    raises("RF12", &yes, &["wound_bleeding"]);
    assert!(calls_120("RF12", "vomiting_blood black_stool") && !calls_120("RF12", "black_stool"));
}

#[test]
fn rf13_a_fall_with_injury_calls_120() {
    raises(
        "RF13",
        &[("fall_head_hit", 15), ("fall_cannot_stand", 15)],
        &[""],
    );
    assert!(calls_120("RF13", "fall_cannot_stand"));
}

#[test]
fn rf14_strong_pain_or_three_more() {
    let yes = [
        ("pain=7", 240),
        ("pain=5 pain=2@20", 240),
        ("pain=3 pain=0@72", 240),
    ];
    raises(
        "RF14",
        &yes,
        &[
            "pain=6",
            "pain=5 pain=3@20",
            "pain=5 pain=2@73",
            "pain=2 pain=5@1",
        ],
    );
}

#[test]
fn rf15_a_crisis_of_mood_is_spoken_to_in_person() {
    let yes = [
        ("epds=13", 15),
        ("epds=4 epds_self_harm=1", 15),
        ("wants_to_die", 15),
    ];
    raises("RF15", &yes, &["epds=12 epds_self_harm=0"]);
    let level = &red_flags().rule("RF15").expect("a rule").levels[0];
    assert!(level.staff.zh.contains("通话") && level.staff.en.contains("in person"));
}

#[test]
fn rf16_a_key_drug_that_was_stopped() {
    raises("RF16", &[("key_drug_stopped", 480)], &[""]);
}

#[test]
fn rf17_a_newborn_in_danger_goes_to_hospital_now() {
    let yes = [
        ("newborn_feeds=5", 15),
        ("newborn_jaundice", 15),
        ("newborn_temperature=35.9", 15),
        ("newborn_temperature=37.6", 15),
        ("newborn_limp", 15),
    ];
    let no = [
        "newborn_feeds=6",
        "newborn_temperature=36",
        "newborn_temperature=37.5",
    ];
    raises("RF17", &yes, &no);
    assert!(calls_120("RF17", "newborn_limp"));
}

#[test]
fn rf18_care_that_breaks_down() {
    let yes = [("caregiver_cannot_cope", 1_440), ("no_caregiver", 1_440)];
    raises("RF18", &yes, &[""]);
}

#[test]
fn the_shortest_deadline_comes_first_and_quiet_facts_raise_nothing() {
    let raised = up("no_caregiver wound_pus face_droop temperature=38.6");
    let codes: Vec<_> = raised.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["RF01", "RF05", "RF07", "RF18"]);
    let quiet = "temperature=36.8 spo2=97 systolic=128 diastolic=78 glucose=6.1 pain=2 weight=70 weight=70@24";
    assert_eq!(up(quiet), []);
    assert_eq!(up(""), []);
}

#[test]
fn every_rule_tells_the_family_what_to_do_now_and_never_to_wait() {
    assert_eq!(red_flags().rules.len(), 18);
    for rule in &red_flags().rules {
        for level in &rule.levels {
            let Bilingual { zh, en } = &level.family;
            assert!(
                zh.contains("120") || zh.contains("急诊") || zh.contains("医院"),
                "{zh}"
            );
            assert!(en.contains("120") || en.contains("hospital"), "{en}");
            assert!(!zh.contains("回复") && !en.contains("reply"), "{zh}");
        }
    }
    assert_eq!(red_flags().longest_look_h(), 72);
}

/// Files refer to each other by code; the shipped ones agree.
#[test]
fn sources_of_facts_are_in_the_other_files() {
    for fact in &red_flags().facts {
        for from in &fact.from {
            let known = match from {
                FactSource::Vital { vital, .. } => vitals().sign(vital.as_str()).is_some(),
                FactSource::Scale { scale } => scales().scale(scale.as_str()).is_some(),
                FactSource::Item { scale, item } => scales()
                    .scale(scale.as_str())
                    .is_some_and(|scale| scale.item(item.as_str()).is_some()),
                FactSource::Condition { condition } => crate::domain::seed::catalogue()
                    .conditions
                    .iter()
                    .any(|known| known.code == *condition),
                FactSource::Device { .. } => true,
                FactSource::Diagnosis { diagnosis_group } => follow_up()
                    .groups
                    .iter()
                    .any(|group| group.code == *diagnosis_group),
                FactSource::Discharge {
                    discharge_condition,
                    ..
                } => follow_up().knows_condition(discharge_condition.as_str()),
            };
            assert!(known, "{}: {from:?}", fact.code);
        }
    }
}

/// Codes of the facts that a condition reads.
fn reads(when: &When) -> BTreeSet<&Key> {
    match when {
        When::All(list) | When::Any(list) => list.iter().flat_map(reads).collect(),
        When::Not(one) => reads(one),
        When::Yes(fact) | When::Number { fact, .. } | When::Rise { fact, .. } => {
            BTreeSet::from([fact])
        }
    }
}

/// Nothing is asked for that no rule reads, and no rule reads what nobody can tell.
#[test]
fn every_fact_that_a_rule_reads_is_asked_or_has_a_source_and_no_other_is_kept() {
    let levels = red_flags().rules.iter().flat_map(|rule| &rule.levels);
    let read: BTreeSet<_> = levels.flat_map(|level| reads(&level.when)).collect();
    let known: BTreeSet<_> = red_flags().facts.iter().map(|fact| &fact.code).collect();
    assert_eq!(read, known);
    let asked = questionnaires();
    let mut told: BTreeSet<&Key> = BTreeSet::new();
    for one in &asked.questionnaires {
        told.extend(&one.implies);
        for place in &one.questions {
            let question = asked.question(place.question.as_str()).expect("a question");
            told.insert(&question.code);
            told.extend(question.implies.iter().map(|one| &one.fact));
        }
    }
    let sourced = red_flags()
        .facts
        .iter()
        .filter(|fact| !fact.from.is_empty());
    told.extend(sourced.map(|fact| &fact.code));
    let silent: Vec<_> = read.difference(&told).collect();
    assert!(silent.is_empty(), "nobody can tell {silent:?}");
}

#[test]
fn stays_and_diagnoses_tell_facts_for_their_days() {
    let day = |day: u32| NaiveDate::from_ymd_opt(2026, 3, day).expect("a day");
    let past = |groups: &[&str], said: &[(&str, u32)]| Past {
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        said: said
            .iter()
            .map(|(code, on)| ((*code).to_owned(), day(*on)))
            .collect(),
    };
    let told = |past: &Past, on: NaiveDate| -> Vec<String> {
        let facts = red_flags().from_past(past, on);
        facts.map(ToString::to_string).collect()
    };
    let chemotherapy = past(&["tumour"], &[("chemotherapy", 1), ("wound", 1)]);
    let last = day(1) + TimeDelta::days(30);
    assert_eq!(told(&chemotherapy, day(1)), ["on_chemotherapy"]);
    assert_eq!(told(&chemotherapy, last), ["on_chemotherapy"]);
    let none: [&str; 0] = [];
    assert_eq!(told(&chemotherapy, last + TimeDelta::days(1)), none);
    // A lung stays what it is.
    let lung = past(&["heart_failure", "copd"], &[]);
    assert_eq!(told(&lung, day(1) + TimeDelta::days(900)), ["copd"]);
    assert_eq!(told(&Past::default(), day(1)), none);
}

#[test]
fn the_temperature_of_a_newborn_is_that_of_a_newborn() {
    let told = |age_days| -> Vec<String> {
        let facts = red_flags().from_vital("temperature", age_days);
        facts.map(ToString::to_string).collect()
    };
    assert_eq!(told(0), ["temperature", "newborn_temperature"]);
    assert_eq!(told(27), ["temperature", "newborn_temperature"]);
    assert_eq!(told(28), ["temperature"]);
}

#[test]
fn an_alert_goes_on_at_half_of_its_deadline_and_at_its_end() {
    let due = now() + TimeDelta::minutes(15);
    let half = now() + TimeDelta::seconds(450);
    assert_eq!(escalation_at(now(), due, 0), Some(half));
    assert_eq!(escalation_at(now(), due, 1), Some(due));
    assert_eq!(escalation_at(now(), due, 2), None);
}

#[test]
fn mistakes_in_a_file_are_found() {
    mistakes::assert_found::<RedFlags>(
        RED_FLAGS_JSON,
        r#"
        /facts/1/code | "face_droop" | facts | duplicate
        /facts/8/kind | "yes_no" | facts[8].from[0] | inconsistent
        /facts/17/from/0/within_days | 0 | facts[17].from[0].within_days | out_of_range
        /rules/0/code | "RF02" | rules | duplicate
        /rules/0/levels/0/when/any/0/yes | "sneezes" | rules[0].levels[0].when.any[0].yes | unknown_reference
        /rules/0/levels/0/when/any/0/yes | "spo2" | rules[0].levels[0].when.any[0].yes | inconsistent
        /rules/0/levels/0/deadline_min | 0 | rules[0].levels[0].deadline_min | out_of_range
        /rules/0/levels/0/family/en | "Rest." | rules[0].levels[0].family.en | inconsistent
        /rules/3/levels/0/family/zh | "请等待回复。" | rules[3].levels[0].family.zh | bad_text
        /rules/3/levels/0/when/any/0/rise/by | 0 | rules[3].levels[0].when.any[0].rise.by | out_of_range
        /rules/4/levels/0/when/any/0/number/is | {"equals": true} | rules[4].levels[0].when.any[0].number.is | inconsistent
        "#,
    );
}

/// A word that the condition language does not have is refused where it stands.
#[test]
fn a_condition_of_another_language_is_refused() {
    let mut file: serde_json::Value = serde_json::from_str(RED_FLAGS_JSON).expect("JSON");
    file["rules"][0]["levels"][0]["when"] = json!({"sometimes": "face_droop"});
    let errors = parse::<RedFlags>(&file.to_string()).expect_err("refused");
    assert!(
        errors.0[0].path.starts_with("rules[0].levels[0].when"),
        "{errors}"
    );
}
