//! The nearest search and the rows it reads.

mod refresh;
mod search;

use chrono::NaiveDate;
use entity::enums::{InstitutionKind, NurseTitle, Sex};
use entity::ids::{CommunityId, InstitutionId, NurseId};
use entity::{community, institution, nurse, nurse_reach};
use jiahu::domain::place::Point;
use jiahu::domain::zorder;
use jiahu::store::reach::{self, Reached};
use jiahu_tests::harness::{CENTRE, TestServer};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

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
