//! Patients who were merged: two records of one person.

pub mod list_patient_merges;
pub mod merge_patient;
pub mod undo_patient_merge;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::Language;
use entity::ids::{AccountId, PatientId, PatientMergeId};
use entity::{patient, patient_merge};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::patients::event_of;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::merge::Conflict;
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::store;

/// A merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientMerge {
    /// The merge.
    pub id: PatientMergeId,
    /// The patient who stays.
    pub survivor_id: PatientId,
    /// The patient who was merged into the other.
    pub merged_id: PatientId,
    /// Why.
    pub reason: String,
    /// Who merged.
    pub merged_by: AccountId,
    /// When.
    pub merged_at: DateTime<Utc>,
    /// How many rows of each kind it moved.
    #[schema(example = json!({ "care_order": 2, "address": 1 }))]
    pub moved: BTreeMap<String, u64>,
    /// Carers of the merged patient who do not care for the other. They are not handed on: somebody has to add them.
    pub carers_left: usize,
    /// Why it was taken back.
    pub undo_reason: Option<String>,
    /// Who took it back.
    pub undone_by: Option<AccountId>,
    /// When.
    pub undone_at: Option<DateTime<Utc>>,
}

/// What keeps two patients from being merged.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeObstacle {
    /// What it is.
    pub code: Conflict,
    /// What is to be done, in Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// Member that the problem `patient_merge_conflict` has besides those of every problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeConflicts {
    /// What is to be settled first.
    #[schema(value_type = Vec<MergeObstacle>, required = false)]
    pub conflicts: Option<Vec<MergeObstacle>>,
}

/// The problem of patients that cannot be merged now.
fn refused(conflicts: impl IntoIterator<Item = Conflict>) -> Error {
    let one = |conflict: Conflict| MergeObstacle {
        code: conflict,
        zh: conflict.text(Language::Zh),
        en: conflict.text(Language::En),
    };
    let conflicts: Vec<_> = conflicts.into_iter().map(one).collect();
    Problem::new(Code::PatientMergeConflict)
        .member("conflicts", conflicts)
        .into()
}

/// Merges with what they moved. Three statements and those of the carers.
async fn told(
    db: &impl ConnectionTrait,
    app: &App,
    rows: &[patient_merge::Model],
) -> Result<Vec<PatientMerge>> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let community = first.community_id;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let counts = store::patient_merge::counts(db, community, &ids).await?;
    let people = rows.iter().flat_map(|row| [row.survivor_id, row.merged_id]);
    let carers = store::carer::of_patients(db, community, people).await?;
    let accounts = |patient| {
        let of = carers.get(&patient).into_iter().flatten();
        of.map(|(carer, _)| carer.account_id)
    };
    let one = |row: &patient_merge::Model| {
        let (reason, undo_reason) = store::patient_merge::reasons(app, row)?;
        let there: Vec<_> = accounts(row.survivor_id).collect();
        let left = accounts(row.merged_id).filter(|account| !there.contains(account));
        Ok(PatientMerge {
            id: row.id,
            survivor_id: row.survivor_id,
            merged_id: row.merged_id,
            reason,
            merged_by: row.merged_by,
            merged_at: row.merged_at,
            moved: counts.get(&row.id).cloned().unwrap_or_default(),
            carers_left: left.count(),
            undo_reason,
            undone_by: row.undone_by,
            undone_at: row.undone_at,
        })
    };
    rows.iter().map(one).collect()
}

/// Leaves an event with both patients.
async fn leave_events(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    merge: &patient_merge::Model,
    (patients, by): ([&patient::Model; 2], AccountId),
) -> Result<()> {
    for patient in patients {
        let event = event_of(kind, patient, by).payload(json!({
            "merge_id": merge.id,
            "survivor_id": merge.survivor_id,
            "merged_id": merge.merged_id,
        }));
        store::event::append(tx, app, merge.community_id, event).await?;
    }
    Ok(())
}
