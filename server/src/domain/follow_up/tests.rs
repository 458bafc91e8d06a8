use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::ContactChannel::{self, Phone, Sms, VillageDoctor, Wechat};
use entity::enums::{CarerRelation, ContactResult, FollowResolve, FollowStop, FollowTaskState};
use entity::ids::{FollowTaskId, NurseId};
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::super::calendar::{day_start, local_date, local_minutes};
use super::super::rulefile;
use super::super::seed;
use super::*;

mod plans;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn words(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn codes(list: &[&str]) -> Vec<IcdCode> {
    list.iter()
        .map(|code| IcdCode::new(code).expect("a code"))
        .collect()
}

/// What the shipped rules plan for a schedule, as days after the discharge.
fn days_of(schedule: &str, conditions: &[&str], to: u64) -> Vec<u32> {
    let rules = seed::follow_up();
    let from = day("2026-03-02");
    let to = from + chrono::Days::new(to);
    let wanted = rules.schedule(schedule).expect("a schedule").wanted(
        rules,
        from,
        &words(conditions),
        (None, to),
    );
    wanted.into_iter().map(|one| one.day).collect()
}

#[rstest]
#[case("heart_failure", &[], 400, &[3, 10, 30, 90, 180])]
#[case("ami_pci", &[], 400, &[7, 30, 90, 180, 365])]
#[case("stroke", &[], 800, &[7, 13, 30, 90, 180, 365, 730])]
#[case("copd", &[], 400, &[7, 28, 98, 188, 278, 368])]
#[case("joint_replacement", &[], 400, &[3, 14, 42, 90, 180, 365])]
#[case("diabetes", &[], 370, &[30, 90, 180, 270, 360])]
#[case("diabetes", &["insulin_changed"], 40, &[10, 30])]
#[case("diabetes", &["urgent_referral"], 40, &[13, 30])]
#[case("diabetes", &["urgent_referral", "insulin_changed"], 40, &[10, 30])]
#[case("hypertension", &[], 370, &[90, 180, 270, 360])]
#[case("hypertension", &["urgent_referral"], 100, &[13, 90])]
#[case("tumour", &["chemotherapy"], 100, &[7, 14, 90])]
#[case("tumour", &[], 1100, &[21, 90, 180, 270, 360, 450, 540, 630, 720, 900, 1080])]
#[case("tumour", &[], 0, &[])]
#[case("postpartum", &[], 400, &[6, 42])]
#[case("newborn", &[], 400, &[6, 29])]
#[case("tube", &[], 30, &[3, 7, 14, 21, 28])]
#[case("wound", &[], 30, &[3, 7, 14, 21, 28])]
#[case("general", &[], 400, &[7, 28])]
fn each_schedule_has_the_contacts_of_the_field_guide(
    #[case] schedule: &str,
    #[case] conditions: &[&str],
    #[case] to: u64,
    #[case] expected: &[u32],
) {
    assert_eq!(days_of(schedule, conditions, to), expected);
}

#[rstest]
#[case(&["I50.900x001"], &[], "heart_failure", true, &["heart_failure"])]
#[case(&["i11.0"], &[], "heart_failure", true, &["heart_failure"])]
#[case(&["I11.9"], &[], "hypertension", true, &["hypertension"])]
#[case(&["I63.902", "I10.x00", "E11.900"], &[], "stroke", true, &["diabetes", "hypertension", "stroke"])]
#[case(&["I10", "I50.9"], &[], "hypertension", true, &["hypertension"])]
#[case(&["C34.900"], &["tube_at_home"], "tumour", true, &["tube", "tumour"])]
#[case(&["Z51.102", "C34.9"], &[], "chemotherapy", true, &["tumour"])]
#[case(&["K80.200"], &[], "general", false, &["general"])]
#[case(&["K80.200"], &["wound"], "general", false, &["general", "wound"])]
#[case(&["???"], &[], "general", false, &["general"])]
#[case(&[], &["newborn"], "general", false, &["general", "newborn"])]
#[case(&[" Ｉ６３．９ "], &[], "stroke", true, &["stroke"])]
fn diagnoses_find_their_group(
    #[case] diagnoses: &[&str],
    #[case] conditions: &[&str],
    #[case] group: &str,
    #[case] known: bool,
    #[case] schedules: &[&str],
) {
    let asked = seed::follow_up().asked(&codes(diagnoses), &words(conditions));
    assert_eq!((asked.group.as_str(), asked.known), (group, known));
    assert_eq!(asked.schedules, words(schedules));
}

#[test]
fn a_chemotherapy_by_its_code_is_one_by_its_condition() {
    let asked = seed::follow_up().asked(&codes(&["Z51.1"]), &BTreeSet::new());
    assert_eq!(asked.conditions, words(&["chemotherapy"]));
}

#[rstest]
#[case("", false)]
#[case("   ", false)]
#[case("ABCDEFGHIJKLMNOPQRSTU", false)]
#[case("ABCDEFGHIJKLMNOPQRST", true)]
#[case("I50\n9", true)]
fn codes_are_kept_as_written_within_bounds(#[case] text: &str, #[case] fits: bool) {
    assert_eq!(IcdCode::new(text).is_some(), fits);
}

#[test]
fn what_the_shipped_schedules_ask_is_there() {
    let sheets = &seed::questionnaires().questionnaires;
    for schedule in &seed::follow_up().schedules {
        let points = schedule.points.iter();
        let points = points.map(|one| (&one.questionnaires, &one.scales));
        let repeats = schedule.repeats.iter();
        let repeats = repeats.map(|one| (&one.questionnaires, &one.scales));
        for (questionnaires, scales) in points.chain(repeats) {
            for code in questionnaires {
                let known = sheets.iter().any(|one| one.code == *code);
                assert!(known, "{}: {code}", schedule.code);
            }
            for code in scales {
                let known = seed::scales().scale(code.as_str()).is_some();
                assert!(known, "{}: {code}", schedule.code);
            }
        }
        if let Some(RepeatEnd::Score { scale, at_most }) = &schedule.until {
            let scale = seed::scales().scale(scale.as_str()).expect("a scale");
            assert!(*at_most >= 0, "{}", schedule.code);
            let asked = schedule
                .repeats
                .iter()
                .all(|one| one.scales.contains(&scale.code));
            assert!(asked, "{}: what ends it is asked each time", schedule.code);
        }
    }
}

fn broken(change: impl FnOnce(&mut FollowUpRules)) -> Vec<(String, Code)> {
    let mut rules = seed::follow_up().clone();
    change(&mut rules);
    let errors = rulefile::validate(&rules).expect_err("a mistake");
    errors
        .0
        .into_iter()
        .map(|problem| (problem.path, problem.code))
        .collect()
}

#[test]
fn mistakes_in_the_file_are_found() {
    let key = |text: &str| Key::new(text).expect("a key");
    let found = broken(|rules| rules.general = key("nothing"));
    assert_eq!(found, [("general".to_owned(), Code::UnknownReference)]);
    let found = broken(|rules| rules.contact_to = rules.contact_from);
    assert_eq!(found, [("contact_to".to_owned(), Code::Inconsistent)]);
    let found = broken(|rules| rules.groups[0].icd10.push("i50".to_owned()));
    assert_eq!(found, [("groups[0].icd10".to_owned(), Code::Malformed)]);
    let found = broken(|rules| rules.groups[1].icd10.push("I50".to_owned()));
    assert_eq!(found, [("groups".to_owned(), Code::Duplicate)]);
    let found = broken(|rules| rules.schedules[0].points[1].opens_day = Some(3));
    assert_eq!(
        found,
        [("schedules[0].points".to_owned(), Code::Inconsistent)]
    );
    let found = broken(|rules| rules.schedules[0].points[1].ends_day = Some(9));
    let at = "schedules[0].points[1].day".to_owned();
    assert_eq!(found, [(at, Code::Inconsistent)]);
    let found = broken(|rules| {
        let kinds = Vec::new();
        rules.schedules[0].until = Some(RepeatEnd::Device { kinds });
    });
    let at = "schedules[0].until".to_owned();
    let expected = [(at.clone(), Code::Inconsistent), (at, Code::OutOfRange)];
    assert_eq!(found, expected);
    let found = broken(|rules| rules.repeats_ahead = 1);
    assert_eq!(found, [("repeats_ahead".to_owned(), Code::OutOfRange)]);
    let found = broken(|rules| rules.attempts.days = 4);
    assert_eq!(found, [("attempts.days".to_owned(), Code::OutOfRange)]);
}

proptest! {
    #[test]
    fn nobody_is_contacted_outside_the_hours(
        at in 0_i64..(400 * 24 * 60),
        window in 0_u64..10,
    ) {
        let (rules, calendar) = (seed::follow_up(), seed::calendar());
        let from = day_start(day("2026-01-01")) + TimeDelta::minutes(at);
        let until = local_date(from) + chrono::Days::new(window);
        let next = next_hour(rules, calendar, from, until);
        prop_assert!(next >= from);
        let minutes = local_minutes(next);
        prop_assert!((rules.contact_from.minutes()..rules.contact_to.minutes()).contains(&minutes));
        // A day off only when the window has no other.
        if !calendar.is_workday(local_date(next)) {
            let first = if local_minutes(from) < rules.contact_to.minutes() {
                local_date(from)
            } else {
                local_date(from) + chrono::Days::new(1)
            };
            let any = first
                .iter_days()
                .take_while(|day| *day <= until)
                .any(|day| calendar.is_workday(day));
            prop_assert!(!any);
        }
    }
}

fn word(change: impl FnOnce(&mut Word)) -> Word {
    let mut word = Word {
        admitted_on: day("2026-02-20"),
        discharged_on: day("2026-03-02"),
        ward: None,
        diagnoses: None,
        text: None,
        conditions: None,
        doctor: None,
        nurse: None,
        readmission_planned: None,
        note: None,
    };
    change(&mut word);
    word
}

#[test]
fn what_a_word_leaves_out_stays_and_what_it_empties_goes() {
    let typed = word(|word| {
        word.diagnoses = Some(codes(&["I63.9"]));
        word.conditions = Some(words(&["tube_at_home"]));
        word.readmission_planned = Some(true);
        word.note = Some("to be called in the evening".to_owned());
        word.ward = Some("neurology".to_owned());
    });
    let known = Facts::of(&typed);
    assert_eq!(known.clone().after(&word(|_| ()), None), known);
    let emptied = word(|word| {
        word.diagnoses = Some(Vec::new());
        word.conditions = Some(BTreeSet::new());
        word.readmission_planned = Some(false);
    });
    let after = known.clone().after(&emptied, None);
    assert_eq!(
        (after.diagnoses, after.conditions),
        (Vec::new(), BTreeSet::new())
    );
    assert!(!after.readmission_planned);
    assert_eq!((after.note, after.ward), (known.note, known.ward));
}

#[test]
fn a_system_that_repeats_itself_does_not_undo_a_correction() {
    let told = word(|word| {
        word.diagnoses = Some(codes(&["I63.9"]));
        word.conditions = Some(words(&["wound"]));
        word.doctor = Some("Wang".to_owned());
    });
    let corrected = word(|word| {
        word.discharged_on = day("2026-03-01");
        word.diagnoses = Some(codes(&["I50.9"]));
        word.conditions = Some(words(&["wound", "tube_at_home"]));
    });
    let known = Facts::of(&told).after(&corrected, None);
    assert_eq!(known.discharged_on, day("2026-03-01"));
    assert_eq!(known.clone().after(&told, Some(&told)), known);
    // What it says otherwise than before counts, and nothing else.
    let newer = word(|word| {
        word.diagnoses = Some(codes(&["I63.9"]));
        word.conditions = Some(BTreeSet::new());
        word.doctor = Some("Li".to_owned());
    });
    let after = known.clone().after(&newer, Some(&told));
    assert_eq!(after.diagnoses, known.diagnoses);
    assert_eq!(
        (after.conditions, after.doctor.as_deref()),
        (BTreeSet::new(), Some("Li"))
    );
}

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+08:00").parse().expect("a time")
}

#[rstest]
#[case(&["2026-03-02T09:00:00", "2026-03-02T15:00:00"], false)]
#[case(&["2026-03-02T09:00:00", "2026-03-02T15:00:00", "2026-03-02T16:00:00"], false)]
#[case(&["2026-03-02T09:00:00", "2026-03-03T09:10:00", "2026-03-04T09:59:00"], false)]
#[case(&["2026-03-02T09:00:00", "2026-03-02T09:30:00", "2026-03-03T10:00:00"], true)]
// Midnight in Shanghai parts the days, not midnight in Greenwich.
#[case(&["2026-03-02T07:59:00", "2026-03-02T08:01:00", "2026-03-02T09:00:00"], false)]
fn lost_takes_three_attempts_on_two_days_at_two_hours(
    #[case] times: &[&str],
    #[case] enough: bool,
) {
    let tried = Tried::of(times.iter().map(|text| at(text)));
    assert_eq!(tried_enough(tried, seed::follow_up().attempts), enough);
}

fn touch(task: u128, time: &str, reached: bool) -> Touch {
    Touch {
        task: FollowTaskId(Uuid::from_u128(task)),
        at: at(time),
        reached,
    }
}

#[rstest]
// Nobody was called, or for this one alone.
#[case(&[], None)]
#[case(&[(1, "2026-03-02T09:00:00", true)], None)]
// The day before does not count; midnight in Shanghai parts them.
#[case(&[(2, "2026-03-01T23:59:00", true)], None)]
#[case(&[(2, "2026-03-02T00:00:00", false)], Some((HeldBy::Tried, "2026-03-02T00:00:00")))]
#[case(&[(2, "2026-03-02T09:00:00", false)], Some((HeldBy::Tried, "2026-03-02T09:00:00")))]
#[case(
    &[(2, "2026-03-02T09:00:00", true), (3, "2026-03-02T10:00:00", false)],
    Some((HeldBy::Reached, "2026-03-02T09:00:00"))
)]
fn another_contact_of_somebody_called_today_waits(
    #[case] touches: &[(u128, &str, bool)],
    #[case] expected: Option<(HeldBy, &str)>,
) {
    let touches: Vec<_> = touches
        .iter()
        .map(|(task, time, reached)| touch(*task, time, *reached))
        .collect();
    let (task, today) = (FollowTaskId(Uuid::from_u128(1)), day("2026-03-02"));
    let found = held((task, day("2026-03-03")), &touches, today);
    assert_eq!(found, expected.map(|(by, time)| Held { by, at: at(time) }));
    // On its last day one that was only tried for is not held back: it would be missed.
    let last = held((task, today), &touches, today);
    let reached = found.filter(|held| held.by == HeldBy::Reached);
    assert_eq!(last, reached);
}

#[test]
fn results_do_what_they_say() {
    use ContactResult as R;
    let effect = |result| effect_of(result, FollowResolve::Reached);
    assert_eq!(effect(R::ReachedSelf), Effect::Done);
    assert_eq!(effect(R::ReachedProxy), Effect::Done);
    assert_eq!(effect(R::NoAnswer), Effect::Tried);
    assert_eq!(effect(R::WrongNumber), Effect::Tried);
    assert_eq!(effect(R::Refused), Effect::Stop(FollowStop::Refused));
    assert_eq!(effect(R::Died), Effect::Stop(FollowStop::Died));
    assert_eq!(effect(R::Readmitted), Effect::Stop(FollowStop::Readmitted));
    assert_eq!(effect(R::Moved), Effect::Stop(FollowStop::Moved));
    let asked = effect_of(R::ReachedSelf, FollowResolve::Answered);
    assert_eq!(asked, Effect::Reached);
}

#[rstest]
#[case(FollowTaskState::Open, "2026-03-02T09:00:00", None, None)]
#[case(
    FollowTaskState::Waiting,
    "2026-03-02T09:00:00",
    None,
    Some("follow_task_state")
)]
#[case(
    FollowTaskState::Lost,
    "2026-03-02T09:00:00",
    None,
    Some("follow_task_state")
)]
#[case(
    FollowTaskState::Open,
    "2026-03-02T10:06:00",
    None,
    Some("time_in_future")
)]
#[case(
    FollowTaskState::Open,
    "2026-02-28T23:59:00",
    None,
    Some("attempt_too_early")
)]
#[case(FollowTaskState::Open, "2026-03-01T00:00:00", None, None)]
#[case(
    FollowTaskState::Open,
    "2026-03-02T09:00:00",
    Some(CarerRelation::Child),
    Some("attempt_proxy")
)]
fn an_attempt_is_checked(
    #[case] state: FollowTaskState,
    #[case] time: &str,
    #[case] proxy: Option<CarerRelation>,
    #[case] code: Option<&str>,
) {
    let told = Attempted {
        at: at(time),
        result: ContactResult::NoAnswer,
        proxy,
    };
    let verdict = check_attempt(&told, state, day("2026-03-01"), at("2026-03-02T10:00:00"));
    assert_eq!(verdict.err().map(ContactError::code), code);
}

#[test]
fn work_goes_to_the_township_and_is_spread() {
    let nurse = |n: u128| NurseId(Uuid::from_u128(n));
    let carrier = |n, tasks, same_township| Carrier {
        nurse: nurse(n),
        tasks,
        same_township,
    };
    assert_eq!(choose(&[], 5), None);
    let near = [carrier(1, 3, false), carrier(2, 8, true)];
    assert_eq!(choose(&near, 5), Some(nurse(2)));
    assert_eq!(choose(&near, 4), Some(nurse(1)));
    let tie = [carrier(3, 1, false), carrier(2, 1, false)];
    assert_eq!(choose(&tie, 5), Some(nurse(2)));
}

#[test]
fn work_is_spread_evenly() {
    let mut carriers: Vec<_> = (0..7)
        .map(|n| Carrier {
            nurse: NurseId(Uuid::from_u128(n)),
            tasks: 0,
            same_township: n == 0,
        })
        .collect();
    for _ in 0..700 {
        let chosen = choose(&carriers, 5).expect("a nurse");
        let one = carriers.iter_mut().find(|one| one.nurse == chosen);
        one.expect("one of them").tasks += 1;
    }
    let most = carriers.iter().map(|one| one.tasks).max().expect("some");
    let least = carriers.iter().map(|one| one.tasks).min().expect("some");
    assert!(most - least <= 6, "{least} to {most}");
}

#[rstest]
#[case("2026-03-01", "2026-03-05", None)]
#[case("2026-03-05", "2026-03-05", None)]
#[case("2026-03-06", "2026-03-05", Some("discharge_before_admission"))]
#[case("2026-03-01", "2026-03-11", Some("date_future"))]
#[case("1949-12-31", "2026-03-05", Some("date_impossible"))]
fn the_days_of_a_stay_are_checked(
    #[case] from: &str,
    #[case] to: &str,
    #[case] code: Option<&str>,
) {
    let stay = Stay {
        admitted_on: day(from),
        discharged_on: day(to),
        birth_date: day("1950-01-01"),
    };
    let verdict = stay.check(day("2026-03-10"));
    assert_eq!(verdict.err().map(DischargeError::code), code);
}

#[rstest]
#[case(&[Wechat, Sms, Phone, VillageDoctor], Wechat, Phone)]
#[case(&[Wechat, Sms, Phone, VillageDoctor], Sms, Phone)]
#[case(&[Phone, Sms, VillageDoctor], Sms, VillageDoctor)]
#[case(&[Phone, Sms], Sms, Phone)]
#[case(&[Sms], Sms, Sms)]
fn what_fails_by_itself_goes_to_a_person(
    #[case] order: &[ContactChannel],
    #[case] present: ContactChannel,
    #[case] next: ContactChannel,
) {
    assert_eq!(next_personal(order, present), next);
}
