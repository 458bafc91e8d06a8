//! Tells family and nurse that a device comes due for review, once for each day of review. Nothing is booked.

use chrono::NaiveDate;
use entity::device;
use entity::enums::SubjectKind;
use entity::ids::DeviceId;
use entity::job::Model;
use serde_json::json;

use super::kind::DEVICE_REVIEW;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::rules::RuleBook;
use crate::store::event::NewEvent;
use crate::{in_write, store};

/// Tells, unless the device was removed or comes due on another day now, or the patient died with it.
pub(super) async fn run(app: &App, job: &Model) -> Result<()> {
    let (community, id) = (job.community_id, DeviceId(job.subject_id));
    let due: NaiveDate =
        serde_json::from_value(job.payload["due"].clone()).map_err(Error::internal)?;
    let book = RuleBook::current(app.db.reader(), app, community).await?;
    in_write!(app.db, "review_device", |tx| {
        store::job::finish(tx, job).await?;
        let found = store::device::get(&**tx, community, id).await?;
        let Some(device) = found.filter(|row| row.removed_at.is_none()) else {
            return Ok(());
        };
        let patient = (community, device.patient_id);
        let alive_at = store::device::last_look(&**tx, community, device.patient_id).await?;
        let died = store::death::known_at(&**tx, patient, alive_at).await?;
        if died.is_some() {
            return Ok(());
        }
        // A worker that comes late does not wake anybody.
        let at = book.devices.remind_at(due, app.now(), &book.calendar);
        if at > app.now() {
            let payload = json!({ "due": due });
            return store::job::enqueue(tx, app, community, DEVICE_REVIEW, id.0, payload, at).await;
        }
        if store::device::note_told(tx, community, id, due).await? {
            tell(tx, app, &book, &device, due).await?;
        }
        Ok(())
    })
}

async fn tell(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    device: &device::Model,
    due: NaiveDate,
) -> Result<()> {
    let community = device.community_id;
    let patient = store::patient::in_community(&**tx, community, device.patient_id)
        .await?
        .ok_or_else(|| Error::internal("a device without its patient"))?;
    let rule = book.devices.rule(device.kind).map_err(Error::internal)?;
    let item = book.catalogue.item(rule.item.as_str());
    let message = Message::DeviceReview {
        patient: store::patient::name(app, &patient)?.masked(),
        device: rule.name.clone(),
        due: due.format("%m-%d").to_string(),
        item: item.map_or_else(
            || Bilingual::new(rule.item.as_str(), rule.item.as_str()),
            |item| item.name.clone(),
        ),
    };
    for (_, account) in store::carer::of_patient(&**tx, community, patient.id).await? {
        store::message::to_account(tx, app, &account, &message).await?;
    }
    let nurse = store::device::responsible_nurse(&**tx, community, patient.id).await?;
    if let Some(id) = nurse {
        let row = store::nurse::get(&**tx, community, id).await?;
        if let Some(account) = row.and_then(|row| row.account_id)
            && let Some(account) = store::account::get(&**tx, community, account).await?
        {
            store::message::to_account(tx, app, &account, &message).await?;
        }
    }
    let mut event = NewEvent::new(
        EventKind::DeviceReviewDue,
        SubjectKind::Patient,
        patient.id.0,
        None,
    )
    .institution(patient.institution_id)
    .patient(patient.id)
    .payload(json!({ "device_id": device.id, "kind": device.kind, "due": due }));
    if let Some(nurse) = nurse {
        event = event.nurse(nurse);
    }
    store::event::append(tx, app, community, event).await
}
