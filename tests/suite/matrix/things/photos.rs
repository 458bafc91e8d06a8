//! Photos.

use entity::ids::PhotoId;
use entity::visit_photo;
use jiahu::photos::Part;
use jiahu::store;

use super::Maker;

impl Maker<'_> {
    /// A photo of the visit, as it is after the visit has begun.
    pub(super) async fn photo(&mut self) -> String {
        let (app, cast) = (&self.server.app, self.cast);
        let community_id = cast.scene.town.community;
        let id = app.new_id::<PhotoId>();
        let object_key = app.photos.store.key(community_id, id);
        for part in [Part::Small, Part::Whole] {
            let kept = app
                .photos
                .store
                .put(&app.cipher, (id, &object_key), part, vec![1]);
            kept.await.expect("kept");
        }
        let row = visit_photo::Model {
            community_id,
            id,
            visit_id: self.visit().await,
            item_code: None,
            field: None,
            sha256: format!("{:064x}", id.0.as_u128()),
            object_key,
            bytes: 1,
            width: 1,
            height: 1,
            taken_at: app.now(),
            after_signature: false,
            created_by: cast.nurse.person.account,
            created_at: app.now(),
        };
        jiahu::in_write!(app.db, "test_photo", |tx| {
            store::photo::insert(tx, row.clone()).await
        })
        .expect("a photo");
        id.to_string()
    }
}
