//! The nearest search, held against measuring every nurse.

use chrono::NaiveDate;
use entity::enums::{AccountStatus, InstitutionKind, Language, NurseTitle, Role, Sex};
use entity::ids::{CertificationId, CommunityId, InstitutionId, NurseId};
use entity::{certification, community, institution, nurse, nurse_reach};
use jiahu::db::Db;
use jiahu::domain::name::PersonName;
use jiahu::domain::phone::Phone;
use jiahu::domain::place::{Point, distance_m};
use jiahu::domain::zorder;
use jiahu::store::account::NewAccount;
use jiahu::store::reach::{self, Reached};
use jiahu_tests::harness::{CENTRE, TestServer};
use jiahu_tests::on_both;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use secrecy::ExposeSecret;

fn point(lng: f64, lat: f64) -> Point {
    Point::new(lng, lat).expect("a place")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A community with one hospital and nothing else.
#[derive(Clone, Copy)]
struct County {
    community: CommunityId,
    hospital: InstitutionId,
}

impl County {
    async fn build(server: &TestServer, code: &str) -> Self {
        let app = &server.app;
        let county = Self {
            community: app.new_id(),
            hospital: app.new_id(),
        };
        let row = community::Model {
            id: county.community,
            code: code.to_owned(),
            name_zh: "试验县".to_owned(),
            name_en: "Test County".to_owned(),
            lng: CENTRE.0,
            lat: CENTRE.1,
            created_at: app.now(),
        };
        community::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(app.db.reader())
            .await
            .expect("a community");
        let row = institution::Model {
            community_id: county.community,
            id: county.hospital,
            parent_id: None,
            kind: InstitutionKind::LeadHospital,
            code: format!("{code}100"),
            name_zh: "县医院".to_owned(),
            name_en: "County Hospital".to_owned(),
            phone: "0310-7520000".to_owned(),
            lng: CENTRE.0,
            lat: CENTRE.1,
            practice_licence: "PDY00001".to_owned(),
            home_care_approved: true,
            active: true,
            version: 1,
            created_at: app.now(),
        };
        institution::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(app.db.reader())
            .await
            .expect("an institution");
        county
    }

    fn nurse(&self, server: &TestServer, base: Option<Point>, radius_m: u32) -> nurse::Model {
        let id: NurseId = server.app.new_id();
        nurse::Model {
            community_id: self.community,
            id,
            institution_id: self.hospital,
            account_id: None,
            staff_no: id.to_string(),
            name_enc: "sealed".to_owned(),
            sex: Sex::Female,
            title: NurseTitle::SeniorNurse,
            licence_no: id.to_string(),
            licence_from: day("2020-01-01"),
            licence_to: day("2030-01-01"),
            practice_since: day("2012-07-01"),
            training_passed_on: None,
            health_cert_to: None,
            accident_insurance_no: None,
            accident_insurance_to: None,
            liability_insurance_no: None,
            liability_insurance_to: None,
            active: true,
            base_lng: base.map(Point::lng),
            base_lat: base.map(Point::lat),
            service_radius_m: radius_m.into(),
            daily_cap: 6,
            last_lng: None,
            last_lat: None,
            last_accuracy_m: None,
            last_place_at: None,
            version: 1,
            created_at: server.app.now(),
        }
    }

    /// Puts nurses with their rows of one certificate straight into the tables.
    async fn settle(&self, server: &TestServer, certificate: &str, people: &[nurse::Model]) {
        let db = server.app.db.reader();
        for some in people.chunks(200) {
            let nurses = some
                .iter()
                .map(|row| row.clone().into_active_model().reset_all());
            nurse::Entity::insert_many(nurses)
                .exec_without_returning(db)
                .await
                .expect("nurses");
            nurse_reach::Entity::insert_many(some.iter().map(|row| self.row(certificate, row)))
                .exec_without_returning(db)
                .await
                .expect("reach");
        }
    }

    fn row(&self, certificate: &str, nurse: &nurse::Model) -> nurse_reach::ActiveModel {
        let base = base(nurse);
        nurse_reach::ActiveModel {
            community_id: Set(self.community),
            certificate: Set(certificate.to_owned()),
            place_key: Set(zorder::key(base)),
            nurse_id: Set(nurse.id),
            lng: Set(base.lng()),
            lat: Set(base.lat()),
            radius_m: Set(nurse.service_radius_m),
        }
    }

    async fn nearest(
        &self,
        server: &TestServer,
        certificate: &str,
        centre: Point,
        count: usize,
        max_m: f64,
    ) -> Vec<Reached> {
        reach::nearest(
            server.app.db.reader(),
            self.community,
            certificate,
            centre,
            count,
            max_m,
        )
        .await
        .expect("an answer")
    }

    async fn within(
        &self,
        server: &TestServer,
        certificate: &str,
        centre: Point,
        radius_m: f64,
    ) -> Vec<Reached> {
        reach::within(
            server.app.db.reader(),
            self.community,
            certificate,
            centre,
            radius_m,
        )
        .await
        .expect("an answer")
    }
}

fn base(nurse: &nurse::Model) -> Point {
    point(
        nurse.base_lng.expect("a base point"),
        nurse.base_lat.expect("a base point"),
    )
}

/// The same answer by measuring everybody.
fn measured(people: &[nurse::Model], centre: Point, radius_m: f64) -> Vec<Reached> {
    let mut all: Vec<Reached> = people
        .iter()
        .map(|row| Reached {
            nurse: row.id,
            distance_m: distance_m(centre, base(row)),
            radius_m: u32::try_from(row.service_radius_m).expect("a radius"),
        })
        .filter(|one| one.distance_m <= radius_m && one.distance_m <= f64::from(one.radius_m))
        .collect();
    all.sort_by(|a, b| {
        a.distance_m
            .total_cmp(&b.distance_m)
            .then(a.nurse.cmp(&b.nurse))
    });
    all
}

/// Places as they come: a crowded town, an even plain, and villages where many share one point.
fn place(random: &mut ChaCha8Rng, sort: u64) -> Point {
    let spread = [0.02, 0.6, 0.4][usize::try_from(sort % 3).expect("small")];
    let mut offset = || random.random_range(-spread..spread);
    let (lng, lat) = (offset(), offset());
    if sort % 3 == 2 {
        let village = |degrees: f64| (degrees * 10.0).round() / 10.0;
        return point(CENTRE.0 + village(lng), CENTRE.1 + village(lat));
    }
    point(CENTRE.0 + lng, CENTRE.1 + lat)
}

fn radius(random: &mut ChaCha8Rng) -> u32 {
    [500, 5_000, 20_000, 40_000, 200_000][random.random_range(0..5)]
}

async fn compare(server: &TestServer, seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let county = County::build(server, &format!("13{seed:04}")).await;
    let size = random.random_range(0..250);
    let people: Vec<nurse::Model> = (0..size)
        .map(|_| {
            let base = place(&mut random, seed);
            county.nurse(server, Some(base), radius(&mut random))
        })
        .collect();
    county.settle(server, "IV", &people).await;
    for _ in 0..12 {
        let centre = place(&mut random, seed);
        let count = random.random_range(0..30);
        let max_m = f64::from(radius(&mut random));
        let all = measured(&people, centre, max_m);
        let found = county.within(server, "IV", centre, max_m).await;
        assert_eq!(found, all, "seed {seed}, {centre:?}, {max_m} m");
        let few = &all[..count.min(all.len())];
        let found = county.nearest(server, "IV", centre, count, max_m).await;
        assert_eq!(
            found, few,
            "seed {seed}, {centre:?}, {count} within {max_m} m"
        );
    }
}

on_both! {
    async fn the_search_finds_whom_measuring_everybody_finds(server: TestServer) {
        for seed in 0..60 {
            compare(&server, seed).await;
        }
    }

    async fn of_equals_the_smaller_id_comes_first(server: TestServer) {
        let county = County::build(&server, "130431").await;
        let centre = point(CENTRE.0, CENTRE.1);
        let people: Vec<_> = (0..70)
            .map(|number| {
                let door = point(CENTRE.0 + if number % 2 == 0 { 0.01 } else { -0.01 }, CENTRE.1);
                county.nurse(&server, Some(door), 5_000)
            })
            .collect();
        county.settle(&server, "IV", &people).await;
        let all = measured(&people, centre, 5_000.0);
        for count in [1, 10, 36, 69, 70, 200] {
            let found = county.nearest(&server, "IV", centre, count, 5_000.0).await;
            assert_eq!(found, all[..count.min(70)]);
        }
        assert!(county.nearest(&server, "IV", centre, 0, 5_000.0).await.is_empty());
        assert!(county.nearest(&server, "IV", centre, 10, 800.0).await.is_empty());
    }

    async fn a_rare_certificate_is_found_among_many_nurses(server: TestServer) {
        let county = County::build(&server, "130431").await;
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut people = |count: usize| -> Vec<_> {
            (0..count)
                .map(|_| county.nurse(&server, Some(place(&mut random, 1)), 200_000))
                .collect()
        };
        let (many, few) = (people(2_000), people(20));
        county.settle(&server, "IV", &many).await;
        county.settle(&server, "PICC", &few).await;
        let centre = point(CENTRE.0 + 0.3, CENTRE.1 - 0.2);
        let found = county.nearest(&server, "PICC", centre, 10, 100_000.0).await;
        assert_eq!(found, measured(&few, centre, 100_000.0)[..10]);
        assert!(county.nearest(&server, "picc", centre, 10, 100_000.0).await.is_empty());
        assert!(county.within(&server, "", centre, 100_000.0).await.is_empty());
    }

    async fn another_community_is_not_searched(server: TestServer) {
        let here = County::build(&server, "130431").await;
        let there = County::build(&server, "130432").await;
        let centre = point(CENTRE.0, CENTRE.1);
        let (ours, theirs) = (
            [here.nurse(&server, Some(point(CENTRE.0 + 0.1, CENTRE.1)), 20_000)],
            [there.nurse(&server, Some(centre), 20_000)],
        );
        here.settle(&server, "IV", &ours).await;
        there.settle(&server, "IV", &theirs).await;
        let found = here.nearest(&server, "IV", centre, 10, 40_000.0).await;
        assert_eq!(found, measured(&ours, centre, 40_000.0));
        assert_eq!(here.within(&server, "IV", centre, 40_000.0).await, found);
        assert_eq!(there.within(&server, "IV", centre, 40_000.0).await[0].nurse, theirs[0].id);
    }

    async fn the_number_of_statements_does_not_grow_with_the_nurses(server: TestServer) {
        let county = County::build(&server, "130431").await;
        // A pool of its own: the server's counts the work behind the scenes as well.
        let url = server.app.config.database_url.connection_url(false);
        let db = Db::connect(url.expose_secret(), 1).await.expect("the database answers");
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let centre = point(CENTRE.0, CENTRE.1);
        for size in [5, 50, 500, 2_000] {
            let people: Vec<_> = (0..size)
                .map(|_| county.nurse(&server, Some(place(&mut random, 1)), 200_000))
                .collect();
            county.settle(&server, "IV", &people).await;
            let before = db.statements();
            reach::within(db.reader(), county.community, "IV", centre, 40_000.0)
                .await
                .expect("an answer");
            assert_eq!(db.statements() - before, 1);
            reach::nearest(db.reader(), county.community, "IV", centre, 10, 100_000.0)
                .await
                .expect("an answer");
            let nearest = db.statements() - before - 1;
            assert!(nearest <= 2, "{nearest} statements for {size} more nurses");
        }
    }

    async fn refresh_keeps_what_is_verified_and_not_revoked(server: TestServer) {
        let app = &server.app;
        let county = County::build(&server, "130431").await;
        let centre = point(CENTRE.0, CENTRE.1);
        let mut row = county.nurse(&server, Some(centre), 12_000);
        let other = county.nurse(&server, Some(centre), 12_000);
        county.settle(&server, "IV", std::slice::from_ref(&other)).await;
        nurse::Entity::insert(row.clone().into_active_model().reset_all())
            .exec_without_returning(app.db.reader())
            .await
            .expect("a nurse");
        let verifier = verifier(&server, county).await;
        for (kind, number, verified, revoked) in [
            ("IV", "1", true, false),
            ("IV", "2", true, false),
            ("PICC", "1", false, false),
            ("WOUND", "1", true, true),
            ("STOMA", "1", true, false),
        ] {
            let certificate = certification::Model {
                community_id: county.community,
                id: app.new_id::<CertificationId>(),
                nurse_id: row.id,
                kind: kind.to_owned(),
                number: number.to_owned(),
                issuer: "市护理学会".to_owned(),
                valid_from: day("2010-01-01"),
                valid_to: day("2011-01-01"),
                verified_by: verified.then_some(verifier),
                verified_at: verified.then(|| app.now()),
                revoked_at: revoked.then(|| app.now()),
                revoke_reason: None,
                created_at: app.now(),
            };
            certification::Entity::insert(certificate.into_active_model().reset_all())
                .exec_without_returning(app.db.reader())
                .await
                .expect("a certificate");
        }
        for _ in 0..2 {
            assert_eq!(refreshed(&server, &row).await, ["IV", "N5", "STOMA"]);
        }
        let found = county.within(&server, "STOMA", centre, 0.0).await;
        assert_eq!(found, [Reached { nurse: row.id, distance_m: 0.0, radius_m: 12_000 }]);

        row.base_lng = Some(CENTRE.0 + 0.05);
        row.service_radius_m = 3_000;
        assert_eq!(refreshed(&server, &row).await, ["IV", "N5", "STOMA"]);
        let moved = point(CENTRE.0 + 0.05, CENTRE.1);
        assert!(county.within(&server, "STOMA", centre, 40_000.0).await.is_empty());
        assert_eq!(county.within(&server, "STOMA", moved, 1.0).await[0].radius_m, 3_000);

        row.active = false;
        assert!(refreshed(&server, &row).await.is_empty());
        (row.active, row.base_lat) = (true, None);
        assert!(refreshed(&server, &row).await.is_empty());
        assert_eq!(county.within(&server, "IV", centre, 1.0).await[0].nurse, other.id);
    }
}

/// Somebody who verifies certificates.
async fn verifier(server: &TestServer, county: County) -> entity::ids::AccountId {
    let app = &server.app;
    let name = PersonName::parse("王小明").expect("a name");
    let phone = Phone::parse("13800000001").expect("a phone");
    let account = jiahu::in_write!(app.db, "test_account", |tx| {
        let new = NewAccount {
            community: county.community,
            status: AccountStatus::Active,
            name: &name,
            phone: &phone,
            language: Language::En,
        };
        let account = jiahu::store::account::insert(tx, app, new).await?;
        let at = Some(county.hospital);
        jiahu::store::account::grant(
            tx,
            app,
            county.community,
            account.id,
            Role::Supervisor,
            at,
            None,
        )
        .await?;
        Ok(account)
    });
    account.expect("an account").id
}

/// Saves the nurse, refreshes her rows and names their certificates in order.
async fn refreshed(server: &TestServer, nurse: &nurse::Model) -> Vec<String> {
    let db = &server.app.db;
    jiahu::in_write!(db, "test_refresh", |tx| {
        nurse::Entity::update(nurse.clone().into_active_model().reset_all())
            .exec(&**tx)
            .await?;
        reach::refresh(tx, nurse.community_id, nurse.id).await
    })
    .expect("refreshed");
    let rows = nurse_reach::Entity::find()
        .filter(nurse_reach::Column::NurseId.eq(nurse.id))
        .all(db.reader())
        .await
        .expect("rows");
    let mut kinds: Vec<String> = rows.into_iter().map(|row| row.certificate).collect();
    kinds.sort();
    kinds
}
