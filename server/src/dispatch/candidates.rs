//! Who may take an order, who is asked first, and why not the others.

mod facts;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::care_order;
use entity::enums::OrderState;
use entity::ids::{NurseId, OrderId};
use sea_orm::ConnectionTrait;

use super::settings;
use crate::app::App;
use crate::domain::calendar::{day_bounds, local_date};
use crate::domain::catalogue::{Catalogue, Item};
use crate::domain::eligibility::{OrderFacts, Reason, Stage, judge};
use crate::domain::place::{Point, distance_m};
use crate::domain::ranking::Candidate;
use crate::domain::span::Span;
use crate::domain::travel::{TravelRules, VisitEnd, busy_range, origin, until_next};
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::store;
use crate::store::matching::{Facts, History, NurseRow, Question, VisitRow, Whom};
use facts::{candidate, nurse_facts};

/// Certificate kind of the licence itself in the nearest search.
const LICENCE: &str = "N5";
/// Minutes of travel assumed when a place is not known.
const UNKNOWN_TRAVEL_MIN: u32 = 60;
/// Nurses of a ring that are judged at a time, the nearest first.
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
    /// Minutes on the road.
    pub travel_min: u32,
}

/// Looks at an order for matching, as of a moment. Three statements.
pub async fn view(
    db: &impl ConnectionTrait,
    app: &App,
    order: care_order::Model,
    at: DateTime<Utc>,
) -> Result<OrderView> {
    let items = store::matching::item_codes(db, order.community_id, order.id).await?;
    let patient = store::matching::patient(db, order.community_id, order.patient_id).await?;
    let catalogue =
        crate::rules::catalogue(db, app, order.community_id, order.catalogue_version).await?;
    let mut view = OrderView {
        facts: OrderFacts {
            // Whoever gets it late comes late.
            starts_at: order.window_start.max(at),
            duration_min: u32::try_from(order.duration_min).map_err(Error::internal)?,
            certificates: Vec::new(),
            patient_sex: patient.sex,
            requires_same_sex: patient.wants_same_sex(at)
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

/// What is known of one nurse around an order. Six statements.
pub(super) async fn facts_of(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    nurse: NurseId,
) -> Result<Facts> {
    store::matching::load(db, &question(app, view), Whom::These(&[nurse])).await
}

/// The one nurse of these facts, judged.
pub(super) fn judge_known(
    app: &App,
    view: &OrderView,
    facts: &Facts,
    stage: Stage,
) -> Option<Judged> {
    let nurse = facts.nurses.first()?;
    let question = question(app, view);
    Some(judge_nurse(
        app,
        view,
        (facts, None),
        nurse,
        &question,
        stage,
    ))
}

/// The facts of one nurse, with what may have changed meanwhile as it stands now. Four statements.
pub(super) async fn renewed(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    nurse: NurseId,
    facts: &Facts,
) -> Result<Facts> {
    let mut facts = facts.clone();
    let question = question(app, view);
    store::matching::renew(db, &question, Whom::These(&[nurse]), &mut facts).await?;
    Ok(facts)
}

/// The nurses who may set out within a ring, judged, the nearest first, until `enough` of them may or the ring has no more:
/// those with the certificate by their base point, and those whom an earlier visit of the day brings near. The search reads a
/// few key ranges per certificate and the visits of the day, whatever the size of the roster.
pub(super) async fn within_ring(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    ring_m: u32,
    enough: usize,
) -> Result<Vec<Judged>> {
    let Some(centre) = view.point() else {
        return Ok(Vec::new());
    };
    let (order, ring_m) = (&view.order, f64::from(ring_m));
    let mut near = Vec::new();
    for certificate in search_by(&view.facts.certificates) {
        let held = certificate.as_str();
        near.extend(store::reach::within(db, order.community_id, held, centre, ring_m).await?);
    }
    let (day_start, _) = day_bounds(local_date(view.facts.starts_at));
    let before = (day_start, view.facts.starts_at);
    near.extend(store::reach::from_visits(db, order.community_id, before, centre, ring_m).await?);
    near.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
    // Whoever is wished for is judged, however far she is; the first wave may ask her too.
    let wished = order.preferred_nurse_id.into_iter();
    let mut seen = BTreeSet::new();
    let found: Vec<NurseId> = wished
        .chain(near.into_iter().map(|reached| reached.nurse))
        .filter(|nurse| seen.insert(*nurse))
        .collect();
    let mut judged = Vec::new();
    for some in found.chunks(POOL) {
        judged.extend(judge_all(db, app, view, Whom::These(some), Stage::Match).await?);
        // Who sets out from a visit elsewhere may be outside, however near her base point is.
        let may = judged.iter().filter(|one| {
            one.reasons.is_empty() && one.distance_m.is_some_and(|metres| metres <= ring_m)
        });
        if may.count() >= enough {
            break;
        }
    }
    Ok(judged)
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
    let (day_start, day_end) = day_bounds(local_date(view.facts.starts_at));
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
        rest: TimeDelta::hours(app.config.matching.rest_hours_after_night.into()),
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
    let rules = settings::eligibility(&app.config.matching);
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
    let taken = before_next(view, visits, taken, travel);
    let nurse_facts = nurse_facts(view, facts, nurse, visits, distance_m, taken, question);
    let reasons = judge(&nurse_facts, &view.facts, &rules, stage);
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
        travel_min,
    }
}

/// The time taken, with the drive to her next visit if that does not fit.
fn before_next(view: &OrderView, visits: &[VisitRow], taken: Span, travel: TravelRules) -> Span {
    let next = visits
        .iter()
        .filter(|visit| visit.live && visit.starts_at > view.facts.starts_at)
        .min_by_key(|visit| visit.starts_at);
    let Some(next) = next else { return taken };
    let drive_min = view
        .point()
        .zip(point(next.lng, next.lat))
        .map_or(UNKNOWN_TRAVEL_MIN, |(from, to)| {
            travel.minutes(distance_m(from, to))
        });
    until_next(taken, next.starts_at, drive_min, travel.buffer_min)
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

/// A nurse who sets out, judged by what was known at that moment: what her papers lack, and how long she drives.
pub async fn at_departure(
    db: &impl ConnectionTrait,
    app: &App,
    view: &OrderView,
    nurse: NurseId,
    at: DateTime<Utc>,
) -> Result<Judged> {
    let facts = facts_of(db, app, view, nurse).await?;
    let known = facts.nurses.first().ok_or(Code::NurseUnknown)?;
    let question = Question {
        now: at,
        ..question(app, view)
    };
    let facts = (&facts, None);
    Ok(judge_nurse(
        app,
        view,
        facts,
        known,
        &question,
        Stage::Depart,
    ))
}
