//! Alerts: opened with what causes them, taken by one, acted upon, closed with an outcome. Those of red flags have a
//! deadline and an owner, and go on to further people; of each red flag a patient has one that is not closed.

mod call;
mod new_alert;
mod of_people;
mod settled;
mod sight;

use chrono::{DateTime, Utc};
use entity::alert::{Column, Entity, Model};
use entity::enums::{AlertKind, AlertResult, AlertSeverity, SubjectKind};
use entity::ids::{AccountId, AlertId, CommunityId, OrderId, PatientId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::json;

use super::event::{self, NewEvent};
use super::page::newest;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::problem::Code;
use crate::wire::Cursor;

pub use call::{call, call_once, urgency};
pub use new_alert::{Flag, NewAlert};
pub use of_people::{by_ids, open_flags_of, open_of_nurse};
pub use settled::{settle_of_visit, unclosed_of_visit};
use sight::in_scope;
pub use sight::{require, require_to_handle};

/// Opens an alert: its row, its event, and a message to every coordinator of the institution.
pub async fn open(tx: &Tx, app: &App, new: NewAlert<'_>) -> Result<Model> {
    let order = new.number.map(str::to_owned);
    let row = keep(tx, app, new).await?;
    let row = row.ok_or_else(|| Error::internal("an alert without a rule was there already"))?;
    let desk = super::account::coordinators_of(&**tx, row.community_id, row.institution_id).await?;
    let kind = row.kind;
    super::message::to_all(tx, app, &desk, &Message::Alert { kind, order }).await?;
    Ok(row)
}

/// Keeps an alert with its event; none when the patient has one of this red flag that is not closed.
pub async fn keep(tx: &Tx, app: &App, new: NewAlert<'_>) -> Result<Option<Model>> {
    let mut row = new.row;
    row.detail_enc = new
        .detail
        .map(|text| app.cipher.seal(place(row.id, "detail_enc"), text));
    let stored = Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    if stored != 1 {
        return Ok(None);
    }
    record(tx, app, EventKind::AlertOpened, &row, new.actor).await?;
    Ok(Some(row))
}

/// The alert of a red flag that a patient has and nobody closed.
pub async fn open_of_rule(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    rule: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::Rule.eq(rule))
        .filter(Column::ClosedAt.is_null())
        .one(db)
        .await?)
}

/// Whether a patient has an alert of a kind that nobody closed.
pub async fn is_open(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    kind: AlertKind,
) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::Kind.eq(kind))
        .filter(Column::ClosedAt.is_null())
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// An alert of the community, for what happens by itself.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: AlertId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// Notes that an alert which nobody took went on; false when it was taken, or went on already.
pub async fn note_escalation(tx: &Tx, app: &App, row: &mut Model) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE alert SET escalation = escalation + 1
         WHERE community_id = $1 AND id = $2 AND escalation = $3 AND taken_at IS NULL",
        [
            row.community_id.into(),
            row.id.into(),
            row.escalation.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Ok(false);
    }
    row.escalation += 1;
    record(tx, app, EventKind::AlertEscalated, row, None).await?;
    Ok(true)
}

/// Makes an alert more urgent: the red flag came up again, and worse.
pub async fn hasten(
    tx: &Tx,
    app: &App,
    row: &mut Model,
    severity: AlertSeverity,
    due_at: DateTime<Utc>,
) -> Result<()> {
    sql::change(
        tx,
        "UPDATE alert SET due_at = $1, severity = $2 WHERE community_id = $3 AND id = $4 AND closed_at IS NULL",
        [
            due_at.into(),
            severity.as_str().into(),
            row.community_id.into(),
            row.id.into(),
        ],
    )
    .await?;
    row.due_at = Some(due_at);
    row.severity = severity;
    record(tx, app, EventKind::AlertRaisedAgain, row, None).await
}

/// Which alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Closed ones, or those that are not.
    pub closed: Option<bool>,
    /// Of this kind.
    pub kind: Option<AlertKind>,
    /// Of this patient.
    pub patient: Option<PatientId>,
}

/// Alerts of the scope's institutions, and those that name the calling nurse; newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    wanted: &AlertFilter,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let closed = wanted.closed.map(|closed| {
        if closed {
            Column::ClosedAt.is_not_null()
        } else {
            Column::ClosedAt.is_null()
        }
    });
    let condition = in_scope(scope)
        .add_option(closed)
        .add_option(wanted.kind.map(|kind| Column::Kind.eq(kind)))
        .add_option(wanted.patient.map(|id| Column::PatientId.eq(id)));
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

/// Takes an alert that nobody looks after; one wins.
pub async fn take(tx: &Tx, app: &App, mut row: Model, by: AccountId) -> Result<Model> {
    let now = app.now();
    let changed = sql::change(
        tx,
        "UPDATE alert SET taken_by = $1, taken_at = $2
         WHERE community_id = $3 AND id = $4 AND taken_at IS NULL",
        [
            by.into(),
            now.into(),
            row.community_id.into(),
            row.id.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Err(Code::AlertTaken.into());
    }
    row.taken_by = Some(by);
    row.taken_at = Some(now);
    record(tx, app, EventKind::AlertTaken, &row, Some(by)).await?;
    Ok(row)
}

/// Notes what was done about an alert that was taken and not closed; a later word replaces an earlier one, and both are
/// events.
pub async fn act(tx: &Tx, app: &App, mut row: Model, by: AccountId, action: &str) -> Result<Model> {
    let now = app.now();
    let sealed = app.cipher.seal(place(row.id, "action_enc"), action);
    let changed = sql::change(
        tx,
        "UPDATE alert SET acted_by = $1, acted_at = $2, action_enc = $3
         WHERE community_id = $4 AND id = $5 AND taken_at IS NOT NULL AND closed_at IS NULL",
        [
            by.into(),
            now.into(),
            sealed.clone().into(),
            row.community_id.into(),
            row.id.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Err(not_open(&row).into());
    }
    row.acted_by = Some(by);
    row.acted_at = Some(now);
    row.action_enc = Some(sealed);
    record(tx, app, EventKind::AlertActed, &row, Some(by)).await?;
    Ok(row)
}

/// What came of an alert.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// In words.
    pub text: &'a str,
    /// What it became.
    pub result: Option<AlertResult>,
    /// The order it became.
    pub order: Option<OrderId>,
}

/// Closes an alert that was taken, with what came of it.
pub async fn close(
    tx: &Tx,
    app: &App,
    mut row: Model,
    by: AccountId,
    outcome: Outcome<'_>,
) -> Result<Model> {
    let now = app.now();
    let sealed = app.cipher.seal(place(row.id, "outcome_enc"), outcome.text);
    let changed = sql::change(
        tx,
        "UPDATE alert SET closed_by = $1, closed_at = $2, outcome_enc = $3, result = $4, result_order_id = $5
         WHERE community_id = $6 AND id = $7 AND taken_at IS NOT NULL AND closed_at IS NULL",
        [
            by.into(),
            now.into(),
            sealed.clone().into(),
            outcome.result.map(AlertResult::as_str).into(),
            outcome.order.into(),
            row.community_id.into(),
            row.id.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Err(not_open(&row).into());
    }
    row.result = outcome.result;
    row.result_order_id = outcome.order;
    row.closed_by = Some(by);
    row.closed_at = Some(now);
    row.outcome_enc = Some(sealed);
    record(tx, app, EventKind::AlertClosed, &row, Some(by)).await?;
    Ok(row)
}

/// Why nothing can be done about an alert.
fn not_open(row: &Model) -> Code {
    if row.taken_at.is_none() {
        Code::AlertNotTaken
    } else {
        Code::AlertClosed
    }
}

/// What is said of an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// What was found.
    pub detail: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
}

/// What is said of an alert.
pub fn texts(app: &App, row: &Model) -> Result<Texts> {
    let open = |column, sealed: &Option<String>| {
        let opened = sealed
            .as_ref()
            .map(|sealed| app.cipher.open(place(row.id, column), sealed));
        opened.transpose().map_err(Error::internal)
    };
    Ok(Texts {
        detail: open("detail_enc", &row.detail_enc)?,
        action: open("action_enc", &row.action_enc)?,
        outcome: open("outcome_enc", &row.outcome_enc)?,
    })
}

async fn record(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    row: &Model,
    actor: Option<AccountId>,
) -> Result<()> {
    let (subject, id) = match row.order_id {
        Some(order) => (SubjectKind::Order, order.0),
        None => (SubjectKind::Patient, row.patient_id.0),
    };
    let mut event = NewEvent::new(kind, subject, id, actor)
        .institution(row.institution_id)
        .patient(row.patient_id)
        .payload(json!({
            "alert_id": row.id, "kind": row.kind, "severity": row.severity, "rule": row.rule,
            "escalation": row.escalation, "result": row.result, "result_order_id": row.result_order_id,
        }));
    if let Some(nurse) = row.nurse_id {
        event = event.nurse(nurse);
    }
    event::append(tx, app, row.community_id, event).await
}

fn place(id: AlertId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: "alert",
        column,
        row: id.0,
    }
}
