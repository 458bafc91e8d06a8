//! `GET /v1/orders/{order_id}/candidates`: who may take the order, in which order they are asked, and why
//! not the others.

use std::collections::BTreeMap;

use axum::extract::State;
use entity::enums::{Language, OfferState};
use entity::ids::{InstitutionId, NurseId, OrderId};
use entity::offer;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::crypto::FieldPlace;
use crate::dispatch::{Judged, everybody, view};
use crate::domain::eligibility::Stage;
use crate::domain::ranking::{Ranked, ScoreRules, rank};
use crate::error::{Error, Result};
use crate::extract::{Id, Json, Lang, May, grants};
use crate::store;

/// Excluded nurses listed by name; the counts are complete.
const LISTED: usize = 300;

/// Who may take an order and who may not.
#[derive(Debug, Serialize, ToSchema)]
pub struct Candidates {
    /// The order.
    pub order_id: OrderId,
    /// False: the address has no coordinates, nobody is asked automatically.
    pub place_known: bool,
    /// Those who may, the best first: each wave asks those inside its ring in this order.
    pub ranked: Vec<RankedNurse>,
    /// How many may not.
    pub excluded_count: usize,
    /// How many have each reason; a nurse may have several.
    pub excluded_by_reason: Vec<ReasonCount>,
    /// Those who may not, each with every reason; at most 300.
    pub excluded: Vec<ExcludedNurse>,
}

/// A nurse who may take the order.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankedNurse {
    /// The nurse.
    pub nurse_id: NurseId,
    /// Her name.
    pub name: String,
    /// Where she works.
    pub institution_id: InstitutionId,
    /// Metres in a straight line from where she would set out.
    pub distance_m: f64,
    /// Minutes on the road, estimated.
    pub travel_min: u32,
    /// 0 to 100.
    pub score: f64,
    /// The parts of the score.
    pub parts: Vec<ScorePart>,
    /// What came of the offer to her in this round, if there was one.
    pub offer: Option<OfferState>,
    /// Why she declined it.
    pub decline_reason: Option<String>,
}

/// A part of a score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScorePart {
    /// `travel`, `continuity`, `fairness`, `depth`, `township` or `slack`.
    pub code: &'static str,
    /// Points.
    pub points: f64,
    /// Most points this part can give.
    pub most: u32,
}

/// How many nurses a reason excludes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonCount {
    /// Stable code (docs/RULES.md).
    pub code: &'static str,
    /// Nurses.
    pub nurses: usize,
}

/// A nurse who may not take the order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExcludedNurse {
    /// The nurse.
    pub nurse_id: NurseId,
    /// Her name.
    pub name: String,
    /// Where she works.
    pub institution_id: InstitutionId,
    /// Metres in a straight line, when both places are known.
    pub distance_m: Option<f64>,
    /// Every reason, in the order of the filters.
    pub reasons: Vec<ExclusionReason>,
    /// What came of the offer to her in this round, if there was one.
    pub offer: Option<OfferState>,
    /// Why she declined it.
    pub decline_reason: Option<String>,
}

/// Why not.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExclusionReason {
    /// Stable code.
    pub code: &'static str,
    /// For people, in the caller's language.
    pub text: String,
}

/// Who may take an order.
///
/// Judged as of now for the whole roster, by the rules that offers, accepts and assignments use.
#[utoipa::path(
    get, path = "/v1/orders/{order_id}/candidates", tag = "orders",
    params(("order_id" = OrderId, Path, description = "An order in scope")),
    responses((status = 200, description = "Ranked and excluded nurses", body = Candidates))
)]
pub async fn list_candidates(
    State(app): State<App>,
    may: May<grants::SeeCandidates>,
    Lang(language): Lang,
    Id(id): Id<OrderId>,
) -> Result<Json<Candidates>> {
    let db = app.db.reader();
    let order = store::order::require(db, &may.scope, id).await?;
    let offers = store::offer::of_round(db, may.community, id, order.round).await?;
    let view = view(db, &app, order, app.now()).await?;
    let judged = everybody(db, &app, &view, Stage::Match).await?;
    let (may_take, excluded): (Vec<_>, Vec<_>) =
        judged.into_iter().partition(|one| one.reasons.is_empty());
    let candidates = may_take
        .iter()
        .filter_map(|one| one.candidate.clone())
        .collect();
    let ranked = rank(candidates, &ScoreRules::default())
        .iter()
        .map(|ranked| {
            let nurse = may_take
                .iter()
                .find(|one| one.nurse.id == ranked.candidate.nurse);
            let nurse =
                nurse.ok_or_else(|| Error::internal("a ranked nurse who was not judged"))?;
            ranked_nurse(&app, nurse, ranked, offer_to(&offers, nurse))
        })
        .collect::<Result<_>>()?;
    Ok(Json(Candidates {
        order_id: id,
        place_known: view.point().is_some(),
        ranked,
        excluded_count: excluded.len(),
        excluded_by_reason: counts(&excluded),
        excluded: excluded
            .iter()
            .take(LISTED)
            .map(|one| excluded_nurse(&app, one, offer_to(&offers, one), language))
            .collect::<Result<_>>()?,
    }))
}

fn name(app: &App, judged: &Judged) -> Result<String> {
    let place = FieldPlace {
        table: "nurse",
        column: "name_enc",
        row: judged.nurse.id.0,
    };
    app.cipher
        .open(place, &judged.nurse.name_enc)
        .map_err(Error::internal)
}

fn offer_to<'a>(offers: &'a [offer::Model], judged: &Judged) -> Option<&'a offer::Model> {
    offers
        .iter()
        .find(|offer| offer.nurse_id == judged.nurse.id)
}

/// Why she declined, if she was asked and did.
fn decline_reason(app: &App, offer: Option<&offer::Model>) -> Result<Option<String>> {
    offer.map_or(Ok(None), |offer| store::offer::decline_reason(app, offer))
}

fn ranked_nurse(
    app: &App,
    judged: &Judged,
    ranked: &Ranked,
    offer: Option<&offer::Model>,
) -> Result<RankedNurse> {
    let parts = ranked.score.parts.iter();
    Ok(RankedNurse {
        nurse_id: judged.nurse.id,
        name: name(app, judged)?,
        institution_id: judged.nurse.institution_id,
        distance_m: ranked.candidate.distance_m.round(),
        travel_min: ranked.candidate.travel_min,
        score: ranked.score.total(),
        parts: parts
            .map(|part| ScorePart {
                code: part.code,
                points: part.points(),
                most: part.most,
            })
            .collect(),
        offer: offer.map(|offer| offer.state),
        decline_reason: decline_reason(app, offer)?,
    })
}

fn counts(excluded: &[Judged]) -> Vec<ReasonCount> {
    let mut counts: BTreeMap<(usize, &'static str), usize> = BTreeMap::new();
    for reason in excluded.iter().flat_map(|one| &one.reasons) {
        *counts
            .entry((reason.filter() as usize, reason.code()))
            .or_default() += 1;
    }
    counts
        .into_iter()
        .map(|((_, code), nurses)| ReasonCount { code, nurses })
        .collect()
}

fn excluded_nurse(
    app: &App,
    judged: &Judged,
    offer: Option<&offer::Model>,
    language: Language,
) -> Result<ExcludedNurse> {
    let reasons = judged.reasons.iter();
    Ok(ExcludedNurse {
        nurse_id: judged.nurse.id,
        name: name(app, judged)?,
        institution_id: judged.nurse.institution_id,
        distance_m: judged
            .candidate
            .as_ref()
            .map(|candidate| candidate.distance_m.round()),
        reasons: reasons
            .map(|reason| ExclusionReason {
                code: reason.code(),
                text: reason.text(language),
            })
            .collect(),
        offer: offer.map(|offer| offer.state),
        decline_reason: decline_reason(app, offer)?,
    })
}
