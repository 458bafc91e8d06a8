//! The visits ahead of a nurse of whom something changed: the desk hears in time which of them she could not set out for.

use entity::ids::{AccountId, CommunityId, NurseId};
use entity::nurse;
use serde_json::json;

use super::candidates::{at_departure, view};
use super::tell;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::message::Message;
use crate::store;
use crate::store::event::NewEvent;

/// Looks ahead of a nurse who was changed, when something changed that a departure is judged by.
pub async fn nurse_changed(
    tx: &Tx,
    app: &App,
    (before, after): (&nurse::Model, &nurse::Model),
    actor: AccountId,
) -> Result<()> {
    let judged_by = |row: &nurse::Model| {
        let papers = (
            row.licence_from,
            row.licence_to,
            row.practice_since,
            row.training_passed_on,
            row.health_cert_to,
            row.accident_insurance_to,
            row.liability_insurance_to,
        );
        (row.active, row.account_id, row.sex, row.title, papers)
    };
    if judged_by(before) == judged_by(after) {
        return Ok(());
    }
    look_ahead(tx, app, after.community_id, after.id, actor).await
}

/// Tells the desk of each visit that the nurse has not set out for and could not, by the rules of a departure: inactive, shut
/// out, without her papers on that day. She is locked first: a visit that she gets at this moment is either seen here, or
/// judged by what changed. Two statements when she has none.
pub async fn look_ahead(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    nurse: NurseId,
    actor: AccountId,
) -> Result<()> {
    store::nurse::lock(tx, community, nurse).await?;
    for (visit, order) in store::visit::ahead(&**tx, community, nurse).await? {
        let view = view(&**tx, app, order, app.now()).await?;
        let judged = at_departure(&**tx, app, &view, nurse, app.now()).await?;
        if judged.reasons.is_empty() {
            continue;
        }
        let order = &view.order;
        let event = NewEvent::of_order(EventKind::NurseUnfit, order, Some(actor))
            .nurse(nurse)
            .payload(json!({ "visit_id": visit.id }));
        store::event::append(tx, app, community, event).await?;
        let message = Message::NurseUnfit {
            order: order.number.clone(),
            start: tell::start(order),
        };
        tell::coordinators(tx, app, order, &message).await?;
    }
    Ok(())
}
