//! Alarms of nurses: who calls for help, and who looks after it.

pub mod close_sos;
pub mod list_sos;
pub mod take_sos;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::{SosOutcome, SosState};
use entity::ids::{AccountId, InstitutionId, NurseId, OrderId, SosId, VisitId};
use entity::sos_alarm;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::{Error, Result};
use crate::store;
use crate::store::event::NewEvent;
use crate::store::sos::NurseContact;
use crate::wire::PlaceOut;

/// An alarm.
#[derive(Debug, Serialize, ToSchema)]
pub struct SosAlarm {
    /// The alarm.
    pub id: SosId,
    /// Its state.
    pub state: SosState,
    /// The visit.
    pub visit_id: VisitId,
    /// Its order.
    pub order_id: OrderId,
    /// The order's institution.
    pub institution_id: InstitutionId,
    /// The nurse.
    pub nurse_id: NurseId,
    /// Her name.
    pub nurse_name: String,
    /// Her phone, to call her back.
    pub nurse_phone: Option<String>,
    /// When she called, by our clock.
    pub at: DateTime<Utc>,
    /// When she called, by her device.
    pub device_at: Option<DateTime<Utc>>,
    /// When it reached the server; later than `at` when she had no signal.
    pub received_at: DateTime<Utc>,
    /// How often she pressed before somebody took it.
    pub pressed: i32,
    /// Raised before departure or after leaving.
    pub outside_visit: bool,
    /// Where she was last known to be.
    pub place: Option<PlaceOut>,
    /// When she was there.
    pub place_at: Option<DateTime<Utc>>,
    /// How far it went: 0 coordinators of the institution, 1 all coordinators, 2 supervisors, 3 the institution's
    /// phone, then everybody again and again.
    pub level: i32,
    /// When people were told last.
    pub told_at: DateTime<Utc>,
    /// Who looks after it.
    pub taken_by: Option<AccountId>,
    /// Since when.
    pub taken_at: Option<DateTime<Utc>>,
    /// Who closed it.
    pub closed_by: Option<AccountId>,
    /// When.
    pub closed_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<SosOutcome>,
    /// What was noted then.
    pub note: Option<String>,
}

impl SosAlarm {
    /// An alarm as it is shown.
    pub(crate) fn of(
        app: &App,
        row: &sos_alarm::Model,
        contacts: &BTreeMap<NurseId, NurseContact>,
    ) -> Result<Self> {
        let contact = contacts.get(&row.nurse_id);
        let contact = contact.ok_or_else(|| Error::internal("an alarm without its nurse"))?;
        let phone = contact.phone.as_ref();
        Ok(Self {
            id: row.id,
            state: row.state,
            visit_id: row.visit_id,
            order_id: row.order_id,
            institution_id: row.institution_id,
            nurse_id: row.nurse_id,
            nurse_name: contact.name.clone(),
            nurse_phone: phone.map(|phone| phone.reveal().to_owned()),
            at: row.at,
            device_at: row.device_at,
            received_at: row.received_at,
            pressed: row.pressed,
            outside_visit: row.outside_visit,
            place: PlaceOut::from_columns(row.lng, row.lat, row.accuracy_m),
            place_at: row.place_at,
            level: row.level,
            told_at: row.told_at,
            taken_by: row.taken_by,
            taken_at: row.taken_at,
            closed_by: row.closed_by,
            closed_at: row.closed_at,
            outcome: row.outcome,
            note: store::sos::note(app, row)?,
        })
    }
}

/// Leaves the event of what somebody did about an alarm, and shows it.
async fn settled(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    alarm: &sos_alarm::Model,
    by: AccountId,
) -> Result<Answer> {
    let (db, community) = (&**tx, alarm.community_id);
    let order = store::order::in_community(db, community, alarm.order_id)
        .await?
        .ok_or_else(|| Error::internal("an alarm without its order"))?;
    let payload = json!({ "sos_id": alarm.id, "outcome": alarm.outcome });
    let event = NewEvent::of_order(kind, &order, Some(by))
        .nurse(alarm.nurse_id)
        .payload(payload);
    store::event::append(tx, app, community, event).await?;
    let contacts = store::sos::contacts(db, app, community, [alarm.nurse_id]).await?;
    Answer::ok(&SosAlarm::of(app, alarm, &contacts)?)
}
