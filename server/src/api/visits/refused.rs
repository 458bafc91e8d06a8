//! The trace of what a nurse tried on her visit and a gate refused. The refusal rolls its own transaction back, so the
//! trace is a write of its own. What is told later leaves `sync.refused` and an entry of the work list instead.

use chrono::{DateTime, Utc};
use entity::care_order;
use entity::enums::{AlertKind, AlertSeverity, Language};
use entity::ids::{AccountId, VisitId};
use serde_json::json;

use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::extract::{May, grants};
use crate::problem::Code;
use crate::store::event::NewEvent;
use crate::{in_write, store};

/// Refusals of the gates, and of pictures that are none. Not those of a request that cannot be read, comes twice, or finds
/// the order elsewhere.
const TRACED: &[Code] = &[
    Code::AssessmentMissing,
    Code::ConsentMissing,
    Code::ConsentSuperseded,
    Code::Contraindicated,
    Code::DataConsentMissing,
    Code::DeviceCurrentExists,
    Code::DeviceNoneThere,
    Code::DeviceRemovedBeforePlaced,
    Code::FamilyAbsent,
    Code::IdentityMissing,
    Code::MoreNursesNeeded,
    Code::NurseNotEligible,
    Code::PhotoNotInRecord,
    Code::PhotoTooManyPixels,
    Code::PhotoTypeUnknown,
    Code::PhotoUnreadable,
    Code::PrescriptionMissing,
    Code::RecordMissing,
    Code::RecordUnsigned,
    Code::ScreeningMissing,
    Code::SecondNurseAbsent,
    Code::SecondNurseMissing,
    Code::SecondNurseNotLeft,
    Code::SignatureMismatch,
    Code::SignerMinor,
    Code::SignerNotAllowed,
    Code::TimeInFuture,
    Code::VisitNotProven,
    Code::WasteMissing,
    Code::WasteSignatureMissing,
];

/// Leaves `visit.refused` when a gate refused a nurse's step on her own visit, once for each visit, step and code. The
/// answer stays what it is.
pub(crate) async fn traced<T>(
    app: &App,
    may: &May<grants::DoVisits>,
    (visit, step): (VisitId, &'static str),
    outcome: Result<T>,
) -> Result<T> {
    if let Err(Error::Problem(problem)) = &outcome
        && TRACED.contains(&problem.code())
        && let Err(error) = leave(app, may, visit, (step, problem.code())).await
    {
        tracing::error!(%error, step, "a refused step left no trace");
    }
    outcome
}

async fn leave(
    app: &App,
    may: &May<grants::DoVisits>,
    id: VisitId,
    (step, code): (&'static str, Code),
) -> Result<()> {
    in_write!(app.db, "visit_refused", |tx| {
        let found = store::visit::find(&**tx, &may.scope, id).await?;
        let mine = found.filter(|(visit, _)| Some(visit.nurse_id) == may.nurse);
        let Some((visit, order)) = mine else {
            return Ok(());
        };
        // Of two at once the second one finds the first.
        store::order::lock(tx, &order).await?;
        let kind = EventKind::VisitRefused;
        let payload = json!({ "visit_id": visit.id, "step": step, "code": code.as_str() });
        if store::event::is_there(&**tx, &order, kind, &payload).await? {
            return Ok(());
        }
        let event = NewEvent::of_order(kind, &order, Some(may.account))
            .nurse(visit.nurse_id)
            .payload(payload);
        store::event::append(tx, app, order.community_id, event).await?;
        call_desk(tx, app, &order, code, (may.account, app.now())).await
    })
}

/// Calls the desk, once, where only the desk can help: the order has to be moved or called off.
pub(crate) async fn call_desk(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    code: Code,
    (by, at): (AccountId, DateTime<Utc>),
) -> Result<()> {
    if !matches!(code, Code::MoreNursesNeeded | Code::Contraindicated) {
        return Ok(());
    }
    // Of two at once the second one finds the alert of the first.
    store::order::lock(tx, order).await?;
    let detail = code.title(Language::Zh);
    let what = (AlertKind::GatesChanged, AlertSeverity::Critical, detail);
    store::alert::call_once(tx, app, order, what, (Some(by), at)).await
}
