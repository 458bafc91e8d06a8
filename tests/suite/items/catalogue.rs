//! What can be booked.

use entity::enums::{Role, Sex};
use jiahu_tests::harness::{Fixtures, PatientTraits, Town, statements_of};
use jiahu_tests::on_both;
use serde_json::Value;

fn item<'a>(catalogue: &'a Value, code: &str) -> &'a Value {
    let items = catalogue["items"].as_array().expect("items");
    let found = items.iter().find(|item| item["code"] == code);
    found.unwrap_or_else(|| panic!("{code} is listed"))
}

fn asks(detail: &Value, code: &str) -> bool {
    let questions = detail["questions"].as_array().expect("questions");
    questions.iter().any(|question| question["code"] == code)
}

on_both! {
    async fn the_catalogue_tells_names_prices_and_what_is_open(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        let catalogue = family.client.get("/v1/items").await.expect(200);
        // The rule files are known by now.
        let count = statements_of(&server, async || {
            family.client.get("/v1/items").await.expect(200);
        })
        .await;
        assert!(count < 8, "{count} statements, however many items");
        assert!(catalogue["items"].as_array().expect("items").len() >= 38);
        assert_eq!(catalogue["catalogue_version"], 1);
        let change = item(&catalogue, "UC_CHG");
        assert_eq!(change["name"]["zh"], "更换留置导尿管");
        assert_eq!(change["name"]["en"], "Urinary catheter change");
        assert_eq!(change["duration_min"], 40);
        assert_eq!(change["price"]["procedure_fen"], 14000);
        assert_eq!(change["price"]["consumables_fen"], 6000);
        assert_eq!(change["open"], true);
        assert_eq!(item(&catalogue, "UC_NEW")["open"], false);
        let infusion = item(&catalogue, "IV_INF");
        assert_eq!((&infusion["open"], &infusion["listing"]), (&false.into(), &"negative".into()));
        assert!(catalogue["conditions"].as_array().expect("conditions").len() > 5);
    }

    async fn an_item_is_open_where_an_institution_says_so(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        let fixtures = Fixtures::new(&server, &town);
        fixtures.decide_item(town.centre, "UC_NEW", true).await;
        fixtures.decide_item(town.centre, "EDU", false).await;
        let all = family.client.get("/v1/items").await.expect(200);
        assert_eq!(item(&all, "UC_NEW")["open"], true);
        assert_eq!(item(&all, "EDU")["open"], true);
        let one = format!("/v1/items?institution_id={}", town.centre);
        let one = family.client.get(&one).await.expect(200);
        assert_eq!(item(&one, "UC_NEW")["open"], true);
        assert_eq!(item(&one, "EDU")["open"], false);
        let detail = family.client.get("/v1/items/EDU").await.expect(200);
        let offering = detail["offered_by"].as_array().expect("institutions").len();
        assert_eq!(offering, 2);
        let elsewhere = Town::build(&server, "130432").await;
        let other = format!("/v1/items?institution_id={}", elsewhere.hospital);
        family.client.get(&other).await.problem(404, "not_found");
    }

    async fn questions_are_those_for_the_patient(server: TestServer) {
        let town = Town::build(&server, "130431").await;
        let family = town.person(&server, "13800000001", Role::Family, None).await;
        let stranger = town.person(&server, "13800000002", Role::Family, None).await;
        let auditor = town.person(&server, "13800000003", Role::Auditor, Some(town.hospital)).await;
        let fixtures = Fixtures::new(&server, &town);
        let man = fixtures.patient(&family).await.id;
        let traits = PatientTraits {
            name: "王小丽",
            sex: Sex::Female,
            born: "1990-05-06",
            institution: town.hospital,
        };
        let woman = fixtures.patient_with(&family, traits).await;
        fixtures.carer(woman, family.account, false).await;
        let everyone = family.client.get("/v1/items/ENEMA").await.expect(200);
        assert!(asks(&everyone, "PREGNANT") && asks(&everyone, "GEN_EMERGENCY"));
        let her = family.client.get(&format!("/v1/items/ENEMA?patient_id={woman}")).await.expect(200);
        assert!(asks(&her, "PREGNANT"));
        let path = format!("/v1/items/ENEMA?patient_id={man}");
        let him = family.client.get(&path).await.expect(200);
        assert!(!asks(&him, "PREGNANT") && asks(&him, "ENEMA_ABDOMEN"));
        // What an answer leads to is not told beforehand.
        assert!(!him.to_string().contains("trigger"));
        stranger.client.get(&path).await.problem(404, "not_found");
        auditor.client.get(&path).await.problem(404, "not_found");
        family.client.get("/v1/items/NOPE").await.problem(404, "not_found");
        family.client.get("/v1/items/nope").await.problem(404, "path_invalid");
        family.client.get("/v1/items?colour=red").await.problem(400, "query_invalid");
    }
}
