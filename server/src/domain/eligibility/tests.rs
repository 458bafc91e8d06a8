mod hours;
mod papers;

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::Language;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::domain::rules_page;
use crate::domain::test_times::{at, day};

/// Monday 2026-11-23, 09:00 to 09:40; she leaves at 08:37 and is free at 09:50.
fn order() -> OrderFacts {
    OrderFacts {
        starts_at: at("2026-11-23 09:00"),
        duration_min: 40,
        certificates: vec![vec!["IV".into()], vec!["RH".into(), "RESP".into()]],
        patient_sex: Sex::Female,
        requires_same_sex: true,
    }
}

fn certificate(kind: &str) -> Certificate {
    Certificate {
        kind: kind.into(),
        valid_from: day("2024-01-01"),
        valid_to: day("2026-11-23"),
        verified: true,
        revoked: false,
    }
}

/// A nurse who just may: every paper ends on the day of the visit.
fn nurse() -> NurseFacts {
    let last_day = day("2026-11-23");
    NurseFacts {
        active: true,
        closed_items: vec![],
        sex: Sex::Female,
        title: NurseTitle::NursePractitioner,
        licence_from: last_day,
        licence_to: last_day,
        practice_since: day("2021-11-23"),
        training_passed_on: Some(last_day),
        health_cert_to: Some(last_day),
        accident_insurance_to: Some(last_day),
        liability_insurance_to: Some(last_day),
        certificates: vec![certificate("IV"), certificate("RESP")],
        refused_pair: false,
        service_radius_m: 5_000,
        daily_cap: 4,
        has_base: true,
        distance_m: Some(5_000.0),
        taken: Span::new(at("2026-11-23 08:37"), at("2026-11-23 09:50")),
        duty: vec![DutyWindow {
            weekday: Weekday::Mon,
            from_min: 540,
            to_min: 580,
        }],
        absences: vec![],
        busy: vec![Span::new(at("2026-11-23 07:00"), at("2026-11-23 08:37"))],
        visits_that_day: 3,
    }
}

fn judged(nurse: &NurseFacts, order: &OrderFacts, stage: Stage) -> Vec<Reason> {
    judge(nurse, order, &Rules::default(), stage)
}

/// One absence, days and minutes of that November.
fn away(kind: LeaveKind, from: &str, to: &str) -> Vec<Absence> {
    let moment = |text| at(&format!("2026-11-{text}"));
    let span = Span::new(moment(from), moment(to));
    vec![Absence { span, kind }]
}

/// One spoiled fact, and the code it must give.
type Spoil = (fn(&mut NurseFacts, &mut OrderFacts), &'static str);

const SPOILS: &[Spoil] = &[
    (|n, _| n.active = false, "nurse_inactive"),
    (
        |n, _| n.licence_from = day("2026-11-24"),
        "licence_not_yet_valid",
    ),
    (|n, _| n.licence_to = day("2026-11-22"), "licence_expired"),
    (|n, _| n.title = NurseTitle::Nurse, "title_too_low"),
    (
        |n, _| n.practice_since = day("2021-11-24"),
        "experience_short",
    ),
    (
        |n, _| n.practice_since = day("2027-01-01"),
        "experience_short",
    ),
    (|n, _| n.training_passed_on = None, "training_missing"),
    (
        |n, _| n.training_passed_on = Some(day("2026-11-24")),
        "training_missing",
    ),
    (|n, _| n.health_cert_to = None, "health_cert_missing"),
    (
        |n, _| n.health_cert_to = Some(day("2026-11-22")),
        "health_cert_expired",
    ),
    (
        |n, _| n.accident_insurance_to = None,
        "accident_insurance_missing",
    ),
    (
        |n, _| n.accident_insurance_to = Some(day("2026-11-22")),
        "accident_insurance_expired",
    ),
    (
        |n, _| n.liability_insurance_to = None,
        "liability_insurance_missing",
    ),
    (
        |n, _| n.liability_insurance_to = Some(day("2026-11-22")),
        "liability_insurance_expired",
    ),
    (|n, _| n.certificates.truncate(1), "certificate_missing"),
    (
        |n, _| n.certificates[0].verified = false,
        "certificate_unverified",
    ),
    (
        |n, _| n.certificates[0].revoked = true,
        "certificate_revoked",
    ),
    (
        |n, _| n.certificates[0].valid_from = day("2026-11-24"),
        "certificate_not_yet_valid",
    ),
    (
        |n, _| n.certificates[1].valid_to = day("2026-11-22"),
        "certificate_expired",
    ),
    (|n, _| n.closed_items = vec!["PICC".into()], "item_not_open"),
    (|n, _| n.refused_pair = true, "refused_pair"),
    (|n, _| n.sex = Sex::Male, "wrong_sex"),
    (|n, _| n.duty[0].from_min = 541, "off_duty"),
    (|n, _| n.duty[0].to_min = 579, "off_duty"),
    (|n, _| n.duty[0].weekday = Weekday::Tue, "off_duty"),
    (|n, _| n.duty.clear(), "off_duty"),
    (
        |n, _| n.absences = away(LeaveKind::Leave, "23 09:49", "24 00:00"),
        "on_leave",
    ),
    (
        |n, _| n.absences = away(LeaveKind::HospitalShift, "23 00:00", "23 08:38"),
        "on_shift",
    ),
    (
        |n, _| n.absences = away(LeaveKind::NightShift, "23 00:00", "23 08:38"),
        "on_shift",
    ),
    (|n, _| n.busy[0].to = at("2026-11-23 08:38"), "overlap"),
    (|n, _| n.has_base = false, "no_place"),
    (|n, _| n.distance_m = None, "no_place"),
    (|n, _| n.distance_m = Some(f64::NAN), "no_place"),
    (|n, _| n.distance_m = Some(-1.0), "no_place"),
    (|n, _| n.distance_m = Some(5_000.001), "too_far"),
    (|n, _| n.visits_that_day = 4, "daily_cap"),
    (
        |n, _| n.absences = away(LeaveKind::NightShift, "22 12:00", "22 20:38"),
        "rest_after_night",
    ),
];

#[test]
fn one_spoiled_fact_gives_its_reason_and_no_other() {
    assert_eq!(judged(&nurse(), &order(), Stage::Match), []);
    for (spoil, code) in SPOILS {
        let (mut nurse, mut order) = (nurse(), order());
        spoil(&mut nurse, &mut order);
        let codes: Vec<_> = judged(&nurse, &order, Stage::Match)
            .iter()
            .map(Reason::code)
            .collect();
        assert_eq!(codes, [*code]);
    }
}

#[test]
fn every_code_is_tried_and_stands_on_the_rules_page() {
    let tried: BTreeSet<_> = SPOILS.iter().map(|(_, code)| (*code).to_owned()).collect();
    let page = rules_page::first_cells("matching reasons");
    assert_eq!(page.iter().cloned().collect::<BTreeSet<_>>(), tried);
    assert_eq!(page.len(), tried.len(), "a code stands there once");
}

#[test]
fn each_stage_asks_what_it_should() {
    let mut asked: BTreeMap<&str, Vec<Filter>> = BTreeMap::new();
    for (spoil, code) in SPOILS {
        let (mut nurse, mut order) = (nurse(), order());
        spoil(&mut nurse, &mut order);
        for (name, stage) in [("accept", Stage::Accept), ("depart", Stage::Depart)] {
            let reasons = judged(&nurse, &order, stage);
            assert!(reasons.iter().all(|reason| reason.code() == *code));
            asked
                .entry(name)
                .or_default()
                .extend(reasons.iter().map(Reason::filter));
        }
    }
    let set = |name: &str| asked[name].iter().copied().collect::<BTreeSet<_>>();
    let all: BTreeSet<_> = Filter::ALL.iter().copied().collect();
    assert_eq!(set("accept"), &all - &BTreeSet::from([Filter::Place]));
    let lapses = [
        Filter::Active,
        Filter::Registration,
        Filter::Insurance,
        Filter::Certificates,
        Filter::Sex,
    ];
    assert_eq!(set("depart"), BTreeSet::from(lapses));
}

#[rstest]
#[case(Reason::CertificateExpired { kind: "PICC".into(), to: day("2026-03-31") },
    "PICC certificate ends 2026-03-31", "PICC 证书有效期至 2026-03-31")]
#[case(Reason::CertificateMissing { any_of: vec!["RH".into(), "RESP".into()] },
    "no RH or RESP certificate", "缺少 RH 或 RESP 证书")]
#[case(Reason::TitleTooLow { needed: NurseTitle::NursePractitioner },
    "title below nurse practitioner", "职称低于护师")]
#[case(Reason::Overlap { from: at("2026-11-23 23:50"), to: at("2026-11-24 00:40") },
    "taken from 2026-11-23 23:50 to 2026-11-24 00:40", "2026-11-23 23:50 至 2026-11-24 00:40 已有安排")]
#[case(Reason::TooFar { distance_m: 5001, radius_m: 5000 },
    "5001 m away, goes up to 5000 m", "距离 5001 米,接单范围 5000 米")]
fn reasons_read_well(#[case] reason: Reason, #[case] en: &str, #[case] zh: &str) {
    assert_eq!(reason.text(Language::En), en);
    assert_eq!(reason.text(Language::Zh), zh);
}

proptest! {
    #[test]
    fn many_spoiled_facts_give_reasons_in_the_order_of_the_filters(
        picks in prop::collection::vec(0..SPOILS.len(), 0..12),
    ) {
        let (mut nurse, mut order) = (nurse(), order());
        nurse.certificates.push(certificate("RH"));
        for (spoil, _) in picks.iter().filter(|pick| SPOILS[**pick].1 != "certificate_missing").map(|p| &SPOILS[*p]) {
            spoil(&mut nurse, &mut order);
            if nurse.duty.is_empty() {
                nurse.duty.push(DutyWindow { weekday: Weekday::Sun, from_min: 0, to_min: 1 });
            }
        }
        let all = judged(&nurse, &order, Stage::Match);
        let filters: Vec<_> = all.iter().map(Reason::filter).collect();
        prop_assert!(filters.is_sorted());
        for stage in [Stage::Accept, Stage::Depart] {
            let expected: Vec<_> = all.iter().filter(|reason| stage.asks(reason.filter())).cloned().collect();
            prop_assert_eq!(judged(&nurse, &order, stage), expected);
        }
        for reason in &all {
            prop_assert!(!reason.text(Language::Zh).is_empty() && !reason.text(Language::En).is_empty());
            prop_assert!(!reason.text(Language::Zh).contains("  "));
        }
    }
}
