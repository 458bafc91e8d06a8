//! Discharges and what follows them.

use jiahu_tests::harness::Scene;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{Maker, id_of};

impl Maker<'_> {
    /// A discharge that names the nurse, so that no colleague finds it in the pool; its first task or plan; a feed.
    pub(super) async fn follow_up(&mut self, name: &str) -> String {
        use entity::follow_task::Column as T;
        if name == "feed_id" {
            return self.feed().await;
        }
        let patient = self.patient().await.0;
        let Scene { coordinator, .. } = &self.cast.scene;
        let body = json!({
            "patient_id": patient,
            "stay": {
                "admitted_on": "2026-02-20", "discharged_on": "2026-03-01", "diagnoses": ["I50.9"],
                "nurse_id": self.cast.nurse.id,
            },
        });
        let path = format!("/v1/discharges?patient_id={patient}");
        let known = coordinator.client.get(&path).await.expect(200);
        let made = if let Some(id) = known["items"][0]["id"].as_str() {
            let path = format!("/v1/discharges/{id}");
            coordinator.client.get(&path).await.expect(200)
        } else {
            let made = coordinator.client.post("/v1/discharges", body).await;
            made.expect(201)
        };
        match name {
            "discharge_id" => id_of(&made),
            "plan_id" => id_of(&made["plans"][0]),
            _ => {
                let row = entity::follow_task::Entity::find()
                    .filter(T::PatientId.eq(patient))
                    .one(self.server.app.db.reader())
                    .await
                    .expect("the database answers");
                row.expect("a task").id.to_string()
            }
        }
    }

    async fn feed(&self) -> String {
        let boss = &self.cast.insider(entity::enums::Role::Supervisor).person;
        let system = format!("his-{}", self.cast.next());
        let body = json!({ "institution_id": self.cast.scene.town.centre, "system": system });
        let made = boss.client.post("/v1/discharge-feeds", body).await;
        id_of(&made.expect(201))
    }
}
