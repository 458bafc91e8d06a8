//! Pictures of exercises.

use entity::exercise_picture;
use jiahu::store;

use super::Maker;

impl Maker<'_> {
    /// One of the community's own.
    pub(super) async fn picture(&mut self) -> String {
        let (app, cast) = (&self.server.app, self.cast);
        let jpeg = cast.next().to_be_bytes().to_vec();
        let id = jiahu::pictures::id(&jpeg);
        let row = exercise_picture::Model {
            community_id: cast.scene.town.community,
            sha256: id.to_string(),
            jpeg,
            width: 1,
            height: 1,
            created_by: cast.scene.coordinator.account,
            created_at: app.now(),
        };
        let kept = jiahu::in_write!(app.db, "test_picture", |tx| {
            store::exercise_picture::insert(tx, row.clone()).await
        });
        kept.expect("a picture");
        id.to_string()
    }
}
