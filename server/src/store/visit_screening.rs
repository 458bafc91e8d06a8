//! Screenings at the door. They are never changed; the newest counts.

use chrono::{DateTime, Utc};
use entity::ids::{AccountId, CommunityId, VisitId, VisitScreeningId};
use entity::visit;
use entity::visit_screening::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::screening::{Answers, Finding};
use crate::error::{Error, Result};

/// Why the nurse begins in spite of a soft finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Why.
    pub reason: String,
    /// The doctor whom she asked by phone.
    pub doctor: Option<String>,
}

/// What was asked and found, sealed as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreeningContent {
    /// The answers.
    pub answers: Answers,
    /// What they mean.
    pub findings: Vec<Finding>,
    /// Her word on soft findings.
    pub acknowledged: Option<Acknowledged>,
}

/// Keeps a screening; `at` is when it was.
pub async fn insert(
    tx: &Tx,
    app: &App,
    visit: &visit::Model,
    by: AccountId,
    at: DateTime<Utc>,
    outcome: &str,
    content: &ScreeningContent,
) -> Result<Model> {
    let id = app.new_id::<VisitScreeningId>();
    let text = serde_json::to_string(content).map_err(Error::internal)?;
    let row = Model {
        community_id: visit.community_id,
        id,
        visit_id: visit.id,
        outcome: outcome.to_owned(),
        content_enc: app.cipher.seal(place(id), &text),
        screened_by: by,
        screened_at: at,
        recorded_at: app.now(),
    };
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(row)
}

/// The newest screening of a visit.
pub async fn newest(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .order_by_desc(Column::Id)
        .one(db)
        .await?)
}

/// What was asked and found.
pub fn content(app: &App, row: &Model) -> Result<ScreeningContent> {
    let text = app
        .cipher
        .open(place(row.id), &row.content_enc)
        .map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

fn place(id: VisitScreeningId) -> FieldPlace {
    FieldPlace {
        table: "visit_screening",
        column: "content_enc",
        row: id.0,
    }
}
