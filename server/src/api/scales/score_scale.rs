//! `POST /v1/patients/{patient_id}/scales`: a scale is filled in; the server scores it.

use axum::extract::State;
use entity::enums::{ReadingSource, Role, ScaleRater};
use entity::ids::{PatientId, VisitId};
use entity::patient;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{ScaleScore, Scored};
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::code::Key;
use crate::domain::device::check_past;
use crate::domain::screening::{Answers, AnswersSchema};
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::signals::facts;
use crate::signals::flags::{self, Told};
use crate::signals::score::{self, Filled};
use crate::store::scale_score::Trended;
use crate::wire::{Cursor, Moment};
use crate::{follow_up, once, store};

/// A filled-in scale.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreScale {
    /// Code of the scale.
    #[schema(example = "barthel")]
    pub scale: Key,
    /// Answers by the code of their item or input: the code of an option, or a number.
    #[schema(value_type = AnswersSchema)]
    pub answers: Answers,
    /// The visit on which it was filled in.
    pub visit_id: Option<VisitId>,
    /// When; left out: now.
    pub taken_at: Option<Moment>,
}

/// Fill in a scale.
///
/// The server scores. A missing item is named, nothing is guessed. A band that needs a person opens an alert; no
/// treatment or diet ever follows from a score. A score is never changed: fill in a newer one.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/scales", tag = "scales", request_body = ScoreScale,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 201, description = "Scored", body = Scored,
        headers(("Location" = String, description = "The patient's scores"))
    ))
)]
pub async fn score_scale(
    State(app): State<App>,
    may: May<grants::ScoreScales>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<ScoreScale>,
) -> Result<Answer> {
    once!(app, may, key, "score_scale", |tx| {
        let patient = patient_of(tx, &may, id, body.visit_id).await?;
        let taken_at = body.taken_at.map_or(app.now(), Into::into);
        check_past(taken_at, app.now())
            .map_err(|_| Problem::new(Code::TimeInFuture).field("taken_at", Code::TimeInFuture))?;
        // As of the day it was filled in.
        let book = RuleBook::at(&**tx, &app, may.community, taken_at).await?;
        let unknown = || Problem::new(Code::ScaleUnknown).field("scale", Code::ScaleUnknown);
        let scale = book.scales.scale(body.scale.as_str()).ok_or_else(unknown)?;
        let filled = Filled {
            rater: rater(&may),
            by: Some(may.account),
            visit: body.visit_id,
            task: None,
            at: taken_at,
        };
        let form = (scale, &body.answers);
        let (row, score) = score::keep(tx, &app, &book, &patient, form, filled).await?;
        let source = (ReadingSource::Scale, row.id.0);
        let mut told = Told::new(source, taken_at, Some(may.account));
        told.visit = body.visit_id;
        told.numbers = facts::numbers_of(&book, scale, &score);
        let red_flags = flags::judge(tx, &app, &book, &patient, &told).await?;
        follow_up::scored(tx, &app, may.community, id).await?;
        let whose = (may.community, patient.id);
        follow_up::end_repeats(tx, &app, whose, Some(may.account), None).await?;
        let cursor = Cursor::new(None, Some(1))?;
        let (community, code) = (may.community, Some(row.scale.as_str()));
        let newest = store::scale_score::page(&**tx, community, id, code, &cursor).await?;
        let row: Trended = newest.into_iter().next().ok_or(Code::NotFound)?;
        let score = ScaleScore::of(&app, &book.scales, row)?;
        let shown = Scored { score, red_flags };
        Answer::created(format!("/v1/patients/{id}/scales"), &shown)
    })
}

/// The patient in scope, or the one of a visit of the caller's that has begun.
async fn patient_of(
    tx: &Tx,
    may: &May<grants::ScoreScales>,
    id: PatientId,
    visit: Option<VisitId>,
) -> Result<patient::Model> {
    let Some(visit) = visit else {
        return store::patient::get(&**tx, &may.scope, id).await;
    };
    let found = store::visit::find(&**tx, &may.scope, visit).await?;
    let (visit, order) = found
        .filter(|(visit, _)| visit.patient_id == id)
        .ok_or(Code::NotFound)?;
    if visit.arrived_at.is_none() {
        let problem = Problem::new(Code::OrderWrongState);
        return Err(problem.with("state", order.state).into());
    }
    let patient = store::patient::in_community(&**tx, may.community, id).await?;
    patient.ok_or_else(|| Code::NotFound.into())
}

/// As whom the caller fills it in.
fn rater(may: &May<grants::ScoreScales>) -> ScaleRater {
    if may.has_any(&[Role::Nurse]) {
        ScaleRater::Nurse
    } else if may.has_any(&[Role::Doctor]) {
        ScaleRater::Doctor
    } else {
        ScaleRater::Coordinator
    }
}
