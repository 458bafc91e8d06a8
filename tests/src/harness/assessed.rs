//! First assessments straight in the database, so that a test that is about something else meets its gate open.

use entity::assessment;
use entity::enums::{AssessmentMode, AssessmentResult};
use entity::ids::{AccountId, AssessmentId, CommunityId, PatientId};
use jiahu::domain::seed;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use super::server::TestServer;

/// A patient who was found fit, now, for every item of the catalogue.
pub async fn assessed(
    server: &TestServer,
    community: CommunityId,
    patient: PatientId,
    by: AccountId,
) {
    let now = server.app.now();
    let codes: Vec<_> = seed::catalogue()
        .items
        .iter()
        .map(|item| item.code.to_string())
        .collect();
    let row = assessment::Model {
        community_id: community,
        id: server.app.new_id::<AssessmentId>(),
        patient_id: patient,
        visit_id: None,
        mode: AssessmentMode::Remote,
        result: AssessmentResult::Approved,
        items: serde_json::json!(codes),
        text_enc: None,
        assessed_by: by,
        assessed_at: now,
        recorded_at: now,
    };
    assessment::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(server.app.db.reader())
        .await
        .expect("an assessment");
}
