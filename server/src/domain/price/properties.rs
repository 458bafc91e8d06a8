//! What holds for every price, whatever the rules say.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::{calendar, seed};

/// Sound rules with arbitrary amounts, percentages and rounding.
fn any_rules() -> impl Strategy<Value = PriceRules> {
    let amounts = (
        prop::collection::vec((0..500_000_i64, 0..100_000_i64), 37),
        prop::array::uniform4(0..100_000_i64),
    );
    let percents = (1..=300_u32, 1..=300_u32, prop::array::uniform5(0..=100_u32));
    let modes = prop::sample::select(vec![
        RoundingMode::HalfUp,
        RoundingMode::Down,
        RoundingMode::Up,
    ]);
    let rounding = (
        modes,
        prop::sample::select(vec![1_i64, 10, 100]),
        any::<bool>(),
    );
    (amounts, percents, rounding).prop_map(
        |((items, mut fees), (night, holiday, kept), (mode, unit_fen, sum))| {
            let mut rules = seed::prices().clone();
            for (price, (procedure_fen, consumables_fen)) in rules.items.iter_mut().zip(items) {
                (price.procedure_fen, price.consumables_fen) = (procedure_fen, consumables_fen);
            }
            fees.sort_unstable();
            for (band, fen) in rules.visit_fee.iter_mut().zip(fees) {
                band.fen = fen;
            }
            for (rule, percent) in rules.cancellation.iter_mut().zip(kept) {
                rule.percent = percent;
            }
            if let (Some(at_night), Some(on_holiday)) = (&mut rules.night, &mut rules.holiday) {
                (at_night.percent, on_holiday.percent) = (night, holiday);
                at_night.parts = vec![LineKind::Procedure, LineKind::VisitFee];
            }
            rules.combine = if sum { Combine::Sum } else { Combine::Highest };
            rules.rounding = Rounding { unit_fen, mode };
            rules
        },
    )
}

/// Some of the priced items, each once, in any order.
fn any_items() -> impl Strategy<Value = Vec<ItemCode>> {
    let all: Vec<_> = seed::prices()
        .items
        .iter()
        .map(|price| price.item.clone())
        .collect();
    prop::sample::subsequence(all, 1..=8).prop_shuffle()
}

/// Any minute of 2026 and 2027.
fn any_time() -> impl Strategy<Value = DateTime<Utc>> {
    let first = seed::calendar().valid_from;
    (0..1_051_200_i64)
        .prop_map(move |minutes| calendar::day_start(first) + TimeDelta::minutes(minutes))
}

proptest! {
    #[test]
    fn any_rules_of_these_tests_are_sound(rules in any_rules()) {
        prop_assert!(rulefile::validate(&rules).is_ok());
    }

    #[test]
    fn the_total_is_the_sum_of_parts_that_are_never_negative(
        rules in any_rules(), items in any_items(), distance_m in 0.0..60_000.0_f64, time in any_time(),
    ) {
        let quote = quote(&rules, seed::catalogue(), &items, distance_m, time, seed::calendar()).expect("a price");
        prop_assert_eq!(quote.total_fen, quote.lines.iter().map(|line| line.fen).sum::<i64>());
        prop_assert!(quote.lines.iter().all(|line| line.fen >= 0));
        prop_assert_eq!(quote.lines.iter().filter(|line| line.kind == LineKind::VisitFee).count(), 1);
        prop_assert_eq!(quote.lines.iter().filter(|line| line.kind == LineKind::Procedure).count(), items.len());
    }

    #[test]
    fn more_items_leave_the_visit_fee_alone_and_never_cost_less(
        rules in any_rules(), items in any_items(), distance_m in 0.0..60_000.0_f64, time in any_time(),
    ) {
        let price = |items| quote(&rules, seed::catalogue(), items, distance_m, time, seed::calendar()).expect("a price");
        let (one, all) = (price(&items[..1]), price(&items[..]));
        prop_assert_eq!(one.sum_of(&[LineKind::VisitFee]), all.sum_of(&[LineKind::VisitFee]));
        prop_assert!(one.total_fen <= all.total_fen);
    }

    #[test]
    fn farther_is_never_cheaper(
        rules in any_rules(), items in any_items(), near in 0.0..60_000.0_f64, more in 0.0..60_000.0_f64,
        time in any_time(),
    ) {
        let price = |metres| quote(&rules, seed::catalogue(), &items, metres, time, seed::calendar()).expect("a price");
        prop_assert!(price(near).total_fen <= price(near + more).total_fen);
    }

    #[test]
    fn a_fee_is_never_negative_and_never_more_than_the_total(
        rules in any_rules(), items in any_items(), time in any_time(), notice in -10_000..10_000_i64,
        stage in prop::sample::select(vec![
            CancelStage::BeforeAccept, CancelStage::Accepted, CancelStage::Departed, CancelStage::Aborted,
        ]),
    ) {
        let quote = quote(&rules, seed::catalogue(), &items, 4000.0, time, seed::calendar()).expect("a price");
        let fee = cancellation_fee(&rules, &quote, stage, time - TimeDelta::minutes(notice), time);
        prop_assert!((0..=quote.total_fen).contains(&fee.fen));
        let used = rules.cancellation.iter().find(|rule| rule.code == fee.rule).expect("a rule of the file");
        prop_assert_eq!(used.stage, stage);
    }
}
