use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::domain::rulefile::mistakes;
use crate::domain::{price, seed};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn codes(list: &[&str]) -> Vec<ItemCode> {
    list.iter()
        .map(|code| ItemCode::new(*code).expect("a good code"))
        .collect()
}

const DOCTOR: EntitlementId = EntitlementId(Uuid::from_u128(1));
const INSURANCE: EntitlementId = EntitlementId(Uuid::from_u128(2));

fn held() -> Vec<Held> {
    let one = |id, package: &str| Held {
        id,
        package: package.to_owned(),
        from: day("2026-03-01"),
        to: day("2026-03-31"),
    };
    vec![
        one(DOCTOR, "family_doctor_basic"),
        one(INSURANCE, "long_term_care_home"),
    ]
}

fn covered(items: &[&str]) -> Vec<Covered> {
    seed::entitlements().covered(&codes(items), day("2026-03-10"), &held())
}

fn priced(items: &[&str]) -> Quote {
    let start = "2026-03-10T10:00:00+08:00".parse().expect("a time");
    price::quote(
        seed::prices(),
        seed::catalogue(),
        &codes(items),
        3_000.0,
        start,
        seed::calendar(),
    )
    .expect("a price")
}

#[test]
fn the_packages_hold_items_of_the_catalogue() {
    for package in &seed::entitlements().packages {
        for item in &package.items {
            let known = seed::catalogue().item(item.as_str());
            assert!(known.is_some(), "{}: {item}", package.code);
        }
    }
}

#[rstest]
#[case("2026-02-28", 0)]
#[case("2026-03-01", 1)]
#[case("2026-03-31", 1)]
#[case("2026-04-01", 0)]
fn both_ends_of_an_entitlement_count(#[case] on: &str, #[case] found: usize) {
    let items = codes(&["UC_CARE"]);
    let covered = seed::entitlements().covered(&items, day(on), &held());
    assert_eq!(covered.len(), found);
}

#[test]
fn what_ended_without_a_service_costs_what_was_kept_whoever_else_pays() {
    for &state in OrderState::ALL {
        let (fen, asked) = due(state, (18_000, Some(3_000)), Some("asked"));
        let ended = matches!(
            state,
            OrderState::Refused | OrderState::Cancelled | OrderState::Expired | OrderState::Aborted
        );
        let expected = if ended {
            (3_000, None)
        } else {
            (18_000, Some("asked"))
        };
        assert_eq!((fen, asked), expected, "{state}");
    }
    assert_eq!(
        due(OrderState::Expired, (18_000, None), Some(())),
        (0, None)
    );
    assert_eq!(
        due(OrderState::Open, (18_000, None), None::<()>),
        (18_000, None)
    );
}

#[test]
fn each_item_names_everything_that_pays_for_it() {
    let found = covered(&["DR_S", "VITAL", "UC_CARE"]);
    let pairs: Vec<_> = found
        .iter()
        .map(|one| (one.item.as_str(), one.entitlement_id))
        .collect();
    let expected = [
        ("VITAL", DOCTOR),
        ("VITAL", INSURANCE),
        ("UC_CARE", INSURANCE),
    ];
    assert_eq!(pairs, expected);
    // A package that the rules of today do not have pays for nothing.
    let mut old = held();
    for one in &mut old {
        "gone".clone_into(&mut one.package);
    }
    let items = codes(&["VITAL"]);
    assert_eq!(
        seed::entitlements().covered(&items, day("2026-03-10"), &old),
        []
    );
}

#[rstest]
// Nothing was asked yet.
#[case(None, &[], 100, Settled::Keep)]
#[case(None, &["VITAL"], 100, Settled::Ask)]
// The same as before.
#[case(Some(ChargeState::UnderReview), &["UC_CARE"], 100, Settled::Keep)]
#[case(Some(ChargeState::Charge), &["UC_CARE"], 100, Settled::Keep)]
#[case(Some(ChargeState::PaidElsewhere), &["UC_CARE"], 100, Settled::Keep)]
// Something else pays, or the price is another: decided anew.
#[case(Some(ChargeState::Charge), &["VITAL"], 100, Settled::Ask)]
#[case(Some(ChargeState::PaidElsewhere), &["UC_CARE"], 101, Settled::Ask)]
// Nothing else pays any more.
#[case(Some(ChargeState::UnderReview), &[], 100, Settled::Drop)]
#[case(Some(ChargeState::Charge), &[], 100, Settled::Drop)]
#[case(Some(ChargeState::PaidElsewhere), &[], 100, Settled::Ask)]
fn a_decision_holds_for_what_it_was_made_upon(
    #[case] state: Option<ChargeState>,
    #[case] now: &[&str],
    #[case] total_fen: i64,
    #[case] expected: Settled,
) {
    let before = covered(&["UC_CARE"]);
    let standing = state.map(|state| Standing {
        state,
        covered: &before,
        total_fen: 100,
    });
    assert_eq!(settle(standing, &covered(now), total_fen), expected);
}

#[test]
fn other_words_for_the_same_package_ask_nobody_again() {
    let before = covered(&["UC_CARE"]);
    let mut renamed = before.clone();
    "又名".clone_into(&mut renamed[0].name.zh);
    let standing = Standing {
        state: ChargeState::Charge,
        covered: &before,
        total_fen: 5,
    };
    assert_eq!(settle(Some(standing), &renamed, 5), Settled::Keep);
}

fn paid(by: &[EntitlementId], charge_fen: i64) -> Decision {
    Decision::PaidElsewhere {
        paid_by: by.iter().copied().collect(),
        charge_fen,
    }
}

#[test]
fn what_nobody_else_pays_for_is_never_free() {
    let (price, covered) = (priced(&["DR_S", "UC_CARE"]), covered(&["DR_S", "UC_CARE"]));
    assert_eq!(
        decide(&price, &covered, &Decision::Charge),
        Ok(price.total_fen)
    );
    let own: i64 = price
        .lines
        .iter()
        .filter(|line| {
            line.item
                .as_ref()
                .is_some_and(|item| item.as_str() == "DR_S")
        })
        .map(|line| line.fen)
        .sum();
    assert!(own > 0 && own < price.total_fen);
    assert_eq!(decide(&price, &covered, &paid(&[INSURANCE], own)), Ok(own));
    let range = Err(DecisionError::OutOfRange {
        min: own,
        max: price.total_fen - 1,
    });
    assert_eq!(
        decide(&price, &covered, &paid(&[INSURANCE], own - 1)),
        range
    );
    let whole = paid(&[INSURANCE], price.total_fen);
    assert_eq!(decide(&price, &covered, &whole), range);
    // Covered as a whole, it may be free.
    let (price, covered) = (priced(&["UC_CARE"]), tests::covered(&["UC_CARE"]));
    assert_eq!(decide(&price, &covered, &paid(&[INSURANCE], 0)), Ok(0));
}

#[test]
fn it_is_paid_by_something_that_pays_for_it() {
    let (price, covered) = (priced(&["UC_CARE"]), covered(&["UC_CARE"]));
    for by in [&[][..], &[DOCTOR][..], &[DOCTOR, INSURANCE][..]] {
        let refused = decide(&price, &covered, &paid(by, 0));
        assert_eq!(refused, Err(DecisionError::NotCovered));
    }
}

proptest! {
    #[test]
    fn the_family_never_pays_more_than_the_price_nor_less_than_its_own_part(
        picks in proptest::sample::subsequence(vec!["DR_S", "VITAL", "UC_CARE", "PI_12", "EDU"], 1..=5),
        doctor: bool, insurance: bool, charge_fen in -10_i64..100_000,
    ) {
        let (price, covered) = (priced(&picks), covered(&picks));
        let by: Vec<_> = [(doctor, DOCTOR), (insurance, INSURANCE)].into_iter()
            .filter_map(|(named, id)| named.then_some(id)).collect();
        if let Ok(fen) = decide(&price, &covered, &paid(&by, charge_fen)) {
            prop_assert!((0..price.total_fen).contains(&fen));
            for line in &price.lines {
                let Some(item) = &line.item else { continue };
                let elsewhere = covered.iter().any(|one| one.item == *item && by.contains(&one.entitlement_id));
                prop_assert!(elsewhere || line.fen <= fen, "{item} is charged");
            }
        }
    }
}

#[test]
fn mistakes_in_a_file_are_found() {
    mistakes::assert_found::<Entitlements>(
        seed::ENTITLEMENTS_JSON,
        r#"
        /packages/1/code | "family_doctor_basic" | packages | duplicate
        /packages/0/items/1 | "VITAL" | packages[0].items | duplicate
        /packages/2/items | [] | packages[2].items | out_of_range
        /packages/2/name/en | "长护险" | packages[2].name.en | bad_text
        "#,
    );
}
