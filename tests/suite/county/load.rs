//! A county in a database, and its people over HTTP.

use std::collections::BTreeSet;

use entity::enums::Role;
use jiahu::auth::totp;
use jiahu::county::{self, Login, Logins};
use jiahu::crypto::FieldPlace;
use jiahu::domain::place::Point;
use jiahu::domain::zorder;
use jiahu::store;
use jiahu_tests::harness::{Client, TestServer};
use jiahu_tests::on_both;
use sea_orm::{EntityTrait, QuerySelect};
use serde_json::{Value, json};

use super::today;

/// Small enough to be quick, large enough to hold every sort of person.
const SCALE: f64 = 0.2;

async fn load(server: &TestServer) -> Logins {
    let county = county::generate(1, SCALE, today());
    county::load(&server.app, &county)
        .await
        .expect("the county is loaded")
}

/// Logs in as a person types it.
async fn log_in(server: &TestServer, community: &str, login: &Login) -> (Client, Value) {
    let mut request = json!({
        "community": community, "phone": login.phone, "password": login.password, "device": "test",
    });
    if let Some(secret) = &login.totp_secret {
        let code = totp::code(&secret.as_str().into(), server.now()).expect("a code");
        request["totp"] = json!(code);
    }
    let nobody = server.nobody();
    let tokens = nobody
        .post("/v1/auth/login/password", request)
        .await
        .expect(200);
    let client = nobody.with_token(tokens["access_token"].as_str().expect("a token"));
    let me = client.get("/v1/me").await.expect(200);
    (client, me)
}

on_both! {
    async fn one_of_each_role_logs_in(server: TestServer) {
        let logins = load(&server).await;
        let each = logins.one_each();
        let roles: BTreeSet<_> = each.iter().map(|login| login.role).collect();
        assert_eq!(roles, Role::ALL.iter().copied().collect());
        for login in each {
            let (_, me) = log_in(&server, &logins.community, login).await;
            assert_eq!(me["name"], json!(login.name));
            assert_eq!(me["account_id"], json!(login.account_id));
            assert_eq!(me["roles"][0]["role"], json!(login.role));
            assert_eq!(me["nurse_id"], json!(login.nurse_id));
            let scoped = matches!(login.role, Role::Nurse | Role::Coordinator | Role::Doctor | Role::Supervisor);
            assert_eq!(me["roles"][0]["institution_id"].is_string(), scoped, "{me}");
        }
    }

    async fn nobody_of_one_community_is_known_in_the_other(server: TestServer) {
        let logins = load(&server).await;
        let small = county::load(&server.app, &county::neighbour(1, today())).await.expect("loaded");
        let phones = |logins: &Logins| logins.logins.iter().map(|one| one.phone.clone()).collect::<BTreeSet<_>>();
        assert!(phones(&logins).is_disjoint(&phones(&small)));
        for (home, other) in [(&logins, &small), (&small, &logins)] {
            let admin = home.of(Role::Admin).next().expect("an admin");
            let (_, me) = log_in(&server, &home.community, admin).await;
            let community = store::account::community(server.app.db.reader(), &home.community).await.expect("there");
            assert_eq!(me["community_id"], json!(community.id));
            let elsewhere = json!({"community": other.community, "phone": admin.phone, "password": admin.password});
            server.nobody().post("/v1/auth/login/password", elsewhere).await.problem(401, "login_failed");
        }
        assert!(logins.one_each()[0].password != small.one_each()[0].password);
    }

    async fn what_was_loaded_reads_like_what_was_booked(server: TestServer) {
        let logins = load(&server).await;
        let small = county::load(&server.app, &county::neighbour(1, today())).await.expect("loaded");
        let login = logins.of(Role::Family).next().expect("a family");
        let (family, _) = log_in(&server, &logins.community, login).await;
        let listed = family.get("/v1/patients").await.expect(200);
        let listed: BTreeSet<_> = listed["items"].as_array().expect("a list").iter()
            .map(|one| one["id"].as_str().expect("an id").to_owned()).collect();
        let own: BTreeSet<_> = login.patients.iter().map(|one| one.patient_id.to_string()).collect();
        assert_eq!(listed, own);
        for id in &own {
            family.get(&format!("/v1/patients/{id}")).await.expect(200);
            family.get(&format!("/v1/patients/{id}/addresses")).await.expect(200);
            family.get(&format!("/v1/patients/{id}/health")).await.expect(200);
        }
        let stranger = small.of(Role::Coordinator).next().expect("a coordinator");
        let (stranger, _) = log_in(&server, &small.community, stranger).await;
        for id in &own {
            stranger.get(&format!("/v1/patients/{id}")).await.problem(404, "not_found");
        }
    }

    async fn the_neighbours_admin_sees_nobody_of_the_county(server: TestServer) {
        let logins = load(&server).await;
        let small = county::load(&server.app, &county::neighbour(1, today())).await.expect("loaded");
        let admin = small.of(Role::Admin).next().expect("an admin");
        let (admin, _) = log_in(&server, &small.community, admin).await;
        let own: BTreeSet<_> = small.logins.iter().map(|login| login.account_id.to_string()).collect();
        let (mut seen, mut path) = (BTreeSet::new(), "/v1/accounts?limit=100".to_owned());
        loop {
            let page = admin.get(&path).await.expect(200);
            let ids = page["items"].as_array().expect("a list").iter().map(|one| one["id"].as_str().expect("an id"));
            seen.extend(ids.map(str::to_owned));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/accounts?limit=100&cursor={cursor}");
        }
        assert!(own.is_subset(&seen), "all of its own");
        let others: BTreeSet<_> = logins.logins.iter().map(|login| login.account_id.to_string()).collect();
        assert!(seen.is_disjoint(&others), "none of the county's");
        for account in others.iter().take(3) {
            admin.get(&format!("/v1/accounts/{account}")).await.problem(404, "not_found");
        }
        let institutions = admin.get("/v1/institutions?limit=100").await.expect(200);
        let codes: BTreeSet<_> = institutions["items"].as_array().expect("a list").iter()
            .map(|one| one["code"].as_str().expect("a code")[..6].to_owned()).collect();
        assert_eq!(codes, BTreeSet::from([county::NEIGHBOUR_CODE.to_owned()]));
    }

    async fn nurses_have_the_rows_that_the_nearest_search_reads(server: TestServer) {
        load(&server).await;
        let db = server.app.db.reader();
        let mut expected = BTreeSet::new();
        let nurses = entity::nurse::Entity::find().all(db).await.expect("nurses");
        let held = entity::certification::Entity::find().all(db).await.expect("certificates");
        for nurse in nurses.iter().filter(|nurse| nurse.active) {
            let (Some(lng), Some(lat)) = (nurse.base_lng, nurse.base_lat) else { continue };
            let key = zorder::key(Point::new(lng, lat).expect("a place"));
            expected.insert((nurse.id, "N5".to_owned(), key, nurse.service_radius_m));
            let own = held.iter().filter(|one| one.nurse_id == nurse.id);
            let good = own.filter(|one| one.verified_at.is_some() && one.revoked_at.is_none());
            expected.extend(good.map(|one| (nurse.id, one.kind.clone(), key, nurse.service_radius_m)));
        }
        let rows = entity::nurse_reach::Entity::find().all(db).await.expect("rows");
        let found: BTreeSet<_> =
            rows.into_iter().map(|row| (row.nurse_id, row.certificate, row.place_key, row.radius_m)).collect();
        assert_eq!(found, expected);
        assert!(found.len() > 40);
    }

    async fn what_is_personal_is_sealed_and_opens_in_its_place(server: TestServer) {
        load(&server).await;
        let county = county::generate(1, SCALE, today());
        let (app, db) = (&server.app, server.app.db.reader());
        let open = |table, column, row, value: &str| {
            assert!(value.starts_with("v1:"), "{table}.{column} is not sealed");
            app.cipher.open(FieldPlace { table, column, row }, value).expect("opens")
        };
        let nurses = entity::nurse::Entity::find().all(db).await.expect("nurses");
        let names: BTreeSet<_> = nurses.iter().map(|one| open("nurse", "name_enc", one.id.0, &one.name_enc)).collect();
        assert!(county.nurses.iter().all(|nurse| names.contains(nurse.name.reveal())));
        for patient in entity::patient::Entity::find().all(db).await.expect("patients") {
            open("patient", "name_enc", patient.id.0, &patient.name_enc);
            if let Some(number) = &patient.id_number_enc {
                let number = open("patient", "id_number_enc", patient.id.0, number);
                let spelt = format!("{}:{number}", patient.id_kind);
                assert_eq!(patient.id_number_hash, Some(app.lookup.hash("id_number", &spelt)));
            }
        }
        for home in entity::address::Entity::find().all(db).await.expect("addresses") {
            assert!(open("address", "text_enc", home.id.0, &home.text_enc).starts_with("河北省邯郸市鸡泽县"));
            assert_eq!(home.lng.is_some(), home.source_crs.is_some());
        }
        for fact in entity::health_fact::Entity::find().limit(20).all(db).await.expect("facts") {
            let detail = open("health_fact", "detail_enc", fact.id.0, &fact.detail_enc);
            assert!(serde_json::from_str::<Value>(&detail).expect("JSON").is_object());
        }
    }

    async fn the_trail_of_a_loaded_county_holds(server: TestServer) {
        load(&server).await;
        let (links, broken) = store::event::verify_all(server.app.db.reader(), &server.app).await.expect("walked");
        assert_eq!(broken, vec![]);
        assert!(links > 150, "{links}");
    }

    async fn a_county_is_loaded_once_and_in_few_statements(server: TestServer) {
        let before = server.app.db.statements();
        load(&server).await;
        let statements = server.app.db.statements() - before;
        assert!(statements < 60, "{statements} statements");
        let count = || async {
            let nurses = entity::nurse::Entity::find().all(server.app.db.reader()).await.expect("nurses");
            nurses.len()
        };
        let nurses = count().await;
        let again = county::load(&server.app, &county::generate(2, SCALE, today())).await;
        assert!(again.is_err(), "a second county of the same code is refused");
        assert_eq!(count().await, nurses);
    }
}
