//! What else pays.

use serde_json::json;

use super::{Maker, id_of};

impl Maker<'_> {
    /// An entitlement of the patient.
    pub(super) async fn entitlement(&mut self) -> String {
        let patient = self.patient().await.0;
        let body = json!({
            "package": "long_term_care_home", "payer": "县医疗保障局", "number": "CH-1",
            "valid_from": "2026-01-01", "valid_to": "2026-12-31",
        });
        let desk = &self.cast.scene.coordinator.client;
        let path = format!("/v1/patients/{patient}/entitlements");
        id_of(&desk.post(&path, body).await.expect(201))
    }
}
