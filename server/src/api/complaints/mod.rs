//! Complaints about orders (R19): filed by families and staff, owned, answered within a clock, appealed once, closed.

pub mod answer_complaint;
pub mod appeal_complaint;
pub mod assign_complaint;
pub mod close_complaint;
pub mod file_complaint;
pub mod get_complaint;
pub mod list_complaints;

use chrono::{DateTime, Utc};
use entity::complaint;
use entity::enums::{ComplaintAbout, ComplaintState};
use entity::ids::{AccountId, ComplaintId, InstitutionId, OrderId, PatientId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Tx;
use crate::domain::complaint::{Step, next};
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::complaint::Sealed;
use crate::store::event::NewEvent;

/// A complaint as it stands in lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct Complaint {
    /// The complaint.
    pub id: ComplaintId,
    /// The order it is about.
    pub order_id: OrderId,
    /// The patient.
    pub patient_id: PatientId,
    /// The institution that answers.
    pub institution_id: InstitutionId,
    /// What it is about.
    pub about: ComplaintAbout,
    /// Where it stands.
    pub state: ComplaintState,
    /// Who filed it.
    pub filed_by: AccountId,
    /// When.
    pub filed_at: DateTime<Utc>,
    /// Until when an answer is owed.
    pub due_at: DateTime<Utc>,
    /// Who looks after it.
    pub owner: Option<AccountId>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// When the answer was not accepted.
    pub appealed_at: Option<DateTime<Utc>>,
    /// When the last answer was given.
    pub final_answered_at: Option<DateTime<Utc>>,
    /// When supervisors were called last because nobody answered.
    pub escalated_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A complaint with what was said.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplaintDetail {
    /// What stands in lists too.
    #[serde(flatten)]
    pub complaint: Complaint,
    /// What it says.
    pub what: String,
    /// The first answer.
    pub answer: Option<String>,
    /// Why that was not accepted.
    pub appeal: Option<String>,
    /// The last answer.
    pub final_answer: Option<String>,
}

impl Complaint {
    /// The complaint of a row.
    pub(super) fn of(row: &complaint::Model) -> Self {
        Self {
            id: row.id,
            order_id: row.order_id,
            patient_id: row.patient_id,
            institution_id: row.institution_id,
            about: row.about,
            state: row.state,
            filed_by: row.filed_by,
            filed_at: row.filed_at,
            due_at: row.due_at,
            owner: row.owner,
            answered_at: row.answered_at,
            appealed_at: row.appealed_at,
            final_answered_at: row.final_answered_at,
            escalated_at: row.escalated_at,
            closed_at: row.closed_at,
        }
    }
}

impl ComplaintDetail {
    /// The complaint of a row, with its texts.
    fn of(app: &App, row: &complaint::Model) -> Result<Self> {
        let what = Sealed::What.open(app, row)?;
        Ok(Self {
            complaint: Complaint::of(row),
            what: what.ok_or_else(|| Error::internal("a complaint without words"))?,
            answer: Sealed::Answer.open(app, row)?,
            appeal: Sealed::Appeal.open(app, row)?,
            final_answer: Sealed::FinalAnswer.open(app, row)?,
        })
    }
}

/// Where a step leads, or that it cannot be taken.
fn advance(row: &complaint::Model, step: Step) -> Result<ComplaintState> {
    let to = next(row.state, step, row.appealed_at.is_some());
    let refused = || Problem::new(Code::ComplaintState).with("state", row.state);
    to.ok_or_else(|| refused().into())
}

/// Leaves the event of a step: staff and family hear of it, the nurse does not.
async fn leave_event(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    row: &complaint::Model,
    by: AccountId,
) -> Result<()> {
    let order = store::order::in_community(&**tx, row.community_id, row.order_id).await?;
    let order = order.ok_or_else(|| Error::internal("a complaint without its order"))?;
    let payload =
        serde_json::json!({ "complaint_id": row.id, "about": row.about, "state": row.state });
    let event = NewEvent::of_order(kind, &order, Some(by)).payload(payload);
    store::event::append(tx, app, row.community_id, event).await
}
