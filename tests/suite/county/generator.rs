//! The generator alone: no server, no database.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use entity::enums::{CarerRelation, IdKind, NurseTitle, Sex};
use jiahu::county::{self, County, Fact, people};
use jiahu::domain::calendar::day_start;
use jiahu::domain::eligibility::{DutyWindow, NurseFacts, OrderFacts, Rules, Stage, judge};
use jiahu::domain::identity::{IdNumber, check_consistent};
use jiahu::domain::name::PersonName;
use jiahu::domain::phone::Phone;
use jiahu::domain::place::{distance_m, to_wgs84};
use jiahu::domain::seed;
use jiahu::domain::span::Span;
use rstest::rstest;

use super::today;

fn county() -> County {
    county::generate(1, 1.0, today())
}

#[test]
fn the_same_seed_makes_the_same_county() {
    assert_eq!(county(), county());
    assert_eq!(county::neighbour(1, today()), county::neighbour(1, today()));
    let other = county::generate(2, 1.0, today());
    assert_ne!(other.villages, county().villages);
    assert_ne!(other.nurses, county().nurses);
    assert_ne!(other.patients, county().patients);
}

#[test]
fn more_people_do_not_move_the_villages() {
    let larger = county::generate(1, 3.0, today());
    assert_eq!(larger.villages, county().villages);
    assert_eq!((larger.nurses.len(), larger.patients.len()), (570, 807));
}

#[test]
fn scale_one_is_the_size_the_hospital_reports() {
    let county = county();
    assert_eq!(county.code, "130431");
    let codes: Vec<_> = county.institutions.iter().map(|one| one.code).collect();
    let centres = [
        "130431100",
        "130431101",
        "130431102",
        "130431103",
        "130431104",
        "130431105",
        "130431202",
    ];
    assert_eq!((codes[0], &codes[1..]), ("130431000", &centres[..]));
    assert_eq!(county.villages.len(), 360);
    assert_eq!(county.nurses.len(), 190);
    assert_eq!(county.patients.len(), 269);
    let at_hospital = county
        .nurses
        .iter()
        .filter(|nurse| nurse.institution == 0)
        .count();
    assert!((110..160).contains(&at_hospital), "{at_hospital}");
    let small = county::neighbour(1, today());
    assert_eq!((small.nurses.len(), small.patients.len()), (10, 13));
}

#[rstest]
#[case(1, 1.0)]
#[case(0, 0.01)]
#[case(u64::MAX, 0.3)]
#[case(42, 10.0)]
fn every_number_is_valid_and_belongs_to_nobody(#[case] seed: u64, #[case] scale: f64) {
    // First two digits of all regions that were ever given out (GB/T 2260).
    const PROVINCES: [&str; 32] = [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
        "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64",
        "65", "71",
    ];
    const PERMITS: [&str; 3] = ["810000", "820000", "830000"];
    let county = county::generate(seed, scale, today());
    let mut seen = BTreeSet::new();
    for patient in &county.patients {
        let Some(number) = &patient.id_number else {
            assert_eq!(patient.id_kind, IdKind::NewbornNone);
            continue;
        };
        let again = IdNumber::parse(patient.id_kind, number.reveal()).expect("valid");
        check_consistent(&again, patient.birth_date, patient.sex).expect("tells the same");
        let region = &number.reveal()[..6];
        assert!(
            !PERMITS.contains(&region) && !PROVINCES.contains(&&region[..2]),
            "{region}"
        );
        assert!(patient.birth_date <= county.today);
        assert!(
            seen.insert(number.reveal().to_owned()),
            "{number} stands twice"
        );
    }
}

/// Every phone of an account, and of patients that have no account.
fn phones(county: &County) -> Vec<&Phone> {
    let desk = county.desk.iter().map(|one| &one.phone);
    let nurses = county.nurses.iter().map(|one| &one.phone);
    let families = county.families.iter().map(|one| &one.phone);
    let patients = county.patients.iter().filter_map(|patient| {
        let oneself = |carer: &county::Carer| carer.relation == CarerRelation::Oneself;
        patient
            .phone
            .as_ref()
            .filter(|_| !patient.carers.iter().any(oneself))
    });
    desk.chain(nurses).chain(families).chain(patients).collect()
}

#[test]
fn no_phone_stands_twice_and_none_is_given_to_anybody() {
    let (county, neighbour) = (
        county::generate(1, 10.0, today()),
        county::neighbour(1, today()),
    );
    let mut seen = BTreeSet::new();
    for phone in phones(&county).into_iter().chain(phones(&neighbour)) {
        assert!(
            phone.reveal().starts_with(people::PHONE_NETWORK) && phone.is_mobile(),
            "{phone}"
        );
        assert!(seen.insert(phone.reveal()), "{phone} stands twice");
    }
    for institution in &county.institutions {
        assert!(
            institution.phone.reveal().starts_with("03100"),
            "no local number begins with 0"
        );
    }
}

#[rstest]
#[case(1, 1.0)]
#[case(9, 5.0)]
fn every_place_is_in_the_county_or_unknown(#[case] seed: u64, #[case] scale: f64) {
    let county = county::generate(seed, scale, today());
    let (land, villages) = (county.land, &county.villages);
    assert!(villages.iter().all(|village| land.contains(village.place)));
    assert!(
        county
            .institutions
            .iter()
            .all(|one| land.contains(one.place))
    );
    let mut unknown = 0;
    for address in county
        .patients
        .iter()
        .flat_map(|patient| &patient.addresses)
    {
        let Some(place) = address.place else {
            unknown += 1;
            continue;
        };
        assert!(land.contains(place.point), "{:?}", place.point);
        let again = to_wgs84(place.crs, place.src_lng, place.src_lat).expect("a place");
        assert!(distance_m(again, place.point) < 0.01);
        let nearest = villages
            .iter()
            .map(|village| distance_m(village.place, place.point));
        let near_town = distance_m(land.centre(), place.point) < 1_510.0;
        assert!(
            near_town || nearest.fold(f64::MAX, f64::min) < 260.0,
            "{}",
            address.text
        );
    }
    let all: usize = county
        .patients
        .iter()
        .map(|patient| patient.addresses.len())
        .sum();
    assert!(unknown > 0 && unknown * 10 < all, "{unknown} of {all}");
}

#[test]
fn villages_lie_around_their_township_and_apart_from_each_other() {
    let county = county();
    let names: BTreeSet<_> = county
        .villages
        .iter()
        .map(|village| &village.name)
        .collect();
    assert_eq!(names.len(), 360);
    let mut of_centre = BTreeMap::<usize, u32>::new();
    for (index, village) in county.villages.iter().enumerate() {
        let own = distance_m(
            village.place,
            county.institutions[village.institution].place,
        );
        let others = county.institutions[1..]
            .iter()
            .map(|one| distance_m(village.place, one.place));
        assert!(
            own < 9_000.0 && others.fold(f64::MAX, f64::min) >= own,
            "{}",
            village.name
        );
        *of_centre.entry(village.institution).or_default() += 1;
        let apart = |other: &county::Village| distance_m(other.place, village.place) > 300.0;
        assert!(
            county.villages[..index].iter().all(apart),
            "{}",
            village.name
        );
    }
    assert_eq!(of_centre.len(), 7);
    assert!(of_centre.values().all(|count| *count > 20), "{of_centre:?}");
}

#[test]
fn names_hold_what_breaks_careless_systems() {
    let county = county();
    let desk = county.desk.iter().map(|one| &one.name);
    let nurses = county.nurses.iter().map(|one| &one.name);
    let patients = county.patients.iter().map(|one| &one.name);
    let names: Vec<&PersonName> = desk.chain(nurses).chain(patients).collect();
    assert!(
        names
            .iter()
            .filter(|name| name.reveal().contains('·'))
            .count()
            > 2
    );
    assert!(
        names
            .iter()
            .filter(|name| name.reveal().chars().any(|c| c.len_utf8() == 4))
            .count()
            > 2
    );
    let distinct: BTreeSet<_> = names.iter().map(|name| name.reveal()).collect();
    assert!(
        distinct.len() * 10 > names.len() * 8,
        "{} of {}",
        distinct.len(),
        names.len()
    );
}

#[test]
fn the_roster_has_the_flaws_of_a_real_one() {
    let county = county();
    let count = |test: &dyn Fn(&county::Nurse) -> bool| {
        county.nurses.iter().filter(|nurse| test(nurse)).count()
    };
    let young = |nurse: &county::Nurse| {
        today()
            .years_since(nurse.practice_since)
            .is_none_or(|years| years < 5)
    };
    assert!((20..80).contains(&count(&|nurse| nurse.title == NurseTitle::Nurse)));
    assert!((10..70).contains(&count(&young)));
    assert!((1..20).contains(&count(&|nurse| nurse.sex == Sex::Male)));
    assert!((1..15).contains(&count(&|nurse| !nurse.active)));
    assert!((1..15).contains(&count(&|nurse| nurse.base.is_none())));
    let lapsed = |nurse: &county::Nurse| {
        nurse
            .liability_insurance
            .as_ref()
            .is_none_or(|(_, to)| *to < today())
    };
    assert!((2..25).contains(&count(&lapsed)));
    assert!((90..170).contains(&count(&|nurse| nurse.is_ready(today()))));
    let held: Vec<_> = county
        .nurses
        .iter()
        .flat_map(|nurse| &nurse.certificates)
        .collect();
    assert!(held.iter().any(|one| one.valid_to < today()));
    assert!(held.iter().any(|one| !one.verified));
    assert!(held.iter().any(|one| one.revoked));
    assert!(
        held.iter()
            .all(|one| one.valid_from <= one.valid_to && one.valid_from <= today())
    );
    for nurse in &county.nurses {
        assert!((5_000..=30_000).contains(&nurse.radius_m) && (1..=8).contains(&nurse.daily_cap));
        assert!(nurse.licence_from < nurse.licence_to && nurse.practice_since < today());
        assert!(
            nurse
                .duty
                .iter()
                .all(|duty| duty.start_min < duty.end_min && duty.end_min <= 1_440)
        );
    }
}

/// A nurse before an order this morning that asks for no certificate.
fn facts(nurse: &county::Nurse) -> (NurseFacts, OrderFacts) {
    let starts_at = day_start(today()) + TimeDelta::hours(10);
    let day = |policy: &Option<county::Policy>| policy.as_ref().map(|(_, to)| *to);
    let whole_day = DutyWindow {
        weekday: Weekday::Mon,
        from_min: 0,
        to_min: 1_440,
    };
    let facts = NurseFacts {
        active: nurse.active,
        closed_items: Vec::new(),
        sex: nurse.sex,
        title: nurse.title,
        licence_from: nurse.licence_from,
        licence_to: nurse.licence_to,
        practice_since: nurse.practice_since,
        training_passed_on: nurse.training_passed_on,
        health_cert_to: nurse.health_cert_to,
        accident_insurance_to: day(&nurse.accident_insurance),
        liability_insurance_to: day(&nurse.liability_insurance),
        certificates: Vec::new(),
        refused_pair: false,
        service_radius_m: nurse.radius_m,
        daily_cap: nurse.daily_cap,
        has_base: nurse.base.is_some(),
        distance_m: Some(0.0),
        taken: Span::new(starts_at, starts_at + TimeDelta::hours(1)),
        duty: vec![whole_day],
        absences: Vec::new(),
        busy: Vec::new(),
        visits_that_day: 0,
    };
    let order = OrderFacts {
        starts_at,
        duration_min: 30,
        certificates: Vec::new(),
        patient_sex: Sex::Female,
        requires_same_sex: false,
    };
    (facts, order)
}

#[test]
fn ready_nurses_are_those_whom_matching_takes() {
    for nurse in &county::generate(1, 5.0, today()).nurses {
        let (facts, order) = facts(nurse);
        let reasons = judge(&facts, &order, &Rules::default(), Stage::Match);
        assert_eq!(
            nurse.is_ready(today()),
            reasons.is_empty(),
            "{} {reasons:?}",
            nurse.staff_no
        );
    }
}

#[test]
fn every_kind_of_certificate_can_be_found() {
    let county = county();
    for kind in &seed::catalogue().certificate_kinds {
        let holds = |nurse: &&county::Nurse| {
            let good =
                |one: &county::Certificate| one.verified && !one.revoked && one.valid_to >= today();
            nurse
                .certificates
                .iter()
                .any(|one| one.kind == kind.code.as_str() && good(one))
        };
        let ready = county
            .nurses
            .iter()
            .filter(|nurse| nurse.is_ready(today()))
            .filter(holds)
            .count();
        assert!(ready > 0, "nobody may do what needs {}", kind.code.as_str());
    }
    let kinds: BTreeSet<_> = seed::catalogue()
        .certificate_kinds
        .iter()
        .map(|kind| kind.code.as_str())
        .collect();
    assert!(
        county
            .nurses
            .iter()
            .flat_map(|nurse| &nurse.certificates)
            .all(|one| kinds.contains(one.kind))
    );
}

#[test]
fn patients_need_what_is_really_ordered() {
    let county = county();
    let catalogue = seed::catalogue();
    let conditions: BTreeSet<_> = catalogue
        .conditions
        .iter()
        .map(|condition| condition.code.as_str())
        .collect();
    let mut first = BTreeMap::<&str, u32>::new();
    for patient in &county.patients {
        *first.entry(patient.usual_items[0]).or_default() += 1;
        for code in patient.usual_items {
            assert!(
                catalogue.item(code).expect("in the catalogue").open,
                "{code}"
            );
        }
        for fact in &patient.facts {
            if let Fact::Condition(code) = fact {
                assert!(conditions.contains(code), "{code}");
            }
        }
    }
    let wounds = first["PI_12"] + first["PI_34"];
    assert!(wounds > 80 && first["PICC"] > 40, "{first:?}");
    assert!(first.len() > 10, "{first:?}");
}

#[test]
fn somebody_may_book_for_every_patient_and_some_book_for_many() {
    let county = county();
    let mut cares = BTreeMap::<usize, u32>::new();
    for patient in &county.patients {
        assert!(patient.carers[0].may_book);
        let accounts: BTreeSet<_> = patient.carers.iter().map(|carer| carer.family).collect();
        assert_eq!(
            accounts.len(),
            patient.carers.len(),
            "nobody cares twice for one patient"
        );
        for carer in &patient.carers {
            assert!(carer.family < county.families.len());
            *cares.entry(carer.family).or_default() += 1;
        }
        let minor = today()
            .years_since(patient.birth_date)
            .is_none_or(|years| years < 18);
        let parent = patient.carers[0].relation == CarerRelation::Parent;
        assert_eq!(minor, parent, "a parent acts for a minor");
        assert!(!patient.addresses.is_empty());
    }
    assert!(cares.values().any(|patients| *patients >= 4));
    assert!(cares.values().filter(|patients| **patients == 1).count() > 100);
}

/// Nurses who are ready, on duty for an hour from a local hour on, and not away.
fn on_duty(county: &County, day: NaiveDate, hour: u32) -> usize {
    let weekday = day.weekday().number_from_monday();
    let (from, to) = (hour * 60, hour * 60 + 60);
    let at = day_start(day) + TimeDelta::hours(i64::from(hour));
    let covers = |duty: &county::Duty| {
        duty.weekday == weekday && duty.start_min <= from && to <= duty.end_min
    };
    let holds = |absence: &county::Absence| {
        let begin = day_start(absence.day) + TimeDelta::hours(i64::from(absence.hour));
        begin <= at && at < begin + TimeDelta::hours(i64::from(absence.hours))
    };
    let nurses = county.nurses.iter().filter(|nurse| nurse.is_ready(day));
    let nurses = nurses.filter(|nurse| nurse.duty.iter().any(covers));
    nurses
        .filter(|nurse| !nurse.absences.iter().any(holds))
        .count()
}

#[test]
fn working_hours_are_covered_and_nights_are_not() {
    let county = county();
    let ready = |day| {
        county
            .nurses
            .iter()
            .filter(|nurse| nurse.is_ready(day))
            .count()
    };
    for day in today().iter_days().take(14) {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let least = ready(day) * if weekend { 25 } else { 55 } / 100;
        for hour in 9..17 {
            let found = on_duty(&county, day, hour);
            assert!(found >= least, "{day} {hour}:00: {found} of {}", ready(day));
        }
        assert!(
            on_duty(&county, day, 19) * 4 < on_duty(&county, day, 11) * 3,
            "{day}: few in the evening"
        );
        for hour in [22, 23, 0, 5] {
            assert_eq!(on_duty(&county, day, hour), 0, "{day} {hour}:00");
        }
    }
}
