//! Nurses and patients who are kept apart.

use entity::ids::{AccountId, CommunityId, NurseId, PatientId};
use entity::nurse;
use entity::nurse_refusal::{Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder,
};
use uuid::Uuid;

use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::problem::Code;

/// A pair to be kept apart.
#[derive(Clone, Copy, Debug)]
pub struct KeepApart<'a> {
    /// Tenant.
    pub community: CommunityId,
    /// The patient.
    pub patient: PatientId,
    /// The nurse.
    pub nurse: NurseId,
    /// Whose wish it is.
    pub refused_by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Who writes it down.
    pub recorded_by: AccountId,
}

/// Keeps a pair apart; said again, the newer reason counts.
pub async fn put(tx: &Tx, app: &App, new: KeepApart<'_>) -> Result<Model> {
    check_nurse(&**tx, new.community, new.nurse).await?;
    let row = Model {
        community_id: new.community,
        nurse_id: new.nurse,
        patient_id: new.patient,
        refused_by: new.refused_by.to_owned(),
        reason_enc: seal(app, new.patient, new.nurse, new.reason),
        recorded_by: new.recorded_by,
        recorded_at: app.now(),
    };
    let key = [Column::CommunityId, Column::PatientId, Column::NurseId];
    let rest = [
        Column::RefusedBy,
        Column::ReasonEnc,
        Column::RecordedBy,
        Column::RecordedAt,
    ];
    Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(OnConflict::columns(key).update_columns(rest).to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(row)
}

async fn check_nurse(
    db: &impl ConnectionTrait,
    community: CommunityId,
    nurse: NurseId,
) -> Result<()> {
    let found = nurse::Entity::find()
        .filter(nurse::Column::CommunityId.eq(community))
        .filter(nurse::Column::Id.eq(nurse))
        .count(db)
        .await?;
    if found == 1 {
        Ok(())
    } else {
        Err(Code::NotFound.into())
    }
}

/// Lets a pair meet again; false when they were not kept apart.
pub async fn remove(
    tx: &Tx,
    community: CommunityId,
    patient: PatientId,
    nurse: NurseId,
) -> Result<bool> {
    let removed = Entity::delete_many()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::NurseId.eq(nurse))
        .exec(&**tx)
        .await?;
    Ok(removed.rows_affected == 1)
}

/// Nurses that a patient is kept apart from.
pub async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .order_by_asc(Column::NurseId)
        .all(db)
        .await?)
}

/// Why they are kept apart.
pub fn reason(app: &App, row: &Model) -> Result<String> {
    app.cipher
        .open(place(row.patient_id, row.nurse_id), &row.reason_enc)
        .map_err(Error::internal)
}

/// Seals why they are kept apart.
pub fn seal(app: &App, patient: PatientId, nurse: NurseId, reason: &str) -> String {
    app.cipher.seal(place(patient, nurse), reason)
}

/// The row has no id of its own: it is named by both.
fn place(patient: PatientId, nurse: NurseId) -> FieldPlace {
    FieldPlace {
        table: "nurse_refusal",
        column: "reason_enc",
        row: Uuid::from_u128(patient.0.as_u128() ^ nurse.0.as_u128()),
    }
}
