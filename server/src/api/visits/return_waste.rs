//! `POST /v1/visits/{visit_id}/waste`: what was left of the visit is back at an institution (R17).

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::ids::{InstitutionId, VisitId};
use entity::visit_waste;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::step::{Act, not_now};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::steps;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::Text;
use crate::{once, store};

/// The hand-over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WasteReturn {
    /// Bags, 0 to 50; none where nothing was left.
    #[schema(minimum = 0, maximum = 50)]
    pub bags: i32,
    /// Grams, all bags together. Weight or count is needed.
    #[schema(minimum = 0, maximum = 100_000, example = 350)]
    pub weight_g: Option<i64>,
    /// Pieces, where it was not weighed.
    #[schema(minimum = 0, maximum = 1000)]
    pub count: Option<i32>,
    /// Where it was returned.
    pub returned_to: InstitutionId,
    /// Who took it over.
    #[schema(inline, example = "赵强")]
    pub handed_to: Text<1, 50>,
    /// SHA-256 of the signature of who took it over, in hex.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub signature_hash: Option<String>,
    /// When, by the device.
    pub device_at: Option<DateTime<Utc>>,
}

/// Waste that was returned.
#[derive(Debug, Serialize, ToSchema)]
pub struct Waste {
    /// Bags.
    pub bags: i32,
    /// Grams.
    pub weight_g: Option<i64>,
    /// Pieces.
    pub count: Option<i32>,
    /// Where.
    pub returned_to: InstitutionId,
    /// When.
    pub at: DateTime<Utc>,
}

impl Waste {
    pub(super) fn of(row: &visit_waste::Model) -> Self {
        Self {
            bags: row.bags,
            weight_g: row.weight_g,
            count: row.pieces,
            returned_to: row.returned_to,
            at: row.at,
        }
    }
}

/// Return the waste.
///
/// Once for a visit, after the nurse has left or has broken it off. A visit with an item that makes waste is not closed
/// before.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/waste", tag = "visits", request_body = WasteReturn,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((status = 200, description = "Noted", body = Waste))
)]
pub async fn return_waste(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<WasteReturn>,
) -> Result<Answer> {
    once!(app, may, request.key, "return_waste", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Notes it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &WasteReturn) -> Result<Answer> {
    check(report)?;
    let (visit, order) = act.mine_to_lead(id).await?;
    if !steps::is_left(order.state) {
        return Err(not_now(&order));
    }
    let place = store::institution::get(&**act.tx, visit.community_id, report.returned_to);
    if !place.await?.is_some_and(|place| place.active) {
        let code = Code::InstitutionUnknown;
        return Err(Problem::new(code).field("returned_to", code).into());
    }
    let row = visit_waste::Model {
        community_id: visit.community_id,
        visit_id: visit.id,
        bags: report.bags,
        weight_g: report.weight_g,
        pieces: report.count,
        returned_to: report.returned_to,
        handed_to_enc: store::record::seal_handed_to(act.app, visit.id, report.handed_to.as_str()),
        signature_hash: report.signature_hash.clone(),
        returned_by: act.may.account,
        at: act.at,
    };
    store::record::return_waste(act.tx, row.clone()).await?;
    let payload = json!({
        "bags": row.bags, "weight_g": row.weight_g, "count": row.pieces, "returned_to": row.returned_to,
    });
    let kind = EventKind::VisitWasteReturned;
    act.leave_event(kind, (&visit, &order), None, payload)
        .await?;
    Answer::ok(&Waste::of(&row))
}

fn check(report: &WasteReturn) -> Result<()> {
    let problem = Problem::new(Code::InvalidRequest);
    let range = |most: i64| vec![("reason", format!("0..={most}"))];
    let within =
        |value: Option<i64>, most: i64| value.is_none_or(|value| (0..=most).contains(&value));
    let hash = report.signature_hash.as_deref();
    let is_hash = |text: &str| {
        text.len() == 64
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let problem = if !within(Some(report.bags.into()), 50) {
        problem.field_with("bags", Code::FieldInvalid, range(50))
    } else if !within(report.weight_g, 100_000) {
        problem.field_with("weight_g", Code::FieldInvalid, range(100_000))
    } else if !within(report.count.map(i64::from), 1000) {
        problem.field_with("count", Code::FieldInvalid, range(1000))
    } else if report.weight_g.is_none() && report.count.is_none() {
        problem.field("weight_g", Code::WasteAmountMissing)
    } else if hash.is_some_and(|hash| !is_hash(hash)) {
        let params = vec![("reason", "64 hex digits".to_owned())];
        problem.field_with("signature_hash", Code::FieldInvalid, params)
    } else {
        return Ok(());
    };
    Err(problem.into())
}
