//! `POST /v1/visits/{visit_id}/address-warning`: a nurse who was there proposes a warning.

use axum::extract::State;
use entity::address_warning;
use entity::enums::WarningState;
use entity::ids::{AddressWarningId, VisitId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::step::Act;
use crate::answer::Answer;
use crate::api::patients::event_of;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::{Moment, Text};
use crate::{once, store};

/// What others should be careful of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeWarning {
    /// The warning.
    #[schema(inline, example = "院内有大狗,请先打电话")]
    pub text: Text<1, 500>,
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
}

/// A proposed warning.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedWarning {
    /// The warning.
    pub id: AddressWarningId,
    /// `proposed`: staff decide.
    pub state: WarningState,
}

/// Propose a warning about the address.
///
/// From departure on. A coordinator or supervisor sets it or lets it go.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/address-warning", tag = "visits", request_body = ProposeWarning,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller, begun or over")),
    responses((status = 200, description = "Proposed", body = ProposedWarning))
)]
pub async fn propose_warning(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<ProposeWarning>,
) -> Result<Answer> {
    once!(app, may, request.key, "propose_warning", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Proposes it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &ProposeWarning) -> Result<Answer> {
    let (tx, app) = (act.tx, act.app);
    let (visit, order) = act.mine(id).await?;
    if visit.departed_at.is_none() {
        return Err(Problem::new(Code::OrderWrongState)
            .with("state", order.state)
            .into());
    }
    let (patient, address) = store::visit::patient_and_address(&**tx, &order).await?;
    let warning = app.new_id::<AddressWarningId>();
    let row = address_warning::Model {
        community_id: visit.community_id,
        id: warning,
        address_id: address.id,
        patient_id: patient.id,
        state: WarningState::Proposed,
        text_enc: store::address_warning::seal(app, warning, report.text.as_str()),
        visit_id: Some(visit.id),
        set_by: act.may.account,
        set_at: act.at,
        ended_by: None,
        ended_at: None,
    };
    store::address_warning::insert(tx, row).await?;
    let payload = json!({ "address_id": address.id, "warning_id": warning, "visit_id": visit.id });
    let event = event_of(EventKind::WarningProposed, &patient, act.may.account)
        .nurse(visit.nurse_id)
        .device_at(act.device_at)
        .payload(payload);
    store::event::append(tx, app, visit.community_id, event).await?;
    Answer::ok(&ProposedWarning {
        id: warning,
        state: WarningState::Proposed,
    })
}
