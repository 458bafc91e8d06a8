use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::domain::ranking::tests::{any_candidate, stranger};
use crate::domain::ranking::{ScoreRules, rank};
use crate::domain::rules_page;
use crate::domain::test_times::at;

fn opened() -> DispatchState {
    DispatchState {
        opened_at: at("2026-11-23 09:00"),
        window_start: at("2026-11-23 14:00"),
        ends_at: at("2026-11-23 14:00"),
        wave: 0,
        place_known: true,
        coordinator_told: false,
        family_told: false,
    }
}

fn later(state: &DispatchState, after: i64) -> DateTime<Utc> {
    state.opened_at + TimeDelta::minutes(after)
}

fn search(step: Step) -> Search {
    match step {
        Step::Search(search) => search,
        Step::Expire => panic!("the search has not ended"),
    }
}

/// A tick for every `next_at`, as the job does it, until the order expires.
fn play(mut state: DispatchState, config: &DispatchConfig) -> Vec<(i64, Search)> {
    let mut seen = Vec::new();
    let mut now = state.opened_at;
    while let Step::Search(found) = plan(now, &state, config) {
        seen.push(((now - state.opened_at).num_minutes(), found));
        assert!(found.next_at > now && found.next_at <= state.ends_at);
        state = found.after(&state);
        now = found.next_at;
    }
    assert_eq!(now, state.ends_at);
    seen
}

#[test]
fn an_order_nobody_takes() {
    let seen = play(opened(), &DispatchConfig::default());
    let waves: Vec<_> = seen
        .iter()
        .map(|(minute, s)| (*minute, s.ring_m, s.offers_wanted))
        .collect();
    let first = [
        (0, 5_000, 3),
        (10, 10_000, 3),
        (20, 20_000, 3),
        (30, 40_000, 3),
        (40, 40_000, 3),
    ];
    assert_eq!(waves[..5], first);
    assert_eq!(waves.len(), 30, "every 10 minutes for 5 hours");
    assert!(
        waves[4..]
            .iter()
            .all(|(_, ring, wanted)| (*ring, *wanted) == (40_000, 3))
    );
    let told = |pick: fn(&Search) -> bool| -> Vec<_> {
        seen.iter()
            .filter(|(_, s)| pick(s))
            .map(|(minute, _)| *minute)
            .collect()
    };
    assert_eq!(told(|s| s.tell_coordinator), [30]);
    assert_eq!(told(|s| s.tell_family), [120]);
}

#[test]
fn the_first_step_needs_no_waiting_and_happens_once() {
    let (state, config) = (opened(), DispatchConfig::default());
    let first = search(plan(state.opened_at, &state, &config));
    assert_eq!(
        (first.offers_wanted, first.wave, first.next_at),
        (3, 1, later(&state, 10))
    );
    let again = search(plan(state.opened_at, &first.after(&state), &config));
    assert_eq!(
        (again.offers_wanted, again.wave, again.ring_m),
        (0, 1, 5_000)
    );
    assert_eq!(again.next_at, later(&state, 10));
}

#[test]
fn what_was_missed_while_down_is_passed_over() {
    let (state, config) = (
        DispatchState {
            wave: 1,
            ..opened()
        },
        DispatchConfig::default(),
    );
    let late = search(plan(later(&state, 27), &state, &config));
    assert_eq!((late.ring_m, late.offers_wanted, late.wave), (20_000, 3, 3));
    assert_eq!(late.next_at, later(&state, 30));
}

#[test]
fn a_clock_that_steps_back_neither_shrinks_the_ring_nor_asks_again() {
    let (state, config) = (
        DispatchState {
            wave: 3,
            ..opened()
        },
        DispatchConfig::default(),
    );
    let back = search(plan(later(&state, 5), &state, &config));
    assert_eq!((back.ring_m, back.offers_wanted, back.wave), (20_000, 0, 3));
    let before = search(plan(later(&state, -90), &state, &config));
    assert_eq!((before.ring_m, before.offers_wanted), (20_000, 0));
}

#[test]
fn without_a_place_a_coordinator_knows_at_once_and_nobody_is_asked() {
    let seen = play(
        DispatchState {
            place_known: false,
            ..opened()
        },
        &DispatchConfig::default(),
    );
    assert!(seen[0].1.tell_coordinator);
    assert_eq!(seen.iter().filter(|(_, s)| s.tell_coordinator).count(), 1);
    assert!(seen.iter().all(|(_, s)| s.offers_wanted == 0));
    let (config, state) = (DispatchConfig::default(), opened());
    let unplaced = search(plan(
        later(&state, 15),
        &DispatchState {
            place_known: false,
            ..state
        },
        &config,
    ));
    let placed = search(plan(later(&state, 15), &unplaced.after(&state), &config));
    assert_eq!(
        (placed.offers_wanted, placed.ring_m),
        (3, 10_000),
        "asked once it is known"
    );
}

#[rstest]
#[case(299, false)]
#[case(300, true)]
#[case(10_000, true)]
fn it_expires_when_the_window_begins(#[case] minute: i64, #[case] expired: bool) {
    let state = opened();
    let step = plan(later(&state, minute), &state, &DispatchConfig::default());
    assert_eq!(step == Step::Expire, expired);
}

#[rstest]
#[case::long_before("2026-11-23 09:00", "2026-11-23 14:00")]
#[case::just_before("2026-11-23 13:59", "2026-11-23 14:00")]
#[case::as_it_begins("2026-11-23 14:00", "2026-11-23 15:20")]
#[case::in_the_window("2026-11-23 15:00", "2026-11-23 15:20")]
#[case::too_late("2026-11-23 15:30", "2026-11-23 15:20")]
fn what_opens_in_its_window_is_searched_for_while_it_can_be_done(
    #[case] opened: &str,
    #[case] ends: &str,
) {
    let last_start = at("2026-11-23 15:20");
    let found = ends_at(at(opened), at("2026-11-23 14:00"), last_start);
    assert_eq!(found, at(ends));
}

#[test]
fn what_opens_in_its_window_reaches_a_coordinator_at_once() {
    let state = DispatchState {
        window_start: at("2026-11-23 08:30"),
        ends_at: at("2026-11-23 09:50"),
        ..opened()
    };
    let seen = play(state, &DispatchConfig::default());
    assert!(seen[0].1.tell_coordinator);
    let waves: Vec<_> = seen.iter().map(|(minute, _)| *minute).collect();
    assert_eq!(waves, [0, 10, 20, 30, 40]);
    let end = plan(state.ends_at, &state, &DispatchConfig::default());
    assert_eq!(end, Step::Expire);
}

#[test]
fn a_window_in_ten_minutes_leaves_one_wave() {
    let state = DispatchState {
        window_start: at("2026-11-23 09:07"),
        ends_at: at("2026-11-23 09:07"),
        ..opened()
    };
    let seen = play(state, &DispatchConfig::default());
    let waves = seen.iter().filter(|(_, s)| s.offers_wanted > 0);
    assert_eq!(waves.count(), 1);
}

#[rstest]
#[case::long(300, 30)]
#[case::just_long_enough(60, 30)]
#[case::short(59, 29)]
#[case::ten_minutes(10, 5)]
#[case::at_once(1, 0)]
fn a_coordinator_is_told_half_way_to_the_window_at_the_latest(
    #[case] left: i64,
    #[case] told: i64,
) {
    let mut state = opened();
    state.window_start = later(&state, left);
    state.ends_at = state.window_start;
    let seen = play(state, &DispatchConfig::default());
    let told_at: Vec<_> = seen
        .iter()
        .filter(|(_, s)| s.tell_coordinator)
        .map(|(minute, _)| *minute)
        .collect();
    assert_eq!(told_at, [told]);
}

#[rstest]
#[case::no_ring(|c: &mut DispatchConfig| c.rings_m.clear())]
#[case::zero_ring(|c: &mut DispatchConfig| c.rings_m = vec![0, 5])]
#[case::shrinking(|c: &mut DispatchConfig| c.rings_m = vec![5, 4])]
#[case::twice(|c: &mut DispatchConfig| c.rings_m = vec![5, 5])]
#[case::nobody(|c: &mut DispatchConfig| c.offer_batch = 0)]
#[case::all_at_once(|c: &mut DispatchConfig| c.wave_every_min = 0)]
fn senseless_configurations_are_refused(#[case] spoil: fn(&mut DispatchConfig)) {
    let mut config = DispatchConfig::default();
    assert_eq!(config.check(), Ok(()));
    spoil(&mut config);
    assert!(config.check().is_err());
}

#[test]
fn score_decides_inside_the_ring_and_distance_outside_it() {
    let known = |id, distance_m| {
        let mut candidate = stranger(id, distance_m);
        candidate.days_since_patient = Some(7);
        candidate
    };
    let all = vec![
        stranger(1, 500.0),
        known(2, 4_000.0),
        known(3, 6_000.0),
        stranger(4, 5_000.0),
    ];
    let ranked = rank(all, &ScoreRules::default());
    let ids = |ring, batch| -> Vec<_> {
        choose(&ranked, &BTreeSet::new(), ring, batch)
            .iter()
            .map(|id| id.0.as_u128())
            .collect()
    };
    assert_eq!(ids(5_000, 3), [2, 1, 4]);
    assert_eq!(ids(5_000, 2), [2, 1]);
    assert_eq!(ids(10_000, 3), [2, 3, 1], "equal scores: the nearer first");
}

#[test]
fn nobody_is_sent_beyond_her_own_radius_or_without_a_distance() {
    let mut short = stranger(1, 3_000.0);
    short.service_radius_m = 2_999;
    let ranked = rank(vec![short, stranger(2, f64::NAN)], &ScoreRules::default());
    assert!(choose(&ranked, &BTreeSet::new(), 40_000, 3).is_empty());
}

#[test]
fn the_rules_page_has_the_same_numbers() {
    let config = DispatchConfig::default();
    let rings: Vec<_> = config.rings_m.iter().map(u32::to_string).collect();
    let rows = [
        ("offer_batch", config.offer_batch.to_string()),
        ("rings_m", rings.join(", ")),
        ("wave_every_min", config.wave_every_min.to_string()),
        (
            "coordinator_after_min",
            config.coordinator_after_min.to_string(),
        ),
        (
            "family_told_after_min",
            config.family_told_after_min.to_string(),
        ),
    ]
    .map(|(name, value)| format!("| `{name}` | {value} |"));
    let page = rules_page::section("waves");
    for (row, line) in rows.iter().zip(page.iter().skip(2)) {
        assert!(line.starts_with(row), "{line} should start with {row}");
    }
    assert_eq!(page.len(), rows.len() + 2);
}

proptest! {
    #[test]
    fn the_ring_only_grows_and_each_is_told_once(
        rings in prop::collection::btree_set(1_u32..60_000, 1..6),
        (wave_every_min, coordinator, family, window) in (1_u32..40, 0_u32..200, 0_u32..300, 1_i64..600),
        ticks in prop::collection::vec(0_i64..40, 0..40),
    ) {
        let config = DispatchConfig {
            offer_batch: 3,
            rings_m: rings.into_iter().collect(),
            wave_every_min,
            coordinator_after_min: coordinator,
            family_told_after_min: family,
        };
        let mut state = opened();
        state.window_start = later(&state, window);
        state.ends_at = state.window_start;
        play(state, &config);
        let (mut ring, mut now, mut told) = (0, state.opened_at, (0, 0));
        for wait in ticks {
            now += TimeDelta::minutes(wait);
            let Step::Search(found) = plan(now, &state, &config) else {
                prop_assert!(now >= state.ends_at);
                break;
            };
            prop_assert!(found.ring_m >= ring && found.wave >= state.wave);
            prop_assert!(config.rings_m.contains(&found.ring_m));
            prop_assert_eq!(found.offers_wanted > 0, found.wave > state.wave);
            prop_assert!(found.next_at > now && found.next_at <= state.ends_at);
            told = (told.0 + u32::from(found.tell_coordinator), told.1 + u32::from(found.tell_family));
            prop_assert!(told.0 <= 1 && told.1 <= 1);
            ring = found.ring_m;
            state = found.after(&state);
        }
    }

    #[test]
    fn nobody_is_asked_twice_nor_beyond_her_radius(
        found in prop::collection::vec(prop::collection::vec(any_candidate(), 0..25), 1..8),
        batch in 0_usize..5,
    ) {
        let config = DispatchConfig::default();
        let mut asked: BTreeSet<NurseId> = BTreeSet::new();
        for (wave, all) in (0_u32..).zip(found) {
            let ring_m = config.ring(wave);
            let ranked = rank(all, &ScoreRules::default());
            let chosen = choose(&ranked, &asked, ring_m, batch);
            let may = |r: &Ranked| {
                let c = &r.candidate;
                c.distance_m <= f64::from(ring_m)
                    && c.distance_m <= f64::from(c.service_radius_m)
                    && !asked.contains(&c.nurse)
            };
            let waiting: BTreeSet<_> = ranked.iter().filter(|r| may(r)).map(|r| r.candidate.nurse).collect();
            prop_assert_eq!(chosen.len(), batch.min(waiting.len()), "nobody is forgotten either");
            for nurse in chosen {
                prop_assert!(waiting.contains(&nurse));
                prop_assert!(asked.insert(nurse), "asked twice");
            }
        }
    }
}

#[test]
fn a_nurse_found_twice_is_asked_once() {
    let ranked = rank(
        vec![stranger(1, 10.0), stranger(1, 20.0)],
        &ScoreRules::default(),
    );
    let chosen = choose(&ranked, &BTreeSet::new(), 5_000, 3);
    assert_eq!(chosen, [NurseId(Uuid::from_u128(1))]);
}
