use chrono::TimeDelta;
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::super::follow_up::HeldBy;
use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn flag(due_at: DateTime<Utc>) -> Need {
    Need::RedFlag {
        alert: None,
        rule: "RF05".to_owned(),
        name: Bilingual::new("发热", "fever"),
        due_at,
        taken: false,
    }
}

fn rehab(attention: Attention) -> Need {
    Need::Rehab {
        plan: RehabPlanId(Uuid::nil()),
        attention,
    }
}

fn task(stage: TaskStage, ends_on: NaiveDate) -> Need {
    Need::Task {
        task: FollowTaskId(Uuid::nil()),
        stage,
        due_on: ends_on - Days::new(3),
        ends_on,
    }
}

fn device(due_on: NaiveDate, overdue: bool) -> Need {
    Need::Device {
        device: DeviceId(Uuid::nil()),
        name: Bilingual::new("导尿管", "urinary catheter"),
        due_on,
        overdue,
    }
}

fn alert(severity: AlertSeverity) -> Need {
    Need::Alert {
        alert: AlertId(Uuid::nil()),
        severity,
        what: Bilingual::new("测得危急值", "a critical value"),
        opened_at: at("2026-03-02T01:00:00Z"),
    }
}

fn person(number: u128, needs: &[Need]) -> Followed {
    let mut person = Followed::new(PatientId(Uuid::from_u128(number)));
    for need in needs {
        person.need(need.clone());
    }
    person
}

/// One of each, the most pressing first.
fn one_of_each() -> Vec<Need> {
    let (now, today) = (at("2026-03-02T01:00:00Z"), day("2026-03-02"));
    vec![
        flag(now),
        alert(AlertSeverity::Critical),
        alert(AlertSeverity::Warning),
        rehab(Attention::NewSymptom { at: now }),
        rehab(Attention::Pain {
            at: now,
            before: Some(2),
            after: 7,
        }),
        task(TaskStage::Ending, today),
        task(TaskStage::Overdue, today),
        task(TaskStage::Due, today),
        device(today, true),
        rehab(Attention::Silent { days: 3 }),
        device(today, false),
        task(
            TaskStage::Held(Held {
                by: HeldBy::Reached,
                at: now,
            }),
            today,
        ),
    ]
}

fn numbers(people: &[Followed]) -> Vec<u128> {
    let ids = people.iter().map(|person| person.patient.0.as_u128());
    ids.collect()
}

#[test]
fn each_kind_of_need_stands_where_the_list_says() {
    let needs = one_of_each();
    let mut people: Vec<_> = (1..)
        .zip(&needs)
        .map(|(number, need)| person(number, std::slice::from_ref(need)))
        .collect();
    people.reverse();
    order(&mut people);
    assert_eq!(numbers(&people), (1..=12).collect::<Vec<_>>());
}

#[test]
fn of_equal_needs_the_sooner_comes_first() {
    let now = at("2026-12-31T15:59:00Z");
    // On both sides of the year's end.
    let mut people = vec![
        person(1, &[flag(now + TimeDelta::hours(2))]),
        person(2, &[flag(now - TimeDelta::hours(2))]),
        person(3, &[task(TaskStage::Ending, day("2027-01-01"))]),
        person(4, &[task(TaskStage::Ending, day("2026-12-31"))]),
        person(5, &[rehab(Attention::Silent { days: 3 })]),
        person(6, &[rehab(Attention::Silent { days: 9 })]),
    ];
    order(&mut people);
    assert_eq!(numbers(&people), [2, 1, 4, 3, 6, 5]);
}

#[test]
fn who_needs_nothing_comes_last_by_the_next_day() {
    let mut people = vec![
        person(1, &[]),
        person(2, &[]),
        person(3, &[device(day("2026-03-04"), false)]),
        person(4, &[]),
    ];
    people[1].plan(day("2026-04-01"));
    people[1].plan(day("2026-03-10"));
    people[3].plan(day("2026-03-12"));
    order(&mut people);
    assert_eq!(numbers(&people), [3, 2, 4, 1]);
}

#[rstest]
#[case("2026-03-01", None)]
#[case("2026-03-02", Some(TaskStage::Due))]
#[case("2026-03-03", Some(TaskStage::Overdue))]
#[case("2026-03-04", Some(TaskStage::Ending))]
#[case("2026-03-05", Some(TaskStage::Ending))]
fn a_task_presses_from_its_due_day_on(#[case] today: &str, #[case] expected: Option<TaskStage>) {
    let stage = |state| {
        let (due, ends) = (day("2026-03-02"), day("2026-03-05"));
        task_stage(state, due, ends, day(today), 1)
    };
    assert_eq!(stage(FollowTaskState::Open), expected);
    assert_eq!(stage(FollowTaskState::Reached), expected);
    for over in [
        FollowTaskState::Waiting,
        FollowTaskState::Done,
        FollowTaskState::Lost,
        FollowTaskState::Missed,
        FollowTaskState::Stopped,
    ] {
        assert_eq!(stage(over), None);
    }
}

#[test]
fn a_task_that_ends_on_its_due_day_is_ending_then() {
    let due = day("2026-12-31");
    let stage = |today| task_stage(FollowTaskState::Open, due, due, day(today), 1);
    assert_eq!(stage("2026-12-30"), None);
    assert_eq!(stage("2026-12-31"), Some(TaskStage::Ending));
}

#[rstest]
#[case("2026-12-28", None)]
#[case("2026-12-29", Some(false))]
#[case("2027-01-01", Some(false))]
#[case("2027-01-02", Some(true))]
fn a_device_presses_when_people_are_told(#[case] today: &str, #[case] expected: Option<bool>) {
    assert_eq!(device_need(day("2027-01-01"), day(today), 3), expected);
}

#[test]
fn every_need_has_words_in_both_languages() {
    for need in one_of_each() {
        let text = need.text(at("2026-03-02T02:00:00Z"));
        assert!(text.zh.chars().any(|c| c > '\u{4e00}'), "{text:?}");
        assert!(text.en.is_ascii(), "{text:?}");
    }
    let flag = flag(at("2026-12-31T16:30:00Z"));
    let words = flag.text(at("2026-12-31T16:00:00Z")).en;
    assert_eq!(
        words,
        "Red flag RF05, fever: deal with it by 2027-01-01 00:30"
    );
}

#[test]
fn the_page_lists_the_needs_in_their_order() {
    let code = |need: &Need| serde_json::to_value(need.code()).expect("a word");
    let codes: Vec<_> = one_of_each().iter().map(code).collect();
    assert_eq!(crate::domain::rules_page::first_cells("needs"), codes);
}

fn some_needs() -> impl Strategy<Value = Vec<Need>> {
    let one = (0..11_usize, 0..20_i64).prop_map(|(which, back)| {
        let mut need = one_of_each().swap_remove(which);
        match &mut need {
            Need::RedFlag { due_at, .. } => *due_at -= TimeDelta::hours(back),
            Need::Alert { opened_at, .. } => *opened_at -= TimeDelta::hours(back),
            Need::Task { ends_on, .. } => *ends_on -= TimeDelta::days(back),
            Need::Device { due_on, .. } => *due_on -= TimeDelta::days(back),
            Need::Rehab { attention, .. } => match attention {
                Attention::NewSymptom { at } | Attention::Pain { at, .. } => {
                    *at -= TimeDelta::hours(back);
                }
                Attention::Silent { days } => *days += back,
            },
        }
        need
    });
    prop::collection::vec(one, 0..5)
}

proptest! {
    #[test]
    fn the_order_does_not_depend_on_how_it_is_read(lists in prop::collection::vec(some_needs(), 1..8), seed in 0..8_usize) {
        let made = |turn: usize| {
            let mut people: Vec<_> = (1..).zip(&lists).map(|(number, needs)| {
                let mut needs = needs.clone();
                let by = turn % needs.len().max(1);
                needs.rotate_left(by);
                person(number, &needs)
            }).collect();
            let by = turn % people.len();
            people.rotate_left(by);
            order(&mut people);
            numbers(&people)
        };
        prop_assert_eq!(made(0), made(seed));
    }

    #[test]
    fn another_need_never_makes_anybody_wait_longer(
        lists in prop::collection::vec(some_needs(), 2..8), more in some_needs(), who in 0..8_usize,
    ) {
        let who = who % lists.len();
        let mut people: Vec<_> = (1..).zip(&lists).map(|(number, needs)| person(number, needs)).collect();
        let id = people[who].patient;
        let place = |people: &[Followed]| {
            let mut people = people.to_vec();
            order(&mut people);
            people.iter().position(|one| one.patient == id)
        };
        let before = place(&people);
        for need in more {
            people[who].need(need);
        }
        prop_assert!(place(&people) <= before);
    }

    #[test]
    fn needs_stand_in_order(needs in some_needs()) {
        let person = person(1, &needs);
        prop_assert!(person.needs().is_sorted_by_key(Need::rank));
        prop_assert_eq!(person.needs().len(), needs.len());
    }
}
