//! One step of the search for a nurse: offers to the next ones, a word to people, and when to look again.

use entity::enums::{OfferState, OrderState};
use entity::ids::{NurseId, OfferId, OrderId};
use entity::{care_order, job, offer};
use serde_json::json;

use super::assess::{hold, missing_assessments};
use super::candidates::{Judged, view, within_ring};
use super::release::free_seats;
use super::{settings, tell};
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::dispatch::{DispatchState, Search, Step, choose, plan};
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::ranking::{Ranked, ScoreRules, rank};
use crate::error::Result;
use crate::in_write;
use crate::jobs::kind::DISPATCH;
use crate::message::Message;
use crate::store;
use crate::store::event::NewEvent;

/// Runs the search of an order once. The job ends in the same transaction as its effect, so a crash
/// neither loses a wave nor asks twice.
pub async fn run(app: &App, job: &job::Model) -> Result<()> {
    let (community, id) = (job.community_id, OrderId(job.subject_id));
    let order = store::order::in_community(app.db.reader(), community, id).await?;
    let Some(order) = order.filter(|order| is_current(order, job)) else {
        return Ok(());
    };
    let state = state_of(&order);
    if matches!(order.state, OrderState::InReview | OrderState::Assessing) {
        // Both have their own pace; all the search does for it is to end it in time.
        return if app.now() >= store::order::search_ends(&order) {
            expire(app, job, &order).await
        } else {
            Ok(())
        };
    }
    match plan(app.now(), &state, &settings::dispatch(&app.config.matching)) {
        Step::Expire => expire(app, job, &order).await,
        Step::Search(search) => {
            let ranked = ranked(app, &order, &search).await?;
            in_write!(app.db, "dispatch_wave", |tx| {
                step(tx, app, job, &search, &ranked).await
            })
        }
    }
}

/// Still waiting for an assessment, a review or a nurse, and still the round the job was made for.
fn is_current(order: &care_order::Model, job: &job::Model) -> bool {
    let round = job.payload["round"].as_i64();
    let waits = matches!(
        order.state,
        OrderState::Open | OrderState::InReview | OrderState::Assessing
    );
    waits && round == Some(i64::from(order.round))
}

fn state_of(order: &care_order::Model) -> DispatchState {
    DispatchState {
        opened_at: order.opened_at.unwrap_or(order.created_at),
        window_start: order.window_start,
        ends_at: store::order::search_ends(order),
        wave: u32::try_from(order.wave).unwrap_or(0),
        place_known: order.lng.is_some(),
        coordinator_told: order.coordinator_told_at.is_some(),
        family_told: order.family_told_at.is_some(),
    }
}

/// Those in the ring who may, best first.
async fn ranked(app: &App, order: &care_order::Model, search: &Search) -> Result<Vec<Ranked>> {
    if search.offers_wanted == 0 {
        return Ok(Vec::new());
    }
    let view = view(app.db.reader(), app, order.clone(), app.now()).await?;
    // Those asked in earlier waves are among the nearest and are not asked again.
    let waves = usize::try_from(search.wave).unwrap_or(1).max(1);
    let enough = search.offers_wanted.saturating_mul(waves);
    let judged = within_ring(app.db.reader(), app, &view, search.ring_m, enough).await?;
    let may = judged
        .into_iter()
        .filter(|judged| judged.reasons.is_empty());
    Ok(rank(
        may.filter_map(|judged: Judged| judged.candidate).collect(),
        &ScoreRules::default(),
    ))
}

/// Makes the offers and tells whom it concerns, if the order is still open, in the round it was read in. Whoever took it
/// out of the search has queued what comes next.
async fn step(
    tx: &Tx,
    app: &App,
    job: &job::Model,
    search: &Search,
    ranked: &[Ranked],
) -> Result<()> {
    let (community, id) = (job.community_id, OrderId(job.subject_id));
    store::job::finish(tx, job).await?;
    let Some(order) = store::order::in_community(&**tx, community, id)
        .await?
        .filter(|order| is_current(order, job) && order.state == OrderState::Open)
    else {
        return Ok(());
    };
    let day = local_date(order.window_start);
    let missing = missing_assessments(&**tx, app, &order, day, app.now()).await?;
    if !missing.is_empty() {
        hold(tx, app, &order, &missing, None).await?;
        return Ok(());
    }
    let after = search.after(&state_of(&order));
    if !store::order::note_dispatch(tx, app, &order, &after, search.ring_m).await? {
        return Ok(());
    }
    if search.offers_wanted > 0 {
        make_offers(tx, app, &order, search, ranked).await?;
    }
    if search.tell_coordinator {
        let event = NewEvent::of_order(EventKind::DispatchCoordinatorTold, &order, None);
        store::event::append(tx, app, community, event).await?;
        tell::coordinators(
            tx,
            app,
            &order,
            &Message::AssignByHand {
                order: order.number.clone(),
            },
        )
        .await?;
    }
    if search.tell_family {
        let event = NewEvent::of_order(EventKind::DispatchFamilyTold, &order, None);
        store::event::append(tx, app, community, event).await?;
        tell::booker(
            tx,
            app,
            &order,
            &Message::NobodyYet {
                order: order.number.clone(),
            },
        )
        .await?;
    }
    let payload = json!({ "round": order.round });
    store::job::enqueue(tx, app, community, DISPATCH, id.0, payload, search.next_at).await
}

async fn make_offers(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    search: &Search,
    ranked: &[Ranked],
) -> Result<()> {
    let asked = store::offer::asked(&**tx, order.community_id, order.id, order.round).await?;
    let chosen = choose(ranked, &asked, search.ring_m, search.offers_wanted);
    let mut events = Vec::with_capacity(chosen.len() + 1);
    if search.wave > 1 {
        let payload =
            json!({ "wave": search.wave, "ring_m": search.ring_m, "offers": chosen.len() });
        let event = NewEvent::of_order(EventKind::DispatchWidened, order, None);
        events.push(event.payload(payload));
    }
    let offers: Vec<_> = chosen
        .into_iter()
        .filter_map(|nurse| new_offer(app, order, search, ranked, nurse))
        .collect();
    events.extend(offers.iter().map(|offer| {
        NewEvent::of_order(EventKind::OfferMade, order, None)
            .nurse(offer.nurse_id)
            .payload(json!({ "offer_id": offer.id, "wave": search.wave, "distance_m": offer.distance_m.round() }))
    }));
    let asked: Vec<_> = offers.iter().map(|offer| offer.nurse_id).collect();
    store::event::append_all(tx, app, order.community_id, &events).await?;
    store::offer::insert(tx, offers).await?;
    let message = Message::Offer {
        order: order.number.clone(),
    };
    tell::nurses(tx, app, order, &asked, &message).await
}

fn new_offer(
    app: &App,
    order: &care_order::Model,
    search: &Search,
    ranked: &[Ranked],
    nurse: NurseId,
) -> Option<offer::Model> {
    let ranked = ranked
        .iter()
        .find(|ranked| ranked.candidate.nurse == nurse)?;
    Some(offer::Model {
        community_id: order.community_id,
        id: app.new_id::<OfferId>(),
        order_id: order.id,
        nurse_id: nurse,
        round: order.round,
        wave: i32::try_from(search.wave).unwrap_or(i32::MAX),
        ring_m: i64::from(search.ring_m),
        distance_m: ranked.candidate.distance_m,
        score: json!({
            "total": ranked.score.total(),
            "parts": ranked.score.parts.map(|part| json!({
                "code": part.code, "points": part.points(), "most": part.most,
            })),
        }),
        state: OfferState::Open,
        decline_reason_enc: None,
        created_at: app.now(),
        decided_at: None,
    })
}

/// The search has ended and nobody has it, or nobody has said that it may be had: the order ends without a fee.
async fn expire(app: &App, job: &job::Model, order: &care_order::Model) -> Result<()> {
    in_write!(app.db, "expire_order", |tx| {
        store::job::finish(tx, job).await?;
        let state = order.state;
        let order = store::order::advance(tx, app, order, Command::Expire, |_| {}).await?;
        store::order::withdraw_offers(tx, app, &order, None).await?;
        // One of two seats may be taken.
        free_seats(tx, app, &order, None, "expired").await?;
        let event = NewEvent::of_order(EventKind::OrderExpired, &order, None);
        store::event::append(tx, app, order.community_id, event).await?;
        tell::booker(
            tx,
            app,
            &order,
            &Message::Expired {
                order: order.number.clone(),
                state,
            },
        )
        .await
    })
}
