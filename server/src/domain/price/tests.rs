use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    rulefile::{RuleErrors, mistakes},
    seed,
};

fn at(local: &str) -> DateTime<Utc> {
    format!("{local}:00+08:00")
        .parse::<DateTime<chrono::FixedOffset>>()
        .expect("a time")
        .to_utc()
}

fn codes(list: &[&str]) -> Vec<ItemCode> {
    list.iter()
        .map(|code| ItemCode::new(*code).expect("a good code"))
        .collect()
}

fn quoted(
    rules: &PriceRules,
    items: &[&str],
    distance_m: f64,
    local: &str,
) -> Result<Quote, PriceError> {
    quote(
        rules,
        seed::catalogue(),
        &codes(items),
        distance_m,
        at(local),
        seed::calendar(),
    )
}

/// Line kinds with their amounts.
fn parts(quote: &Quote) -> Vec<(LineKind, i64)> {
    quote
        .lines
        .iter()
        .map(|line| (line.kind, line.fen))
        .collect()
}

/// The seed with one value changed at a JSON pointer.
fn changed(pointer: &str, value: Value) -> Result<PriceRules, RuleErrors> {
    let mut json: Value = serde_json::from_str(seed::PRICES_JSON).expect("the seed is JSON");
    *json
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("{pointer} is in the seed")) = value;
    PriceRules::parse(&json.to_string())
}

const WORKDAY: &str = "2026-11-23T10:00";

#[test]
fn a_catheter_change_on_a_working_day() {
    let quote = quoted(seed::prices(), &["UC_CHG"], 4200.5, WORKDAY).expect("a price");
    let expected = [
        (LineKind::Procedure, 14_000),
        (LineKind::Consumables, 6_000),
        (LineKind::VisitFee, 20_000),
    ];
    assert_eq!(parts(&quote), expected);
    assert_eq!(quote.total_fen, 40_000);
    assert_eq!(quote.distance_m, 4201);
    assert_eq!(
        (
            quote.catalogue_version,
            quote.price_version,
            quote.calendar_version
        ),
        (1, 1, 1)
    );
    assert_eq!(
        quote.lines[0].reason.en,
        "Urinary catheter change: procedure"
    );
    assert_eq!(quote.lines[2].reason.zh, "上门服务费 3–5 公里");
}

#[rstest]
#[case(0.0, 13_000)]
#[case(2999.9, 13_000)]
#[case(3000.0, 13_000)]
#[case(3_000.000_1, 20_000)]
#[case(5000.0, 20_000)]
#[case(5000.1, 30_000)]
#[case(10_000.0, 30_000)]
#[case(10_000.001, 55_000)]
#[case(90_000.0, 55_000)]
fn the_visit_fee_changes_behind_the_edge_of_a_band(#[case] distance_m: f64, #[case] fen: i64) {
    let quote = quoted(seed::prices(), &["EDU"], distance_m, WORKDAY).expect("a price");
    assert_eq!(quote.sum_of(&[LineKind::VisitFee]), fen);
}

#[test]
fn one_visit_fee_however_many_items() {
    let quote =
        quoted(seed::prices(), &["UC_CHG", "VITAL", "EDU"], 1000.0, WORKDAY).expect("a price");
    let fees = quote
        .lines
        .iter()
        .filter(|line| line.kind == LineKind::VisitFee)
        .count();
    assert_eq!(
        (fees, quote.total_fen),
        (1, 14_000 + 6_000 + 4_500 + 500 + 9_000 + 13_000)
    );
    // No line for consumables that an item does not have.
    assert_eq!(
        quote
            .lines
            .iter()
            .filter(|line| line.kind == LineKind::Consumables)
            .count(),
        2
    );
}

#[rstest]
#[case("2026-11-23T19:59", &[])]
#[case("2026-11-23T20:00", &[LineKind::Night])]
#[case("2026-11-23T23:30", &[LineKind::Night])]
#[case("2026-11-24T00:30", &[LineKind::Night])]
#[case("2026-11-24T06:59", &[LineKind::Night])]
#[case("2026-11-24T07:00", &[])]
#[case("2026-11-28T10:00", &[])] // an ordinary Saturday
#[case("2026-10-10T10:00", &[])] // a Saturday worked in exchange
#[case("2026-10-01T10:00", &[LineKind::Holiday])]
#[case("2026-09-30T23:59", &[LineKind::Night])]
#[case("2026-10-01T00:00", &[LineKind::Holiday])] // equal at the holiday's midnight: the holiday's stands
fn surcharges_follow_the_local_clock(#[case] local: &str, #[case] kinds: &[LineKind]) {
    let quote = quoted(seed::prices(), &["UC_CHG"], 1000.0, local).expect("a price");
    let found: Vec<_> = quote.lines[3..].iter().map(|line| line.kind).collect();
    assert_eq!(found, kinds);
    // 30 % of the visit fee of 130 yuan.
    assert!(quote.lines[3..].iter().all(|line| line.fen == 3_900));
}

#[test]
fn surcharges_say_why() {
    let night = quoted(seed::prices(), &["EDU"], 1000.0, "2026-11-23T22:00").expect("a price");
    assert_eq!(
        night.lines.last().expect("a surcharge").reason.en,
        "Night 20:00–07:00: +30 %"
    );
    let holiday = quoted(seed::prices(), &["EDU"], 1000.0, "2026-10-02T10:00").expect("a price");
    assert_eq!(
        holiday.lines.last().expect("a surcharge").reason.zh,
        "国庆节 加收 30%"
    );
}

#[test]
fn a_holiday_night_takes_the_higher_or_both() {
    let midnight = "2026-10-02T00:10";
    let higher = changed("/night/percent", json!(50)).expect("sound");
    let quote = quoted(&higher, &["EDU"], 1000.0, midnight).expect("a price");
    assert_eq!(parts(&quote)[2..], [(LineKind::Night, 6_500)]);
    let both = changed("/combine", json!("sum")).expect("sound");
    let quote = quoted(&both, &["EDU"], 1000.0, midnight).expect("a price");
    assert_eq!(
        parts(&quote)[2..],
        [(LineKind::Night, 3_900), (LineKind::Holiday, 3_900)]
    );
    assert_eq!(quote.total_fen, 9_000 + 13_000 + 7_800);
}

#[test]
fn a_surcharge_takes_the_parts_it_names() {
    let rules = changed("/night/parts", json!(["procedure", "visit_fee"])).expect("sound");
    let quote = quoted(&rules, &["UC_CHG"], 1000.0, "2026-11-23T22:00").expect("a price");
    assert_eq!(
        quote.sum_of(&[LineKind::Night]),
        (14_000 + 13_000) * 30 / 100
    );
}

#[rstest]
#[case(RoundingMode::HalfUp, 100, 1_350, 4, 100)] // 54 fen to a yuan
#[case(RoundingMode::HalfUp, 100, 1_250, 4, 100)] // exactly half
#[case(RoundingMode::HalfUp, 100, 1_225, 4, 0)] // 49 fen
#[case(RoundingMode::Down, 100, 1_999, 10, 100)]
#[case(RoundingMode::Up, 100, 1_001, 10, 200)]
#[case(RoundingMode::Up, 100, 1_000, 10, 100)]
#[case(RoundingMode::HalfUp, 10, 333, 10, 30)]
#[case(RoundingMode::HalfUp, 1, 335, 10, 34)]
#[case(RoundingMode::Down, 100, 1_234, 100, 1_234)] // all of it stays as it is
#[case(RoundingMode::Up, 100, 1_234, 0, 0)]
fn percentages_are_rounded(
    #[case] mode: RoundingMode,
    #[case] unit_fen: i64,
    #[case] fen: i64,
    #[case] percent: u32,
    #[case] expected: i64,
) {
    assert_eq!(
        Rounding { unit_fen, mode }.percent_of(fen, percent),
        expected
    );
}

#[test]
fn what_cannot_be_priced_is_refused() {
    let rules = seed::prices();
    let code = |result: Result<Quote, PriceError>| result.expect_err("no price").code();
    assert_eq!(code(quoted(rules, &[], 10.0, WORKDAY)), "items_empty");
    assert_eq!(
        code(quoted(rules, &["NOPE"], 10.0, WORKDAY)),
        "item_unknown"
    );
    assert_eq!(
        code(quoted(rules, &["EDU", "EDU"], 10.0, WORKDAY)),
        "item_duplicate"
    );
    assert_eq!(
        code(quoted(rules, &["IV_INF"], 10.0, WORKDAY)),
        "item_unpriced"
    );
    for distance in [-0.1, f64::NAN, f64::INFINITY, 1e12] {
        assert_eq!(
            code(quoted(rules, &["EDU"], distance, WORKDAY)),
            "distance_invalid"
        );
    }
    let limited = changed("/visit_fee/3/up_to_m", json!(40_000)).expect("sound");
    let far = quoted(&limited, &["EDU"], 40_000.1, WORKDAY).expect_err("too far");
    assert_eq!(
        far,
        PriceError::TooFar {
            distance_m: 40_001,
            limit_m: 40_000
        }
    );
    assert_eq!(far.code(), "distance_too_far");
}

#[rstest]
#[case(CancelStage::BeforeAccept, 1, 0, "before_accept_free")]
#[case(CancelStage::Accepted, 241, 0, "accepted_early_free")]
#[case(CancelStage::Accepted, 240, 0, "accepted_early_free")]
#[case(CancelStage::Accepted, 239, 12_000, "accepted_late")]
#[case(CancelStage::Accepted, -30, 12_000, "accepted_late")]
#[case(CancelStage::Departed, 600, 20_000, "departed_half")]
#[case(CancelStage::Aborted, -10, 20_000, "aborted_visit_fee")]
fn the_fee_follows_stage_and_notice(
    #[case] stage: CancelStage,
    #[case] minutes_before: i64,
    #[case] fen: i64,
    #[case] rule: &str,
) {
    let quote = quoted(seed::prices(), &["UC_CHG"], 4000.0, WORKDAY).expect("a price");
    let now = quote.starts_at - TimeDelta::minutes(minutes_before);
    let fee = cancellation_fee(seed::prices(), &quote, stage, now, quote.starts_at);
    assert_eq!((fee.fen, fee.rule.as_str()), (fen, rule));
}

#[test]
fn one_second_short_of_four_hours_costs() {
    let quote = quoted(seed::prices(), &["UC_CHG"], 4000.0, WORKDAY).expect("a price");
    let now = quote.starts_at - TimeDelta::hours(4) + TimeDelta::seconds(1);
    let fee = cancellation_fee(
        seed::prices(),
        &quote,
        CancelStage::Accepted,
        now,
        quote.starts_at,
    );
    assert_eq!(fee.fen, 12_000);
}

#[test]
fn it_costs_more_once_the_free_notice_is_over_and_not_where_it_always_costs() {
    use CancelStage::{Accepted, BeforeAccept, Departed};
    let quote = quoted(seed::prices(), &["UC_CHG"], 4000.0, WORKDAY).expect("a price");
    let late = |rules: &PriceRules, stage, minutes| {
        let now = quote.starts_at - TimeDelta::minutes(minutes);
        costs_more_now(rules, &quote, stage, now, quote.starts_at)
    };
    let seed = seed::prices();
    let found = [240, 239, -30].map(|minutes| late(seed, Accepted, minutes));
    assert_eq!(found, [false, true, true]);
    assert!(!late(seed, BeforeAccept, 1) && !late(seed, Departed, 1));
    let mut always = seed.clone();
    always
        .cancellation
        .retain(|rule| rule.code.as_str() != "accepted_early_free");
    assert!(!late(&always, Accepted, 600) && !late(&always, Accepted, 1));
}

#[test]
fn a_fee_rounded_up_stops_at_the_total() {
    let mut rules = changed("/visit_fee/0/fen", json!(60)).expect("sound");
    rules.rounding.mode = RoundingMode::Up;
    rules.items[0].procedure_fen = 10;
    let quote = quoted(&rules, &["ASSESS"], 10.0, WORKDAY).expect("a price");
    // Half of 70 fen, rounded up to a whole yuan, would be more than was asked.
    let fee = cancellation_fee(
        &rules,
        &quote,
        CancelStage::Departed,
        quote.starts_at,
        quote.starts_at,
    );
    assert_eq!((quote.total_fen, fee.fen), (70, 70));
}

#[test]
fn a_quote_comes_back_from_the_order_as_it_went_in() {
    let quote = quoted(
        seed::prices(),
        &["UC_CHG", "EDU"],
        3000.4,
        "2026-10-01T21:00",
    )
    .expect("a price");
    let json = serde_json::to_string(&quote).expect("plain data");
    assert_eq!(
        serde_json::from_str::<Quote>(&json).expect("the same"),
        quote
    );
}

#[test]
fn prices_and_catalogue_are_held_against_each_other() {
    let rules = changed("/items/0/item", json!("NOPE")).expect("sound by itself");
    let gaps: Vec<_> = rules
        .gaps(seed::catalogue())
        .into_iter()
        .map(|gap| gap.path)
        .collect();
    assert_eq!(gaps, ["items.ASSESS", "items.NOPE"]);
}

#[test]
fn each_mistake_in_the_rules_is_found() {
    mistakes::assert_found::<PriceRules>(
        seed::PRICES_JSON,
        r#"
        /items/1/item               | "ASSESS"   | items                    | duplicate
        /items/0/procedure_fen      | -1         | items[0].procedure_fen   | out_of_range
        /items/0/consumables_fen    | 10000001   | items[0].consumables_fen | out_of_range
        /items/0/procedure_fen      | 75.5       | items[0].procedure_fen   | malformed
        /visit_fee                  | []         | visit_fee                | out_of_range
        /visit_fee/1/up_to_m        | 3000       | visit_fee                | inconsistent
        /visit_fee/1/up_to_m        | null       | visit_fee                | inconsistent
        /visit_fee/1/fen            | 100        | visit_fee                | inconsistent
        /night/from                 | "7 pm"     | night.from               | malformed
        /night/to                   | "20:00"    | night.to                 | inconsistent
        /night/percent              | 0          | night.percent            | out_of_range
        /night/parts                | []         | night.parts              | inconsistent
        /night/parts                | ["holiday"] | night.parts             | inconsistent
        /holiday/parts              | ["visit_fee", "visit_fee"] | holiday.parts | duplicate
        /rounding/unit_fen          | 0          | rounding.unit_fen        | out_of_range
        /cancellation/3/percent     | 101        | cancellation[3].percent  | out_of_range
        /cancellation/3/stage       | "aborted"  | cancellation             | inconsistent
        /cancellation/2/min_notice_min | 60      | cancellation             | inconsistent
        /cancellation/1/min_notice_min | null    | cancellation             | inconsistent
        /cancellation/0/code        | "departed_half" | cancellation        | duplicate
        "#,
    );
}
