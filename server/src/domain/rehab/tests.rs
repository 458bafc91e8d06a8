use rstest::rstest;

use super::*;
use crate::domain::rulefile::mistakes;
use crate::domain::seed::{EXERCISES_JSON, exercises};

const ANKLE: RehabExerciseId = RehabExerciseId(Uuid::from_u128(1));
const WALK: RehabExerciseId = RehabExerciseId(Uuid::from_u128(2));

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn dose(times: i32, repetitions: Option<i32>) -> Dose {
    Dose {
        times_per_day: times,
        repetitions,
        hold_s: None,
        minutes: None,
    }
}

#[test]
fn a_dose_keeps_to_the_limits_of_its_card() {
    let ankle = exercises().exercise("ankle_pump").expect("a card");
    assert_eq!(ankle.check(&dose(6, Some(30))), Ok(()));
    let refused = |dose| ankle.check(&dose).expect_err("refused");
    assert_eq!(
        refused(dose(7, Some(30))),
        RehabError::Dose {
            field: "times_per_day",
            most: 6
        }
    );
    assert_eq!(refused(dose(0, Some(30))).field(), "times_per_day");
    assert_eq!(
        refused(dose(2, Some(31))),
        RehabError::Dose {
            field: "repetitions",
            most: 30
        }
    );
    let minutes = Dose {
        minutes: Some(5),
        ..dose(2, None)
    };
    assert_eq!(
        refused(minutes),
        RehabError::Dose {
            field: "minutes",
            most: 0
        }
    );
    assert_eq!(
        exercises().exercise("headstand"),
        Err(RehabError::UnknownExercise)
    );
}

#[test]
fn a_day_has_five_slots() {
    assert_eq!(free_slot(&[], None), Ok(1));
    assert_eq!(free_slot(&[1, 2, 4, 5], None), Ok(3));
    assert_eq!(free_slot(&[1, 2, 3, 4, 5], None), Err(RehabError::Full));
    assert_eq!(free_slot(&[1, 2, 3, 4, 5], Some(4)), Ok(4));
}

fn logged(exercise: RehabExerciseId, days: &[(&str, RehabOutcome)]) -> Vec<Logged> {
    let one = |(text, outcome): &(&str, RehabOutcome)| Logged {
        exercise,
        day: day(text),
        outcome: *outcome,
    };
    days.iter().map(one).collect()
}

/// Sessions of the seven days before today, across the end of a year.
#[test]
fn adherence_is_done_of_planned_with_opened_apart() {
    use RehabOutcome::{Done, Opened, Skipped};
    let planned = [
        Planned {
            exercise: ANKLE,
            from: day("2025-12-01"),
            to: None,
            times_per_day: 2,
        },
        Planned {
            exercise: WALK,
            from: day("2025-12-31"),
            to: Some(day("2026-01-01")),
            times_per_day: 1,
        },
    ];
    let mut log = logged(
        ANKLE,
        &[
            ("2025-12-25", Done),
            ("2025-12-26", Done),
            ("2025-12-27", Done),
            ("2025-12-27", Done),
            // Pressed once too often: a day is not fuller than planned.
            ("2025-12-27", Done),
            ("2025-12-28", Opened),
            ("2025-12-28", Opened),
            ("2025-12-28", Done),
            ("2025-12-29", Skipped),
            // Today is not over.
            ("2026-01-02", Done),
        ],
    );
    log.extend(logged(
        WALK,
        &[
            ("2025-12-30", Done),
            ("2026-01-01", Done),
            ("2026-01-01", Opened),
        ],
    ));
    let found = adherence(&planned, &log, day("2026-01-02"));
    assert_eq!(
        (found.from, found.to),
        (day("2025-12-26"), day("2026-01-01"))
    );
    assert_eq!((found.planned, found.done, found.opened), (16, 5, 1));
    assert_eq!(found.percent, Some(31));
    let none = adherence(&planned, &log, day("2025-12-01"));
    assert_eq!((none.planned, none.percent), (0, None));
}

fn told(time: &str, before: Option<i32>, after: Option<i32>, new_symptom: bool) -> Told {
    let at = at(time);
    Told {
        at,
        day: crate::domain::calendar::local_date(at),
        pain_before: before,
        pain_after: after,
        new_symptom,
    }
}

fn reasons(seen: Option<&str>, told: &[Told], today: &str) -> Vec<Attention> {
    let seen = seen.map(|time| (at(time), crate::domain::calendar::local_date(at(time))));
    let watched = Watched {
        from: day("2026-03-02"),
        seen,
    };
    attention(&exercises().attention, &watched, told, day(today))
}

#[test]
fn three_silent_days_count_from_the_last_word() {
    assert_eq!(reasons(None, &[], "2026-03-04"), []);
    assert_eq!(
        reasons(None, &[], "2026-03-05"),
        [Attention::Silent { days: 3 }]
    );
    // 00:30 in Shanghai is the evening before in UTC.
    let word = [told("2026-03-04T16:30:00Z", None, None, false)];
    assert_eq!(reasons(None, &word, "2026-03-07"), []);
    assert_eq!(
        reasons(None, &word, "2026-03-08"),
        [Attention::Silent { days: 3 }]
    );
    assert_eq!(
        reasons(Some("2026-03-07T02:00:00Z"), &word, "2026-03-08"),
        []
    );
}

#[rstest]
#[case(Some(2), Some(7), true)]
#[case(Some(6), Some(6), false)]
#[case(Some(2), Some(5), true)]
#[case(Some(3), Some(5), false)]
#[case(None, Some(7), true)]
#[case(None, Some(6), false)]
#[case(Some(7), None, true)]
#[case(Some(9), Some(2), false)]
fn pain_of_seven_or_three_more(
    #[case] before: Option<i32>,
    #[case] after: Option<i32>,
    #[case] looked_at: bool,
) {
    let found = reasons(
        None,
        &[told("2026-03-03T02:00:00Z", before, after, false)],
        "2026-03-03",
    );
    assert_eq!(!found.is_empty(), looked_at, "{found:?}");
}

#[test]
fn a_new_symptom_comes_first_and_what_was_seen_is_settled() {
    let log = [
        told("2026-03-03T02:00:00Z", Some(1), Some(8), false),
        told("2026-03-03T03:00:00Z", None, None, true),
    ];
    let found = reasons(None, &log, "2026-03-06");
    let symptom = Attention::NewSymptom {
        at: at("2026-03-03T03:00:00Z"),
    };
    let pain = Attention::Pain {
        at: at("2026-03-03T02:00:00Z"),
        before: Some(1),
        after: 8,
    };
    assert_eq!(found, [symptom, pain, Attention::Silent { days: 3 }]);
    assert_eq!(
        reasons(Some("2026-03-03T02:30:00Z"), &log, "2026-03-04"),
        [symptom]
    );
    assert_eq!(
        reasons(Some("2026-03-03T03:00:00Z"), &log, "2026-03-04"),
        []
    );
}

fn entry() -> Entry {
    Entry {
        id: Uuid::from_u128(0x0195_4000_0000_7000_8000_0000_0000_0001),
        outcome: RehabOutcome::Done,
        reason: None,
        pain_before: Some(0),
        pain_after: Some(10),
        effort: Some(5),
        at: at("2026-03-03T02:00:00Z"),
    }
}

fn checked(entry: Entry, ended: Option<&str>) -> Result<(), RehabError> {
    let on_plan = OnPlan {
        from: day("2026-03-02"),
        ended_at: ended.map(at),
    };
    let today = crate::domain::calendar::local_date(entry.at);
    entry.check(&on_plan, today, at("2026-03-03T03:00:00Z"))
}

#[test]
fn an_entry_is_checked_before_it_is_kept() {
    assert_eq!(checked(entry(), None), Ok(()));
    let random = Entry {
        id: Uuid::from_u128(0x0195_4000_0000_4000_8000_0000_0000_0001),
        ..entry()
    };
    assert_eq!(checked(random, None), Err(RehabError::LogId));
    let pain = Entry {
        pain_after: Some(11),
        ..entry()
    };
    assert_eq!(checked(pain, None), Err(RehabError::Scale("pain_after")));
    let skipped = Entry {
        outcome: RehabOutcome::Skipped,
        ..entry()
    };
    assert_eq!(checked(skipped, None), Err(RehabError::Reason));
    let reason = Entry {
        reason: Some(SkipReason::Tired),
        ..entry()
    };
    assert_eq!(checked(reason, None), Err(RehabError::Reason));
    let both = Entry {
        reason: Some(SkipReason::Tired),
        ..skipped
    };
    assert_eq!(checked(both, None), Ok(()));
    let future = Entry {
        at: at("2026-03-03T03:05:01Z"),
        ..entry()
    };
    assert_eq!(checked(future, None), Err(RehabError::Future));
    let early = Entry {
        at: at("2026-03-01T15:59:59Z"),
        ..entry()
    };
    assert_eq!(checked(early, None), Err(RehabError::TooEarly));
    // Done before the end and told after it is kept; done after it is not.
    assert_eq!(checked(entry(), Some("2026-03-03T02:30:00Z")), Ok(()));
    assert_eq!(
        checked(entry(), Some("2026-03-03T01:30:00Z")),
        Err(RehabError::Ended)
    );
}

#[test]
fn every_card_says_when_to_stop() {
    for exercise in &exercises().exercises {
        assert!(!exercise.stop_rules.is_empty(), "{}", exercise.code);
    }
    assert!(
        exercises()
            .stop_always
            .iter()
            .any(|rule| rule.zh.contains("120") && rule.en.contains("120"))
    );
}

#[test]
fn mistakes_in_a_library_are_found() {
    mistakes::assert_found::<ExerciseLibrary>(
        EXERCISES_JSON,
        r#"
        /exercises/1/code | "ankle_pump" | exercises | duplicate
        /exercises/0/stop_rules | [] | exercises[0].stop_rules | out_of_range
        /exercises/0/limits/times_per_day | 0 | exercises[0].limits.times_per_day | out_of_range
        /exercises/0/limits/repetitions | null | exercises[0].limits.repetitions | inconsistent
        /attention/silent_days | 0 | attention.silent_days | out_of_range
        /stop_always | [] | stop_always | out_of_range
        "#,
    );
}

/// Scored on the 1st, 3rd, 5th and 9th; the numbers are their totals.
#[rstest]
#[case::two_before("2026-03-04T00:00:00Z", None, Some((3, Some(9), 2)))]
#[case::the_last_moment_before("2026-03-03T08:00:00Z", None, Some((1, Some(9), 3)))]
#[case::none_before("2026-02-01T00:00:00Z", None, Some((1, Some(9), 4)))]
#[case::ended_between("2026-03-04T00:00:00Z", Some("2026-03-05T08:00:00Z"), Some((3, Some(5), 1)))]
#[case::not_scored_again("2026-03-10T00:00:00Z", None, Some((9, None, 0)))]
#[case::ended_before_any("2026-02-01T00:00:00Z", Some("2026-02-20T00:00:00Z"), None)]
fn a_scale_says_whether_a_plan_helped(
    #[case] began: &str,
    #[case] ended: Option<&str>,
    #[case] expected: Option<(i32, Option<i32>, usize)>,
) {
    let scores = [1, 3, 5, 9].map(|total| Measured {
        total,
        band: String::new(),
        taken_at: at(&format!("2026-03-0{total}T08:00:00Z")),
    });
    let found = progress(&scores, at(began), ended.map(at));
    let short = found.map(|one| (one.before.total, one.latest.map(|one| one.total), one.times));
    assert_eq!(short, expected);
    assert_eq!(progress(&[], at(began), None), None);
}
