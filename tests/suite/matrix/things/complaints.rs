//! Complaints.

use serde_json::json;

use super::{Maker, id_of};

impl Maker<'_> {
    /// A complaint about the order.
    pub(super) async fn complaint(&mut self) -> String {
        let body = json!({ "order_id": self.order().await, "about": "care", "what": "没有洗手" });
        let family = &self.cast.scene.family.client;
        id_of(&family.post("/v1/complaints", body).await.expect(201))
    }
}
