//! `POST /v1/visits/{visit_id}/give-back`: a nurse cannot go, and says so before she sets out.

use axum::extract::State;
use entity::ids::VisitId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::step::{Act, VisitState, not_now};
use crate::answer::Answer;
use crate::app::App;
use crate::dispatch::{Release, release};
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::wire::Text;
use crate::{once, store};

/// Why she cannot go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveBackVisit {
    /// Kept with the visit; the family does not read it.
    #[schema(inline, example = "孩子发烧,今天不能上门")]
    pub reason: Text<1, 200>,
}

/// Give a visit back.
///
/// Before she has set out (else `nurse_set_out`; then it is broken off). The order is open again, somebody else is looked for
/// and she is not asked again; the desk is told. A second nurse may still give back a visit that is under way: it goes on
/// without her. Afterwards the visit is not hers any more.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/give-back", tag = "visits", request_body = GiveBackVisit,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Given back", body = VisitState))
)]
pub async fn give_back_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<GiveBackVisit>,
) -> Result<Answer> {
    once!(app, may, request.key, "give_back_visit", |tx| {
        let act = Act::now(tx, &app, &may, None);
        let (visit, order) = act.mine(id).await?;
        if !visit.live {
            return Err(not_now(&order));
        }
        let off = Release {
            visit: Some(id),
            actor: may.account,
            reason: request.body.reason.as_str(),
            given_back: true,
        };
        let order = release(tx, &app, &order, off).await?;
        let found = store::visit::in_community(&**tx, may.community, id).await?;
        let (visit, _) = found.ok_or_else(|| Error::internal("a visit is gone"))?;
        Ok(Answer::ok(&VisitState::of(&visit, &order))?.version(visit.version))
    })
}
