use rstest::rstest;

use super::*;
use crate::domain::{rulefile::mistakes, seed};

fn readings(list: &[(&str, f64)]) -> Vec<VitalReading> {
    list.iter()
        .map(|(code, value)| VitalReading {
            code: (*code).to_owned(),
            value: *value,
        })
        .collect()
}

fn codes(list: &[(&str, f64)]) -> Vec<&'static str> {
    let problems = seed::vitals()
        .check(&readings(list))
        .expect_err("a bad reading");
    problems.iter().map(VitalProblem::code).collect()
}

#[test]
fn a_good_record_has_no_flags() {
    let record = [
        ("temperature", 36.6),
        ("pulse", 72.0),
        ("respiration", 16.0),
        ("systolic", 128.0),
        ("diastolic", 76.0),
        ("spo2", 97.0),
        ("glucose", 6.1),
        ("pain", 2.0),
        ("weight", 61.5),
    ];
    assert_eq!(record.len(), seed::vitals().signs.len());
    assert_eq!(seed::vitals().check(&readings(&record)), Ok(vec![]));
    assert_eq!(seed::vitals().check(&[]), Ok(vec![]));
}

#[rstest]
#[case("temperature", 38.4, None)]
#[case("temperature", 38.5, Some("RF05"))]
#[case("spo2", 90.0, None)]
#[case("spo2", 89.0, Some("RF03"))]
#[case("glucose", 3.9, None)]
#[case("glucose", 3.8, Some("RF10"))]
#[case("glucose", 16.6, None)]
#[case("glucose", 16.7, Some("RF10"))]
#[case("systolic", 179.0, None)]
#[case("systolic", 180.0, Some("RF11"))]
#[case("systolic", 90.0, None)]
#[case("systolic", 89.0, Some("RF11"))]
#[case("diastolic", 110.0, Some("RF11"))]
#[case("diastolic", 59.0, Some("RF11"))]
#[case("pain", 6.0, None)]
#[case("pain", 7.0, Some("RF14"))]
fn critical_readings_are_flagged_and_kept(
    #[case] sign: &str,
    #[case] value: f64,
    #[case] flag: Option<&str>,
) {
    let flags = seed::vitals()
        .check(&readings(&[(sign, value)]))
        .expect("a plausible reading");
    assert_eq!(flags.first().map(|found| found.red_flag.as_str()), flag);
    assert!(flags.iter().all(|found| found.code.as_str() == sign));
}

#[rstest]
#[case("temperature", 29.9)]
#[case("temperature", 366.0)]
#[case("temperature", 36.65)]
#[case("pulse", 72.5)]
#[case("spo2", 101.0)]
#[case("pain", -1.0)]
#[case("pain", 11.0)]
#[case("weight", 0.0)]
#[case("glucose", f64::NAN)]
#[case("glucose", f64::INFINITY)]
fn what_cannot_be_true_is_refused(#[case] sign: &str, #[case] value: f64) {
    assert_eq!(codes(&[(sign, value)]), ["vital_implausible"]);
}

#[test]
fn the_upper_pressure_is_above_the_lower() {
    assert_eq!(
        codes(&[("systolic", 80.0), ("diastolic", 120.0)]),
        ["vital_implausible"]
    );
    assert_eq!(
        codes(&[("diastolic", 90.0), ("systolic", 90.0)]),
        ["vital_implausible"]
    );
    assert!(
        seed::vitals()
            .check(&readings(&[("diastolic", 120.0)]))
            .is_ok()
    );
}

#[test]
fn unknown_and_repeated_signs_are_refused_together() {
    assert_eq!(
        codes(&[("mood", 1.0), ("pulse", 70.0), ("pulse", 71.0)]),
        ["vital_unknown", "vital_duplicate"]
    );
    let problems = seed::vitals()
        .check(&readings(&[("mood", 1.0)]))
        .expect_err("no such sign");
    assert_eq!(problems[0].sign, "mood");
}

#[test]
fn each_mistake_in_the_rules_is_found() {
    mistakes::assert_found::<VitalRules>(
        seed::VITALS_JSON,
        r#"
        /signs                     | []                     | signs                      | out_of_range
        /signs/1/code              | "temperature"          | signs                      | duplicate
        /signs/0/unit              | ""                     | signs[0].unit              | bad_text
        /signs/0/decimals          | 4                      | signs[0].decimals          | out_of_range
        /signs/0/plausible         | {"min": 43, "max": 30} | signs[0].plausible         | out_of_range
        /signs/0/critical/0/when   | {"at_least": 50}       | signs[0].critical[0].when  | out_of_range
        /signs/0/critical/0/when   | {"equals": true}       | signs[0].critical[0].when  | inconsistent
        /signs/3/must_exceed       | "systolic"             | signs[3].must_exceed       | unknown_reference
        /signs/3/must_exceed       | "mean"                 | signs[3].must_exceed       | unknown_reference
        "#,
    );
}

#[test]
fn flags_of_one_reading_do_not_hang_on_another() {
    let told = [
        ("temperature", 99.0),
        ("spo2", 82.0),
        ("mood", 1.0),
        ("systolic", 70.0),
        ("diastolic", 80.0),
    ];
    let flags = seed::vitals().flags(&readings(&told));
    let codes: Vec<_> = flags.iter().map(|flag| flag.code.as_str()).collect();
    assert_eq!(codes, ["spo2", "systolic"]);
    assert!(seed::vitals().check(&readings(&told)).is_err());
}
