//! `POST /v1/complaints`: something was not as it should be.

use axum::extract::State;
use entity::complaint;
use entity::enums::{ComplaintAbout, ComplaintState};
use entity::ids::{ComplaintId, OrderId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ComplaintDetail, leave_event};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::complaint::due;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{IdempotencyKey, May, grants};
use crate::message::Message;
use crate::problem::Code;
use crate::safety::complaints;
use crate::store::complaint::Sealed;
use crate::wire::Text;
use crate::{dispatch, once, store};

/// A complaint.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComplaint {
    /// The order it is about.
    pub order_id: OrderId,
    /// What it is about.
    pub about: ComplaintAbout,
    /// What happened.
    #[schema(inline, example = "护士迟到一小时,没有事先告知")]
    pub what: Text<1, 2000>,
}

/// File a complaint.
///
/// By the family, or by staff who were told. Coordinators of the institution hear of it at once; when nobody answers within
/// `care.complaint_answer_h`, supervisors are called, again each time that long passes.
#[utoipa::path(
    post, path = "/v1/complaints", tag = "complaints", request_body = NewComplaint,
    responses((status = 201, description = "Filed", body = ComplaintDetail, headers(
        ("Location" = String, description = "The complaint"),
    )))
)]
pub async fn file_complaint(
    State(app): State<App>,
    may: May<grants::Complain>,
    request: IdempotencyKey<NewComplaint>,
) -> Result<Answer> {
    once!(app, may, request.key, "file_complaint", |tx| {
        let new = &request.body;
        let order = store::order::get(&**tx, &may.scope, new.order_id)
            .await?
            .ok_or(Code::NotFound)?;
        let (id, now) = (app.new_id::<ComplaintId>(), app.now());
        let row = complaint::Model {
            community_id: may.community,
            id,
            order_id: order.id,
            patient_id: order.patient_id,
            institution_id: order.institution_id,
            about: new.about,
            state: ComplaintState::Filed,
            what_enc: Sealed::What.seal(&app, id, new.what.as_str()),
            filed_by: may.account,
            filed_at: now,
            due_at: due(now, app.config.care.complaint_answer_h),
            owner: None,
            assigned_at: None,
            answer_enc: None,
            answered_by: None,
            answered_at: None,
            appeal_enc: None,
            appealed_by: None,
            appealed_at: None,
            final_answer_enc: None,
            final_answered_by: None,
            final_answered_at: None,
            escalated_at: None,
            closed_by: None,
            closed_at: None,
            version: 1,
        };
        store::complaint::insert(tx, row.clone()).await?;
        leave_event(tx, &app, EventKind::ComplaintFiled, &row, may.account).await?;
        let message = Message::Complaint {
            order: order.number.clone(),
            waits: false,
        };
        dispatch::tell::coordinators(tx, &app, &order, &message).await?;
        complaints::begin(tx, &app, &row).await?;
        let shown = ComplaintDetail::of(&app, &row)?;
        Answer::created(format!("/v1/complaints/{id}"), &shown)
    })
}
