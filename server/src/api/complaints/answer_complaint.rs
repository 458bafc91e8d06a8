//! `POST /v1/complaints/{complaint_id}/answer`: what the institution says to it.

use axum::extract::State;
use entity::ids::ComplaintId;
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ComplaintDetail, advance, leave_event};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::complaint::Step;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::message::Message;
use crate::problem::Code;
use crate::store::complaint::Sealed;
use crate::wire::Text;
use crate::{once, store};

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintAnswer {
    /// What was found, and what is done about it.
    #[schema(inline, example = "已核实,向您致歉,并调整了排班")]
    pub answer: Text<1, 2000>,
}

/// Answer a complaint.
///
/// By staff of the institution, once it has an owner. An appeal is answered by a supervisor who did not give the first
/// answer; that answer is the last.
#[utoipa::path(
    post, path = "/v1/complaints/{complaint_id}/answer", tag = "complaints", request_body = ComplaintAnswer,
    params(("complaint_id" = ComplaintId, Path, description = "A complaint of the caller's institutions")),
    responses((status = 200, description = "Answered", body = ComplaintDetail))
)]
pub async fn answer_complaint(
    State(app): State<App>,
    may: May<grants::HandleComplaints>,
    Id(id): Id<ComplaintId>,
    request: IdempotencyKey<ComplaintAnswer>,
) -> Result<Answer> {
    once!(app, may, request.key, "answer_complaint", |tx| {
        let row = store::complaint::require(&**tx, &may.scope, id).await?;
        let to = advance(&row, Step::Answer)?;
        let (now, by, text) = (app.now(), may.account, request.body.answer.as_str());
        let second = row.appealed_at.is_some();
        if second {
            let supervisor = may.scope_for::<grants::AnswerAppeals>();
            let other = row.answered_by != Some(by);
            if !other || !supervisor.is_ok_and(|scope| scope.reaches(row.institution_id)) {
                return Err(Code::ComplaintOtherAnswers.into());
            }
        }
        let row = store::complaint::update(tx, &row, |row| {
            row.state = Set(to);
            if second {
                row.final_answer_enc = Set(Some(Sealed::FinalAnswer.seal(&app, id, text)));
                row.final_answered_by = Set(Some(by));
                row.final_answered_at = Set(Some(now));
            } else {
                row.answer_enc = Set(Some(Sealed::Answer.seal(&app, id, text)));
                row.answered_by = Set(Some(by));
                row.answered_at = Set(Some(now));
            }
        })
        .await?;
        leave_event(tx, &app, EventKind::ComplaintAnswered, &row, by).await?;
        let community = may.community;
        let order = store::order::in_community(&**tx, community, row.order_id).await?;
        let filer = store::account::get(&**tx, community, row.filed_by).await?;
        if let (Some(order), Some(filer)) = (order, filer) {
            let order = order.number;
            let message = Message::ComplaintAnswered { order };
            store::message::to_account(tx, &app, &filer, &message).await?;
        }
        Answer::ok(&ComplaintDetail::of(&app, &row)?)
    })
}
