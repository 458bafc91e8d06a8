//! Alerts as they are sent.

use chrono::{DateTime, Utc};
use entity::alert;
use entity::enums::{AlertKind, AlertResult, AlertSeverity, FlagOwner};
use entity::ids::{AccountId, AlertId, InstitutionId, NurseId, OrderId, PatientId, VisitId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::store;

/// Something that somebody has to look at now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alert {
    /// The alert.
    pub id: AlertId,
    /// What it is about.
    pub kind: AlertKind,
    /// How soon it has to be looked at.
    pub severity: AlertSeverity,
    /// The institution that looks after it.
    pub institution_id: InstitutionId,
    /// The patient.
    pub patient_id: PatientId,
    /// The order, when it came of one.
    pub order_id: Option<OrderId>,
    /// The visit, when it came of one.
    pub visit_id: Option<VisitId>,
    /// The nurse of that visit.
    pub nurse_id: Option<NurseId>,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// When it became known here; later than it happened when there was no signal.
    pub opened_at: DateTime<Utc>,
    /// Who looks after it; null: nobody yet.
    pub taken_by: Option<AccountId>,
    /// Since when.
    pub taken_at: Option<DateTime<Utc>>,
    /// Who closed it.
    pub closed_by: Option<AccountId>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// The red flag that is up.
    #[schema(example = "RF05")]
    pub rule: Option<String>,
    /// Whose it is.
    pub owner: Option<FlagOwner>,
    /// Until when it has to be dealt with.
    pub due_at: Option<DateTime<Utc>>,
    /// How often it went on because nobody took it: of a red flag at half of its deadline, then at its end; of a nurse who is
    /// missed every few minutes.
    pub escalation: i32,
    /// When something was done about it.
    pub acted_at: Option<DateTime<Utc>>,
    /// Who did it.
    pub acted_by: Option<AccountId>,
    /// What became of it.
    pub result: Option<AlertResult>,
    /// The order that became of it.
    pub result_order_id: Option<OrderId>,
}

/// An alert with what is personal about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertWhole {
    /// What stands in lists too.
    #[serde(flatten)]
    pub alert: Alert,
    /// What was found, in words.
    pub detail: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
}

impl Alert {
    pub(crate) fn of(row: &alert::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            severity: row.severity,
            institution_id: row.institution_id,
            patient_id: row.patient_id,
            order_id: row.order_id,
            visit_id: row.visit_id,
            nurse_id: row.nurse_id,
            happened_at: row.happened_at,
            opened_at: row.opened_at,
            taken_by: row.taken_by,
            taken_at: row.taken_at,
            closed_by: row.closed_by,
            closed_at: row.closed_at,
            rule: row.rule.clone(),
            owner: row.owner,
            due_at: row.due_at,
            escalation: row.escalation,
            acted_at: row.acted_at,
            acted_by: row.acted_by,
            result: row.result,
            result_order_id: row.result_order_id,
        }
    }
}

impl AlertWhole {
    pub(super) fn of(app: &App, row: &alert::Model) -> Result<Self> {
        let texts = store::alert::texts(app, row)?;
        Ok(Self {
            alert: Alert::of(row),
            detail: texts.detail,
            action: texts.action,
            outcome: texts.outcome,
        })
    }
}
