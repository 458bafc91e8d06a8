//! Who may take an order, who is asked first, and why not the others.

mod facts;

use std::collections::BTreeSet;
use std::sync::Arc;

use entity::care_order;
use entity::enums::OrderState;
use entity::ids::{NurseId, OrderId};
use sea_orm::ConnectionTrait;

use super::settings;
use crate::app::App;
use crate::domain::calendar::{day_bounds, local_date};
use crate::domain::catalogue::{Catalogue, Item};
use crate::domain::eligibility::{OrderFacts, Reason, Rules, Stage, judge};
use crate::domain::place::{Point, distance_m};
use crate::domain::ranking::Candidate;
use crate::domain::span::Span;
use crate::domain::travel::{VisitEnd, busy_range, origin};
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::store;
use crate::store::matching::{Facts, History, NurseRow, Question, VisitRow, Whom};
use facts::{candidate, nurse_facts};

/// Certificate kind of the licence itself in the nearest search.
const LICENCE: &str = "N5";
/// Minutes of travel assumed when a place is not known.
const UNKNOWN_TRAVEL_MIN: u32 = 60;
/// Nurses of a ring that are looked at; the nearest ones.
const POOL: usize = 200;

/// An order with what matching asks of it.
#[derive(Clone)]
pub struct OrderView {
    /// The order.
    pub order: care_order::Model,
    /// Its items.
    pub items: Vec<String>,
    /// The catalogue it was judged by.
    pub catalogue: Arc<Catalogue>,
    /// What the rules ask.
    pub facts: OrderFacts,
}

impl OrderView {
    /// Where the patient is, when known.
    pub fn point(&self) -> Option<Point> {
        point(self.order.lng, self.order.lat)
    }

    pub(super) fn catalogue_items(&self) -> impl Iterator<Item = &Item> {
        self.catalogue
            .items
            .iter()
            .filter(|item| self.items.iter().any(|code| code == item.code.as_str()))
    }
}

/// One nurse judged for one order.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The nurse.
    pub nurse: NurseRow,
    /// Why not; empty when she may.
    pub reasons: Vec<Reason>,
    /// Great-circle metres from where she sets out; none when a place is not known.
    pub distance_m: Option<f64>,
    /// For the ranking; none when a place is not known, or nobody is to be ranked.
    pub candidate: Option<Candidate>,
    /// When the order would take her.
    pub taken: Span,
}

/// Looks at an order for matching. Three statements.
pub async fn view(
    db: &impl ConnectionTrait,
    app: &App,
    order: care_order::Model,
) -> Result<OrderView> {
    let items = store::matching::item_codes(db, order.community_id, order.id).await?;
    let patient = store::matching::patient(db, order.community_id, order.patient_id).await?;
    let catalogue =
        crate::rules::catalogue(app, order.community_id, order.catalogue_version).await?;
    let mut view = OrderView {
        facts: OrderFacts {
            starts_at: order.window_start,
            duration_min: u32::try_from(order.duration_min).map_err(Error::internal)?,
            certificates: Vec::new(),
            min_title: None,
            min_years: None,
            patient_sex: patient.sex,
            requires_same_sex: patient.same_sex_nurse
                || store::gates::of(&order)?.requires_same_sex(),
        },
        order,
        items,
        catalogue,
    };
    view.facts.certificates = view
        .catalogue_items()
        .flat_map(|item| &item.certificates)
        .map(|any| any.iter().map(ToString::to_string).collect())
        .collect();
    Ok(view)
}

/// Every nurse of the community, judged.
pub async fn everybody(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    stage: Stage,
) -> Result<Vec<Judged>> {
    judge_all(db, app, view, Whom::Everybody, stage).await
}

/// One nurse, judged; none when the community has no such nurse.
pub(super) async fn judge_one(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    nurse: NurseId,
    stage: Stage,
) -> Result<Option<Judged>> {
    let question = question(app, view);
    let facts = store::matching::load(db, &question, Whom::These(&[nurse])).await?;
    let judged = facts
        .nurses
        .first()
        .map(|nurse| judge_nurse(app, view, (&facts, None), nurse, &question, stage));
    Ok(judged)
}

/// The nurses within a ring who hold the certificate, judged. The search reads a few key ranges per
/// certificate, whatever the size of the roster.
pub(super) async fn within_ring(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    ring_m: u32,
) -> Result<Vec<Judged>> {
    let Some(centre) = view.point() else {
        return Ok(Vec::new());
    };
    let mut found = BTreeSet::new();
    for certificate in search_by(&view.facts.certificates) {
        let near = store::reach::within(
            db,
            view.order.community_id,
            &certificate,
            centre,
            f64::from(ring_m),
        )
        .await?;
        found.extend(near.into_iter().take(POOL).map(|reached| reached.nurse));
    }
    // Whoever is wished for is judged, however far she is; the first wave may ask her too.
    found.extend(view.order.preferred_nurse_id);
    let found: Vec<NurseId> = found.into_iter().collect();
    judge_all(db, app, view, Whom::These(&found), Stage::Match).await
}

/// The certificates to search by: one group must hold anyway, so the smallest group narrows most.
fn search_by(certificates: &[Vec<String>]) -> Vec<String> {
    certificates
        .iter()
        .min_by_key(|any| any.len())
        .cloned()
        .unwrap_or_else(|| vec![LICENCE.to_owned()])
}

async fn judge_all(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    whom: Whom<'_>,
    stage: Stage,
) -> Result<Vec<Judged>> {
    let question = question(app, view);
    let facts = store::matching::load(db, &question, whom).await?;
    let history = store::matching::history(db, &question, whom).await?;
    let known = (&facts, Some(&history));
    let judge = |nurse| judge_nurse(app, view, known, nurse, &question, stage);
    Ok(facts.nurses.iter().map(judge).collect())
}

fn question<'a>(app: &App, view: &'a OrderView) -> Question<'a> {
    let order = &view.order;
    let (day_start, day_end) = day_bounds(local_date(order.window_start));
    Question {
        community: order.community_id,
        // A seat of an open order takes her time like any other visit.
        order: match order.state {
            OrderState::Open => OrderId(uuid::Uuid::nil()),
            _ => order.id,
        },
        patient: order.patient_id,
        items: &view.items,
        day_start,
        day_end,
        now: app.now(),
    }
}

fn judge_nurse(
    app: &App,
    view: &OrderView,
    (facts, history): (&Facts, Option<&History>),
    nurse: &NurseRow,
    question: &Question<'_>,
    stage: Stage,
) -> Judged {
    let travel = settings::travel(&app.config.matching);
    let visits = facts
        .visits
        .get(&nurse.id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let from = start_of_drive(view, nurse, visits);
    let distance_m = from
        .zip(view.point())
        .map(|(from, to)| distance_m(from, to));
    let travel_min = distance_m.map_or(UNKNOWN_TRAVEL_MIN, |metres| travel.minutes(metres));
    let taken = busy_range(
        view.facts.starts_at,
        view.facts.duration_min,
        travel_min,
        travel.buffer_min,
    );
    let nurse_facts = nurse_facts(view, facts, nurse, visits, distance_m, taken, question);
    let reasons = judge(&nurse_facts, &view.facts, &Rules::default(), stage);
    let candidate = distance_m.zip(history).map(|(metres, history)| {
        let drive = (metres, travel_min);
        candidate(view, history, nurse, visits, drive, taken, question)
    });
    Judged {
        nurse: nurse.clone(),
        reasons,
        distance_m,
        candidate,
        taken,
    }
}

/// Where she sets out: her previous visit of that day, else her base point, else her institution.
fn start_of_drive(view: &OrderView, nurse: &NurseRow, visits: &[VisitRow]) -> Option<Point> {
    let ends: Vec<VisitEnd<Point>> = visits
        .iter()
        .map(|visit| VisitEnd {
            ends_at: visit.ends_at,
            place: point(visit.lng, visit.lat),
        })
        .collect();
    let base = point(nurse.base_lng, nurse.base_lat);
    let institution = point(Some(nurse.institution_lng), Some(nurse.institution_lat));
    origin(view.facts.starts_at, &ends, base, institution).map(|(from, _)| from)
}

fn point(lng: Option<f64>, lat: Option<f64>) -> Option<Point> {
    Point::new(lng?, lat?).ok()
}

/// What the papers of a nurse lack as she sets out: licence, certificates, insurance.
pub async fn unfit_at_departure(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    nurse: NurseId,
) -> Result<Vec<Reason>> {
    let judged = judge_one(db, app, view, nurse, Stage::Depart)
        .await?
        .ok_or(Code::NurseUnknown)?;
    Ok(judged.reasons)
}
