//! `GET /v1/audit/patient-reads`: who read which patient's data unmasked.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::account;
use entity::ids::{AccountId, PatientId, PatientReadId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::name::PersonName;
use crate::error::{Error, Result};
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which reads.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PatientReadFilter {
    /// Of this patient only.
    #[param(value_type = Option<String>, format = Uuid)]
    pub patient_id: Option<PatientId>,
    /// By this account only.
    #[param(value_type = Option<String>, format = Uuid)]
    pub account_id: Option<AccountId>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// A recorded read of a patient's data.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientRead {
    /// The record.
    pub id: PatientReadId,
    /// Whose data.
    pub patient_id: PatientId,
    /// Who read.
    pub account_id: AccountId,
    /// Name of who read, masked; null when the account is gone.
    #[schema(example = "张*明")]
    pub account_name: Option<String>,
    /// The operation that gave the data (`operationId` of this specification).
    #[schema(example = "get_patient")]
    pub operation: String,
    /// When.
    pub read_at: DateTime<Utc>,
}

/// List reads of patients' data.
#[utoipa::path(
    get, path = "/v1/audit/patient-reads", tag = "audit",
    responses((status = 200, description = "Newest first", body = Page<PatientRead>))
)]
pub async fn list_patient_reads(
    State(app): State<App>,
    may: May<grants::Audit>,
    Query(filter): Query<PatientReadFilter>,
) -> Result<Json<Page<PatientRead>>> {
    let (db, community) = (app.db.reader(), may.community);
    let cursor = Cursor::new(filter.cursor.as_deref(), filter.limit)?;
    let (patient, account) = (filter.patient_id, filter.account_id);
    let rows = store::audit::patient_reads(db, community, patient, account, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    let readers = page.items.iter().map(|row| row.account_id);
    let readers = store::account::by_ids(db, community, readers).await?;
    let page = page.try_map(|row| {
        Ok(PatientRead {
            id: row.id,
            patient_id: row.patient_id,
            account_id: row.account_id,
            account_name: name_of(&app, &readers, row.account_id)?,
            operation: row.operation,
            read_at: row.read_at,
        })
    })?;
    Ok(Json(page))
}

fn name_of(
    app: &App,
    accounts: &BTreeMap<AccountId, account::Model>,
    id: AccountId,
) -> Result<Option<String>> {
    let Some(row) = accounts.get(&id) else {
        return Ok(None);
    };
    let name = PersonName::parse(&store::account::name(app, row)?).map_err(Error::internal)?;
    Ok(Some(name.masked()))
}
