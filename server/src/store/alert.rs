//! Alerts: opened with what causes them, taken by one, closed with an outcome.

use chrono::{DateTime, Utc};
use entity::alert::{Column, Entity, Model};
use entity::enums::{AlertKind, AlertSeverity, SubjectKind};
use entity::ids::{AccountId, AlertId, PatientId};
use entity::{care_order, patient, visit};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;

use super::event::{self, NewEvent};
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

/// An alert to be opened.
#[derive(Clone, Debug)]
pub struct NewAlert<'a> {
    row: Model,
    number: Option<&'a str>,
    detail: Option<&'a str>,
    actor: Option<AccountId>,
}

impl<'a> NewAlert<'a> {
    /// About an order; `at` is when it happened.
    pub fn of_order(
        app: &App,
        kind: AlertKind,
        severity: AlertSeverity,
        order: &'a care_order::Model,
        at: DateTime<Utc>,
    ) -> Self {
        let mut row = blank(app, kind, severity, at);
        row.community_id = order.community_id;
        row.institution_id = order.institution_id;
        row.patient_id = order.patient_id;
        row.order_id = Some(order.id);
        Self {
            row,
            number: Some(&order.number),
            detail: None,
            actor: None,
        }
    }

    /// About a patient, whatever the order; `at` is when it happened.
    pub fn of_patient(
        app: &App,
        kind: AlertKind,
        severity: AlertSeverity,
        patient: &patient::Model,
        at: DateTime<Utc>,
    ) -> Self {
        let mut row = blank(app, kind, severity, at);
        row.community_id = patient.community_id;
        row.institution_id = patient.institution_id;
        row.patient_id = patient.id;
        Self {
            row,
            number: None,
            detail: None,
            actor: None,
        }
    }

    /// Found on a visit.
    #[must_use]
    pub fn visit(mut self, visit: &visit::Model) -> Self {
        self.row.visit_id = Some(visit.id);
        self.row.nurse_id = Some(visit.nurse_id);
        self
    }

    /// What was found, in words; it is sealed.
    #[must_use]
    pub fn detail(mut self, text: &'a str) -> Self {
        self.detail = Some(text);
        self
    }

    /// Whoever found it.
    #[must_use]
    pub fn by(mut self, account: AccountId) -> Self {
        self.actor = Some(account);
        self
    }
}

fn blank(app: &App, kind: AlertKind, severity: AlertSeverity, at: DateTime<Utc>) -> Model {
    let nil = uuid::Uuid::nil();
    Model {
        community_id: nil.into(),
        id: app.new_id::<AlertId>(),
        kind,
        severity,
        institution_id: nil.into(),
        patient_id: nil.into(),
        order_id: None,
        visit_id: None,
        nurse_id: None,
        detail_enc: None,
        happened_at: at,
        opened_at: app.now(),
        taken_by: None,
        taken_at: None,
        closed_by: None,
        closed_at: None,
        outcome_enc: None,
    }
}

/// Opens an alert: its row, its event, and a message to every coordinator of the institution.
pub async fn open(tx: &Tx, app: &App, new: NewAlert<'_>) -> Result<Model> {
    let mut row = new.row;
    row.detail_enc = new
        .detail
        .map(|text| app.cipher.seal(place(row.id, "detail_enc"), text));
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    record(tx, app, EventKind::AlertOpened, &row, new.actor).await?;
    let message = Message::Alert {
        kind: row.kind,
        order: new.number.map(str::to_owned),
    };
    let desk = super::account::coordinators_of(&**tx, row.community_id, row.institution_id).await?;
    for account in desk {
        let phone = super::account::phone(app, &account)?;
        let (community, id) = (row.community_id, Some(account.id));
        let (phone, language) = (phone.reveal(), account.language);
        super::message::enqueue(tx, app, community, id, phone, language, &message).await?;
    }
    Ok(row)
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

/// Alerts of the scope's institutions, newest first.
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
        .add_option(wanted.patient.map(|id| Column::PatientId.eq(id)))
        .add_option(cursor.before.map(|id| Column::Id.lt(id)));
    Ok(Entity::find()
        .filter(condition)
        .order_by_desc(Column::Id)
        .limit(cursor.read())
        .all(db)
        .await?)
}

/// An alert of the scope's institutions, or the problem that there is none.
pub async fn require(db: &impl ConnectionTrait, scope: &Scope, id: AlertId) -> Result<Model> {
    Entity::find()
        .filter(in_scope(scope))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

fn in_scope(scope: &Scope) -> Condition {
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(Column::InstitutionId.is_in(scope.institutions.iter().copied()))
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

/// Closes an alert that was taken, with what came of it.
pub async fn close(
    tx: &Tx,
    app: &App,
    mut row: Model,
    by: AccountId,
    outcome: &str,
) -> Result<Model> {
    let now = app.now();
    let sealed = app.cipher.seal(place(row.id, "outcome_enc"), outcome);
    let changed = sql::change(
        tx,
        "UPDATE alert SET closed_by = $1, closed_at = $2, outcome_enc = $3
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
        let code = if row.taken_at.is_none() {
            Code::AlertNotTaken
        } else {
            Code::AlertClosed
        };
        return Err(code.into());
    }
    row.closed_by = Some(by);
    row.closed_at = Some(now);
    row.outcome_enc = Some(sealed);
    record(tx, app, EventKind::AlertClosed, &row, Some(by)).await?;
    Ok(row)
}

/// What was found, and what came of it.
pub fn texts(app: &App, row: &Model) -> Result<(Option<String>, Option<String>)> {
    let open = |column, sealed: &Option<String>| {
        let opened = sealed
            .as_ref()
            .map(|sealed| app.cipher.open(place(row.id, column), sealed));
        opened.transpose().map_err(Error::internal)
    };
    Ok((
        open("detail_enc", &row.detail_enc)?,
        open("outcome_enc", &row.outcome_enc)?,
    ))
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
        .payload(json!({ "alert_id": row.id, "kind": row.kind, "severity": row.severity }));
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
