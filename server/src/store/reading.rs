//! Numbers told of patients, for what is judged over time.

use chrono::{DateTime, Utc};
use entity::enums::ReadingSource;
use entity::ids::{AccountId, CommunityId, PatientId, ReadingId};
use entity::reading::{Column, Entity, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::page::newest;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::wire::Cursor;

/// A number of a patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Which fact.
    pub fact: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The number.
    pub value: f64,
    /// What told it.
    pub source: Uuid,
    /// What sort of thing that is.
    pub kind: ReadingSource,
    /// By whom; none: through a link.
    pub told_by: Option<AccountId>,
}

/// Keeps a number that a source told; told again by the same source it is replaced.
pub async fn put(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    patient: PatientId,
    reading: &Reading,
) -> Result<()> {
    sql::change(
        tx,
        "DELETE FROM reading WHERE community_id = $1 AND patient_id = $2 AND fact = $3 AND source_id = $4",
        [
            community.into(),
            patient.into(),
            reading.fact.as_str().into(),
            reading.source.into(),
        ],
    )
    .await?;
    let id = app.new_id::<ReadingId>();
    let row = Model {
        community_id: community,
        id,
        patient_id: patient,
        fact: reading.fact.clone(),
        source_id: reading.source,
        at: reading.at,
        value_enc: app.cipher.seal(place(id), &reading.value.to_string()),
        source: Some(reading.kind),
        told_by: reading.told_by,
    };
    Ok(sql::insert(tx, row).await?)
}

/// A number told before.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// Which fact.
    pub fact: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The number.
    pub value: f64,
    /// What told it.
    pub source: Uuid,
}

/// Numbers of a patient since a moment, those of one source left out, oldest first.
pub async fn since(
    db: &impl ConnectionTrait,
    app: &App,
    (community, patient): (CommunityId, PatientId),
    from: DateTime<Utc>,
    but: Uuid,
) -> Result<Vec<Earlier>> {
    let rows: Vec<Model> = sql::all(
        db,
        "SELECT * FROM reading WHERE community_id = $1 AND patient_id = $2 AND at >= $3 AND source_id <> $4
         ORDER BY at, id",
        [community.into(), patient.into(), from.into(), but.into()],
    )
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Earlier {
                value: value(app, &row)?,
                fact: row.fact,
                at: row.at,
                source: row.source_id,
            })
        })
        .collect()
}

/// The number of a row.
pub fn value(app: &App, row: &Model) -> Result<f64> {
    let text = app
        .cipher
        .open(place(row.id), &row.value_enc)
        .map_err(Error::internal)?;
    text.parse().map_err(Error::internal)
}

/// Numbers of a patient, of one fact or of all; what was told last comes first.
pub async fn page(
    db: &impl ConnectionTrait,
    (community, patient): (CommunityId, PatientId),
    fact: Option<&str>,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let condition = Condition::all()
        .add(Column::CommunityId.eq(community))
        .add(Column::PatientId.eq(patient))
        .add_option(fact.map(|fact| Column::Fact.eq(fact)));
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

fn place(id: ReadingId) -> FieldPlace {
    FieldPlace {
        table: "reading",
        column: "value_enc",
        row: id.0,
    }
}
