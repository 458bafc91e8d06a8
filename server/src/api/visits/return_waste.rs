//! `POST /v1/visits/{visit_id}/waste`: what was left of the visit is back at an institution (R17).

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::AlertKind;
use entity::ids::{InstitutionId, VisitId};
use entity::visit_waste;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::refused::traced;
use super::step::{Act, not_now};
use crate::answer::Answer;
use crate::app::App;
use crate::config::WasteSignature;
use crate::domain::event::EventKind;
use crate::domain::photo::is_hash;
use crate::domain::steps;
use crate::domain::visit::waste_needs_signature;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::{Moment, Text};
use crate::{once, store};

/// What becomes of the alert that asked for the waste.
const SETTLED: &str = "医疗废物已交回。 The waste is back.";

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
    /// SHA-256 of the image of the signature of who took it over, in hex; the image is added as a photo of the visit. Needed
    /// unless no bags were left, or the installation asks for none (`waste_signature` of the visit).
    #[schema(inline)]
    pub signature_hash: Option<Text<64, 64>>,
    /// When, by the device.
    pub device_at: Option<Moment>,
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
    /// Who took it over; for the nurse and staff, null for the family.
    pub handed_to: Option<String>,
    /// SHA-256 of the image of their signature; for the nurse and staff.
    pub signature_hash: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Waste {
    /// The waste of a row, without the people of the hand-over.
    pub(super) fn of(row: &visit_waste::Model) -> Self {
        Self {
            bags: row.bags,
            weight_g: row.weight_g,
            count: row.pieces,
            returned_to: row.returned_to,
            handed_to: None,
            signature_hash: None,
            at: row.at,
        }
    }

    /// The same with who took it over.
    pub(super) fn signed(app: &App, row: &visit_waste::Model) -> Result<Self> {
        Ok(Self {
            handed_to: Some(store::record::handed_to(app, row)?),
            signature_hash: row.signature_hash.clone(),
            ..Self::of(row)
        })
    }
}

/// Return the waste.
///
/// Once for a visit, after the nurse has left or has broken it off, signed by whoever takes it over. A visit with an item
/// that makes waste is not closed before; one that was broken off after its begin leaves an alert (`waste_owed`) for the
/// desk and the nurse, which this closes.
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
    let outcome = once!(app, may, request.key, "return_waste", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    });
    traced(&app, &may, (id, "return_waste"), outcome).await
}

/// Notes it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &WasteReturn) -> Result<Answer> {
    check(report)?;
    let (visit, order) = act.mine_to_lead(id).await?;
    check_signature(report, act.app.config.care.waste_signature)?;
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
        signature_hash: (report.signature_hash.as_ref()).map(|hash| hash.as_str().to_owned()),
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
    let settled = (AlertKind::WasteOwed, act.may.account, SETTLED);
    store::alert::settle_of_visit(act.tx, act.app, &visit, settled).await?;
    Answer::ok(&Waste::signed(act.app, &row)?)
}

/// R17: the hand-over is signed.
fn check_signature(report: &WasteReturn, asked: WasteSignature) -> Result<()> {
    let asked = asked == WasteSignature::Required;
    if report.signature_hash.is_some() || !waste_needs_signature(asked, report.bags) {
        return Ok(());
    }
    let code = Code::WasteSignatureMissing;
    Err(Problem::new(code).field("signature_hash", code).into())
}

fn check(report: &WasteReturn) -> Result<()> {
    let problem = Problem::new(Code::InvalidRequest);
    let range = |most: i64| vec![("reason", format!("0..={most}"))];
    let within =
        |value: Option<i64>, most: i64| value.is_none_or(|value| (0..=most).contains(&value));
    let hash = report.signature_hash.as_ref().map(Text::as_str);
    let problem = if !within(Some(report.bags.into()), 50) {
        problem.field_with("bags", Code::FieldInvalid, range(50))
    } else if !within(report.weight_g, 100_000) {
        problem.field_with("weight_g", Code::FieldInvalid, range(100_000))
    } else if !within(report.count.map(i64::from), 1000) {
        problem.field_with("count", Code::FieldInvalid, range(1000))
    } else if report.weight_g.is_none() && report.count.is_none() {
        problem.field("weight_g", Code::WasteAmountMissing)
    } else if hash.is_some_and(|hash| !is_hash(hash)) {
        let params = vec![("reason", "0-9 a-f".to_owned())];
        problem.field_with("signature_hash", Code::FieldInvalid, params)
    } else {
        return Ok(());
    };
    Err(problem.into())
}
