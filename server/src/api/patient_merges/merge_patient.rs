//! `POST /v1/patients/{patient_id}/merges`: another patient is the same person.

use axum::extract::State;
use entity::ids::{PatientId, PatientMergeId};
use entity::patient_merge;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MergeConflicts, PatientMerge, leave_events, refused, told};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::merge::Conflict;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::wire::Text;
use crate::{charges, dispatch, follow_up, once, store};

/// Who is to be merged, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergePatient {
    /// The patient who is merged into the one of the path.
    pub merged_id: PatientId,
    /// How it was made sure that they are one person.
    #[schema(inline)]
    pub reason: Text<2, 300>,
}

/// Merge another patient into this one.
///
/// Everything that is the other's goes over: orders, visits, addresses, devices, consents, discharges, plans, scores, alerts
/// and so on, and each row is written down, so that the merge can be taken back. Follow-up tasks of both are joined, so that
/// nobody is called twice on a day. Carers do not go over: whoever cares for the other sees this patient only when
/// added anew (`carers_left` says how many). Both keep name, papers and version; the other stands aside, and asked for
/// says `patient_merged`. Both have to be of the caller's institutions.
///
/// When the records together ask more of an order whose procedure has not begun, an alert is opened (`gates_changed`).
///
/// What only one may have, and both have, is to be settled first: `patient_merge_conflict` names all of it.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/merges", tag = "patients", request_body = MergePatient,
    params(("patient_id" = PatientId, Path, description = "The patient who stays")),
    responses(
        (status = 201, description = "Merged", body = PatientMerge, headers(
            ("Location" = String, description = "Where merges of the patient can be read"),
        )),
        (status = 409, description = "Something has to be settled first", body = MergeConflicts, content_type = "application/problem+json"),
    )
)]
pub async fn merge_patient(
    State(app): State<App>,
    may: May<grants::MergePatients>,
    Id(id): Id<PatientId>,
    request: IdempotencyKey<MergePatient>,
) -> Result<Answer> {
    let (body, community) = (&request.body, may.community);
    if body.merged_id == id {
        let code = Code::PatientMergeSelf;
        return Err(Problem::new(code).field("merged_id", code).into());
    }
    let book = RuleBook::current(app.db.reader(), &app, community).await?;
    once!(app, may, request.key, "merge_patient", |tx| {
        let both = (id, body.merged_id);
        let (survivor, merged) = store::patient_merge::lock_both(tx, &may.scope, both).await?;
        for row in [&survivor, &merged] {
            if let Some(into) = row.merged_into {
                let problem = Problem::new(Code::PatientMerged);
                return Err(problem.member("survivor_id", into).into());
            }
        }
        if store::patient_merge::has_merged(&**tx, community, merged.id).await? {
            return Err(Code::PatientMergeChain.into());
        }
        let conflicts = store::patient_merge::conflicts(tx, community, both).await?;
        if !conflicts.is_empty() {
            return Err(refused(conflicts));
        }
        let merge_id = app.new_id::<PatientMergeId>();
        let reason = body.reason.as_str();
        let merge = patient_merge::Model {
            community_id: community,
            id: merge_id,
            survivor_id: survivor.id,
            merged_id: merged.id,
            reason_enc: store::patient_merge::seal_reason(&app, merge_id, "reason_enc", reason),
            merged_by: may.account,
            merged_at: app.now(),
            undo_reason_enc: None,
            undone_by: None,
            undone_at: None,
        };
        store::patient_merge::insert(tx, merge.clone()).await?;
        if !follow_up::join_up(tx, &app, &book, &merge).await? {
            return Err(refused([Conflict::FollowTaskTwice]));
        }
        let mut before = dispatch::standings(tx, &app, &survivor).await?;
        before.extend(dispatch::standings(tx, &app, &merged).await?);
        store::patient_merge::move_rows(tx, &app, &merge).await?;
        dispatch::tell_changed(tx, &app, &survivor, &before, may.account).await?;
        let whose = (community, survivor.id);
        charges::settle_patient(tx, &app, &book, whose, may.account).await?;
        store::patient_merge::point(tx, &merged, Some(survivor.id)).await?;
        store::patient_duplicate::merged(tx, &app, community, both, may.account).await?;
        let whom = ([&survivor, &merged], may.account);
        leave_events(tx, &app, EventKind::PatientMerged, &merge, whom).await?;
        let told = told(&**tx, &app, std::slice::from_ref(&merge)).await?;
        let told = told.first().ok_or_else(|| Error::internal("no merge"))?;
        Answer::created(format!("/v1/patients/{}/merges", survivor.id), told)
    })
}
