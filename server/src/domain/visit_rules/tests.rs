use super::*;
use crate::domain::catalogue::Severity;
use crate::domain::{rulefile, seed};

/// A moment of 3 March 2026 in Shanghai.
fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2026, 3, 3).expect("a date");
    let local = day.and_hms_opt(hour, minute, 0).expect("a time");
    local.and_utc() - TimeDelta::hours(8)
}

fn items(codes: &[&str]) -> Vec<&'static Item> {
    let find = |code: &&str| seed::catalogue().item(code).expect("an item");
    codes.iter().map(find).collect()
}

fn judged(rules: &VisitRules, codes: &[&str], change: impl FnOnce(&mut Case<'_>)) -> Gates {
    let (items, conditions) = (items(codes), BTreeSet::new());
    let mut case = Case {
        items: &items,
        conditions: &conditions,
        wants_same_sex: false,
        span: planned(at(10, 0), 40),
        area: Some("130431101"),
    };
    change(&mut case);
    rules.judge(&case)
}

fn table(when: When, require: Requirement) -> VisitRules {
    let rule = VisitRule {
        code: Key::new("rule").expect("a key"),
        name: Bilingual::new("规则", "rule"),
        when,
        require,
    };
    VisitRules {
        rules: vec![rule],
        ..seed::visit_rules().clone()
    }
}

#[test]
fn the_seed_sends_two_for_high_risk_and_night() {
    let seed = seed::visit_rules();
    let day = judged(seed, &["UC_CHG"], |_| {});
    assert_eq!(
        (day.persons, day.family_present, day.requires_same_sex()),
        (1, true, false)
    );
    assert_eq!(judged(seed, &["EDU", "DR_C"], |_| {}).persons, 2);
    assert_eq!(
        judged(seed, &["EDU"], |case| case.span = planned(at(22, 30), 30)).persons,
        2
    );
    assert!(judged(seed, &["EDU"], |case| case.wants_same_sex = true).requires_same_sex());
}

#[test]
fn a_condition_on_record_sends_two() {
    let when = When {
        patient_conditions: vec![Key::new("dvt").expect("a key")],
        ..When::default()
    };
    let rules = table(when, Requirement::TwoPersons);
    let on_record = BTreeSet::from(["dvt".to_owned()]);
    let items = items(&["EDU"]);
    let case = Case {
        items: &items,
        conditions: &on_record,
        wants_same_sex: false,
        span: planned(at(10, 0), 30),
        area: None,
    };
    let gates = rules.judge(&case);
    assert_eq!(gates.persons, 2);
    assert_eq!(gates.reasons[0].rule.as_str(), "rule");
    let without = judged(&rules, &["EDU"], |_| {});
    assert!(gates.asks_more_than(&without) && !without.asks_more_than(&gates));
}

#[test]
fn no_rule_of_the_seed_waits_for_what_refuses_every_item() {
    let general = &seed::catalogue().general.contraindications;
    let refused = |code: &Key| {
        general
            .iter()
            .any(|one| one.condition == *code && one.severity == Severity::Hard)
    };
    for rule in &seed::visit_rules().rules {
        let conditions = &rule.when.patient_conditions;
        let dead = !conditions.is_empty() && conditions.iter().all(refused);
        assert!(!dead, "{} can never fit", rule.code.as_str());
    }
}

#[test]
fn more_is_asked_by_any_of_the_three() {
    let less = Gates::default();
    for more in [
        Gates {
            persons: 2,
            ..Gates::default()
        },
        Gates {
            family_present: true,
            ..Gates::default()
        },
        Gates {
            same_sex: true,
            ..Gates::default()
        },
    ] {
        assert!(more.asks_more_than(&less), "{more:?}");
        assert!(!less.asks_more_than(&more), "{more:?}");
        assert!(!more.asks_more_than(&more), "{more:?}");
    }
}

#[test]
fn the_catalogue_alone_sends_two() {
    let none = VisitRules {
        rules: Vec::new(),
        ..seed::visit_rules().clone()
    };
    assert_eq!(judged(&none, &["DR_C"], |_| {}).persons, 2);
    assert_eq!(
        judged(&none, &["DR_S"], |_| {}),
        Gates {
            rules_version: 1,
            ..Gates::default()
        }
    );
}

#[test]
fn everything_that_is_set_has_to_hold_for_the_same_item() {
    let when = When {
        min_risk: Some(2),
        item_flags: vec![ItemFlag::Intimate],
        areas: vec!["13043110".to_owned()],
        ..When::default()
    };
    let rules = table(when, Requirement::SameSex);
    assert!(judged(&rules, &["UC_CHG"], |_| {}).same_sex);
    // PICC has the risk, UC_CARE is intimate: neither is both.
    assert!(!judged(&rules, &["PICC", "UC_CARE"], |_| {}).same_sex);
    assert!(!judged(&rules, &["UC_CHG"], |case| case.area = Some("130432101")).same_sex);
    assert!(!judged(&rules, &["UC_CHG"], |case| case.area = None).same_sex);
}

#[test]
fn hours_go_over_midnight_and_hold_their_start_not_their_end() {
    let hours = Some(Hours {
        from_min: 20 * 60,
        to_min: 6 * 60,
    });
    let rules = table(
        When {
            hours,
            ..When::default()
        },
        Requirement::TwoPersons,
    );
    let persons = |start, minutes| {
        judged(&rules, &["EDU"], |case| case.span = planned(start, minutes)).persons
    };
    for (start, minutes, expected) in [
        (at(19, 0), 60, 1),
        (at(19, 0), 61, 2),
        (at(20, 0), 1, 2),
        (at(5, 59), 30, 2),
        (at(6, 0), 30, 1),
        (at(12, 0), 1440, 2),
    ] {
        assert_eq!(persons(start, minutes), expected, "{start} {minutes}");
    }
}

#[test]
fn nobody_of_the_other_sex_goes_alone() {
    let when = When {
        item_flags: vec![ItemFlag::Intimate],
        sexes_differ: true,
        ..When::default()
    };
    let rules = table(when.clone(), Requirement::TwoPersons);
    let alone = judged(&rules, &["UC_CHG"], |_| {});
    assert_eq!((alone.persons, alone.requires_same_sex()), (1, true));
    // With two it does not matter who they are.
    let two = judged(&rules, &["UC_SPC"], |_| {});
    assert_eq!((two.persons, two.requires_same_sex()), (2, false));
    assert!(alone.requires_same_sex_of(1) && !alone.requires_same_sex_of(2));
    let family = table(when, Requirement::FamilyPresent);
    assert!(judged(&family, &["UC_CHG"], |_| {}).family_present);
}

#[test]
fn an_adult_who_is_not_the_patient_is_family() {
    use CarerRelation::{Child, Oneself};
    let one = |relation, of_age| Present { relation, of_age };
    assert!(!family_is_there(&[]));
    assert!(!family_is_there(&[one(Oneself, true), one(Child, false)]));
    assert!(family_is_there(&[one(Child, false), one(Child, true)]));
}

#[test]
fn mistakes_in_the_file_are_found() {
    let wrong = |when| rulefile::validate(&table(when, Requirement::TwoPersons)).is_err();
    assert!(wrong(When::default()));
    assert!(wrong(When {
        min_risk: Some(4),
        ..When::default()
    }));
    assert!(wrong(When {
        hours: Some(Hours {
            from_min: 60,
            to_min: 60
        }),
        ..When::default()
    }));
    assert!(wrong(When {
        areas: vec!["小寨".to_owned()],
        ..When::default()
    }));
    assert!(!wrong(When {
        min_risk: Some(3),
        ..When::default()
    }));
}
