//! `POST /v1/complaints/{complaint_id}/assign`: somebody looks after it.

use axum::extract::State;
use entity::ids::{AccountId, ComplaintId};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Complaint, advance, leave_event};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::complaint::Step;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::{once, store};

/// Who looks after it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignComplaint {
    /// A coordinator or supervisor of the institution; left out: the caller.
    pub owner: Option<AccountId>,
}

/// Assign a complaint, or take it.
#[utoipa::path(
    post, path = "/v1/complaints/{complaint_id}/assign", tag = "complaints", request_body = AssignComplaint,
    params(("complaint_id" = ComplaintId, Path, description = "A complaint of the caller's institutions")),
    responses((status = 200, description = "Assigned", body = Complaint))
)]
pub async fn assign_complaint(
    State(app): State<App>,
    may: May<grants::HandleComplaints>,
    Id(id): Id<ComplaintId>,
    request: IdempotencyKey<AssignComplaint>,
) -> Result<Answer> {
    once!(app, may, request.key, "assign_complaint", |tx| {
        let (db, community) = (&**tx, may.community);
        let row = store::complaint::require(db, &may.scope, id).await?;
        let to = advance(&row, Step::Assign)?;
        let owner = request.body.owner.unwrap_or(may.account);
        if owner != may.account {
            let institution = row.institution_id;
            let mut staff = store::account::coordinators_of(db, community, institution).await?;
            staff.extend(store::account::supervisors_of(db, community, institution).await?);
            if staff.iter().all(|account| account.id != owner) {
                let code = Code::ComplaintOwner;
                return Err(Problem::new(code).field("owner", code).into());
            }
        }
        let now = app.now();
        let row = store::complaint::update(tx, &row, |row| {
            row.state = Set(to);
            row.owner = Set(Some(owner));
            row.assigned_at = Set(Some(now));
        })
        .await?;
        leave_event(tx, &app, EventKind::ComplaintAssigned, &row, may.account).await?;
        Answer::ok(&Complaint::of(&row))
    })
}
