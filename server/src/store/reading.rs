//! Numbers told of patients, for what is judged over time.

use chrono::{DateTime, Utc};
use entity::ids::{CommunityId, PatientId, ReadingId};
use entity::reading::Model;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};

/// A number of a patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Which fact.
    pub fact: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The number.
    pub value: f64,
}

/// Keeps a number that a source told; told again by the same source it is replaced.
pub async fn put(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    patient: PatientId,
    source: Uuid,
    reading: &Reading,
) -> Result<()> {
    sql::change(
        tx,
        "DELETE FROM reading WHERE community_id = $1 AND patient_id = $2 AND fact = $3 AND source_id = $4",
        [
            community.into(),
            patient.into(),
            reading.fact.as_str().into(),
            source.into(),
        ],
    )
    .await?;
    let id = app.new_id::<ReadingId>();
    let row = Model {
        community_id: community,
        id,
        patient_id: patient,
        fact: reading.fact.clone(),
        source_id: source,
        at: reading.at,
        value_enc: app.cipher.seal(place(id), &reading.value.to_string()),
    };
    Ok(sql::insert(tx, row).await?)
}

/// Numbers of a patient since a moment, those of one source left out, oldest first.
pub async fn since(
    db: &impl ConnectionTrait,
    app: &App,
    (community, patient): (CommunityId, PatientId),
    from: DateTime<Utc>,
    but: Uuid,
) -> Result<Vec<Reading>> {
    let rows: Vec<Model> = sql::all(
        db,
        "SELECT * FROM reading WHERE community_id = $1 AND patient_id = $2 AND at >= $3 AND source_id <> $4
         ORDER BY at, id",
        [community.into(), patient.into(), from.into(), but.into()],
    )
    .await?;
    rows.into_iter()
        .map(|row| {
            let text = app
                .cipher
                .open(place(row.id), &row.value_enc)
                .map_err(Error::internal)?;
            Ok(Reading {
                fact: row.fact,
                at: row.at,
                value: text.parse().map_err(Error::internal)?,
            })
        })
        .collect()
}

fn place(id: ReadingId) -> FieldPlace {
    FieldPlace {
        table: "reading",
        column: "value_enc",
        row: id.0,
    }
}
