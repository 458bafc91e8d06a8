//! Who read what of a patient.

use entity::ids::{AccountId, CommunityId, PatientId, PatientReadId};
use entity::patient_read::{Entity, Model};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use crate::app::App;
use crate::db::Tx;
use crate::error::Result;

/// Notes that an operation gave somebody a patient's data unmasked.
pub async fn record(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    patient: PatientId,
    account: AccountId,
    operation: &str,
) -> Result<()> {
    let row = Model {
        community_id: community,
        id: app.new_id::<PatientReadId>(),
        patient_id: patient,
        account_id: account,
        operation: operation.to_owned(),
        read_at: app.now(),
    };
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
