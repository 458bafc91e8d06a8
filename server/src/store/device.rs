//! The device register. The database allows one device of a kind at a site of a patient, and none that was removed
//! before it was placed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::device::{ActiveModel, Column, Entity, Model};
use entity::device_visit;
use entity::enums::{DeviceAct, DeviceKind, DeviceRemoval};
use entity::ids::{CommunityId, DeviceId, InstitutionId, NurseId, PatientId, VisitId};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};

use super::death::WORDS;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result, violates};
use crate::problem::Code;

/// Guards of the schema, by constraint, or the columns that SQLite names.
const CURRENT: &[&str] = &["device_one_current", "device.site"];
const ORDER: &[&str] = &["device_removed_after_placed"];

/// What is written about a device in words and numbers; sealed as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Size, such as `16 Fr`.
    pub size: Option<String>,
    /// Centimetres inside, or at the mark.
    pub depth_cm: Option<f64>,
    /// Lot number.
    pub lot: Option<String>,
    /// The hospital that placed it.
    pub hospital: Option<String>,
    /// What else is to be known.
    pub note: Option<String>,
}

/// Seals the detail of a device.
pub fn seal_detail(app: &App, id: DeviceId, detail: &Detail) -> Result<String> {
    let text = serde_json::to_string(detail).map_err(Error::internal)?;
    Ok(app.cipher.seal(place(id), &text))
}

/// The detail of a device.
pub fn detail(app: &App, row: &Model) -> Result<Detail> {
    let text = app
        .cipher
        .open(place(row.id), &row.detail_enc)
        .map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

fn place(id: DeviceId) -> FieldPlace {
    FieldPlace {
        table: "device",
        column: "detail_enc",
        row: id.0,
    }
}

fn guarded(error: DbErr) -> Error {
    if violates(&error, ORDER) {
        Code::DeviceRemovedBeforePlaced.into()
    } else if violates(&error, CURRENT) {
        Code::DeviceCurrentExists.into()
    } else {
        error.into()
    }
}

/// Enters a device.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let stored = Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    stored.map(|_| ()).map_err(guarded)
}

/// Changes a device upon the version read; another version meanwhile is a problem.
pub async fn update(
    tx: &Tx,
    device: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let changed = sql::change_read_version!(tx, device, change, Id id).map_err(guarded)?;
    changed.ok_or_else(|| Code::DeviceChanged.into())
}

/// A device of the community. Whoever asks checks the scope of its patient.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: DeviceId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// Devices of a patient, newest first; those in place alone, when asked.
pub async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    current: bool,
) -> Result<Vec<Model>> {
    let mut query = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient));
    if current {
        query = query.filter(Column::RemovedAt.is_null());
    }
    Ok(query.order_by_desc(Column::Id).all(db).await?)
}

/// Whether a device of one of these kinds is in place that was entered or looked at from a moment on.
pub async fn looked_after(
    db: &impl ConnectionTrait,
    (community, patient): (CommunityId, PatientId),
    kinds: &[DeviceKind],
    from: DateTime<Utc>,
) -> Result<bool> {
    let since = Condition::any()
        .add(Column::CreatedAt.gte(from))
        .add(Column::ReviewedAt.gte(from));
    let found = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::RemovedAt.is_null())
        .filter(Column::Kind.is_in(kinds.iter().copied()))
        .filter(since)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// When a device of a patient was last placed or reviewed.
pub async fn last_look(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Option<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Look {
        at: Option<DateTime<Utc>>,
    }
    let look = sql::one::<Look>(
        db,
        "SELECT MAX(COALESCE(reviewed_at, placed_at)) AS at FROM device WHERE community_id = $1 AND patient_id = $2",
        [community.into(), patient.into()],
    )
    .await?;
    Ok(look.and_then(|look| look.at))
}

/// Notes what a visit did to a device; told twice it is noted once.
pub async fn link(
    tx: &Tx,
    device: &Model,
    visit: VisitId,
    act: DeviceAct,
    at: DateTime<Utc>,
) -> Result<()> {
    use device_visit::Column as C;
    let row = device_visit::Model {
        community_id: device.community_id,
        device_id: device.id,
        visit_id: visit,
        act,
        at,
    };
    let conflict =
        sea_orm::sea_query::OnConflict::columns([C::CommunityId, C::DeviceId, C::VisitId, C::Act])
            .do_nothing()
            .to_owned();
    device_visit::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(conflict)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// What a visit did to devices.
pub async fn acts_of_visit(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Vec<device_visit::Model>> {
    Ok(device_visit::Entity::find()
        .filter(device_visit::Column::CommunityId.eq(community))
        .filter(device_visit::Column::VisitId.eq(visit))
        .all(db)
        .await?)
}

/// What visits did to these devices, oldest first.
pub async fn visits(
    db: &impl ConnectionTrait,
    community: CommunityId,
    devices: &[Model],
) -> Result<Vec<device_visit::Model>> {
    if devices.is_empty() {
        return Ok(Vec::new());
    }
    Ok(device_visit::Entity::find()
        .filter(device_visit::Column::CommunityId.eq(community))
        .filter(device_visit::Column::DeviceId.is_in(devices.iter().map(|device| device.id)))
        .order_by_asc(device_visit::Column::At)
        .order_by_asc(device_visit::Column::VisitId)
        .order_by_asc(device_visit::Column::Act)
        .all(db)
        .await?)
}

/// When a device of the patient of a device `d` was last placed or reviewed: as `last_look`, within a statement.
const LAST_LOOK: &str = "(
    SELECT MAX(COALESCE(l.reviewed_at, l.placed_at)) FROM device l
    WHERE l.community_id = d.community_id AND l.patient_id = d.patient_id)";

/// Visits that were made, by nurses who still work: whoever left or is locked out neither looks after a patient nor can be
/// wished for.
const MADE: &str = "FROM visit v
    JOIN nurse n ON n.community_id = v.community_id AND n.id = v.nurse_id AND n.active
    JOIN account a ON a.community_id = n.community_id AND a.id = n.account_id AND a.status = 'active'
    WHERE v.community_id = $1 AND v.finished_at IS NOT NULL AND v.released_at IS NULL";

/// The nurse who visited a patient last and still works: the one responsible, and first choice for the next visit.
pub async fn responsible_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Option<NurseId>> {
    let found = responsible_nurses(db, community, [patient]).await?;
    Ok(found.into_values().next())
}

/// The same of several patients. One statement.
pub async fn responsible_nurses(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patients: impl IntoIterator<Item = PatientId>,
) -> Result<BTreeMap<PatientId, NurseId>> {
    #[derive(FromQueryResult)]
    struct Last {
        patient_id: PatientId,
        nurse_id: NurseId,
    }
    let mut values: Vec<sea_orm::Value> = vec![community.into()];
    values.extend(patients.into_iter().map(Into::into));
    let places: Vec<_> = (2..=values.len())
        .map(|place| format!("${place}"))
        .collect();
    if places.is_empty() {
        return Ok(BTreeMap::new());
    }
    let text = format!(
        "SELECT patient_id, nurse_id FROM (
           SELECT v.patient_id, v.nurse_id,
                  ROW_NUMBER() OVER (PARTITION BY v.patient_id ORDER BY v.finished_at DESC, v.seat) AS place
           {MADE} AND v.patient_id IN ({})
         ) AS visits WHERE place = 1",
        places.join(", ")
    );
    let rows = sql::all::<Last>(db, text, values).await?;
    let pairs = rows.into_iter().map(|row| (row.patient_id, row.nurse_id));
    Ok(pairs.collect())
}

/// Devices in place whose review is planned, of living patients whom this nurse is responsible for; the soonest first, at most
/// so many. One statement.
pub async fn in_care_of(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
    most: u64,
) -> Result<Vec<Model>> {
    let text = format!(
        "SELECT d.* FROM device d
         WHERE d.community_id = $1 AND d.removed_at IS NULL AND d.review_due IS NOT NULL
           AND NOT EXISTS (
             SELECT 1 FROM ({WORDS}) AS words
             WHERE words.patient_id = d.patient_id AND words.at >= {LAST_LOOK})
           AND d.patient_id IN (
             SELECT v.patient_id {MADE} AND v.nurse_id = $2)
           AND $2 = (
             SELECT v.nurse_id {MADE} AND v.patient_id = d.patient_id
             ORDER BY v.finished_at DESC, v.seat LIMIT 1)
         ORDER BY d.review_due, d.id LIMIT $3"
    );
    Ok(sql::all(db, text, [community.into(), nurse.into(), most.into()]).await?)
}

/// How long a device was there and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Stay {
    /// Which kind.
    pub kind: DeviceKind,
    /// From.
    pub placed_at: DateTime<Utc>,
    /// When a device of the patient, this one or another, was last placed or reviewed.
    pub looked_after_at: DateTime<Utc>,
    /// Until.
    pub removed_at: Option<DateTime<Utc>>,
    /// Why it ended.
    pub removal: Option<DeviceRemoval>,
    /// When the death of the patient became known, by what was told since `looked_after_at`.
    pub died_at: Option<DateTime<Utc>>,
}

/// Devices of the institutions' patients that were there at some moment of a span of time.
pub async fn stays(
    db: &impl ConnectionTrait,
    community: CommunityId,
    institutions: &BTreeSet<InstitutionId>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Stay>> {
    if institutions.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![community.into(), from.into(), to.into()];
    values.extend(institutions.iter().map(|id| (*id).into()));
    let sql = format!(
        "SELECT d.kind, d.placed_at, {LAST_LOOK} AS looked_after_at, d.removed_at, d.removal, MIN(x.at) AS died_at FROM device d
         JOIN patient p ON p.community_id = d.community_id AND p.id = d.patient_id
         LEFT JOIN ({WORDS}) AS x ON x.patient_id = d.patient_id AND x.at >= {LAST_LOOK}
         WHERE d.community_id = $1 AND (d.removed_at IS NULL OR d.removed_at >= $2) AND d.placed_at < $3
           AND p.institution_id IN ({})
         GROUP BY d.community_id, d.id",
        sql::places(4, institutions.len())
    );
    Ok(sql::all(db, sql, values).await?)
}

/// Notes that people were told of a review; false when they were, or when the device is not due then any more.
pub async fn note_told(
    tx: &Tx,
    community: CommunityId,
    id: DeviceId,
    due: NaiveDate,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE device SET told_for = $1 WHERE community_id = $2 AND id = $3 AND removed_at IS NULL
         AND review_due = $1 AND (told_for IS NULL OR told_for <> $1)",
        [due.into(), community.into(), id.into()],
    )
    .await?;
    Ok(changed == 1)
}
