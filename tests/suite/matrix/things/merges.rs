//! Patients who are registered twice.

use serde_json::json;

use super::{Maker, id_of};
use crate::discharges::id_number;

impl Maker<'_> {
    /// Registers somebody; those of one number of the cast share name and birth date.
    async fn registered(&self, number: u32, id_kind: &str) -> String {
        // A birthday has numbers for five hundred women.
        let (day, of_day) = (1 + number / 400, number % 400);
        let id_number = match id_kind {
            "passport" => format!("E{:08}", 10_000_000 + number),
            _ => id_number(&format!("194901{day:02}"), 2 * of_day),
        };
        let body = json!({
            "name": format!("李秀{}", char::from_u32(0x4E00 + number).expect("a character")),
            "id_kind": id_kind, "id_number": id_number, "birth_date": format!("1949-01-{day:02}"), "sex": "female",
            "consent": "verbal",
        });
        let client = &self.cast.scene.coordinator.client;
        id_of(&client.post("/v1/patients", body).await.expect(201))
    }

    /// Two patients of whom one may be the other.
    async fn pair(&self) -> (String, String) {
        let number = self.cast.next();
        let one = self.registered(number, "resident_id").await;
        (one, self.registered(number, "passport").await)
    }

    /// A pair that nobody has decided on.
    pub(super) async fn duplicate(&mut self) -> String {
        let (one, _) = self.pair().await;
        let path = format!("/v1/patient-duplicates?patient_id={one}");
        let client = &self.cast.scene.coordinator.client;
        let page = client.get(&path).await.expect(200);
        id_of(&page["items"][0])
    }

    /// A merge that can be taken back.
    pub(super) async fn merge(&mut self) -> String {
        let (one, other) = self.pair().await;
        let body = json!({ "merged_id": other, "reason": "同一人" });
        let client = &self.cast.scene.coordinator.client;
        let path = format!("/v1/patients/{one}/merges");
        id_of(&client.post(&path, body).await.expect(201))
    }
}
