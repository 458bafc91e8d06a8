use chrono::{TimeZone, Utc};
use rstest::rstest;

use super::*;
use crate::domain::seed;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Noon in Shanghai of a day.
fn noon(text: &str) -> DateTime<Utc> {
    let at = day(text).and_hms_opt(4, 0, 0).expect("a time");
    Utc.from_utc_datetime(&at)
}

fn assessed(on: &str, result: AssessmentResult) -> Assessed {
    Assessed {
        at: noon(on),
        result,
        items: vec!["UC_CHG".to_owned()],
    }
}

fn of(item: &str, on: &str, assessments: &[Assessed], admitted: &[&str]) -> Option<Lack> {
    let item = seed::catalogue().item(item).expect("an item");
    let admitted: Vec<_> = admitted
        .iter()
        .map(|text| Admitted {
            on: day(text),
            known_at: noon(text),
        })
        .collect();
    lack(item, day(on), assessments, &admitted)
}

/// UC_CHG holds 30 days.
#[rstest]
#[case("2026-03-01", None)]
#[case("2026-03-31", None)]
#[case("2026-04-01", Some(Lack::Expired))]
fn an_approval_holds_its_days(#[case] on: &str, #[case] wanted: Option<Lack>) {
    let approved = [assessed("2026-03-01", AssessmentResult::Approved)];
    assert_eq!(of("UC_CHG", on, &approved, &[]), wanted);
    let conditional = [assessed(
        "2026-03-01",
        AssessmentResult::ApprovedWithConditions,
    )];
    assert_eq!(of("UC_CHG", on, &conditional, &[]), wanted);
}

#[rstest]
#[case(&["2026-02-28"], None)]
#[case(&["2026-03-01"], Some(Lack::Admitted))]
#[case(&["2026-03-05"], Some(Lack::Admitted))]
#[case(&["2026-03-10"], Some(Lack::Admitted))]
#[case(&["2026-03-11"], None)]
fn an_admission_from_then_to_the_visit_voids_it(
    #[case] admitted: &[&str],
    #[case] wanted: Option<Lack>,
) {
    let approved = [assessed("2026-03-01", AssessmentResult::Approved)];
    assert_eq!(of("UC_CHG", "2026-03-10", &approved, admitted), wanted);
}

#[test]
fn on_one_day_what_became_known_later_counts() {
    let approved = [assessed("2026-03-01", AssessmentResult::Approved)];
    let item = seed::catalogue().item("UC_CHG").expect("an item");
    let earlier = Admitted {
        on: day("2026-03-01"),
        known_at: noon("2026-03-01") - chrono::TimeDelta::hours(1),
    };
    assert_eq!(lack(item, day("2026-03-02"), &approved, &[earlier]), None);
}

#[test]
fn the_newest_that_names_the_item_decides() {
    use AssessmentResult::{Approved, Refused};
    let earlier = assessed("2026-03-01", Approved);
    let later = assessed("2026-03-02", Refused);
    let other = Assessed {
        items: vec!["NG_CHG".to_owned()],
        ..assessed("2026-03-03", Approved)
    };
    let on = "2026-03-10";
    let all = [later.clone(), earlier.clone(), other.clone()];
    assert_eq!(of("UC_CHG", on, &all, &[]), Some(Lack::Refused));
    assert_eq!(of("NG_CHG", on, &all, &[]), None);
    assert_eq!(of("PICC", on, &all, &[]), Some(Lack::Never));
    let again = assessed("2026-03-04", Approved);
    assert_eq!(of("UC_CHG", on, &[later, earlier, again], &[]), None);
    assert_eq!(of("ASSESS", on, &[], &["2026-03-09"]), None);
}

#[test]
fn only_items_that_need_one_are_named() {
    let items = ["EDU", "UC_CHG", "ASSESS"].map(|code| seed::catalogue().item(code).expect("one"));
    let named = missing(items, day("2026-03-10"), &[], &[]);
    let codes: Vec<_> = named
        .iter()
        .map(|one| (one.item.as_str(), one.code.as_str()))
        .collect();
    assert_eq!(codes, [("UC_CHG", "assessment_never")]);
}

#[test]
fn each_result_has_its_texts() {
    use AssessmentResult::{Approved, ApprovedWithConditions, Refused};
    let all = Texts {
        conditions: Some("a"),
        reason: Some("b"),
        advice: Some("c"),
    };
    let wrong = |result, texts| -> Vec<_> {
        check_texts(result, texts)
            .into_iter()
            .map(|problem| (problem.field, problem.missing))
            .collect()
    };
    let none = Texts::default();
    assert_eq!(wrong(Approved, none), []);
    assert_eq!(
        wrong(Approved, all),
        [("conditions", false), ("reason", false), ("advice", false)]
    );
    assert_eq!(wrong(ApprovedWithConditions, none), [("conditions", true)]);
    assert_eq!(wrong(Refused, none), [("reason", true), ("advice", true)]);
    assert_eq!(wrong(Refused, all), [("conditions", false)]);
}
