//! Arrivals in question, for the coordinator.

pub mod list_exceptions;
pub mod resolve_exception;

use chrono::{DateTime, Utc};
use entity::arrival_exception;
use entity::enums::{ArrivalDecision, ArrivalDoubt, ArrivalProof, NoFixCause};
use entity::ids::{
    AccountId, ArrivalExceptionId, InstitutionId, NurseId, OrderId, PatientId, VisitId,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::store;

/// An arrival in question.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArrivalException {
    /// The exception.
    pub id: ArrivalExceptionId,
    /// The visit.
    pub visit_id: VisitId,
    /// Its order.
    pub order_id: OrderId,
    /// The patient.
    pub patient_id: PatientId,
    /// The order's institution.
    pub institution_id: InstitutionId,
    /// The nurse.
    pub nurse_id: NurseId,
    /// Why it is in question.
    pub kind: ArrivalDoubt,
    /// Why there was no place to judge.
    pub cause: Option<NoFixCause>,
    /// Metres from the address.
    pub distance_m: Option<f64>,
    /// Accuracy of the fix in metres.
    pub accuracy_m: Option<f64>,
    /// The device says that its place is simulated.
    pub mock: bool,
    /// What the nurse says; null: nothing.
    pub reason: Option<String>,
    /// When she arrived.
    pub at: DateTime<Utc>,
    /// What proves that she was there; null: unproven.
    pub proof: Option<ArrivalProof>,
    /// When it was proven.
    pub proof_at: Option<DateTime<Utc>>,
    /// What was decided; null: it waits.
    pub decision: Option<ArrivalDecision>,
    /// Who decided.
    pub resolved_by: Option<AccountId>,
    /// When.
    pub resolved_at: Option<DateTime<Utc>>,
    /// What was noted then.
    pub note: Option<String>,
}

impl ArrivalException {
    fn of(app: &App, row: &arrival_exception::Model) -> Result<Self> {
        let open = |column, sealed| store::arrival::open(app, row.id, column, sealed);
        Ok(Self {
            id: row.id,
            visit_id: row.visit_id,
            order_id: row.order_id,
            patient_id: row.patient_id,
            institution_id: row.institution_id,
            nurse_id: row.nurse_id,
            kind: row.kind,
            cause: row.cause,
            distance_m: row.distance_m,
            accuracy_m: row.accuracy_m,
            mock: row.mock,
            reason: open("reason_enc", row.reason_enc.as_ref())?,
            at: row.at,
            proof: row.proof,
            proof_at: row.proof_at,
            decision: row.decision,
            resolved_by: row.resolved_by,
            resolved_at: row.resolved_at,
            note: open("note_enc", row.note_enc.as_ref())?,
        })
    }
}
