//! `POST /v1/patient-merges/{merge_id}/undo`: they are two people after all.

use axum::extract::State;
use entity::ids::PatientMergeId;
use entity::patient_merge;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{PatientMerge, leave_events, told};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::wire::Text;
use crate::{charges, follow_up, once, store};

/// Why a merge is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoPatientMerge {
    /// Why.
    #[schema(inline)]
    pub reason: Text<2, 300>,
}

/// Take a merge back.
///
/// Every row that the merge moved goes back, and the tasks that it joined are parted. What came since stays with the patient
/// who stayed, but for tasks of the plans that go back; a task that was done for both stays done.
#[utoipa::path(
    post, path = "/v1/patient-merges/{merge_id}/undo", tag = "patients", request_body = UndoPatientMerge,
    params(("merge_id" = PatientMergeId, Path, description = "A merge of two patients of the caller's institutions")),
    responses((status = 200, description = "They are two again", body = PatientMerge))
)]
pub async fn undo_patient_merge(
    State(app): State<App>,
    may: May<grants::MergePatients>,
    Id(id): Id<PatientMergeId>,
    request: IdempotencyKey<UndoPatientMerge>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, request.key, "undo_patient_merge", |tx| {
        let merge = store::patient_merge::require(&**tx, &may.scope, id).await?;
        let both = (merge.survivor_id, merge.merged_id);
        let (survivor, merged) = store::patient_merge::lock_both(tx, &may.scope, both).await?;
        let reason = request.body.reason.as_str();
        let sealed = store::patient_merge::seal_reason(&app, id, "undo_reason_enc", reason);
        let merge = patient_merge::Model {
            undo_reason_enc: Some(sealed),
            undone_by: Some(may.account),
            undone_at: Some(app.now()),
            ..merge
        };
        // Said before anything goes back: the database lets final rows go back only then.
        if !store::patient_merge::undo(tx, &merge).await? {
            return Err(Code::PatientMergeUndone.into());
        }
        store::patient_merge::put_back(tx, &merge).await?;
        for patient in [survivor.id, merged.id] {
            let whose = (may.community, patient);
            charges::settle_patient(tx, &app, &book, whose, may.account).await?;
        }
        follow_up::part(tx, &app, &merge).await?;
        store::patient_merge::point(tx, &merged, None).await?;
        store::patient_duplicate::parted(tx, may.community, both).await?;
        let whom = ([&survivor, &merged], may.account);
        leave_events(tx, &app, EventKind::PatientMergeUndone, &merge, whom).await?;
        let told = told(&**tx, &app, std::slice::from_ref(&merge)).await?;
        let told = told.first().ok_or_else(|| Error::internal("no merge"))?;
        Answer::ok(told)
    })
}
