//! What is known of a patient between visits.

use serde_json::json;

use super::{Maker, id_of};

impl Maker<'_> {
    /// A rehabilitation plan of the patient, with one exercise that waits for a decision.
    pub(super) async fn rehab(&mut self) -> String {
        if let Some((plan, _)) = &self.rehab {
            return plan.clone();
        }
        let patient = self.patient().await.0;
        let doctor = &self.cast.insider(entity::enums::Role::Doctor).person.client;
        let one =
            |code: &str| json!({"exercise": code, "dose": {"times_per_day": 2, "repetitions": 10}});
        let body = json!({"goal": "走到院门口", "exercises": [one("ankle_pump")]});
        let path = format!("/v1/patients/{patient}/rehab-plans");
        let plan = id_of(&doctor.post(&path, body).await.expect(201));
        let more = json!({"planned": one("quad_set")});
        let path = format!("/v1/rehab-plans/{plan}/exercises");
        let shown = doctor.post(&path, more).await.expect(201);
        let exercise = id_of(&shown["exercises"][1]);
        // Somebody has to look at it.
        let id = self.server.app.new_id::<entity::ids::RehabLogId>();
        let symptom = json!({"entries": [{
            "id": id, "exercise_id": shown["exercises"][0]["id"], "outcome": "done",
            "new_symptom": true, "device_at": self.server.now(),
        }]});
        let family = &self.cast.scene.family.client;
        let path = format!("/v1/rehab-plans/{plan}/log");
        family.post(&path, symptom).await.expect(200);
        self.rehab = Some((plan.clone(), exercise));
        plan
    }

    pub(super) async fn rehab_exercise(&mut self) -> String {
        self.rehab().await;
        self.rehab.clone().expect("made just now").1
    }
}
