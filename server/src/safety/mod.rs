//! The nurse's safety: who is told of what, and the jobs that go on when nobody answers.

pub(crate) mod arrival;
pub(crate) mod complaints;
pub(crate) mod overdue;
pub(crate) mod reports;
pub(crate) mod sos;

use entity::care_order;
use entity::ids::NurseId;

use crate::app::App;
use crate::db::Tx;
use crate::error::Result;
use crate::message::Message;
use crate::store;
use crate::store::sos::NurseContact;

/// Sends a message to a nurse, when she has an account.
async fn tell_nurse(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    nurse: NurseId,
    message: &Message,
) -> Result<()> {
    let community = order.community_id;
    let row = store::nurse::get(&**tx, community, nurse).await?;
    let Some(id) = row.and_then(|row| row.account_id) else {
        return Ok(());
    };
    match store::account::get(&**tx, community, id).await? {
        Some(account) => store::message::to_account(tx, app, &account, message).await,
        None => Ok(()),
    }
}

/// Name and phone of a nurse as they stand in messages to staff.
async fn contact(
    tx: &Tx,
    app: &App,
    order: &care_order::Model,
    nurse: NurseId,
) -> Result<(String, String)> {
    let mut found = store::sos::contacts(&**tx, app, order.community_id, [nurse]).await?;
    let none = NurseContact {
        name: String::new(),
        phone: None,
    };
    let contact = found.remove(&nurse).unwrap_or(none);
    let phone = contact.phone.map(|phone| phone.reveal().to_owned());
    Ok((contact.name, phone.unwrap_or_default()))
}
