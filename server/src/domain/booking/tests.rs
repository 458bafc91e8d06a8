use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::domain::test_times::at;
use crate::domain::{rules_page, seed};

const LIMITS: BookingLimits = BookingLimits {
    lead_time_min: 240,
    horizon_days: 60,
};

#[rstest]
#[case("2026-03-02 13:00", "2026-03-02 13:40", None)]
#[case("2026-03-02 12:59", "2026-03-02 14:00", Some("window_past"))]
#[case("2026-03-01 13:00", "2026-03-01 14:00", Some("window_past"))]
#[case("2026-05-01 23:59", "2026-05-02 00:39", None)]
#[case("2026-05-02 00:00", "2026-05-02 00:40", Some("window_too_far"))]
#[case("2026-03-02 13:00", "2026-03-02 13:39", Some("window_invalid"))]
#[case("2026-03-02 13:00", "2026-03-02 13:00", Some("window_invalid"))]
#[case("2026-03-02 13:00", "2026-03-02 12:00", Some("window_invalid"))]
#[case("2026-03-02 13:00", "2026-03-03 01:00", None)]
#[case("2026-03-02 13:00", "2026-03-03 01:01", Some("window_invalid"))]
fn a_window_is_ahead_not_too_far_and_holds_the_service(
    #[case] start: &str,
    #[case] end: &str,
    #[case] code: Option<&str>,
) {
    let now = at("2026-03-02 09:00");
    let outcome = check_window(at(start), at(end), 40, now, LIMITS);
    assert_eq!(outcome.err().map(WindowError::code), code);
}

#[test]
fn the_ends_of_time_are_refused_and_not_calculated_with() {
    let now = at("2026-03-02 09:00");
    let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let code = |start, end| check_window(start, end, 40, now, LIMITS).map_err(WindowError::code);
    assert_eq!(code(last, first), Err("window_too_far"));
    assert_eq!(code(first, last), Err("window_past"));
    assert_eq!(code(at("2026-03-02 13:00"), last), Err("window_invalid"));
    assert_eq!(code(at("2026-03-02 13:00"), first), Err("window_invalid"));
}

#[test]
fn the_page_tells_the_limits() {
    let config = crate::config::Config::default().matching;
    let wanted = [
        ("lead_time_min", i64::from(config.lead_time_min)),
        ("horizon_days", i64::from(config.horizon_days)),
        ("max_window_h", MAX_WINDOW_H),
        ("max_items", i64::try_from(MAX_ITEMS).expect("small")),
    ];
    let rows = rules_page::section("booking limits");
    for (row, (name, number)) in rows[2..].iter().zip(wanted) {
        assert!(
            row.starts_with(&format!("| `{name}` | {number} |")),
            "{row}"
        );
    }
    assert_eq!(rows.len(), 2 + wanted.len());
}

fn id(number: u128) -> InstitutionId {
    InstitutionId(Uuid::from_u128(number))
}

fn point(lng: f64) -> Point {
    Point::new(lng, 36.92).expect("a place")
}

fn provider(number: u128, lng: f64) -> Provider {
    Provider {
        id: id(number),
        place: point(lng),
        approved: true,
        decided: BTreeMap::new(),
    }
}

fn items(codes: &[&str]) -> Vec<&'static Item> {
    let item = |code: &&str| seed::catalogue().item(code).expect("a seed item");
    codes.iter().map(item).collect()
}

fn chosen(codes: &[&str], address: Option<Point>, providers: &[Provider]) -> Result<u128, String> {
    choose_provider(&items(codes), address, id(2), providers)
        .map(|provided| provided.institution.0.as_u128())
        .map_err(|error| error.code().to_owned())
}

#[test]
fn the_nearest_that_offers_everything_provides() {
    let mut near = provider(1, 114.90);
    let far = provider(2, 114.95);
    let address = Some(point(114.91));
    let both = [near.clone(), far.clone()];
    assert_eq!(chosen(&["UC_CHG", "EDU"], address, &both), Ok(1));
    near.decided.insert("EDU".to_owned(), false);
    let both = [near.clone(), far.clone()];
    assert_eq!(chosen(&["UC_CHG", "EDU"], address, &both), Ok(2));
    assert_eq!(chosen(&["UC_CHG"], address, &both), Ok(1));
    near.approved = false;
    assert_eq!(chosen(&["UC_CHG"], address, &[near, far]), Ok(2));
}

#[test]
fn without_a_place_the_patients_own_institution_provides() {
    let (first, mut own, third) = (
        provider(1, 114.90),
        provider(2, 114.95),
        provider(3, 114.96),
    );
    let all = [first.clone(), own.clone(), third.clone()];
    assert_eq!(chosen(&["EDU"], None, &all), Ok(2));
    let provided = choose_provider(&items(&["EDU"]), None, id(2), &all).expect("a provider");
    assert_eq!((provided.distance_m, provided.charged_m()), (None, 0.0));
    own.approved = false;
    assert_eq!(chosen(&["EDU"], None, &[first, own, third]), Ok(3));
}

#[test]
fn ties_go_to_the_patients_own() {
    let all = [
        provider(1, 114.90),
        provider(2, 114.90),
        provider(3, 114.90),
    ];
    assert_eq!(chosen(&["EDU"], Some(point(114.91)), &all), Ok(2));
}

#[test]
fn what_nobody_offers_is_named() {
    let address = Some(point(114.91));
    let open = provider(1, 114.90);
    let refused = |codes: &[&str], providers: &[Provider]| {
        choose_provider(&items(codes), address, id(2), providers).expect_err("nobody")
    };
    let error = refused(&["EDU", "IV_INF"], std::slice::from_ref(&open));
    assert_eq!(error.code(), "item_negative_listed");
    let error = refused(&["EDU", "UC_NEW"], std::slice::from_ref(&open));
    assert_eq!(error.code(), "item_closed");
    assert_eq!(error.to_string(), "UC_NEW: the item is not open");
    // No institution can open what is on the negative list.
    let mut opened = open.clone();
    opened.decided.insert("IV_INF".to_owned(), true);
    assert_eq!(
        refused(&["IV_INF"], &[opened]).code(),
        "item_negative_listed"
    );
    let mut half = [open.clone(), provider(2, 114.95)];
    half[0].decided.insert("EDU".to_owned(), false);
    half[1].decided.insert("PICC".to_owned(), false);
    assert_eq!(refused(&["EDU", "PICC"], &half).code(), "institution_none");
    let mut unapproved = open;
    unapproved.approved = false;
    assert_eq!(refused(&["EDU"], &[unapproved]).code(), "institution_none");
    assert_eq!(refused(&["EDU"], &[]).code(), "institution_none");
}

#[test]
fn an_item_may_be_opened_against_the_catalogue() {
    let mut open = provider(1, 114.90);
    open.decided.insert("UC_NEW".to_owned(), true);
    assert_eq!(bookable(items(&["UC_NEW"])[0], &[open]), Ok(()));
    assert_eq!(
        bookable(items(&["IV_INF"])[0], &[]),
        Err(NotBookable::NegativeListed)
    );
}

#[test]
fn a_list_of_items_is_short_known_and_without_repeats() {
    let check = |codes: &[&str]| {
        let codes: Vec<_> = codes
            .iter()
            .map(|code| ItemCode::new(*code).expect("a code"))
            .collect();
        check_items(seed::catalogue(), &codes)
            .map(|items| duration_min(&items))
            .map_err(|error| error.code())
    };
    assert_eq!(check(&["UC_CHG", "EDU"]), Ok(80));
    assert_eq!(check(&[]), Err("items_count"));
    let six = ["UC_CHG", "EDU", "PICC", "SC", "IM", "VITAL"];
    assert_eq!(check(&six), Err("items_count"));
    assert_eq!(check(&["EDU", "UC_CHG", "EDU"]), Err("item_duplicate"));
    assert_eq!(check(&["EDU", "NOPE"]), Err("item_unknown"));
}

#[test]
fn numbers_carry_the_local_day() {
    let number = order_number(at("2026-03-02 00:30"), [0, 31, 32, 255, 8]);
    assert_eq!(number, "260302-2Z2ZA");
}

proptest! {
    #[test]
    fn whoever_provides_is_approved_and_offers_everything(
        places in prop::collection::vec((1140_u32..1160, any::<bool>(), any::<bool>()), 1..6),
        lng in prop::option::of(1140_u32..1160),
    ) {
        let providers: Vec<_> = (1_u128..).zip(places).map(|(number, (lng, approved, open))| Provider {
            approved,
            decided: BTreeMap::from([("EDU".to_owned(), open)]),
            ..provider(number, f64::from(lng) / 10.0)
        }).collect();
        let address = lng.map(|lng| point(f64::from(lng) / 10.0));
        match choose_provider(&items(&["EDU"]), address, id(2), &providers) {
            Ok(provided) => {
                let found = providers.iter().find(|one| one.id == provided.institution).expect("one of them");
                prop_assert!(found.approved && found.decided["EDU"]);
                if let Some(metres) = provided.distance_m {
                    let rivals = providers.iter().filter(|one| one.approved && one.decided["EDU"]);
                    for rival in rivals {
                        prop_assert!(metres <= distance_m(rival.place, address.expect("known")) + 1e-6);
                    }
                }
            }
            Err(_) => prop_assert!(!providers.iter().any(|one| one.approved && one.decided["EDU"])),
        }
    }
}
