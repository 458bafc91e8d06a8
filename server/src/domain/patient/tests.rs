use chrono::NaiveDate;
use entity::enums::{CarerRelation, ConsentBasis, IdKind, Sex};
use entity::ids::InstitutionId;
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::domain::catalogue::Catalogue;
use crate::domain::place::Point;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

const TODAY: &str = "2026-03-02";

#[rstest]
#[case("2008-03-02", "2026-03-01", 17)]
#[case("2008-03-02", "2026-03-02", 18)]
#[case("2008-02-29", "2026-02-28", 17)]
#[case("2008-02-29", "2026-03-01", 18)]
#[case("2008-02-29", "2028-02-29", 20)]
#[case("2026-03-02", "2026-03-02", 0)]
#[case("2026-03-03", "2026-03-02", 0)]
fn age_is_in_full_years(#[case] born: &str, #[case] on: &str, #[case] years: u16) {
    assert_eq!(age_on(day(born), day(on)), years);
}

#[rstest]
#[case(IdKind::ResidentId, Some("11010519491231002X"), "1949-12-31", Sex::Female, Ok(()))]
#[case(IdKind::ResidentId, Some("11010519491231002x"), "1949-12-31", Sex::Female, Ok(()))]
#[case(IdKind::ResidentId, Some("110105194912310021"), "1949-12-31", Sex::Female, Err(("id_number_checksum", "id_number")))]
#[case(IdKind::ResidentId, Some("11010519491231002X"), "1949-12-30", Sex::Female, Err(("id_birth_date_mismatch", "birth_date")))]
#[case(IdKind::ResidentId, Some("11010519491231002X"), "1949-12-31", Sex::Male, Err(("id_sex_mismatch", "sex")))]
#[case(IdKind::ResidentId, None, "1949-12-31", Sex::Female, Err(("field_missing", "id_number")))]
#[case(IdKind::ResidentId, Some(""), "1949-12-31", Sex::Female, Err(("id_number_length", "id_number")))]
#[case(IdKind::Passport, Some("E12345678"), "1949-12-31", Sex::Female, Ok(()))]
#[case(IdKind::Passport, None, "1949-12-31", Sex::Female, Err(("field_missing", "id_number")))]
#[case(IdKind::NewbornNone, None, "2026-02-28", Sex::Male, Ok(()))]
#[case(IdKind::NewbornNone, None, "2025-03-03", Sex::Male, Ok(()))]
#[case(IdKind::NewbornNone, None, "2025-03-02", Sex::Male, Err(("id_number_needed", "id_kind")))]
#[case(IdKind::NewbornNone, Some("E12345678"), "2026-02-28", Sex::Male, Err(("id_number_length", "id_number")))]
#[case(IdKind::Passport, Some("E12345678"), "2026-03-03", Sex::Female, Err(("date_impossible", "birth_date")))]
#[case(IdKind::Passport, Some("E12345678"), "1895-03-03", Sex::Female, Ok(()))]
#[case(IdKind::Passport, Some("E12345678"), "1895-03-02", Sex::Female, Err(("date_impossible", "birth_date")))]
fn papers_agree_with_themselves(
    #[case] kind: IdKind,
    #[case] number: Option<&str>,
    #[case] born: &str,
    #[case] sex: Sex,
    #[case] verdict: Result<(), (&str, &str)>,
) {
    let papers = Papers {
        kind,
        number,
        birth_date: day(born),
        sex,
    };
    let found = papers.check(day(TODAY));
    assert_eq!(
        found
            .as_ref()
            .map(|_| ())
            .map_err(|error| (error.code(), error.field().unwrap_or_default())),
        verdict
    );
    if let Ok(id) = found {
        assert_eq!(id.is_none(), kind == IdKind::NewbornNone);
    }
}

const MOTHER: &str = "11010519491231002X";

#[rstest]
#[case(IdKind::NewbornNone, None, None, None, Ok(false))]
#[case(IdKind::NewbornNone, None, Some(MOTHER), Some(1), Ok(true))]
#[case(
    IdKind::NewbornNone,
    None,
    Some("11010519491231002x"),
    Some(20),
    Ok(true)
)]
#[case(
    IdKind::NewbornNone,
    Some(IdKind::Passport),
    Some("E12345678"),
    Some(1),
    Ok(true)
)]
#[case(IdKind::NewbornNone, None, Some(MOTHER), None, Err(("field_missing", "birth_order")))]
#[case(IdKind::NewbornNone, None, None, Some(1), Err(("field_missing", "mother_id_number")))]
#[case(IdKind::NewbornNone, Some(IdKind::Passport), None, None, Err(("field_missing", "mother_id_number")))]
#[case(IdKind::NewbornNone, None, Some(MOTHER), Some(0), Err(("number_range", "birth_order")))]
#[case(IdKind::NewbornNone, None, Some(MOTHER), Some(21), Err(("number_range", "birth_order")))]
#[case(IdKind::NewbornNone, None, Some("110105194912310021"), Some(1), Err(("id_number_checksum", "mother_id_number")))]
#[case(IdKind::NewbornNone, None, Some("440524188001010014"), Some(1), Err(("id_sex_mismatch", "mother_id_number")))]
#[case(IdKind::NewbornNone, Some(IdKind::NewbornNone), Some(""), Some(1), Err(("id_number_length", "mother_id_number")))]
#[case(IdKind::ResidentId, None, Some(MOTHER), Some(1), Err(("field_not_here", "mother_id_number")))]
#[case(IdKind::Passport, None, None, None, Ok(false))]
fn a_newborn_is_known_by_mother_and_order(
    #[case] child: IdKind,
    #[case] kind: Option<IdKind>,
    #[case] number: Option<&str>,
    #[case] order: Option<i32>,
    #[case] verdict: Result<bool, (&str, &str)>,
) {
    let sent = MotherSent {
        kind,
        number,
        order,
    };
    let found = sent.check(child);
    let told = found.as_ref().map(Option::is_some);
    let told = told.map_err(|error| (error.code(), error.field().unwrap_or_default()));
    assert_eq!(told, verdict);
    if let Ok(Some(newborn)) = found {
        assert_eq!(Some(newborn.order), order);
        assert!(!newborn.mother.reveal().contains('x'), "one spelling");
    }
}

#[test]
fn a_date_problem_says_what_it_was_held_against() {
    let late = check_birth_date(day("2026-03-03"), day(TODAY)).expect_err("too late");
    assert_eq!(late.to_string(), "2026-03-03 > 2026-03-02");
    let early = check_birth_date(day("1850-01-01"), day(TODAY)).expect_err("too early");
    assert_eq!(early.to_string(), "1850-01-01 < 1895-03-03");
}

#[rstest]
// An adult.
#[case(70, CarerRelation::Oneself, ConsentBasis::Oneself, true, None)]
#[case(70, CarerRelation::Child, ConsentBasis::Verbal, true, None)]
#[case(70, CarerRelation::Child, ConsentBasis::Guardianship, true, None)]
#[case(70, CarerRelation::VillageDoctor, ConsentBasis::Written, true, None)]
#[case(
    70,
    CarerRelation::Child,
    ConsentBasis::Oneself,
    true,
    Some("consent_mismatch")
)]
#[case(
    70,
    CarerRelation::Oneself,
    ConsentBasis::Written,
    true,
    Some("consent_mismatch")
)]
#[case(
    70,
    CarerRelation::CallCentre,
    ConsentBasis::Guardianship,
    true,
    Some("consent_mismatch")
)]
// A minor.
#[case(17, CarerRelation::Parent, ConsentBasis::Guardianship, true, None)]
#[case(17, CarerRelation::Guardian, ConsentBasis::Guardianship, true, None)]
#[case(
    17,
    CarerRelation::Parent,
    ConsentBasis::Verbal,
    true,
    Some("consent_mismatch")
)]
#[case(
    17,
    CarerRelation::Relative,
    ConsentBasis::Guardianship,
    true,
    Some("guardian_required")
)]
#[case(
    17,
    CarerRelation::Oneself,
    ConsentBasis::Oneself,
    true,
    Some("guardian_required")
)]
#[case(17, CarerRelation::Relative, ConsentBasis::Verbal, false, None)]
fn carers_fit_their_patient(
    #[case] age: u16,
    #[case] relation: CarerRelation,
    #[case] consent: ConsentBasis,
    #[case] may_book: bool,
    #[case] code: Option<&str>,
) {
    let verdict = check_carer(age < ADULT_AGE, relation, consent, may_book);
    assert_eq!(verdict.err().map(PatientError::code), code);
}

#[rstest]
#[case("2008-03-02", false, false)]
#[case("2008-03-03", false, true)]
#[case("1949-12-31", false, false)]
#[case("1949-12-31", true, true)]
fn wards_are_minors_and_those_without_capacity(
    #[case] born: &str,
    #[case] lacks_capacity: bool,
    #[case] ward: bool,
) {
    assert_eq!(is_ward(day(born), lacks_capacity, day(TODAY)), ward);
}

#[test]
fn staff_book_for_a_ward_only_with_a_guardian_on_record() {
    let denied = Err(PatientError::GuardianRequired);
    assert_eq!(Standing::Staff.check_may_book(true, false), denied);
    assert_eq!(Standing::Staff.check_may_book(true, true), Ok(()));
    assert_eq!(Standing::Staff.check_may_book(false, false), Ok(()));
    let son = Standing::Carer {
        relation: CarerRelation::Child,
        may_book: true,
    };
    assert_eq!(son.check_may_book(true, true), denied);
    assert_eq!(son.check_may_book(false, false), Ok(()));
}

#[test]
fn who_may_act_for_whom() {
    let carer = |relation, may_book| Standing::Carer { relation, may_book };
    let son = carer(CarerRelation::Child, true);
    assert!(Standing::Staff.may_act(false) && Standing::Staff.may_act(true));
    assert!(son.may_act(false));
    // The birth date was corrected and the patient turned out to be a minor, or the capacity was lost.
    assert_eq!(son.check_may_act(true), Err(PatientError::GuardianRequired));
    assert!(carer(CarerRelation::Parent, true).may_act(true));
    assert_eq!(
        carer(CarerRelation::Parent, false).check_may_act(true),
        Err(PatientError::MayNotAct)
    );
    assert_eq!(
        Standing::Visitor.check_may_act(false),
        Err(PatientError::MayNotAct)
    );
}

#[rstest]
#[case(
    Registrar::Family,
    70,
    Some(CarerRelation::Child),
    Ok(Some(CarerRelation::Child))
)]
#[case(Registrar::Family, 70, None, Err("field_missing"))]
#[case(
    Registrar::StaffWithCarer,
    70,
    Some(CarerRelation::Spouse),
    Ok(Some(CarerRelation::Spouse))
)]
#[case(
    Registrar::StaffWithCarer,
    9,
    Some(CarerRelation::Spouse),
    Err("guardian_required")
)]
#[case(Registrar::Staff, 70, None, Ok(None))]
#[case(
    Registrar::Staff,
    9,
    Some(CarerRelation::Parent),
    Err("guardian_required")
)]
fn who_may_register_whom(
    #[case] registrar: Registrar,
    #[case] age: u16,
    #[case] relation: Option<CarerRelation>,
    #[case] verdict: Result<Option<CarerRelation>, &str>,
) {
    let found = check_registration(registrar, age < ADULT_AGE, relation, ConsentBasis::Verbal);
    assert_eq!(found.map_err(PatientError::code), verdict);
}

#[test]
fn the_responsible_institution_is_the_one_asked_for_or_the_lead_hospital() {
    let id = |n| InstitutionId(Uuid::from_u128(n));
    let one = |n, lead| Responsible { id: id(n), lead };
    let active = [one(1, true), one(2, false), one(3, false)];
    let everywhere = BTreeSet::new();
    assert_eq!(choose_institution(None, &active, &everywhere), Some(id(1)));
    assert_eq!(
        choose_institution(Some(id(3)), &active, &everywhere),
        Some(id(3))
    );
    assert_eq!(choose_institution(Some(id(9)), &active, &everywhere), None);
    let centre = BTreeSet::from([id(2)]);
    assert_eq!(choose_institution(None, &active, &centre), Some(id(2)));
    assert_eq!(choose_institution(Some(id(1)), &active, &centre), None);
    let two = BTreeSet::from([id(2), id(3)]);
    assert_eq!(choose_institution(None, &active, &two), None);
    assert_eq!(choose_institution(None, &[], &everywhere), None);
}

#[rstest]
#[case(None, 200, None)]
#[case(Some("130431100"), 50, None)]
#[case(Some("130431100201"), 2_000, None)]
#[case(Some("13043110"), 200, Some("township_code"))]
#[case(Some("13043110a"), 200, Some("township_code"))]
#[case(Some("１３０"), 200, Some("township_code"))]
#[case(None, 49, Some("fence_radius_m"))]
#[case(None, 2_001, Some("fence_radius_m"))]
fn what_an_address_says_is_checked(
    #[case] code: Option<&str>,
    #[case] fence: u32,
    #[case] field: Option<&str>,
) {
    let verdict = check_address(code, fence);
    assert_eq!(verdict.err().and_then(PatientError::field), field);
}

#[test]
fn a_far_place_has_to_be_confirmed() {
    let centre = Point::new(114.88, 36.92).expect("a point");
    let beijing = Point::new(116.40, 39.91).expect("a point");
    assert_eq!(check_far(centre, centre, 100_000.0, true), Ok(false));
    let refused = check_far(beijing, centre, 100_000.0, false).expect_err("too far");
    assert_eq!(refused.code(), "coordinates_too_far");
    assert_eq!(check_far(beijing, centre, 100_000.0, true), Ok(true));
    // In the far west both readings are in range; no confirmation makes an exchanged pair right.
    let kashgar = Point::new(75.99, 39.47).expect("a point");
    let exchanged = Point::new(39.47, 75.99).expect("a point");
    let refused = check_far(exchanged, kashgar, 100_000.0, true).expect_err("exchanged");
    assert_eq!(refused.code(), "coordinates_swapped");
}

#[test]
fn the_last_carer_who_may_book_stays() {
    assert!(!may_end(true, 0));
    assert!(may_end(true, 1) && may_end(false, 0));
    assert_eq!(check_room(19, 20), Ok(()));
    assert_eq!(check_room(20, 20), Err(PatientError::TooMany { limit: 20 }));
    assert_eq!(Registrar::of(false, true), Err(PatientError::CarerNamed));
}

fn allergy(substance: &str) -> Allergy {
    Allergy {
        substance: substance.to_owned(),
        reaction: None,
        severity: Some(AllergySeverity::Severe),
    }
}

fn condition(code: &str, since: Option<&str>) -> Condition {
    Condition {
        code: code.to_owned(),
        note: None,
        since: since.map(day),
    }
}

#[test]
fn every_mistake_of_a_record_is_named() {
    let catalogue = Catalogue::parse(include_str!("../../../data/catalogue.json")).expect("seed");
    let record = HealthRecord {
        allergies: vec![allergy("Penicillin"), allergy("penicillin")],
        diagnoses: vec![Diagnosis {
            code: None,
            text: "脑梗死".to_owned(),
            since: Some(day("1930-01-01")),
        }],
        conditions: vec![
            condition("bph", Some("2026-03-03")),
            condition("old_code", None),
            condition("nonsense", None),
        ],
    };
    let on_record = BTreeSet::from(["old_code".to_owned()]);
    let found = record.check(&catalogue, &on_record, day("1949-12-31"), day(TODAY));
    let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "allergies[1]",
            "conditions[2].code",
            "diagnoses[0].since",
            "conditions[0].since"
        ]
    );
    let many = HealthRecord {
        allergies: (0..=MAX_FACTS).map(|n| allergy(&n.to_string())).collect(),
        ..HealthRecord::default()
    };
    assert_eq!(
        many.check(&catalogue, &BTreeSet::new(), day("1949-12-31"), day(TODAY)),
        [("allergies".to_owned(), FactProblem::TooMany)]
    );
}

#[test]
fn only_what_differs_changes() {
    let [a, b, c] = ["a", "b", "c"].map(|code| Fact::Condition(condition(code, None)));
    let change = changes(
        vec![(1, a.clone()), (2, b.clone())],
        vec![b.clone(), c.clone()],
    );
    assert_eq!(
        change,
        Change {
            ended: vec![1],
            added: vec![c]
        }
    );
    let same = changes(vec![(1, a.clone())], vec![a]);
    assert!(same.ended.is_empty() && same.added.is_empty());
}

#[test]
fn what_staff_recorded_only_staff_end() {
    let [a, b] = ["a", "b"].map(|code| Fact::Condition(condition(code, None)));
    let change = changes(vec![(1, a), (2, b)], Vec::new());
    let of_staff = BTreeSet::from([2, 3]);
    let carer = Standing::Carer {
        relation: CarerRelation::Child,
        may_book: true,
    };
    assert_eq!(
        lost_of_staff(carer, &change, &of_staff),
        BTreeSet::from([2])
    );
    assert!(lost_of_staff(Standing::Staff, &change, &of_staff).is_empty());
    assert!(lost_of_staff(carer, &change, &BTreeSet::from([3])).is_empty());
}

proptest! {
    #[test]
    fn a_fact_comes_back_from_its_json(substance in "\\PC{1,40}", reaction in proptest::option::of("\\PC{0,40}")) {
        let fact = Fact::Allergy(Allergy { substance, reaction, severity: None });
        let text = fact.to_json().expect("JSON");
        prop_assert_eq!(Fact::from_json(fact.kind(), &text).expect("a fact"), fact);
    }
}

#[test]
fn a_birth_date_on_record_speaks_against_a_word() {
    let born = |text| Some(day(text));
    let today = day("2026-03-02");
    assert!(of_age(true, None, today));
    assert!(!of_age(false, None, today));
    assert!(of_age(true, born("2008-03-02"), today));
    assert!(!of_age(true, born("2008-03-03"), today));
    assert!(!of_age(false, born("1980-01-01"), today));
}
