//! `POST /v1/visits/{visit_id}/sign`: the nurse stands by her record.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::AlertKind;
use entity::ids::VisitId;
use entity::visit_signature;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::refused::traced;
use super::step::{Act, record_refused};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::steps;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::wire::{Moment, Text};
use crate::{once, store};

/// What becomes of the alert that asked for the signature.
const SETTLED: &str = "护理记录已签名。 The record is signed.";

/// What is signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignRecord {
    /// `record_hash` of the record the nurse read, from `GET /v1/visits/{visit_id}`: another record, or that of
    /// another visit, is then not signed by mistake. Left out where it could not be read.
    #[schema(inline)]
    pub record_hash: Option<Text<64, 64>>,
    /// When, by the device.
    pub device_at: Option<Moment>,
}

/// A signed record.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordSignature {
    /// The visit.
    pub visit_id: VisitId,
    /// SHA-256 of the visit's id and its record, in hex.
    pub record_hash: String,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
}

impl RecordSignature {
    pub(super) fn of(row: visit_signature::Model) -> Self {
        Self {
            visit_id: row.visit_id,
            record_hash: row.record_hash,
            signed_at: row.signed_at,
        }
    }
}

/// Sign the record.
///
/// After the nurse has left, or has broken the visit off. From then on the record does not change; what has to be put
/// right is added by `POST /v1/visits/{visit_id}/amendments`. Of a procedure that was broken off an alert (`record_owed`) asks for it, which
/// this closes.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/sign", tag = "visits", request_body = SignRecord,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Signed", body = RecordSignature))
)]
pub async fn sign_visit(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<SignRecord>,
) -> Result<Answer> {
    let outcome = once!(app, may, request.key, "sign_visit", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    });
    traced(&app, &may, (id, "sign_visit"), outcome).await
}

/// Signs it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &SignRecord) -> Result<Answer> {
    let (visit, order) = act.mine_to_lead(id).await?;
    let kept = store::record::hash(act.app, &visit)?;
    let read = report.record_hash.as_ref().map(Text::as_str);
    let hash = match steps::sign(order.state, kept.as_deref(), read) {
        Ok(hash) => hash.to_owned(),
        Err(refused) => return Err(record_refused(refused, &order)),
    };
    let row = visit_signature::Model {
        community_id: visit.community_id,
        visit_id: visit.id,
        record_hash: hash.clone(),
        signed_by: act.may.account,
        signed_at: act.at,
    };
    store::record::sign(act.tx, row.clone()).await?;
    let kind = EventKind::VisitSigned;
    let payload = json!({ "record_hash": hash });
    act.leave_event(kind, (&visit, &order), None, payload)
        .await?;
    let settled = (AlertKind::RecordOwed, act.may.account, SETTLED);
    store::alert::settle_of_visit(act.tx, act.app, &visit, settled).await?;
    Answer::ok(&RecordSignature::of(row))
}
