//! How follow-up questions are answered: usually all is well, sometimes something is wrong.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

/// Answers of somebody who is worse: what goes together, the telling one last.
const WORSE: &[&[(&str, f64)]] = &[
    &[("unconscious", 1.0)],
    &[("face_droop", 1.0)],
    &[("chest_pain", 1.0), ("chest_pain_15min", 1.0)],
    &[("spo2", 86.0)],
    &[("breathless_at_rest", 1.0), ("cannot_speak", 1.0)],
    &[("new_leg_oedema", 1.0)],
    &[("fever", 1.0), ("temperature", 38.9)],
    &[("calf_swollen", 1.0)],
    &[("wound_pus", 1.0)],
    &[("catheter_out", 1.0)],
    &[("ng_out", 1.0)],
    &[("feeding_spo2_drop", 1.0)],
    &[("any_wound", 1.0), ("wound_redness", 1.0)],
    &[("picc", 1.0), ("fever", 1.0), ("temperature", 38.1)],
    &[("glucose", 3.1)],
    &[("glucose", 19.5)],
    &[("systolic", 188.0)],
    &[("black_stool", 1.0)],
    &[("fell", 1.0), ("fall_cannot_stand", 1.0)],
    &[("pain", 8.0)],
    &[("mood_low", 1.0), ("wants_to_die", 1.0)],
    &[("key_drug_stopped", 1.0)],
    &[("newborn_jaundice", 1.0)],
    &[("caregiver_cannot_cope", 1.0)],
];

/// What a choice has to be for something to be wrong with it.
const CHOICES: &[(&str, &str, &str)] = &[
    ("ng_out", "tube_kind", "feeding"),
    ("feeding_spo2_drop", "tube_kind", "urinary_feeding"),
    ("catheter_out", "tube_kind", "urinary"),
];

/// Numbers of somebody who is well.
const WELL: &[(&str, f64)] = &[
    ("spo2", 97.0),
    ("temperature", 36.7),
    ("glucose", 7.2),
    ("systolic", 132.0),
    ("diastolic", 80.0),
    ("pain", 1.0),
    ("newborn_feeds", 8.0),
    ("newborn_temperature", 36.8),
    ("newborn_weight", 3.6),
    ("hypo_events", 0.0),
    ("hba1c", 6.8),
    ("ldl", 1.7),
];

/// Share of numbers that nobody could measure.
const NOT_MEASURED: f64 = 0.2;
/// Share of scales that are left out.
const LEFT_OUT: f64 = 0.1;

/// Answers to a form and to its scales; `worse`: one thing is wrong where the form asks for it.
pub(super) fn fill(
    form: &Value,
    weight: f64,
    worse: bool,
    random: &mut ChaCha8Rng,
) -> (Value, Value) {
    let questions: Vec<&Value> = form["questions"].as_array().into_iter().flatten().collect();
    let asked = |code: &str| questions.iter().any(|one| one["code"] == code);
    let fitting: Vec<_> = WORSE
        .iter()
        .filter(|wrong| wrong.iter().all(|(code, _)| asked(code)))
        .collect();
    let wrong: &[(&str, f64)] = match fitting.len() {
        0 => &[],
        _ if !worse => &[],
        some => fitting[random.random_range(0..some)],
    };
    let mut answers = Map::new();
    for question in questions {
        let Some(code) = question["code"].as_str() else {
            continue;
        };
        let told = wrong
            .iter()
            .find(|(one, _)| *one == code)
            .map(|(_, value)| *value);
        let mut places = question["places"].as_array().into_iter().flatten();
        let needed = places.any(|place| place["required"] == true);
        let number = question["answer"]["kind"] == "number";
        if number && !needed && told.is_none() && random.random_bool(NOT_MEASURED) {
            continue;
        }
        let answer = match question["answer"]["kind"].as_str() {
            Some("yes_no") => json!(told.is_some()),
            Some("number") if code == "weight" => json!(weight),
            Some("number") => {
                let well = WELL
                    .iter()
                    .find(|(one, _)| *one == code)
                    .map(|(_, value)| *value);
                json!(told.or(well).unwrap_or(1.0))
            }
            _ => {
                let needed = CHOICES.iter().find(|(one, choice, _)| {
                    *choice == code && wrong.iter().any(|(told, _)| told == one)
                });
                needed.map_or_else(
                    || question["answer"]["options"][0]["code"].clone(),
                    |(_, _, option)| json!(option),
                )
            }
        };
        answers.insert(code.to_owned(), answer);
    }
    (Value::Object(answers), scales(form, random))
}

/// Leaves some scales out; gives the rest, and why the others are missing.
pub(super) fn leave_out(scales: Value, random: &mut ChaCha8Rng) -> (Value, Value) {
    let (mut filled, mut skipped) = (Map::new(), Map::new());
    for (code, form) in scales.as_object().into_iter().flatten() {
        if random.random_bool(LEFT_OUT) {
            skipped.insert(code.clone(), json!("unable"));
        } else {
            filled.insert(code.clone(), form.clone());
        }
    }
    (Value::Object(filled), Value::Object(skipped))
}

/// Scales of a task that are still to be filled in.
pub(super) fn missing(form: &Value, task: &Value, random: &mut ChaCha8Rng) -> Value {
    let all = scales(form, random);
    let wanted = task["scales_missing"].as_array().into_iter().flatten();
    let wanted =
        wanted.filter_map(|code| Some((code.as_str()?.to_owned(), all[code.as_str()?].clone())));
    Value::Object(wanted.collect())
}

/// Scales filled in near their better end.
fn scales(form: &Value, random: &mut ChaCha8Rng) -> Value {
    let mut filled = Map::new();
    for scale in form["scales"].as_array().into_iter().flatten() {
        let Some(code) = scale["code"].as_str() else {
            continue;
        };
        let higher = scale["better"] == "higher";
        let mut answers = Map::new();
        for item in scale["items"].as_array().into_iter().flatten() {
            let ask = &item["ask"];
            let answer = match ask["kind"].as_str() {
                Some("choice") => choice(ask, higher, random),
                Some("number") => {
                    json!(ask["min"].as_i64().unwrap_or(0) + random.random_range(0..2))
                }
                Some("measured") => {
                    for input in ask["ways"][0]["inputs"].as_array().into_iter().flatten() {
                        let least = input["min"].as_f64().unwrap_or(0.0);
                        let well = match input["code"].as_str() {
                            Some("weight_kg") => 62.0,
                            Some("height_cm") => 160.0,
                            _ => least + 2.0,
                        };
                        answers.insert(
                            input["code"].as_str().unwrap_or_default().to_owned(),
                            json!(well),
                        );
                    }
                    continue;
                }
                _ => continue,
            };
            answers.insert(item["code"].as_str().unwrap_or_default().to_owned(), answer);
        }
        filled.insert(code.to_owned(), Value::Object(answers));
    }
    Value::Object(filled)
}

/// The best option, now and then the next.
fn choice(ask: &Value, higher: bool, random: &mut ChaCha8Rng) -> Value {
    let mut options: Vec<&Value> = ask["options"].as_array().into_iter().flatten().collect();
    options.sort_by_key(|one| {
        let points = one["points"].as_i64().unwrap_or(0);
        if higher { -points } else { points }
    });
    let slip = usize::from(random.random_bool(0.1));
    let chosen = options.get(slip).or_else(|| options.first());
    chosen.map_or(Value::Null, |one| one["code"].clone())
}
