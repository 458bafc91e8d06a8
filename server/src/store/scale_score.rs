//! Scored scales. A score is never changed: a newer one supersedes it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::ScaleRater;
use entity::ids::{AccountId, CommunityId, FollowTaskId, PatientId, ScaleScoreId, VisitId};
use entity::scale_score::Model;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::code::Key;
use crate::domain::rehab::Measured;
use crate::domain::screening::Answers;
use crate::error::{Error, Result};
use crate::wire::Cursor;

/// What was answered and what each item counted; sealed as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Answers by the code of their item or input.
    pub answers: Answers,
    /// Points of each item.
    pub points: BTreeMap<Key, i32>,
}

/// Keeps a score; its form is sealed here.
pub async fn insert(tx: &Tx, app: &App, mut row: Model, form: &Form) -> Result<Model> {
    let text = serde_json::to_string(form).map_err(Error::internal)?;
    row.answers_enc = app.cipher.seal(place(row.id), &text);
    sql::insert(tx, row.clone()).await?;
    Ok(row)
}

/// A score beside the one before it on the same scale.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Trended {
    /// The score.
    pub id: ScaleScoreId,
    /// Code of the scale.
    pub scale: String,
    /// Version of the scales it was scored by.
    pub scale_version: i32,
    /// Its total.
    pub total: i32,
    /// Its band.
    pub band: String,
    /// Somebody has to look at it.
    pub needs_person: bool,
    /// What was answered.
    pub answers_enc: String,
    /// Who filled it in.
    pub rater: ScaleRater,
    /// With which account.
    pub rated_by: Option<AccountId>,
    /// On which visit.
    pub visit_id: Option<VisitId>,
    /// When.
    pub taken_at: DateTime<Utc>,
    /// When it became known here.
    pub recorded_at: DateTime<Utc>,
    /// The total before it on this scale, by the time it was taken.
    pub previous: Option<i32>,
}

impl Trended {
    /// What was answered.
    pub fn form(&self, app: &App) -> Result<Form> {
        let text = app
            .cipher
            .open(place(self.id), &self.answers_enc)
            .map_err(Error::internal)?;
        serde_json::from_str(&text).map_err(Error::internal)
    }
}

/// Scores of a patient, newest first, each beside the one before it. One statement.
pub async fn page(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    scale: Option<&str>,
    cursor: &Cursor,
) -> Result<Vec<Trended>> {
    let mut values = vec![community.into(), patient.into(), cursor.read().into()];
    let mut of_scale = String::new();
    if let Some(scale) = scale {
        values.push(scale.into());
        of_scale = format!(" AND scale = ${}", values.len());
    }
    let mut before = String::new();
    if let Some(id) = cursor.before {
        values.push(id.into());
        before = format!(" WHERE id < ${}", values.len());
    }
    let sql = format!(
        "SELECT * FROM (
             SELECT id, scale, scale_version, total, band, needs_person, answers_enc, rater, rated_by, visit_id,
                 taken_at, recorded_at,
                 LAG(total) OVER (PARTITION BY scale ORDER BY taken_at, id) AS previous
             FROM scale_score WHERE community_id = $1 AND patient_id = $2{of_scale}) AS scored{before}
         ORDER BY id DESC LIMIT $3"
    );
    Ok(sql::all(db, sql, values).await?)
}

#[derive(FromQueryResult)]
struct MeasuredRow {
    scale: String,
    total: i32,
    band: String,
    taken_at: DateTime<Utc>,
}

/// Totals of a patient by scale, each oldest first. One statement.
pub async fn totals(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<BTreeMap<String, Vec<Measured>>> {
    let rows = sql::all::<MeasuredRow>(
        db,
        "SELECT scale, total, band, taken_at FROM scale_score WHERE community_id = $1 AND patient_id = $2
         ORDER BY taken_at, id",
        [community.into(), patient.into()],
    )
    .await?;
    let mut totals: BTreeMap<String, Vec<Measured>> = BTreeMap::new();
    for row in rows {
        totals.entry(row.scale).or_default().push(Measured {
            total: row.total,
            band: row.band,
            taken_at: row.taken_at,
        });
    }
    Ok(totals)
}

/// The newest total of a scale that was taken from a moment on.
pub async fn newest_total(
    db: &impl ConnectionTrait,
    (community, patient): (CommunityId, PatientId),
    scale: &str,
    from: DateTime<Utc>,
) -> Result<Option<i32>> {
    #[derive(FromQueryResult)]
    struct Row {
        total: i32,
    }
    let row = sql::one::<Row>(
        db,
        "SELECT total FROM scale_score
         WHERE community_id = $1 AND patient_id = $2 AND scale = $3 AND taken_at >= $4
         ORDER BY taken_at DESC, id DESC LIMIT 1",
        [community.into(), patient.into(), scale.into(), from.into()],
    )
    .await?;
    Ok(row.map(|row| row.total))
}

/// Scores that were made with a follow-up task, oldest first.
pub async fn of_task(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    task: FollowTaskId,
) -> Result<Vec<Model>> {
    Ok(sql::all(
        db,
        "SELECT * FROM scale_score WHERE community_id = $1 AND patient_id = $2 AND task_id = $3 ORDER BY taken_at, id",
        [community.into(), patient.into(), task.0.into()],
    )
    .await?)
}

fn place(id: ScaleScoreId) -> FieldPlace {
    FieldPlace {
        table: "scale_score",
        column: "answers_enc",
        row: id.0,
    }
}
