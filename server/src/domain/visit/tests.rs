use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::domain::rules_page;
use crate::domain::test_times::{at, day};

fn whole_visit() -> VisitFacts {
    VisitFacts {
        items_done: 1,
        patient: Some(PatientId(Uuid::from_u128(1))),
        nurse: Some(NurseId(Uuid::from_u128(2))),
        located: Located::Fix,
        begun_at: Some(at("2026-11-23 23:40")),
        ended_at: Some(at("2026-11-24 00:20")),
    }
}

#[rstest]
#[case::at_the_door(Some(0.0), Some(10.0), FenceResult::Inside)]
#[case::on_the_fence(Some(200.0), None, FenceResult::Inside)]
#[case::just_beyond(Some(200.1), None, FenceResult::Outside)]
#[case::accuracy_helps(Some(250.0), Some(50.0), FenceResult::Inside)]
#[case::not_enough(Some(250.1), Some(50.0), FenceResult::Outside)]
#[case::no_fix(None, Some(10.0), FenceResult::NoFix)]
#[case::no_number(Some(f64::NAN), Some(10.0), FenceResult::NoFix)]
#[case::coarse(Some(1_100.0), Some(1_000.0), FenceResult::Inside)]
#[case::too_coarse(Some(0.0), Some(1_000.1), FenceResult::NoFix)]
#[case::boundless(Some(90_000.0), Some(f64::INFINITY), FenceResult::NoFix)]
#[case::negative(Some(90.0), Some(-1.0), FenceResult::NoFix)]
fn the_fence_is_radius_plus_accuracy(
    #[case] distance: Option<f64>,
    #[case] accuracy: Option<f64>,
    #[case] result: FenceResult,
) {
    assert_eq!(fence(distance, 200.0, accuracy), result);
}

#[rstest]
#[case(|f: &mut VisitFacts| f.items_done = 0, &["evv_service"])]
#[case(|f: &mut VisitFacts| f.patient = None, &["evv_patient"])]
#[case(|f: &mut VisitFacts| f.located = Located::Unknown, &["evv_location"])]
#[case(|f: &mut VisitFacts| f.nurse = None, &["evv_nurse"])]
#[case(|f: &mut VisitFacts| f.begun_at = None, &["evv_date", "evv_begin"])]
#[case(|f: &mut VisitFacts| f.ended_at = None, &["evv_end"])]
#[case(|f: &mut VisitFacts| f.ended_at = Some(at("2026-11-23 23:39")), &["evv_end"])]
#[case(|f: &mut VisitFacts| f.ended_at = f.begun_at, &[])]
#[case(|f: &mut VisitFacts| f.located = Located::WithoutFix, &[])]
fn each_fact_is_missed(#[case] spoil: fn(&mut VisitFacts), #[case] expected: &[&str]) {
    let mut facts = whole_visit();
    assert_eq!(six_facts(&facts), Ok(()));
    spoil(&mut facts);
    let missing = six_facts(&facts).err().unwrap_or_default();
    let codes: Vec<_> = missing.iter().map(|fact| fact.code()).collect();
    assert_eq!(codes, expected);
    for lang in Language::ALL {
        assert!(missing.iter().all(|fact| !fact.text(*lang).is_empty()));
    }
}

#[test]
fn the_date_is_the_one_where_the_patient_lives() {
    assert_eq!(whole_visit().date(), Some(day("2026-11-23")));
}

#[test]
fn only_a_finished_and_proven_visit_closes() {
    let facts = whole_visit();
    assert_eq!(
        close_gate(OrderState::Finished, &facts, whole_papers()),
        Ok(OrderState::Closed)
    );
    for state in OrderState::ALL
        .iter()
        .copied()
        .filter(|state| *state != OrderState::Finished)
    {
        let refused = close_gate(state, &facts, whole_papers()).expect_err("not finished");
        assert_eq!(refused.code(), "order_wrong_state");
    }
    let unproven = VisitFacts {
        nurse: None,
        ended_at: None,
        ..facts
    };
    let refused = close_gate(OrderState::Finished, &unproven, whole_papers());
    let refused = refused.expect_err("not proven");
    assert_eq!(refused.code(), "visit_not_proven");
    assert_eq!(
        refused.to_string(),
        "the visit is not proven: evv_nurse, evv_end"
    );
}

fn whole_papers() -> Papers {
    Papers {
        recorded: true,
        signed: true,
        makes_waste: true,
        waste_returned: true,
        second_there: false,
    }
}

#[rstest]
#[case(Papers { recorded: false, ..whole_papers() }, Some("record_missing"))]
#[case(Papers { signed: false, ..whole_papers() }, Some("record_unsigned"))]
#[case(Papers { waste_returned: false, ..whole_papers() }, Some("waste_missing"))]
#[case(Papers { second_there: true, ..whole_papers() }, Some("second_nurse_not_left"))]
#[case(Papers { makes_waste: false, waste_returned: false, ..whole_papers() }, None)]
fn a_visit_does_not_close_without_its_papers(
    #[case] papers: Papers,
    #[case] code: Option<&'static str>,
) {
    let closed = close_gate(OrderState::Finished, &whole_visit(), papers);
    assert_eq!(closed.err().map(|refused| refused.code()), code);
}

#[rstest]
#[case(300, DeviceClock::Agrees)]
#[case(301, DeviceClock::Ahead)]
#[case(86_400, DeviceClock::Ahead)]
#[case(-300, DeviceClock::Agrees)]
#[case(-301, DeviceClock::Behind)]
#[case(-86_400, DeviceClock::Behind)]
fn a_clock_that_is_off_is_noticed(#[case] seconds: i64, #[case] clock: DeviceClock) {
    let server = at("2026-11-23 09:00");
    let device = server + TimeDelta::seconds(seconds);
    assert_eq!(skew(device, server, 300), Skew { seconds, clock });
}

#[test]
fn an_impossible_correction_is_none() {
    assert_eq!(corrected(at("2026-11-23 09:00"), i64::MAX), None);
    assert_eq!(corrected(DateTime::<Utc>::MIN_UTC, 10), None);
}

#[test]
fn the_rules_page_names_fence_results_and_facts() {
    let results: Vec<_> = FenceResult::ALL
        .iter()
        .map(|result| result.as_str())
        .collect();
    assert_eq!(rules_page::first_cells("fence results"), results);
    let facts: Vec<_> = MissingFact::ALL.iter().map(|fact| fact.code()).collect();
    assert_eq!(rules_page::first_cells("six facts"), facts);
}

proptest! {
    #[test]
    fn nearer_is_never_worse(distance in 0.0..5_000.0_f64, closer in 0.0..1.0_f64, radius in 0.0..500.0_f64, accuracy in 0.0..900.0_f64) {
        let far = fence(Some(distance), radius, Some(accuracy));
        let near = fence(Some(distance * closer), radius, Some(accuracy));
        prop_assert!(far != FenceResult::Inside || near == FenceResult::Inside);
        prop_assert!(far != FenceResult::NoFix && near != FenceResult::NoFix);
    }

    #[test]
    fn correcting_by_the_measured_skew_gives_our_time_back(off in -100_000_i64..100_000, ago in 0_i64..100_000) {
        let server = at("2026-11-23 09:00");
        let measured = skew(server + TimeDelta::seconds(off), server, 300).seconds;
        let acted = server - TimeDelta::seconds(ago);
        prop_assert_eq!(corrected(acted + TimeDelta::seconds(off), measured), Some(acted));
    }

    #[test]
    fn a_closed_visit_has_all_six(
        items in 0_usize..3, patient: bool, nurse: bool, located in 0..3_usize,
        begun in proptest::option::of(0_i64..100), ended in proptest::option::of(0_i64..100),
        state in prop::sample::select(OrderState::ALL),
    ) {
        let time = |seconds| at("2026-11-23 09:00") + TimeDelta::seconds(seconds);
        let whole = whole_visit();
        let facts = VisitFacts {
            items_done: items,
            patient: whole.patient.filter(|_| patient),
            nurse: whole.nurse.filter(|_| nurse),
            located: [Located::Fix, Located::WithoutFix, Located::Unknown][located],
            begun_at: begun.map(time),
            ended_at: ended.map(time),
        };
        let all = items > 0 && patient && nurse && located < 2
            && matches!((begun, ended), (Some(b), Some(e)) if b <= e);
        let closes = close_gate(state, &facts, whole_papers()).is_ok();
        prop_assert_eq!(closes, all && state == OrderState::Finished);
    }
}

#[test]
fn she_is_out_from_departure_to_leaving() {
    let moment = |minutes| at("2026-11-23 10:00") + TimeDelta::minutes(minutes);
    for (minute, departed, left, holds) in [
        (5, None, None, false),
        (5, Some(10), None, false),
        (10, Some(10), None, true),
        (600, Some(10), None, true),
        (60, Some(10), Some(60), true),
        (61, Some(10), Some(60), false),
        // Told late, but of a moment on the way.
        (30, Some(10), Some(60), true),
    ] {
        let way = Way {
            departed_at: departed.map(moment),
            left_at: left.map(moment),
        };
        assert_eq!(way.holds(moment(minute)), holds, "{minute} {way:?}");
        let open = departed.is_some() && left.is_none();
        assert_eq!(way.is_open(), open, "{way:?}");
        assert_eq!(way.may_end(false), open, "{way:?}");
        assert!(
            !way.may_end(true),
            "a visit that goes on is finished: {way:?}"
        );
    }
}

#[test]
fn what_is_handed_over_is_signed_for_where_the_hospital_asks() {
    assert!(waste_needs_signature(true, 1));
    assert!(!waste_needs_signature(true, 0));
    assert!(!waste_needs_signature(false, 1));
}
