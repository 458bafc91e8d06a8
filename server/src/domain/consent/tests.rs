use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::domain::{rulefile, seed};

fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_500_000, 0).expect("a moment")
}

fn visit(number: u128) -> VisitId {
    VisitId(Uuid::from_u128(number))
}

fn given(text: &str, for_visit: Option<VisitId>) -> Given {
    Given {
        visit: for_visit,
        text: text.to_owned(),
        version: 1,
        signed_at: moment(),
        withdrawn_at: None,
    }
}

fn items(codes: &[&str]) -> Vec<&'static Item> {
    let find = |code: &&str| seed::catalogue().item(code).expect("an item");
    codes.iter().map(find).collect()
}

fn missing(codes: &[&str], given: &[Given]) -> Vec<String> {
    let missing = missing_for_visit(seed::consents(), &items(codes), visit(1), given, moment());
    missing.iter().map(|one| one.text.to_string()).collect()
}

#[test]
fn every_item_needs_its_own_text_once() {
    assert_eq!(
        missing(&["UC_CHG", "UC_CARE", "EDU"], &[]),
        ["care_catheter", "care"]
    );
    let catheter = given("care_catheter", Some(visit(1)));
    assert_eq!(missing(&["UC_CHG", "EDU"], &[catheter]), ["care"]);
}

#[test]
fn what_does_not_count() {
    let good = given("care_catheter", Some(visit(1)));
    assert_eq!(missing(&["UC_CHG"], std::slice::from_ref(&good)), [""; 0]);
    let other_visit = given("care_catheter", Some(visit(2)));
    let of_the_patient = given("care_catheter", None);
    let superseded = Given {
        version: 2,
        ..good.clone()
    };
    let withdrawn = Given {
        withdrawn_at: Some(moment()),
        ..good.clone()
    };
    let not_yet = Given {
        signed_at: moment() + TimeDelta::seconds(1),
        ..good.clone()
    };
    for bad in [other_visit, of_the_patient, superseded, withdrawn, not_yet] {
        assert_eq!(
            missing(&["UC_CHG"], std::slice::from_ref(&bad)),
            ["care_catheter"],
            "{bad:?}"
        );
    }
    // Withdrawn after the procedure began: it did count then.
    let later = Given {
        withdrawn_at: Some(moment() + TimeDelta::seconds(1)),
        ..good
    };
    assert_eq!(missing(&["UC_CHG"], &[later]), [""; 0]);
}

#[test]
fn health_data_and_location_are_asked_apart() {
    let codes = |given: &[Given]| -> Vec<String> {
        let missing = missing_for_booking(seed::consents(), given, moment());
        missing.iter().map(|one| one.text.to_string()).collect()
    };
    assert_eq!(codes(&[]), ["health_data", "location"]);
    assert_eq!(codes(&[given("health_data", None)]), ["location"]);
    assert_eq!(
        codes(&[given("health_data", None), given("location", None)]),
        [""; 0]
    );
}

#[test]
fn a_booked_visit_asks_for_the_newest_consent_whatever_its_version() {
    let codes = |given: &[Given], at| -> Vec<String> {
        let missing = missing_for_booked(seed::consents(), given, at);
        missing.iter().map(|one| one.text.to_string()).collect()
    };
    let (now, later) = (moment(), moment() + TimeDelta::hours(1));
    let health = given("health_data", None);
    let both = [health.clone(), given("location", None)];
    assert_eq!(codes(&[], now), ["health_data", "location"]);
    assert_eq!(codes(&both, now), [""; 0]);
    // For a visit is not for the patient, and not yet is not yet.
    assert_eq!(
        codes(&[given("health_data", Some(visit(1)))], now),
        ["health_data", "location"]
    );
    assert_eq!(
        codes(&both, now - TimeDelta::seconds(1)),
        ["health_data", "location"]
    );
    let older = |version| Given {
        version,
        ..health.clone()
    };
    let taken_back = |one: Given, at| Given {
        withdrawn_at: Some(at),
        ..one
    };
    let signed = |one: Given, signed_at| Given { signed_at, ..one };
    let location = given("location", None);
    for (given, missing) in [
        (vec![older(7)], false),
        (vec![taken_back(older(1), later)], true),
        (
            vec![taken_back(older(1), later + TimeDelta::seconds(1))],
            false,
        ),
        // The newer version is taken back: the older one is not what they want any more.
        (
            vec![older(1), taken_back(signed(older(2), later), later)],
            true,
        ),
        (
            vec![taken_back(older(1), later), signed(older(2), later)],
            false,
        ),
        // Taken back and given again.
        (
            vec![taken_back(older(1), later), signed(older(1), later)],
            false,
        ),
    ] {
        let all = [given.clone(), vec![location.clone()]].concat();
        let expected: &[&str] = if missing { &["health_data"] } else { &[] };
        assert_eq!(codes(&all, later), expected, "{given:?}");
    }
}

#[test]
fn who_may_sign() {
    use CarerRelation::{Child, Guardian, Oneself, Parent};
    let adult = Ward {
        age_years: 80,
        has_guardian: false,
        lacks_capacity: false,
    };
    let without_capacity = Ward {
        has_guardian: true,
        ..adult
    };
    let nobody_on_record = Ward {
        lacks_capacity: true,
        ..adult
    };
    let minor = Ward {
        age_years: 17,
        ..without_capacity
    };
    let carer = |relation, guardian| Signer {
        relation,
        of_age: true,
        authorised: true,
        guardian,
    };
    let stranger = Signer {
        authorised: false,
        ..carer(Child, false)
    };
    let child = Signer {
        of_age: false,
        ..carer(Child, false)
    };
    let not_allowed = Err(SignerRefused::NotAllowed);
    for (patient, signer, outcome) in [
        (adult, Signer::ONESELF, Ok(())),
        (
            Ward {
                age_years: 18,
                ..adult
            },
            Signer::ONESELF,
            Ok(()),
        ),
        (adult, carer(Child, false), Ok(())),
        (adult, stranger, not_allowed),
        (adult, child, Err(SignerRefused::Minor)),
        (minor, Signer::ONESELF, Err(SignerRefused::Minor)),
        (minor, carer(Parent, true), Ok(())),
        (minor, carer(Parent, false), not_allowed),
        (without_capacity, Signer::ONESELF, not_allowed),
        (without_capacity, carer(Oneself, true), not_allowed),
        (without_capacity, carer(Child, false), not_allowed),
        (without_capacity, carer(Guardian, true), Ok(())),
        (nobody_on_record, Signer::ONESELF, not_allowed),
        (nobody_on_record, carer(Child, false), not_allowed),
        (nobody_on_record, carer(Guardian, true), Ok(())),
    ] {
        assert_eq!(
            check_signer(patient, signer),
            outcome,
            "{patient:?} {signer:?}"
        );
    }
}

#[test]
fn mistakes_in_the_file_are_found() {
    let check = |change: fn(&mut ConsentTexts)| {
        let mut file = seed::consents().clone();
        change(&mut file);
        rulefile::validate(&file).is_err()
    };
    assert!(check(|file| file
        .texts
        .retain(|text| text.purpose != ConsentPurpose::Location)));
    assert!(check(|file| file.texts.retain(|text| !text.is_general())));
    assert!(check(
        |file| file.texts[0].items = vec!["UC_CHG".parse().expect("a code")]
    ));
    assert!(check(|file| file.texts[0].paragraphs.clear()));
    assert!(check(
        |file| file.texts[3].groups = file.texts[4].groups.clone()
    ));
    assert!(!check(|file| file.texts[0].version = 2));
}
