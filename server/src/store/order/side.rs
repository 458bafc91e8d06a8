//! What a change of an order drags along: its offers, its live visit, the search for a nurse, the words of its address.

use chrono::{DateTime, TimeDelta, Utc};
use entity::care_order::{ActiveModel, Model};
use entity::enums::OrderState;
use entity::ids::{AccountId, NurseId, VisitId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

use super::{Sealed, sql};
use crate::app::App;
use crate::db::Tx;
use crate::domain::dispatch::{DispatchState, ends_at};
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::jobs::kind::DISPATCH;
use crate::store::address;
use crate::store::event::{self, NewEvent};
use crate::store::job;

/// Begins the search for a nurse anew; to be used within [`super::advance`].
pub fn begin_round(order: &mut ActiveModel, round: i32, now: DateTime<Utc>) {
    order.round = Set(round);
    order.opened_at = Set(Some(now));
    order.wave = Set(0);
    order.ring_m = Set(0);
    order.coordinator_told_at = Set(None);
    order.family_told_at = Set(None);
}

/// When an order that nobody has ends: open, or waiting for an assessment or a review.
pub fn search_ends(order: &Model) -> DateTime<Utc> {
    let last_start = order.window_end - TimeDelta::minutes(i64::from(order.duration_min));
    let opened_at = order.opened_at.unwrap_or(order.created_at);
    ends_at(opened_at, order.window_start, last_start)
}

/// Keeps what the address of an order says as the order ends; to be used within [`super::advance`].
pub(super) async fn keep_address(
    tx: &Tx,
    app: &App,
    order: &Model,
    row: &mut ActiveModel,
) -> Result<()> {
    let address = address::of_order(&**tx, order).await?;
    let text = address::text(app, &address)?;
    let landmark = address::landmark(app, &address)?;
    let landmark = landmark.map(|text| Sealed::AddressLandmark.seal(app, order.id, &text));
    row.address_text_enc = Set(Some(Sealed::AddressText.seal(app, order.id, &text)));
    row.address_landmark_enc = Set(landmark);
    Ok(())
}

/// Notes how far the search has come; false when the order is not open any more, or in another round. It is no change of
/// the order, so its version stays: a family that edits meanwhile does not lose.
pub async fn note_dispatch(
    tx: &Tx,
    app: &App,
    order: &Model,
    state: &DispatchState,
    ring_m: u32,
) -> Result<bool> {
    let told =
        |before: Option<DateTime<Utc>>, told: bool| before.or_else(|| told.then(|| app.now()));
    let changed = sql::change(
        tx,
        "UPDATE care_order SET wave = $1, ring_m = $2, coordinator_told_at = $3, family_told_at = $4
         WHERE community_id = $5 AND id = $6 AND round = $7 AND state = 'open'",
        [
            i32::try_from(state.wave).unwrap_or(i32::MAX).into(),
            i64::from(ring_m).into(),
            told(order.coordinator_told_at, state.coordinator_told).into(),
            told(order.family_told_at, state.family_told).into(),
            order.community_id.into(),
            order.id.into(),
            order.round.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Queues the search for a nurse: now when the order is open; when it would end while it waits for an assessment or a review,
/// for all that is left to do then is to end it. The round lets a search of an earlier round find itself out of date.
pub async fn enqueue_dispatch(tx: &Tx, app: &App, order: &Model) -> Result<()> {
    let payload = json!({ "round": order.round });
    let run_at = match order.state {
        OrderState::InReview | OrderState::Assessing => search_ends(order),
        _ => app.now(),
    };
    job::enqueue(
        tx,
        app,
        order.community_id,
        DISPATCH,
        order.id.0,
        payload,
        run_at,
    )
    .await
}

/// A visit of an order that is over or looks for a nurse again, and how far she had come.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct FreedVisit {
    /// The visit.
    pub id: VisitId,
    /// Whose it was.
    pub nurse_id: NurseId,
    /// When she set out.
    pub departed_at: Option<DateTime<Utc>>,
    /// When she arrived.
    pub arrived_at: Option<DateTime<Utc>>,
}

/// Frees the nurses of the order's live visits and tells who they were. `taken_away`: they no longer see the
/// order; otherwise the visit stays theirs, as the one that was called off. Who was on her way is called back with it; who is at
/// the patient's has to say that she left.
pub async fn release_visit(
    tx: &Tx,
    app: &App,
    order: &Model,
    taken_away: bool,
) -> Result<Vec<FreedVisit>> {
    let mut visits = changed::<FreedVisit>(
        tx,
        "UPDATE visit SET live = FALSE, version = version + 1, released_at = $3,
             left_at = CASE WHEN departed_at IS NOT NULL AND arrived_at IS NULL THEN $4 ELSE left_at END
         WHERE community_id = $1 AND order_id = $2 AND live
         RETURNING id, nurse_id, departed_at, arrived_at",
        [
            order.community_id.into(),
            order.id.into(),
            taken_away.then(|| app.now()).into(),
            app.now().into(),
        ],
    )
    .await?;
    visits.sort_by_key(|visit| visit.id);
    Ok(visits)
}

#[derive(FromQueryResult)]
struct Offered {
    nurse_id: NurseId,
}

/// Withdraws the offers that are still open, with an event for each nurse.
pub async fn withdraw_offers(
    tx: &Tx,
    app: &App,
    order: &Model,
    actor: Option<AccountId>,
) -> Result<()> {
    let events = withdrawn(tx, app, order, actor).await?;
    event::append_all(tx, app, order.community_id, &events).await
}

/// The same because of what an event of the order says, which comes first in the trail.
pub async fn withdraw_offers_after(
    tx: &Tx,
    app: &App,
    order: &Model,
    first: NewEvent,
) -> Result<()> {
    let mut events = vec![first];
    events.extend(withdrawn(tx, app, order, None).await?);
    event::append_all(tx, app, order.community_id, &events).await
}

async fn withdrawn(
    tx: &Tx,
    app: &App,
    order: &Model,
    actor: Option<AccountId>,
) -> Result<Vec<NewEvent>> {
    let mut offers = changed::<Offered>(
        tx,
        "UPDATE offer SET state = 'withdrawn', decided_at = $3
         WHERE community_id = $1 AND order_id = $2 AND state = 'open' RETURNING nurse_id",
        [order.community_id.into(), order.id.into(), app.now().into()],
    )
    .await?;
    offers.sort_by_key(|offer| offer.nurse_id);
    let told = |offer: Offered| {
        NewEvent::of_order(EventKind::OfferWithdrawn, order, actor).nurse(offer.nurse_id)
    };
    Ok(offers.into_iter().map(told).collect())
}

/// Runs a change that returns the rows it touched.
async fn changed<R: FromQueryResult>(
    tx: &Tx,
    text: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Result<Vec<R>> {
    let rows = tx
        .query_all_raw(sql::statement(&**tx, text, values))
        .await?;
    let rows: Result<Vec<_>, _> = rows
        .iter()
        .map(|row| R::from_query_result(row, ""))
        .collect();
    Ok(rows?)
}
