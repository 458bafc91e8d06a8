//! Allergies, diagnoses and conditions. Each is sealed whole; one that holds no more is ended, not erased.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::enums::HealthFactKind;
use entity::health_fact::{Column, Entity, Model};
use entity::ids::{AccountId, CommunityId, HealthFactId, PatientId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    Select,
};

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::patient::Fact;
use crate::error::{Error, Result};

/// What holds for a patient, in the order it was told.
pub async fn live(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<(HealthFactId, Fact)>> {
    let rows = of_patient(community, patient).all(db).await?;
    rows.iter()
        .map(|row| Ok((row.id, open(app, row)?)))
        .collect()
}

/// The same of several patients. One statement.
pub async fn live_of(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    patients: impl IntoIterator<Item = PatientId>,
) -> Result<BTreeMap<PatientId, Vec<(HealthFactId, Fact)>>> {
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.is_in(patients))
        .filter(Column::EndedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let mut facts: BTreeMap<PatientId, Vec<_>> = BTreeMap::new();
    for row in &rows {
        let fact = (row.id, open(app, row)?);
        facts.entry(row.patient_id).or_default().push(fact);
    }
    Ok(facts)
}

/// Codes of the conditions that were on a patient's record at a moment.
pub async fn condition_codes(
    db: &impl ConnectionTrait,
    app: &App,
    (community, patient): (CommunityId, PatientId),
    at: DateTime<Utc>,
) -> Result<BTreeSet<String>> {
    let ended_later = Condition::any()
        .add(Column::EndedAt.is_null())
        .add(Column::EndedAt.gt(at));
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::Kind.eq(HealthFactKind::Condition))
        .filter(Column::RecordedAt.lte(at))
        .filter(ended_later)
        .all(db)
        .await?;
    let mut codes = BTreeSet::new();
    for row in &rows {
        if let Fact::Condition(condition) = open(app, row)? {
            codes.insert(condition.code);
        }
    }
    Ok(codes)
}

fn of_patient(community: CommunityId, patient: PatientId) -> Select<Entity> {
    Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::EndedAt.is_null())
        .order_by_asc(Column::Id)
}

/// Which of a patient's facts that hold were recorded by staff: by somebody who is not a carer of the patient, or of one merged
/// into it, and never was.
pub async fn of_staff(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<BTreeSet<HealthFactId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: HealthFactId,
    }
    let rows = sql::all::<Row>(
        db,
        "SELECT f.id FROM health_fact f
         WHERE f.community_id = $1 AND f.patient_id = $2 AND f.ended_at IS NULL AND NOT EXISTS (
             SELECT 1 FROM carer c
             JOIN patient p ON p.community_id = c.community_id AND p.id = c.patient_id
             WHERE c.community_id = f.community_id AND c.account_id = f.recorded_by
               AND (p.id = f.patient_id OR p.merged_into = f.patient_id))",
        [community.into(), patient.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Stores a fact.
pub async fn insert(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    patient: PatientId,
    by: AccountId,
    fact: &Fact,
) -> Result<()> {
    let id = app.new_id::<HealthFactId>();
    let text = fact.to_json().map_err(Error::internal)?;
    let row = Model {
        community_id: community,
        id,
        patient_id: patient,
        kind: fact.kind(),
        detail_enc: app.cipher.seal(place(id), &text),
        recorded_by: by,
        recorded_at: app.now(),
        ended_at: None,
    };
    Ok(sql::insert(tx, row).await?)
}

/// Ends a fact that holds.
pub async fn end(
    tx: &Tx,
    community: CommunityId,
    id: HealthFactId,
    now: DateTime<Utc>,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE health_fact SET ended_at = $1 WHERE community_id = $2 AND id = $3 AND ended_at IS NULL",
        [now.into(), community.into(), id.into()],
    )
    .await?;
    Ok(())
}

fn open(app: &App, row: &Model) -> Result<Fact> {
    let text = app
        .cipher
        .open(place(row.id), &row.detail_enc)
        .map_err(Error::internal)?;
    Fact::from_json(row.kind, &text).map_err(Error::internal)
}

fn place(id: HealthFactId) -> FieldPlace {
    FieldPlace {
        table: "health_fact",
        column: "detail_enc",
        row: id.0,
    }
}
