//! After discharge: discharges are taken in, planned, followed up and stopped. Every way in uses these functions.

mod again;
mod attempt;
mod complete;
mod fit;
mod merge;
mod narrow;
mod plan;
mod preview;
mod remind;
mod repeats;
mod take;
mod tick;

use chrono::NaiveDate;
use entity::enums::{FollowStop, SubjectKind};
use entity::follow_plan;
use entity::ids::{AccountId, PatientId};
use entity::patient;
use serde_json::json;

use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::identity::IdNumber;
use crate::error::{Error, Result};
use crate::store;
use crate::store::event::NewEvent;

pub use again::{cancel, correct};
pub(crate) use attempt::event;
pub use attempt::{NewAttempt, answered, give_up, record};
pub(crate) use complete::{finish, scored};
pub use merge::{join_up, part};
pub use plan::make;
pub use preview::{Seen, preview};
pub(crate) use remind::{goes_out, undelivered};
pub use repeats::end_repeats;
pub use take::{By, Outcome, Person, Taken, Told, Who, take};
pub(crate) use tick::{extend, tick};

/// Stops plans of one patient, with cause, and leaves an event. Nothing happens when there is none.
pub async fn stop(
    tx: &Tx,
    app: &App,
    plans: &[follow_plan::Model],
    cause: FollowStop,
    by: Option<AccountId>,
) -> Result<()> {
    let Some(first) = plans.first() else {
        return Ok(());
    };
    store::follow_up::stop_plans(tx, app, plans, cause).await?;
    let ids: Vec<_> = plans.iter().map(|plan| plan.id).collect();
    let (patient, kind) = (first.patient_id, EventKind::FollowUpStopped);
    narrow::narrow(tx, app, (first.community_id, patient)).await?;
    let event = NewEvent::new(kind, SubjectKind::Patient, patient.0, by)
        .institution(first.institution_id)
        .patient(patient)
        .payload(json!({ "plans": ids, "cause": cause }));
    store::event::append(tx, app, first.community_id, event).await
}

/// In hospital again from a day on: the plans of earlier discharges end.
pub async fn readmitted(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    admitted_on: NaiveDate,
    by: Option<AccountId>,
) -> Result<()> {
    let (community, id) = (patient.community_id, patient.id);
    let plans = store::discharge::followed_until(&**tx, community, id, admitted_on).await?;
    stop(tx, app, &plans, FollowStop::Readmitted, by).await
}

/// A stay that ended in death, by the system's own id of it or by the person's id number: nobody is called any more, and the
/// death is known from now on. Nothing happens when neither id is known.
pub async fn died(
    tx: &Tx,
    app: &App,
    by: &By,
    own: (&str, &str),
    number: Option<&IdNumber>,
) -> Result<()> {
    let told = store::discharge::told_by(&**tx, by.community, own).await?;
    let hash = number.map(|number| store::patient::id_number_hash(app, number));
    let patient = match (told, hash) {
        (Some(discharge), _) => Some(discharge.patient_id),
        (None, Some(hash)) => {
            let known = store::patient::by_id_number(tx, by.community, &hash).await?;
            known.map(|patient| patient.merged_into.unwrap_or(patient.id))
        }
        (None, None) => None,
    };
    let Some(patient) = patient else {
        return Ok(());
    };
    // An older word than the last look at a device was wrong.
    let alive_at = store::device::last_look(&**tx, by.community, patient).await?;
    let known = store::death::known_at(&**tx, (by.community, patient), alive_at).await?;
    if known.is_none() {
        note_death(tx, app, by, patient).await?;
    }
    let plans = store::follow_up::active_plans(&**tx, by.community, patient).await?;
    stop(tx, app, &plans, FollowStop::Died, Some(by.account)).await
}

async fn note_death(tx: &Tx, app: &App, by: &By, patient: PatientId) -> Result<()> {
    let found = store::patient::in_community(&**tx, by.community, patient).await?;
    let row = found.ok_or_else(|| Error::internal("a discharge without its patient"))?;
    store::death::note(tx, app, by.community, patient).await?;
    let (kind, subject) = (EventKind::DeathTold, SubjectKind::Patient);
    let event = NewEvent::new(kind, subject, patient.0, Some(by.account))
        .institution(row.institution_id)
        .patient(patient);
    store::event::append(tx, app, by.community, event).await
}
