use serde_json::{Value, json};

use super::*;
use crate::domain::{
    rulefile::{RuleProblemCode as Code, mistakes},
    seed,
};

/// The 38 codes of field guide §2.2, in its order.
const ITEMS: &str = "ASSESS UC_CARE UC_CHG UC_NEW UC_SPC BL_IRR NG_CARE NG_CHG PEG PICC PORT DR_S DR_C STITCH PI_12 \
                     PI_34 IAD ST_G ST_X TRACH SUCT ENEMA IM SC IV_INF BLOOD VITAL DRAIN PD RH_MOT RH_SWA RH_RESP \
                     RH_BLAD MB_PP MB_NB HOSP TCM EDU";

fn seed_json() -> Value {
    serde_json::from_str(seed::CATALOGUE_JSON).expect("the seed is JSON")
}

fn certs(codes: &[&str]) -> BTreeSet<CertCode> {
    codes
        .iter()
        .map(|code| CertCode::new(*code).expect("a good code"))
        .collect()
}

fn item(code: &str) -> &'static Item {
    seed::catalogue().item(code).expect("a seed item")
}

#[test]
fn the_seed_has_the_items_of_the_guide() {
    let codes: Vec<_> = seed::catalogue()
        .items
        .iter()
        .map(|item| item.code.as_str())
        .collect();
    assert_eq!(codes, ITEMS.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn the_seed_is_closed_where_the_guide_says_so() {
    let closed = seed::catalogue()
        .items
        .iter()
        .filter(|item| !item.open)
        .map(|item| item.code.as_str());
    assert_eq!(closed.collect::<Vec<_>>(), ["UC_NEW", "IV_INF"]);
    assert_eq!(item("IV_INF").listing, Listing::Negative);
    assert_eq!(item("UC_NEW").listing, Listing::Positive);
}

#[test]
fn injections_and_irrigation_need_a_prescription() {
    let needing = seed::catalogue()
        .items
        .iter()
        .filter(|item| item.prescription_valid_days == Some(7));
    let codes: Vec<_> = needing.map(|item| item.code.as_str()).collect();
    assert_eq!(codes, ["BL_IRR", "IM", "SC", "IV_INF"]);
}

#[test]
fn every_item_of_the_highest_risk_takes_two() {
    for item in &seed::catalogue().items {
        assert_eq!(item.persons == 2, item.risk == 3, "{}", item.code);
    }
}

#[test]
fn every_refusal_of_the_seed_says_where_to_go() {
    let places = [
        "医院",
        "120",
        "医生",
        "医护",
        "护士长",
        "评估",
        "预约",
        "腹透",
    ];
    let catalogue = seed::catalogue();
    let questions = catalogue
        .general
        .screening
        .iter()
        .chain(catalogue.items.iter().flat_map(|item| &item.screening));
    for trigger in questions.flat_map(|question| &question.triggers) {
        let zh = &trigger.advice.zh;
        assert!(places.iter().any(|place| zh.contains(place)), "{zh}");
    }
}

#[test]
fn certificates_are_all_of_the_outer_and_any_of_the_inner() {
    assert!(item("UC_CARE").missing_certificates(&certs(&[])).is_empty());
    assert!(
        item("RH_RESP")
            .missing_certificates(&certs(&["RESP"]))
            .is_empty()
    );
    assert!(
        item("RH_RESP")
            .missing_certificates(&certs(&["RH"]))
            .is_empty()
    );
    assert_eq!(
        item("RH_RESP").missing_certificates(&certs(&["UC"])).len(),
        1
    );
    let lacking = item("RH_SWA").missing_certificates(&certs(&["RH"]));
    assert_eq!(
        lacking,
        [[CertCode::new("SWALLOW").expect("a good code")].as_slice()]
    );
    assert!(
        item("RH_SWA")
            .missing_certificates(&certs(&["SWALLOW", "RH"]))
            .is_empty()
    );
}

#[test]
fn an_unknown_code_is_named() {
    let codes = ["PICC", "NOPE"].map(|code| ItemCode::new(code).expect("a good code"));
    assert_eq!(
        seed::catalogue().select(&codes[..1]).expect("known")[0].code,
        codes[0]
    );
    assert_eq!(seed::catalogue().select(&codes), Err(&codes[1]));
}

#[test]
fn unknown_and_missing_fields_are_refused() {
    for (pointer, field) in [
        ("", "colour"),
        ("/items/0", "colour"),
        ("/items/1/screening/0", "hint"),
        ("/items/1/screening/0/answer", "max"),
        ("/items/1/screening/0/triggers/0", "note"),
        ("/general/screening/4/answer", "min"),
        ("/items/11/patient_rules/0/who", "weight"),
        ("/certificate_kinds/0", "years"),
    ] {
        let mut json = seed_json();
        json.pointer_mut(pointer).expect("in the seed")[field] = json!(1);
        let RuleErrors(problems) = Catalogue::parse(&json.to_string()).expect_err(pointer);
        assert_eq!(problems[0].code, Code::Malformed, "{pointer}");
    }
    let mut json = seed_json();
    json["items"][0]
        .as_object_mut()
        .expect("an item")
        .remove("screening");
    let RuleErrors(problems) = Catalogue::parse(&json.to_string()).expect_err("no screening");
    assert!(problems[0].detail.contains("screening"), "{problems:?}");
    assert!(Catalogue::parse("{} {}").is_err());
    assert!(Catalogue::parse("").is_err());
}

#[test]
fn what_is_not_of_the_shape_is_named_by_its_path() {
    mistakes::assert_found::<Catalogue>(
        seed::CATALOGUE_JSON,
        r#"
        /version              | 1.5       | version                      | malformed
        /items/2/code         | "uc chg"  | items[2].code                | malformed
        /items/2/risk         | "high"    | items[2].risk                | malformed
        /items/2/listing      | "grey"    | items[2].listing             | malformed
        /items/2/certificates/0/0 | "导尿" | items[2].certificates[0][0]  | malformed
        /items/2/device       | "tube"    | items[2].device              | malformed
        /items/2/persons      | -1        | items[2].persons             | malformed
        /items/2/name         | {"zh": "换管", "en": "change", "fr": "x"} | items[2].name.fr | malformed
        "#,
    );
}

#[test]
fn each_mistake_is_found_at_its_place() {
    mistakes::assert_found::<Catalogue>(
        seed::CATALOGUE_JSON,
        r#"
        /version                       | 0        | version                  | out_of_range
        /source                        | " "      | source                   | bad_text
        /approved_by                   | "王芳"   | approved_on              | inconsistent
        /certificate_kinds/1/code      | "UC"     | certificate_kinds        | duplicate
        /conditions/1/code             | "bph"    | conditions               | duplicate
        /groups/1/code                 | "wound"  | groups                   | duplicate
        /items/1/code                  | "ASSESS" | items                    | duplicate
        /items/1/name                  | {"zh": "", "en": "x"}              | items[1].name.zh | bad_text
        /items/1/name                  | {"zh": "care", "en": "care"}       | items[1].name.zh | bad_text
        /items/1/name                  | {"zh": "护理", "en": "护理"}       | items[1].name.en | bad_text
        /items/1/name                  | {"zh": "护\u0000理", "en": "care"} | items[1].name.zh | bad_text
        /items/1/group                 | "misc"   | items[1].group           | unknown_reference
        /items/1/duration_min          | 0        | items[1].duration_min    | out_of_range
        /items/1/risk                  | 4        | items[1].risk            | out_of_range
        /items/1/persons               | 3        | items[1].persons         | out_of_range
        /items/1/assessment_valid_days | 0        | items[1].assessment_valid_days   | out_of_range
        /items/5/prescription_valid_days | 91     | items[5].prescription_valid_days | out_of_range
        /items/2/certificates/0/0      | "XX"     | items[2].certificates[0] | unknown_reference
        /items/2/certificates/0        | []       | items[2].certificates[0] | inconsistent
        /items/1/repeat_days           | {"min": 9, "max": 7} | items[1].repeat_days | inconsistent
        /items/24/open                 | true     | items[24].open           | inconsistent
        /items/11/needs_photo          | false    | items[11].photo_note     | inconsistent
        /items/14/sites_included       | 0        | items[14].sites_included | out_of_range
        /items/1/consumables/0/quantity | 0       | items[1].consumables[0].quantity | out_of_range
        /items/1/consumables/0/code    | "swab"   | items[1].consumables     | duplicate
        /items/2/consumables/3/unit    | {"zh": "包", "en": "pack"} | items[2].consumables[3].code | duplicate
        "#,
    );
}

#[test]
fn each_mistake_in_the_screening_is_found_at_its_place() {
    mistakes::assert_found::<Catalogue>(
        seed::CATALOGUE_JSON,
        r#"
        /items/1/screening/0/triggers/0/when | {"at_least": 3}       | items[1].screening[0].triggers[0].when | inconsistent
        /items/1/screening/0/triggers/0/when | {"equals": "yes"}     | items[1].screening[0].triggers[0].when | inconsistent
        /items/1/screening/0/triggers/0/when | {"equals": 1}         | items[1].screening[0].triggers[0].when | inconsistent
        /items/1/screening/0/triggers/0/when | {"one_of": ["yes"]}   | items[1].screening[0].triggers[0].when | inconsistent
        /items/1/screening/0/triggers/0/advice | {"zh": "医院", "en": ""} | items[1].screening[0].triggers[0].advice.en | bad_text
        /items/1/screening/1/text            | {"zh": "尿里有血吗", "en": "Blood?"} | items[2].screening[2].code | duplicate
        /items/2/contraindications/0/condition | "cold"              | items[2].contraindications[0].condition | unknown_reference
        /items/2/contraindications/0/condition | "urethral_false_passage" | items[2].contraindications | duplicate
        /items/3/patient_rules/0/answered/question | "UC_FAILED_TRIES" | items[3].patient_rules[0].answered | unknown_reference
        /items/3/patient_rules/0/answered/question | "PI_LARGE"      | items[3].patient_rules[0].answered | unknown_reference
        /items/3/patient_rules/0/code        | "UC_NEW_BPH"          | items[3].patient_rules | duplicate
        /items/11/patient_rules/0/who        | {}                    | items[11].patient_rules[0].who | inconsistent
        /items/11/patient_rules/0/who        | null                  | items[11].patient_rules[0].who | inconsistent
        /items/11/patient_rules/0/who        | {"age_from": 9, "age_below": 5} | items[11].patient_rules[0].who.age_below | inconsistent
        /items/13/screening/0/triggers/0/when | {"above": 500}       | items[13].screening[0].triggers[0].when | out_of_range
        /items/13/screening/0/answer/min     | 300                   | items[13].screening[0].answer.min | out_of_range
        /items/13/screening/0/answer/unit    | ""                    | items[13].screening[0].answer.unit | bad_text
        /general/screening/0/code            | "GEN_TRUE"            | general.screening | duplicate
        /general/screening/4/triggers/0/when | {"one_of": ["gift"]}  | general.screening[4].triggers[0].when.one_of | unknown_reference
        /general/screening/4/triggers/0/when | {"one_of": []}        | general.screening[4].triggers[0].when.one_of | inconsistent
        /general/screening/4/triggers/0/when | {"equals": "gift"}    | general.screening[4].triggers[0].when.equals | unknown_reference
        /general/screening/4/triggers/0/when | {"equals": true}      | general.screening[4].triggers[0].when | inconsistent
        /general/screening/4/answer/options/1/code | "nurse"         | general.screening[4].answer.options | duplicate
        "#,
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let mut json = seed_json();
    json["items"][0]["risk"] = json!(9);
    json["items"][1]["persons"] = json!(0);
    json["source"] = json!("");
    let errors = Catalogue::parse(&json.to_string()).expect_err("three mistakes");
    assert_eq!(errors.0.len(), 3);
    assert!(
        errors
            .to_string()
            .contains("items[1].persons: 0 is not between 1 and 2"),
        "{errors}"
    );
}
