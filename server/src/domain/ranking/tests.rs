use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;

/// A nurse at `distance_m`, of whom nothing else is known.
pub(in crate::domain) fn stranger(id: u128, distance_m: f64) -> Candidate {
    Candidate {
        nurse: NurseId(Uuid::from_u128(id)),
        distance_m,
        service_radius_m: 40_000,
        travel_min: 60,
        days_since_patient: None,
        visits_30d: 40,
        item_visits_year: 0,
        same_township: false,
        preferred: false,
        slack_min: 0,
    }
}

/// Any candidate, senseless numbers included; few ids, so that some come twice.
pub(in crate::domain) fn any_candidate() -> impl Strategy<Value = Candidate> {
    let numbers = (
        0.0..60_000.0_f64,
        0_u32..60_000,
        any::<u32>().prop_map(|n| n % 200),
    );
    let history = (proptest::option::of(0_u32..400), any::<u32>(), 0_u32..50);
    (1_u128..40, numbers, history, any::<bool>(), -500_i64..5000).prop_map(
        |(id, (distance_m, radius, travel), (days, visits, depth), same_township, slack)| {
            Candidate {
                nurse: NurseId(Uuid::from_u128(id)),
                distance_m,
                service_radius_m: radius,
                travel_min: travel,
                days_since_patient: days,
                visits_30d: visits % 100,
                item_visits_year: depth,
                same_township,
                preferred: false,
                slack_min: slack,
            }
        },
    )
}

fn any_rules() -> impl Strategy<Value = ScoreRules> {
    let cuts = prop::collection::vec(0_u32..=100, 5);
    (cuts, prop::array::uniform5(1_u32..200)).prop_map(|(mut cuts, full)| {
        cuts.sort_unstable();
        let weights = Weights {
            travel: cuts[0],
            continuity: cuts[1] - cuts[0],
            fairness: cuts[2] - cuts[1],
            depth: cuts[3] - cuts[2],
            township: cuts[4] - cuts[3],
            slack: 100 - cuts[4],
        };
        ScoreRules {
            weights,
            far_min: full[0],
            continuity_days: full[1],
            full_load: full[2],
            deep_visits: full[3],
            easy_slack_min: full[4],
        }
    })
}

#[test]
fn nothing_known_is_nothing_and_the_best_is_a_hundred() {
    let rules = ScoreRules::default();
    let worst = stranger(1, 1000.0);
    assert_eq!(score(&worst, &rules).total_tenths, 0);
    let best = Candidate {
        travel_min: 0,
        days_since_patient: Some(90),
        visits_30d: 0,
        item_visits_year: 20,
        same_township: true,
        slack_min: 60,
        ..worst
    };
    let parts: Vec<_> = score(&best, &rules)
        .parts
        .iter()
        .map(|p| (p.code, p.points()))
        .collect();
    let expected = [
        ("travel", 40.0),
        ("continuity", 20.0),
        ("fairness", 15.0),
        ("depth", 10.0),
        ("township", 10.0),
        ("slack", 5.0),
    ];
    assert_eq!(parts, expected);
    assert!((score(&best, &rules).total() - 100.0).abs() < f64::EPSILON);
}

#[rstest]
#[case::half_way(|c: &mut Candidate| c.travel_min = 30, "travel", 200)]
#[case::third(|c: &mut Candidate| c.travel_min = 20, "travel", 267)]
#[case::day_91_is_forgotten(|c: &mut Candidate| c.days_since_patient = Some(91), "continuity", 0)]
#[case::today(|c: &mut Candidate| c.days_since_patient = Some(0), "continuity", 200)]
#[case::ten_visits(|c: &mut Candidate| c.visits_30d = 10, "fairness", 113)]
#[case::overworked(|c: &mut Candidate| c.visits_30d = 90, "fairness", 0)]
#[case::late(|c: &mut Candidate| c.slack_min = -30, "slack", 0)]
#[case::centuries(|c: &mut Candidate| c.slack_min = i64::MAX, "slack", 50)]
fn a_part_is_what_it_says(
    #[case] change: fn(&mut Candidate),
    #[case] code: &str,
    #[case] tenths: u32,
) {
    let mut candidate = stranger(1, 1000.0);
    change(&mut candidate);
    let score = score(&candidate, &ScoreRules::default());
    for part in score.parts {
        assert_eq!(
            part.tenths,
            if part.code == code { tenths } else { 0 },
            "{}",
            part.code
        );
    }
    assert_eq!(score.total_tenths, tenths);
}

#[test]
fn ties_go_to_the_nearer_then_to_the_smaller_id() {
    let all = vec![stranger(3, 900.0), stranger(2, 900.0), stranger(9, 100.0)];
    let ids: Vec<_> = rank(all, &ScoreRules::default())
        .into_iter()
        .map(|r| r.candidate.nurse)
        .collect();
    assert_eq!(ids, [9, 2, 3].map(|id| NurseId(Uuid::from_u128(id))));
}

#[test]
fn senseless_rules_are_refused() {
    assert_eq!(ScoreRules::default().check(), Ok(()));
    let weights = Weights {
        travel: 41,
        ..Weights::default()
    };
    assert!(
        ScoreRules {
            weights,
            ..ScoreRules::default()
        }
        .check()
        .is_err()
    );
    assert!(
        ScoreRules {
            far_min: 0,
            ..ScoreRules::default()
        }
        .check()
        .is_err()
    );
}

proptest! {
    #[test]
    fn no_score_leaves_its_bounds(candidate in any_candidate(), rules in any_rules()) {
        prop_assert_eq!(rules.check(), Ok(()));
        let score = score(&candidate, &rules);
        for part in score.parts {
            prop_assert!(part.tenths <= part.most * 10, "{:?}", part);
        }
        prop_assert!(score.total_tenths <= 1000);
        prop_assert_eq!(score.total_tenths, score.parts.iter().map(|p| p.tenths).sum::<u32>());
    }

    #[test]
    fn the_order_does_not_depend_on_how_they_were_found(
        all in prop::collection::vec(any_candidate(), 0..20).prop_shuffle(),
    ) {
        let rules = ScoreRules::default();
        let ranked = rank(all.clone(), &rules);
        let mut other = all;
        other.reverse();
        let again = rank(other, &rules);
        let keys = |list: &[Ranked]| -> Vec<_> {
            list.iter().map(|r| (r.candidate.nurse, r.score.total_tenths)).collect()
        };
        prop_assert_eq!(keys(&ranked), keys(&again));
        prop_assert!(ranked.windows(2).all(|pair| pair[0].score.total_tenths >= pair[1].score.total_tenths));
    }

    #[test]
    fn shorter_travel_never_scores_less(candidate in any_candidate(), less in 0_u32..200) {
        let rules = ScoreRules::default();
        let nearer = Candidate { travel_min: candidate.travel_min.saturating_sub(less), ..candidate.clone() };
        prop_assert!(score(&nearer, &rules).total_tenths >= score(&candidate, &rules).total_tenths);
    }
}
