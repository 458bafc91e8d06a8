use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::enums::{AdmissionKind, FollowTaskState, Indicator};
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::calendar::day_start;
use crate::domain::rehab::adherence;
use crate::domain::rulefile::mistakes;
use crate::domain::seed::{self, INDICATORS_JSON, indicators as rules};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Noon of a day after the discharge of 2026-12-28, so that every window lies across the end of a year.
fn noon(days: i64) -> DateTime<Utc> {
    day_start(shift(days)) + chrono::TimeDelta::hours(12)
}

fn shift(days: i64) -> NaiveDate {
    day("2026-12-28") + chrono::TimeDelta::days(days)
}

/// A stroke at home, of whom nothing more is known.
fn index() -> Index {
    Index {
        admitted_on: day("2026-12-14"),
        discharged_on: day("2026-12-28"),
        recorded_at: at("2026-12-28T08:00:00Z"),
        group: "stroke".to_owned(),
        readmission_planned: false,
        first_day: Some(7),
        attempted_at: None,
        reached_at: None,
        died_at: None,
        // Its own.
        stays: vec![stay(-14, None, Some("stroke"))],
        scores: Vec::new(),
        answers: Vec::new(),
    }
}

fn stay(days: i64, kind: Option<AdmissionKind>, group: Option<&str>) -> Readmission {
    Readmission {
        admitted_on: shift(days),
        kind,
        group: group.map(str::to_owned),
    }
}

fn score(scale: &str, days: i64, value: i32) -> Measured<i32> {
    Measured {
        scale: scale.to_owned(),
        at: noon(days),
        value,
    }
}

fn far() -> NaiveDate {
    day("2027-12-31")
}

fn of(indicator: Indicator, index: &Index) -> Verdict {
    let verdict = rules().of_discharge(indicator, index, far());
    verdict.expect("one of its cases")
}

const YES: Verdict = Verdict::Counted { part: 1, of: 1 };
const NO: Verdict = Verdict::Counted { part: 0, of: 1 };

fn out(why: Exclusion) -> Verdict {
    Verdict::Excluded(why)
}

#[test]
fn reached_tried_and_neither() {
    let nobody = index();
    let tried = Index {
        attempted_at: Some(noon(6)),
        ..index()
    };
    let reached = Index {
        attempted_at: Some(noon(3)),
        reached_at: Some(noon(7)),
        ..index()
    };
    // Through a link: nobody had called.
    let linked = Index {
        reached_at: Some(noon(1)),
        ..index()
    };
    let late = Index {
        attempted_at: Some(noon(8)),
        reached_at: Some(noon(8)),
        ..index()
    };
    for (case, follow_up, attempted, of_those) in [
        (&nobody, NO, NO, out(Exclusion::NotAttempted)),
        (&tried, NO, YES, NO),
        (&reached, YES, YES, YES),
        (&linked, YES, YES, YES),
        (&late, NO, NO, out(Exclusion::NotAttempted)),
    ] {
        assert_eq!(of(Indicator::FollowUp, case), follow_up);
        assert_eq!(of(Indicator::Attempted, case), attempted);
        assert_eq!(of(Indicator::Reached, case), of_those);
    }
}

#[rstest]
#[case("2027-01-04T15:59:59Z", YES)]
#[case("2027-01-04T16:00:00Z", NO)]
fn the_seventh_day_ends_at_midnight_in_shanghai(#[case] reached: &str, #[case] expected: Verdict) {
    let case = Index {
        reached_at: Some(at(reached)),
        ..index()
    };
    assert_eq!(of(Indicator::FollowUp, &case), expected);
}

#[test]
fn who_is_not_counted_for_the_first_contact() {
    let reached = Index {
        reached_at: Some(noon(1)),
        ..index()
    };
    let cases = [
        (
            Exclusion::Died,
            Index {
                died_at: Some(noon(7)),
                ..reached.clone()
            },
        ),
        (
            Exclusion::Readmitted,
            Index {
                stays: vec![stay(7, None, None)],
                ..reached.clone()
            },
        ),
        (
            Exclusion::ToldLate,
            Index {
                recorded_at: noon(8),
                ..reached.clone()
            },
        ),
        (
            Exclusion::NothingDue,
            Index {
                first_day: Some(8),
                ..reached.clone()
            },
        ),
        (
            Exclusion::NothingDue,
            Index {
                first_day: None,
                ..reached.clone()
            },
        ),
    ];
    for (why, case) in cases {
        assert_eq!(of(Indicator::FollowUp, &case), out(why));
        // What happened after the window does not matter.
        let after = Index {
            died_at: case.died_at.map(|_| noon(8)),
            stays: case.stays.iter().map(|_| stay(8, None, None)).collect(),
            recorded_at: reached.recorded_at,
            first_day: Some(7),
            ..case
        };
        assert_eq!(of(Indicator::FollowUp, &after), YES);
    }
    // Nobody counts before the window is over, not even who was reached already.
    let verdict = |today| rules().of_discharge(Indicator::FollowUp, &reached, today);
    assert_eq!(verdict(day("2027-01-04")), Some(out(Exclusion::WindowOpen)));
    assert_eq!(verdict(day("2027-01-05")), Some(YES));
}

#[rstest]
#[case(vec![], NO)]
#[case(vec![(30, None, None)], YES)]
#[case(vec![(31, None, None)], NO)]
#[case(vec![(0, None, None)], YES)]
#[case(vec![(-20, None, None)], NO)]
#[case(vec![(5, Some(AdmissionKind::Unplanned), Some("chemotherapy"))], YES)]
#[case(vec![(5, None, Some("chemotherapy"))], out(Exclusion::PlannedChemotherapy))]
#[case(vec![(5, Some(AdmissionKind::Chemotherapy), None)], out(Exclusion::PlannedChemotherapy))]
#[case(vec![(5, Some(AdmissionKind::StagedSurgery), None)], out(Exclusion::PlannedSurgery))]
#[case(vec![(5, Some(AdmissionKind::Planned), None)], out(Exclusion::Planned))]
// The first one decides, and it counts once.
#[case(vec![(9, Some(AdmissionKind::Unplanned), None), (5, Some(AdmissionKind::Chemotherapy), None)], out(Exclusion::PlannedChemotherapy))]
#[case(vec![(5, None, None), (9, None, None), (12, None, None)], YES)]
fn readmissions(
    #[case] stays: Vec<(i64, Option<AdmissionKind>, Option<&str>)>,
    #[case] expected: Verdict,
) {
    let mut case = index();
    let stays = stays.into_iter();
    case.stays
        .extend(stays.map(|(days, kind, group)| stay(days, kind, group)));
    assert_eq!(of(Indicator::Readmission, &case), expected);
}

#[test]
fn a_readmission_that_was_announced_is_planned_unless_told_otherwise() {
    let mut case = index();
    case.readmission_planned = true;
    assert_eq!(of(Indicator::Readmission, &case), NO);
    case.stays.push(stay(21, None, None));
    assert_eq!(of(Indicator::Readmission, &case), out(Exclusion::Planned));
    case.stays[1].kind = Some(AdmissionKind::Unplanned);
    assert_eq!(of(Indicator::Readmission, &case), YES);
}

#[test]
fn who_died_at_home_is_left_out_and_who_died_in_hospital_was_readmitted() {
    let mut case = index();
    case.died_at = Some(noon(30));
    assert_eq!(of(Indicator::Readmission, &case), out(Exclusion::Died));
    case.died_at = Some(noon(31));
    assert_eq!(of(Indicator::Readmission, &case), NO);
    case.died_at = Some(noon(20));
    case.stays.push(stay(18, None, None));
    assert_eq!(of(Indicator::Readmission, &case), YES);
    let verdict = |today| rules().of_discharge(Indicator::Readmission, &case, today);
    assert_eq!(verdict(day("2027-01-27")), Some(out(Exclusion::WindowOpen)));
    assert_eq!(verdict(day("2027-01-28")), Some(YES));
}

#[test]
fn the_change_of_barthel_is_in_points_between_the_nearest_scores() {
    let mut case = index();
    assert_eq!(
        of(Indicator::BarthelChange, &case),
        out(Exclusion::NotMeasuredBefore)
    );
    case.scores = vec![score("barthel", 13, 40), score("barthel", 75, 90)];
    assert_eq!(
        of(Indicator::BarthelChange, &case),
        out(Exclusion::NotMeasured)
    );
    case.died_at = Some(noon(80));
    assert_eq!(of(Indicator::BarthelChange, &case), out(Exclusion::Died));
    case.died_at = None;
    case.scores.push(score("barthel", 104, 70));
    case.scores.push(score("mrs", 90, 1));
    let points = |part| Verdict::Counted { part, of: 1 };
    assert_eq!(of(Indicator::BarthelChange, &case), points(30));
    case.scores.push(score("barthel", -1, 55));
    case.scores.push(score("barthel", 88, 50));
    assert_eq!(of(Indicator::BarthelChange, &case), points(-5));
}

#[test]
fn a_good_outcome_is_measured_and_the_dead_have_none() {
    let mut case = index();
    assert_eq!(of(Indicator::MrsGood, &case), out(Exclusion::NotMeasured));
    for (total, expected) in [(0, YES), (2, YES), (3, NO), (5, NO)] {
        case.scores = vec![score("mrs", 91, total)];
        assert_eq!(of(Indicator::MrsGood, &case), expected);
    }
    case.scores = vec![score("mrs", 80, 1)];
    case.died_at = Some(noon(90));
    assert_eq!(of(Indicator::MrsGood, &case), NO);
    // Alive on the day that is meant.
    case.died_at = Some(noon(91));
    assert_eq!(of(Indicator::MrsGood, &case), YES);
    case.group = "copd".to_owned();
    assert_eq!(rules().of_discharge(Indicator::MrsGood, &case, far()), None);
}

#[test]
fn drugs_are_taken_when_every_answer_says_so() {
    let sheet = |days, takes: &str, stopped: Option<bool>| {
        let takes = ("takes_drugs".to_owned(), Answer::Option(takes.to_owned()));
        let mut value = BTreeMap::from([takes]);
        value.extend(stopped.map(|no| ("key_drug_stopped".to_owned(), Answer::YesNo(no))));
        Measured {
            scale: String::new(),
            at: noon(days),
            value,
        }
    };
    let mut case = index();
    case.group = "ami_pci".to_owned();
    let now = |case: &Index| of(Indicator::DrugsTaken, case);
    assert_eq!(now(&case), out(Exclusion::NotAsked));
    case.answers = vec![sheet(7, "yes", Some(false)), sheet(38, "yes", Some(false))];
    assert_eq!(now(&case), out(Exclusion::NotAsked), "outside the window");
    case.answers = vec![sheet(30, "yes", None)];
    assert_eq!(now(&case), out(Exclusion::NotAsked), "half an answer");
    for (takes, stopped, expected) in [("yes", false, YES), ("some", false, NO), ("yes", true, NO)]
    {
        case.answers = vec![sheet(31, takes, Some(stopped)), sheet(36, "no", Some(true))];
        assert_eq!(now(&case), expected);
    }
    case.answers.clear();
    case.died_at = Some(noon(37));
    assert_eq!(now(&case), out(Exclusion::Died));
}

#[test]
fn lost_is_one_of_the_contacts_that_are_over() {
    use FollowTaskState as S;
    for (state, expected) in [
        (S::Waiting, out(Exclusion::WindowOpen)),
        (S::Open, out(Exclusion::WindowOpen)),
        (S::Reached, out(Exclusion::WindowOpen)),
        (S::Stopped, out(Exclusion::Stopped)),
        (S::Done, NO),
        (S::Missed, NO),
        (S::Lost, YES),
    ] {
        assert_eq!(of_contact(state), expected);
    }
}

#[rstest]
#[case(Some("2026-12-31T16:00:00Z"), "2027-06-01T00:00:00Z", YES)]
#[case(Some("2026-12-31T16:00:01Z"), "2027-06-01T00:00:00Z", NO)]
#[case(None, "2026-12-31T16:00:00Z", out(Exclusion::WindowOpen))]
#[case(None, "2026-12-31T16:00:01Z", NO)]
fn a_red_flag_is_closed_by_its_deadline(
    #[case] closed: Option<&str>,
    #[case] now: &str,
    #[case] expected: Verdict,
) {
    let due = at("2026-12-31T16:00:00Z");
    assert_eq!(of_flag(due, closed.map(at), at(now)), expected);
}

#[test]
fn adherence_adds_sessions_up_and_not_shares() {
    let of = |planned, done| {
        let mut one = adherence(&[], &[], day("2027-01-04"));
        (one.planned, one.done) = (planned, done);
        of_rehab(&one)
    };
    assert_eq!(of(0, 0), out(Exclusion::NothingPlanned));
    let sum = sum([of(14, 7), of(70, 7), of(0, 0)]);
    assert_eq!((sum.numerator, sum.denominator), (14, 84));
    assert_eq!((sum.counted, sum.value()), (2, Some(0.1667)));
    assert_eq!(
        sum.excluded,
        BTreeMap::from([(Exclusion::NothingPlanned, 1)])
    );
}

#[test]
fn nothing_counted_has_no_value() {
    assert_eq!(sum([]).value(), None);
    assert_eq!(sum([out(Exclusion::Died)]).value(), None);
}

fn some_index() -> impl Strategy<Value = Index> {
    let when = || prop::option::of(-2..45_i64);
    // One stay a day at most, as the register has them.
    let stays = prop::collection::btree_map(-20..45_i64, 0..5_usize, 0..4);
    let scores = prop::collection::vec((-10..120_i64, 0..100_i32, prop::bool::ANY), 0..4);
    (
        (when(), when(), when(), prop::option::of(0..40_i64)),
        (stays, scores, 0..12_i64, prop::bool::ANY),
    )
        .prop_map(
            |((attempted, reached, died, first_day), (stays, scores, told, planned))| {
                let kinds = [
                    None,
                    Some(AdmissionKind::Unplanned),
                    Some(AdmissionKind::Chemotherapy),
                    Some(AdmissionKind::StagedSurgery),
                    Some(AdmissionKind::Planned),
                ];
                Index {
                    recorded_at: noon(told),
                    readmission_planned: planned,
                    first_day,
                    attempted_at: attempted.map(noon),
                    reached_at: reached.map(noon),
                    died_at: died.map(noon),
                    stays: stays
                        .into_iter()
                        .map(|(days, kind)| stay(days, kinds[kind], None))
                        .collect(),
                    scores: scores
                        .into_iter()
                        .map(|(days, value, mrs)| {
                            let (scale, value) = if mrs {
                                ("mrs", value % 7)
                            } else {
                                ("barthel", value)
                            };
                            score(scale, days, value)
                        })
                        .collect(),
                    ..index()
                }
            },
        )
}

proptest! {
    #[test]
    fn the_rate_of_all_is_that_of_trying_by_that_of_reaching(all in prop::collection::vec(some_index(), 0..30)) {
        let of = |indicator| sum(all.iter().map(|one| of(indicator, one)));
        let (follow_up, attempted, reached) = (of(Indicator::FollowUp), of(Indicator::Attempted), of(Indicator::Reached));
        prop_assert_eq!(follow_up.denominator, attempted.denominator);
        prop_assert_eq!(attempted.numerator, reached.denominator);
        prop_assert_eq!(reached.numerator, follow_up.numerator);
    }

    #[test]
    fn a_share_lies_between_none_and_all_and_no_case_gets_lost(all in prop::collection::vec(some_index(), 0..30)) {
        for indicator in Indicator::ALL.iter().copied() {
            if case_kind(indicator) != CaseKind::Discharge || unit(indicator) != IndicatorUnit::Share {
                continue;
            }
            let verdicts: Vec<_> = all.iter().filter_map(|one| rules().of_discharge(indicator, one, far())).collect();
            let sum = sum(verdicts.iter().copied());
            prop_assert!((0..=sum.denominator).contains(&sum.numerator));
            prop_assert_eq!(sum.counted + sum.excluded.values().sum::<usize>(), verdicts.len());
            let in_numerator = verdicts.iter().filter(|one| one.part() == Part::Numerator).count();
            prop_assert_eq!(usize::try_from(sum.numerator).expect("small"), in_numerator);
        }
    }

    #[test]
    fn who_is_left_out_does_not_depend_on_being_reached(one in some_index(), days in 0..7_i64) {
        let reached = Index { reached_at: Some(noon(days)), ..one.clone() };
        let excluded = |index: &Index| of(Indicator::FollowUp, index).part() == Part::Excluded;
        prop_assert_eq!(excluded(&one), excluded(&reached));
    }

    #[test]
    fn the_order_in_which_things_are_read_does_not_matter(mut one in some_index()) {
        let all = |index: &Index| Indicator::ALL.iter().map(|indicator| rules().of_discharge(*indicator, index, far())).collect::<Vec<_>>();
        let before = all(&one);
        one.stays.reverse();
        let mut scores = one.scores.clone();
        scores.reverse();
        // Of scores at one moment no other rule says which counts.
        let moments: std::collections::BTreeSet<_> = scores.iter().map(|score| (score.scale.clone(), score.at)).collect();
        if moments.len() == scores.len() {
            one.scores = scores;
        }
        prop_assert_eq!(before, all(&one));
    }
}

#[test]
fn every_indicator_and_every_reason_has_words() {
    for indicator in Indicator::ALL {
        let name = rules().name(*indicator);
        assert!(!name.zh.is_ascii() && !name.en.is_empty(), "{name:?}");
    }
    assert!(rules().name(Indicator::FollowUp).en.contains("7 days"));
}

#[test]
fn the_page_defines_every_indicator() {
    let codes: Vec<_> = Indicator::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(crate::domain::rules_page::first_cells("indicators"), codes);
}

#[test]
fn what_the_shipped_file_names_is_there() {
    let rules = rules();
    let groups = [
        &rules.barthel.groups,
        &rules.mrs.groups,
        &rules.drugs.groups,
    ];
    let planned = rules
        .readmission
        .planned_groups
        .iter()
        .map(|one| &one.group);
    for group in groups.into_iter().flatten().chain(planned) {
        let mut known = seed::follow_up().groups.iter();
        assert!(known.any(|one| one.code == *group), "{group}");
    }
    for scale in [&rules.barthel.scale, &rules.mrs.scale] {
        assert!(seed::scales().scale(scale.as_str()).is_some(), "{scale}");
    }
    for one in &rules.drugs.taken {
        let question = seed::questionnaires().question(one.question.as_str());
        assert!(question.is_some(), "{}", one.question);
    }
    // The contact at which drugs are asked about lies in its window.
    let schedule = seed::follow_up().schedule("ami_pci").expect("a schedule");
    let days: Vec<_> = schedule
        .points
        .iter()
        .map(|point| i64::from(point.day))
        .collect();
    assert!(days.contains(&rules.drugs.at.day));
}

#[test]
fn mistakes_in_a_file_are_found() {
    mistakes::assert_found::<IndicatorRules>(
        INDICATORS_JSON,
        r#"
        /follow_up_days | 0 | follow_up_days | out_of_range
        /readmission/days | 400 | readmission.days | out_of_range
        /readmission/planned_groups/0/kind | "unplanned" | readmission.planned_groups[0].kind | inconsistent
        /barthel/before/to_day | 80 | barthel.after | inconsistent
        /barthel/after/day | 120 | barthel.after.day | inconsistent
        /mrs/at/from_day | -100 | mrs.at.from_day | out_of_range
        /mrs/good_to | 7 | mrs.good_to | out_of_range
        /mrs/groups | ["stroke", "stroke"] | mrs.groups | duplicate
        /drugs/taken | [] | drugs.taken | out_of_range
        /drugs/taken/0/question | "key_drug_stopped" | drugs.taken | duplicate
        "#,
    );
}

#[test]
fn a_window_lies_around_its_day_also_in_a_leap_year() {
    let mut case = index();
    (case.admitted_on, case.discharged_on) = (day("2027-11-20"), day("2027-12-01"));
    let leap = day("2028-02-29");
    assert_eq!(leap, case.discharged_on + Days::new(90));
    case.scores = vec![Measured {
        scale: "mrs".to_owned(),
        at: day_start(leap),
        value: 2,
    }];
    let verdict = rules().of_discharge(Indicator::MrsGood, &case, day("2028-03-15"));
    assert_eq!(verdict, Some(YES));
}
