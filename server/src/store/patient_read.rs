//! Who read what of a patient.

use entity::ids::{AccountId, CommunityId, PatientId, PatientReadId};
use entity::patient_read::Model;

use super::sql;
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
    record_all(tx, app, community, [patient], account, operation).await
}

/// The same of several patients: one statement.
pub async fn record_all(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    patients: impl IntoIterator<Item = PatientId>,
    account: AccountId,
    operation: &str,
) -> Result<()> {
    let row = |patient_id| Model {
        community_id: community,
        id: app.new_id::<PatientReadId>(),
        patient_id,
        account_id: account,
        operation: operation.to_owned(),
        read_at: app.now(),
    };
    let rows: Vec<_> = patients.into_iter().map(row).collect();
    Ok(sql::insert_all(tx, &rows).await?)
}
