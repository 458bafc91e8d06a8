//! The roster.

mod certifications;
mod duty;
mod import;
mod me;
mod roster;
mod workbook;

use entity::enums::Role;
use entity::event;
use entity::ids::{InstitutionId, NurseId};
use jiahu_tests::harness::{Person, TestServer, Town};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

/// A town with those who look after its roster.
struct Roster {
    town: Town,
    /// Nursing department of the whole community.
    supervisor: Person,
    /// Supervisor of the first health centre alone.
    centre_supervisor: Person,
    /// Coordinator of the first health centre.
    coordinator: Person,
}

impl Roster {
    async fn build(server: &TestServer) -> Self {
        let town = Town::build(server, "130431").await;
        let person = |phone, role, at| town.person(server, phone, role, Some(at));
        Self {
            supervisor: person("13800000001", Role::Supervisor, town.hospital).await,
            centre_supervisor: person("13800000002", Role::Supervisor, town.centre).await,
            coordinator: person("13800000003", Role::Coordinator, town.centre).await,
            town,
        }
    }

    /// Puts a nurse on the roster; gives her as answered.
    async fn nurse(&self, institution: InstitutionId, staff_no: &str) -> Value {
        let body = new_nurse(institution, staff_no);
        self.supervisor
            .client
            .post("/v1/nurses", body)
            .await
            .expect(201)
    }

    /// Adds a certificate that counts in 2026; gives its id.
    async fn paper(&self, nurse: &str, kind: &str, number: &str) -> String {
        let path = format!("/v1/nurses/{nurse}/certifications");
        let paper = self
            .supervisor
            .client
            .post(&path, certificate(kind, number))
            .await
            .expect(201);
        paper["id"].as_str().expect("an id").to_owned()
    }

    async fn verify(&self, paper: &str) -> Value {
        let path = format!("/v1/certifications/{paper}/verify");
        self.supervisor
            .client
            .post(&path, json!({}))
            .await
            .expect(200)
    }
}

fn new_nurse(institution: InstitutionId, staff_no: &str) -> Value {
    json!({
        "institution_id": institution, "staff_no": staff_no, "name": "李桂兰", "sex": "female",
        "title": "senior_nurse", "licence_no": format!("2014{staff_no}"), "licence_from": "2024-05-01",
        "licence_to": "2029-04-30", "practice_since": "2010-07-01",
        "base": {"lng": 114.88, "lat": 36.92, "crs": "wgs84"},
    })
}

fn certificate(kind: &str, number: &str) -> Value {
    json!({
        "kind": kind, "number": number, "issuer": "省护理学会",
        "valid_from": "2024-01-01", "valid_to": "2026-12-31",
    })
}

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

/// Kinds of the events of a nurse, oldest first; each names her institution and herself.
async fn events(server: &TestServer, town: &Town, nurse: &str) -> Vec<String> {
    let id: NurseId = nurse.parse().expect("an id");
    let rows = event::Entity::find()
        .filter(event::Column::CommunityId.eq(town.community))
        .filter(event::Column::SubjectId.eq(id.0))
        .order_by_asc(event::Column::SubjectNo)
        .all(server.app.db.reader())
        .await
        .expect("events");
    for row in &rows {
        assert!(
            row.institution_id.is_some() && row.nurse_id == Some(id),
            "{row:?}"
        );
        assert!(
            !row.payload.contains('李'),
            "no personal data in the trail: {}",
            row.payload
        );
    }
    rows.into_iter().map(|row| row.kind).collect()
}

/// What the nearest search knows of a nurse: kinds, sorted.
async fn reach(server: &TestServer, town: &Town, nurse: &str) -> Vec<String> {
    let id: NurseId = nurse.parse().expect("an id");
    let rows = entity::nurse_reach::Entity::find()
        .filter(entity::nurse_reach::Column::CommunityId.eq(town.community))
        .filter(entity::nurse_reach::Column::NurseId.eq(id))
        .all(server.app.db.reader())
        .await
        .expect("rows");
    let mut kinds: Vec<_> = rows.into_iter().map(|row| row.certificate).collect();
    kinds.sort();
    kinds
}

/// How many nurses, certificates and events a community has: what a refused request must not change.
async fn weight(server: &TestServer, town: &Town) -> [usize; 3] {
    let db = server.app.db.reader();
    let nurses =
        entity::nurse::Entity::find().filter(entity::nurse::Column::CommunityId.eq(town.community));
    let papers = entity::certification::Entity::find()
        .filter(entity::certification::Column::CommunityId.eq(town.community));
    let trail = event::Entity::find().filter(event::Column::CommunityId.eq(town.community));
    [
        nurses.all(db).await.expect("nurses").len(),
        papers.all(db).await.expect("papers").len(),
        trail.all(db).await.expect("events").len(),
    ]
}
