//! Merges: every row that is a patient's goes over to the survivor, is written down, and can be put back.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::OrderState;
use entity::ids::{CommunityId, PatientId, PatientMergeId};
use entity::patient_merge::{Column, Entity, Model};
use entity::{nurse_refusal, patient, patient_merge_row};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use super::nurse_refusal as kept_apart;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::lifecycle::is_final;
use crate::domain::merge::Conflict;
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};

/// Tables whose rows go over to the survivor, by their `id`.
pub const MOVED: [&str; 27] = [
    "address",
    "address_proposal",
    "address_warning",
    "admission",
    "alert",
    "answer_sheet",
    "arrival_exception",
    "assessment",
    "care_order",
    "complaint",
    "consent",
    "contact_attempt",
    "death_notice",
    "device",
    "discharge",
    "entitlement",
    "follow_plan",
    "follow_task",
    "health_fact",
    "order_item",
    "prescription",
    "reading",
    "rehab_plan",
    "safety_report",
    "scale_score",
    "sync_action",
    "visit",
];

/// Tables whose rows stay: who may act for somebody and who read of whom is not handed on, a printed card shows the old
/// name, and the trail is never rewritten. `nurse_refusal` is copied: its reason is sealed for the pair.
pub const STAYS: [&str; 5] = [
    "carer",
    "event",
    "nurse_refusal",
    "patient_card",
    "patient_read",
];

/// Kind of a task that took over what another one served.
pub const JOINED_TASK: &str = "follow_task_joined";
/// Kind of a task of the merged patient.
pub const TASK: &str = "follow_task";
/// Kind of a nurse who is kept apart from the survivor too.
const KEPT_APART: &str = "nurse_refusal";

/// Two patients of the scope, the one to stay first, locked in one order whoever names them.
pub async fn lock_both(
    tx: &Tx,
    scope: &Scope,
    (survivor, merged): (PatientId, PatientId),
) -> Result<(patient::Model, patient::Model)> {
    let mut rows = patient::Entity::find()
        .filter(scope.patients())
        .filter(patient::Column::Id.is_in([survivor, merged]))
        .order_by_asc(patient::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&**tx)
        .await?;
    let mut take = |id: PatientId| {
        let place = rows.iter().position(|row| row.id == id)?;
        Some(rows.swap_remove(place))
    };
    let survivor = take(survivor).ok_or(Code::NotFound)?;
    let merged = take(merged).ok_or_else(|| {
        let code = Code::PatientUnknown;
        Problem::new(code).field("merged_id", code)
    })?;
    Ok((survivor, merged))
}

/// What keeps two patients from being merged. One statement.
pub async fn conflicts(
    tx: &Tx,
    community: CommunityId,
    (survivor, merged): (PatientId, PatientId),
) -> Result<BTreeSet<Conflict>> {
    #[derive(FromQueryResult)]
    struct Found {
        conflict: String,
    }
    let over: Vec<_> = OrderState::ALL
        .iter()
        .filter(|state| is_final(**state))
        .map(|state| format!("'{}'", state.as_str()))
        .collect();
    let over = over.join(", ");
    let open = |patient: &str| {
        format!(
            "EXISTS (SELECT 1 FROM care_order o WHERE o.community_id = $1 AND o.patient_id = {patient} AND o.state NOT IN ({over}))"
        )
    };
    let twice = |table: &str, same: &str| {
        format!(
            "EXISTS (SELECT 1 FROM {table} a JOIN {table} b ON b.community_id = a.community_id AND {same}
             WHERE a.community_id = $1 AND a.patient_id = $2 AND b.patient_id = $3)"
        )
    };
    let checks = [
        (
            Conflict::OpenOrders,
            format!("{} AND {}", open("$2"), open("$3")),
        ),
        (
            Conflict::VisitUnderWay,
            "EXISTS (SELECT 1 FROM care_order o WHERE o.community_id = $1 AND o.patient_id = $3
             AND o.state IN ('departed', 'arrived', 'in_procedure'))"
                .to_owned(),
        ),
        (
            Conflict::OrderTwice,
            twice(
                "order_item",
                "a.live AND b.live AND a.item_code = b.item_code
                 AND a.window_start < b.window_end AND b.window_start < a.window_end",
            ),
        ),
        (
            Conflict::DeviceTwice,
            twice(
                "device",
                "a.kind = b.kind AND a.site = b.site AND a.removed_at IS NULL AND b.removed_at IS NULL",
            ),
        ),
        (
            Conflict::DischargeTwice,
            twice(
                "discharge",
                "a.discharged_on = b.discharged_on AND a.state <> 'cancelled' AND b.state <> 'cancelled'",
            ),
        ),
        (
            Conflict::RehabTwice,
            twice("rehab_plan", "a.state = 'active' AND b.state = 'active'"),
        ),
        (
            Conflict::AlertTwice,
            twice(
                "alert",
                "a.rule = b.rule AND a.closed_at IS NULL AND b.closed_at IS NULL",
            ),
        ),
        (
            Conflict::EntitlementTwice,
            twice(
                "entitlement",
                "a.package = b.package AND a.valid_from = b.valid_from AND a.ended_at IS NULL AND b.ended_at IS NULL",
            ),
        ),
    ];
    let selects: Vec<_> = checks
        .iter()
        .map(|(conflict, check)| format!("SELECT '{}' AS conflict WHERE {check}", conflict.code()))
        .collect();
    let found = sql::all::<Found>(
        &**tx,
        selects.join(" UNION ALL "),
        [community.into(), survivor.into(), merged.into()],
    )
    .await?;
    Ok(found
        .iter()
        .filter_map(|found| Conflict::parse(&found.conflict))
        .collect())
}

/// Writes a merge down, before anything is moved: the database lets final rows go over only by a merge that stands
/// there.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    sql::insert(tx, row).await.map_err(|error| {
        if violates(
            &error,
            &["patient_merge_one_live", "patient_merge.merged_id"],
        ) {
            Code::PatientMerged.into()
        } else if violates(&error, &["patient_merge_no_chain"]) {
            Code::PatientMergeChain.into()
        } else {
            Error::from(error)
        }
    })
}

/// Writes down a row that a merge changes beyond its patient.
pub async fn note(
    tx: &Tx,
    merge: &Model,
    kind: &'static str,
    row: Uuid,
    before: Value,
) -> Result<()> {
    let row = patient_merge_row::Model {
        community_id: merge.community_id,
        merge_id: merge.id,
        kind: kind.to_owned(),
        row_id: row,
        before: Some(before),
    };
    Ok(sql::insert(tx, row).await?)
}

/// Rows that stay because the survivor has the same already.
fn same_there(table: &str) -> &'static str {
    match table {
        "admission" => {
            " AND admitted_on NOT IN (SELECT k.admitted_on FROM admission k
             WHERE k.community_id = $1 AND k.patient_id = $4)"
        }
        "consent" => {
            " AND (visit_id IS NOT NULL OR withdrawn_at IS NOT NULL OR NOT EXISTS (
             SELECT 1 FROM consent k WHERE k.community_id = $1 AND k.patient_id = $4 AND k.visit_id IS NULL
             AND k.withdrawn_at IS NULL AND k.text_code = consent.text_code AND k.text_version = consent.text_version))"
        }
        _ => "",
    }
}

/// Moves every row of the merged patient to the survivor, and writes each down.
pub async fn move_rows(tx: &Tx, app: &App, merge: &Model) -> Result<()> {
    let community = merge.community_id;
    for table in MOVED {
        let but = same_there(table);
        let mut values = vec![community.into(), merge.id.into(), merge.merged_id.into()];
        if !but.is_empty() {
            values.push(merge.survivor_id.into());
        }
        // Some stand there already, with what else was changed of them.
        let written = format!(
            "INSERT INTO patient_merge_row (community_id, merge_id, kind, row_id)
             SELECT community_id, $2, '{table}', id FROM {table}
             WHERE community_id = $1 AND patient_id = $3{but} ON CONFLICT DO NOTHING"
        );
        sql::change(tx, written, values).await?;
        go_over(tx, merge, table, merge.survivor_id).await?;
    }
    copy_kept_apart(tx, app, merge).await
}

/// Puts back every row that a merge moved and that is still the survivor's.
pub async fn put_back(tx: &Tx, merge: &Model) -> Result<()> {
    for table in MOVED {
        go_over(tx, merge, table, merge.merged_id).await?;
    }
    // One whose reason was told anew since stays apart from the survivor.
    sql::change(
        tx,
        "DELETE FROM nurse_refusal WHERE community_id = $1 AND patient_id = $2 AND nurse_id IN (
             SELECT r.row_id FROM patient_merge_row r WHERE r.community_id = $1 AND r.merge_id = $3 AND r.kind = 'nurse_refusal')
         AND EXISTS (SELECT 1 FROM nurse_refusal k WHERE k.community_id = $1 AND k.patient_id = $4
             AND k.nurse_id = nurse_refusal.nurse_id AND k.recorded_at = nurse_refusal.recorded_at)",
        [
            merge.community_id.into(),
            merge.survivor_id.into(),
            merge.id.into(),
            merge.merged_id.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Gives the rows of a merge in one table to one of the two.
async fn go_over(tx: &Tx, merge: &Model, table: &str, to: PatientId) -> Result<()> {
    let from = if to == merge.survivor_id {
        merge.merged_id
    } else {
        merge.survivor_id
    };
    let text = format!(
        "UPDATE {table} SET patient_id = $1 WHERE community_id = $2 AND patient_id = $3 AND id IN (
         SELECT row_id FROM patient_merge_row WHERE community_id = $2 AND merge_id = $4 AND kind = '{table}')"
    );
    let (community, id) = (merge.community_id, merge.id);
    let values = [to.into(), community.into(), from.into(), id.into()];
    sql::change(tx, text, values).await?;
    Ok(())
}

/// Who is kept apart from the merged patient is kept apart from the survivor.
async fn copy_kept_apart(tx: &Tx, app: &App, merge: &Model) -> Result<()> {
    let community = merge.community_id;
    let there = kept_apart::of_patient(&**tx, community, merge.survivor_id).await?;
    let known: BTreeSet<_> = there.iter().map(|row| row.nurse_id).collect();
    let rows = kept_apart::of_patient(&**tx, community, merge.merged_id).await?;
    for row in rows
        .into_iter()
        .filter(|row| !known.contains(&row.nurse_id))
    {
        let reason = kept_apart::reason(app, &row)?;
        let copy = nurse_refusal::Model {
            patient_id: merge.survivor_id,
            reason_enc: kept_apart::seal(app, merge.survivor_id, row.nurse_id, &reason),
            ..row
        };
        let written = patient_merge_row::Model {
            community_id: community,
            merge_id: merge.id,
            kind: KEPT_APART.to_owned(),
            row_id: copy.nurse_id.0,
            before: None,
        };
        sql::insert(tx, copy).await?;
        sql::insert(tx, written).await?;
    }
    Ok(())
}

/// Says in the row of the merged patient where it went; none: it stands for itself again.
pub async fn point(tx: &Tx, row: &patient::Model, to: Option<PatientId>) -> Result<()> {
    let changed = patient::Entity::update_many()
        .col_expr(patient::Column::MergedInto, to.into())
        .col_expr(patient::Column::Version, (row.version + 1).into())
        .filter(patient::Column::CommunityId.eq(row.community_id))
        .filter(patient::Column::Id.eq(row.id))
        .filter(patient::Column::Version.eq(row.version))
        .exec(&**tx)
        .await?;
    if changed.rows_affected == 1 {
        Ok(())
    } else {
        Err(Code::PreconditionFailed.into())
    }
}

/// A merge of which the caller may see both patients.
pub async fn require(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: PatientMergeId,
) -> Result<Model> {
    let row = Entity::find_by_id((scope.community, id)).one(db).await?;
    let row = row.ok_or(Code::NotFound)?;
    let seen = patient::Entity::find()
        .filter(scope.patients())
        .filter(patient::Column::Id.is_in([row.survivor_id, row.merged_id]))
        .all(db)
        .await?;
    if seen.len() == 2 {
        Ok(row)
    } else {
        Err(Code::NotFound.into())
    }
}

/// Merges into a patient, newest first.
pub async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::SurvivorId.eq(patient))
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}

/// Whether others were merged into a patient and still are.
pub async fn has_merged(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::SurvivorId.eq(patient))
        .filter(Column::UndoneAt.is_null())
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// How many rows of each table merges moved. One statement.
pub async fn counts(
    db: &impl ConnectionTrait,
    community: CommunityId,
    merges: &[PatientMergeId],
) -> Result<BTreeMap<PatientMergeId, BTreeMap<String, u64>>> {
    #[derive(FromQueryResult)]
    struct Count {
        merge_id: PatientMergeId,
        kind: String,
        rows: i64,
    }
    if merges.is_empty() {
        return Ok(BTreeMap::new());
    }
    let text = format!(
        "SELECT merge_id, kind, count(*) AS rows FROM patient_merge_row
         WHERE community_id = $1 AND merge_id IN ({}) GROUP BY merge_id, kind",
        sql::places(2, merges.len())
    );
    let mut values = vec![community.into()];
    values.extend(merges.iter().map(|id| (*id).into()));
    let mut all = BTreeMap::<_, BTreeMap<_, _>>::new();
    for count in sql::all::<Count>(db, text, values).await? {
        let of = all.entry(count.merge_id).or_default();
        of.insert(count.kind, u64::try_from(count.rows).unwrap_or(0));
    }
    Ok(all)
}

/// Rows of a merge in one kind that it changed beyond their patient.
pub async fn changed(
    db: &impl ConnectionTrait,
    merge: &Model,
    kind: &str,
) -> Result<Vec<patient_merge_row::Model>> {
    use patient_merge_row::Column as R;
    Ok(patient_merge_row::Entity::find()
        .filter(R::CommunityId.eq(merge.community_id))
        .filter(R::MergeId.eq(merge.id))
        .filter(R::Kind.eq(kind))
        .filter(R::Before.is_not_null())
        .all(db)
        .await?)
}

/// Marks a merge as taken back; false when somebody was faster.
pub async fn undo(tx: &Tx, row: &Model) -> Result<bool> {
    let changed = Entity::update_many()
        .col_expr(Column::UndoneBy, row.undone_by.into())
        .col_expr(Column::UndoneAt, row.undone_at.into())
        .col_expr(Column::UndoReasonEnc, row.undo_reason_enc.clone().into())
        .filter(Column::CommunityId.eq(row.community_id))
        .filter(Column::Id.eq(row.id))
        .filter(Column::UndoneAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Seals why a merge was made or taken back.
pub fn seal_reason(app: &App, id: PatientMergeId, column: &'static str, text: &str) -> String {
    app.cipher.seal(place(id, column), text)
}

/// Why it was made, and why it was taken back.
pub fn reasons(app: &App, row: &Model) -> Result<(String, Option<String>)> {
    let open = |column, sealed: &str| {
        app.cipher
            .open(place(row.id, column), sealed)
            .map_err(Error::internal)
    };
    let undo = row.undo_reason_enc.as_deref();
    let undo = undo
        .map(|sealed| open("undo_reason_enc", sealed))
        .transpose()?;
    Ok((open("reason_enc", &row.reason_enc)?, undo))
}

fn place(id: PatientMergeId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: "patient_merge",
        column,
        row: id.0,
    }
}
