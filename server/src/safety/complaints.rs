//! The clock of a complaint: supervisors are called while nobody answers.

use chrono::TimeDelta;
use entity::ids::ComplaintId;
use entity::{complaint, job};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use crate::app::App;
use crate::db::Tx;
use crate::domain::complaint::waits;
use crate::error::{Error, Result};
use crate::in_write;
use crate::jobs::kind::COMPLAINT_DUE;
use crate::message::Message;
use crate::store;

/// Begins the clock.
pub(crate) async fn begin(tx: &Tx, app: &App, row: &complaint::Model) -> Result<()> {
    let payload = json!({ "appeal": row.appealed_at.is_some() });
    let (community, id) = (row.community_id, row.id.0);
    store::job::enqueue(tx, app, community, COMPLAINT_DUE, id, payload, row.due_at).await
}

/// Tells the supervisors whose scope reaches the institution.
pub(crate) async fn call(tx: &Tx, app: &App, row: &complaint::Model) -> Result<()> {
    let (db, community) = (&**tx, row.community_id);
    let order = store::order::in_community(db, community, row.order_id).await?;
    let order = order.ok_or_else(|| Error::internal("a complaint without its order"))?;
    let supervisors = store::account::supervisors_of(db, community, row.institution_id).await?;
    let message = Message::Complaint {
        order: order.number,
        waits: true,
    };
    store::message::to_all(tx, app, &supervisors, &message).await?;
    Ok(())
}

/// Calls the supervisors while an answer is owed. The job ends in the transaction of its effect.
pub(crate) async fn due(app: &App, job: &job::Model) -> Result<()> {
    in_write!(app.db, "complaint_due", |tx| {
        store::job::finish(tx, job).await?;
        let (community, id) = (job.community_id, ComplaintId(job.subject_id));
        let Some(row) = store::complaint::in_community(&**tx, community, id).await? else {
            return Ok(());
        };
        // The clock of the first answer ends with it; an appeal has its own.
        let appeal = job.payload["appeal"] == true;
        if !waits(row.state) || appeal != row.appealed_at.is_some() {
            return Ok(());
        }
        call(tx, app, &row).await?;
        let now = app.now();
        store::complaint::update(tx, &row, |row| row.escalated_at = Set(Some(now))).await?;
        let again = now + TimeDelta::hours(i64::from(app.config.care.complaint_answer_h));
        let payload = json!({ "appeal": appeal });
        store::job::enqueue(tx, app, community, COMPLAINT_DUE, id.0, payload, again).await
    })
}
