//! What the steps of a visit share: whose visit it is, what her device reports, and the answer.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::{ConsentPurpose, FenceResult, OrderState};
use entity::ids::{CommunityId, OrderId, PatientId, VisitId};
use entity::{care_order, visit};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Ordered;
use crate::app::App;
use crate::db::Tx;
use crate::domain::consent::Missing;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::Command;
use crate::domain::place::SourcePlace;
use crate::domain::prescription::{self, MissingPrescription};
use crate::domain::seats::{LEAD, SecondSeat};
use crate::domain::steps::{RecordRefused, Stand};
use crate::domain::visit::skew;
use crate::domain::visit_rules::Gates;
use crate::error::{Error, Result};
use crate::extract::{May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;
use crate::wire::{Moment, PlaceIn};

/// Seconds by which a device's clock may differ from ours without being noted.
const CLOCK_TOLERANCE_S: u32 = 120;

/// What the device reports with a step.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepReport {
    /// When it happened, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Where it happened.
    pub place: Option<PlaceIn>,
}

/// A visit after a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitState {
    /// The visit.
    pub id: VisitId,
    /// Its order.
    pub order_id: OrderId,
    /// State of the order.
    pub state: OrderState,
    /// Version of the visit.
    pub version: i64,
    /// How the arrival stood against the fence.
    pub fence: Option<FenceResult>,
}

impl VisitState {
    /// The state of a visit and its order.
    pub(crate) fn of(visit: &visit::Model, order: &care_order::Model) -> Self {
        Self {
            id: visit.id,
            order_id: order.id,
            state: order.state,
            version: visit.version,
            fence: visit.fence,
        }
    }
}

/// One act of a nurse on a visit: in which transaction, by whom, and when it was. Told at once, or hours later
/// when there was no signal: the rules are asked as of the act, not of the telling.
pub(crate) struct Act<'a> {
    /// The transaction of the act.
    pub tx: &'a Tx,
    /// The service.
    pub app: &'a App,
    /// The nurse.
    pub may: &'a May<grants::DoVisits>,
    /// When it happened, by our clock.
    pub at: DateTime<Utc>,
    /// When it happened, by the device.
    pub device_at: Option<DateTime<Utc>>,
    /// By how much the clock was ahead that the times in its body were read from; nothing when it is told as it happens.
    pub ahead: TimeDelta,
}

impl<'a> Act<'a> {
    /// An act that is told as it happens.
    pub(crate) fn now(
        tx: &'a Tx,
        app: &'a App,
        may: &'a May<grants::DoVisits>,
        device_at: Option<Moment>,
    ) -> Self {
        let at = app.now();
        Self {
            tx,
            app,
            may,
            at,
            device_at: device_at.map(Into::into),
            ahead: TimeDelta::zero(),
        }
    }

    /// The caller's own visit with its order; somebody else's is not found.
    pub(crate) async fn mine(&self, id: VisitId) -> Result<(visit::Model, care_order::Model)> {
        let nurse = self.may.nurse.ok_or(Code::NoNurseProfile)?;
        let found = store::visit::find(&**self.tx, &self.may.scope, id).await?;
        let mine = found.filter(|(visit, _)| visit.nurse_id == nurse);
        mine.ok_or_else(|| Code::NotFound.into())
    }

    /// The same, for steps that only the leading nurse takes.
    pub(crate) async fn mine_to_lead(
        &self,
        id: VisitId,
    ) -> Result<(visit::Model, care_order::Model)> {
        let (visit, order) = self.mine(id).await?;
        if visit.seat == LEAD {
            Ok((visit, order))
        } else {
            Err(Code::SeatNotLead.into())
        }
    }

    /// The caller's own visit, also one that was taken from her on her way and that she has left since.
    pub(crate) async fn mine_or_lost(
        &self,
        id: VisitId,
    ) -> Result<(visit::Model, care_order::Model)> {
        let nurse = self.may.nurse.ok_or(Code::NoNurseProfile)?;
        let found = store::visit::find_or_lost(&**self.tx, &self.may.scope, id).await?;
        let was_out =
            |visit: &visit::Model| visit.released_at.is_none() || visit.departed_at.is_some();
        let mine = found.filter(|(visit, _)| visit.nurse_id == nurse && was_out(visit));
        mine.ok_or_else(|| Code::NotFound.into())
    }

    /// Takes a step: the leading nurse moves the order, the second one only her own visit.
    pub(crate) async fn advance(
        &self,
        visit: &visit::Model,
        order: care_order::Model,
        step: Command,
    ) -> Result<care_order::Model> {
        if visit.seat == LEAD {
            return store::order::advance(self.tx, self.app, &order, step, |_| {}).await;
        }
        let stand = stand(visit, &order);
        stand.step(step).map_err(store::order::wrong_state)?;
        Ok(order)
    }

    /// What of the patient may not be used (R24), as of the act.
    pub(crate) async fn unallowed(&self, order: &care_order::Model) -> Result<Vec<Missing>> {
        self.unallowed_at((order.community_id, order.patient_id), self.at)
            .await
    }

    async fn unallowed_at(
        &self,
        of: (CommunityId, PatientId),
        at: DateTime<Utc>,
    ) -> Result<Vec<Missing>> {
        let texts = RuleBook::at(&**self.tx, self.app, of.0, at).await?.consents;
        store::consent::missing_on_visit(&**self.tx, &texts, of, at).await
    }

    /// What the table of visit rules asks of a visit that begins at `start`, by table and record as of the act (R10, R11).
    pub(crate) async fn gates(
        &self,
        order: &care_order::Model,
        ordered: &Ordered,
        start: DateTime<Utc>,
    ) -> Result<Gates> {
        let rules = RuleBook::at(&**self.tx, self.app, order.community_id, self.at)
            .await?
            .visit_rules;
        let by = (&*ordered.catalogue, &*rules);
        store::gates::judge(self.tx, self.app, by, order, (start, self.at)).await
    }

    /// Items without a prescription that holds on a day, by what was so as of the act (R7).
    pub(crate) async fn unprescribed(
        &self,
        order: &care_order::Model,
        ordered: &Ordered,
        day: NaiveDate,
    ) -> Result<Vec<MissingPrescription>> {
        let (community, codes) = (order.community_id, ordered.codes.clone());
        let held =
            store::prescription::held(&**self.tx, community, order.patient_id, codes).await?;
        let chosen = prescription::choose(ordered.items(), &held, &[], day, self.at);
        Ok(chosen.err().unwrap_or_default())
    }

    /// Whether places of the way are kept: the use of location is allowed, as of the act and now. What is told late is
    /// not kept against a will that was said meanwhile.
    pub(crate) async fn may_keep_places(&self, visit: &visit::Model) -> Result<bool> {
        let of = (visit.community_id, visit.patient_id);
        let mut missing = self.unallowed_at(of, self.at).await?;
        let now = self.app.now();
        if now != self.at {
            missing.extend(self.unallowed_at(of, now).await?);
        }
        let location = |one: &Missing| one.purpose == ConsentPurpose::Location;
        Ok(!missing.iter().any(location))
    }

    /// Leaves the event of a step: our time, device time and their difference, place.
    pub(crate) async fn leave_event(
        &self,
        kind: EventKind,
        (visit, order): (&visit::Model, &care_order::Model),
        place: Option<&SourcePlace>,
        mut payload: Value,
    ) -> Result<()> {
        payload["visit_id"] = json!(visit.id);
        if visit.seat != LEAD {
            payload["seat"] = json!(visit.seat);
        }
        if let Some(device_at) = self.device_at {
            payload["device_skew_s"] = json!(skew(device_at, self.at, CLOCK_TOLERANCE_S).seconds);
        }
        let event = NewEvent::of_order(kind, order, Some(self.may.account))
            .nurse(visit.nurse_id)
            .device_at(self.device_at)
            .place(place.map(|place| (place.point.lng(), place.point.lat(), place.accuracy_m)))
            .payload(payload);
        store::event::append(self.tx, self.app, order.community_id, event).await
    }

    /// Keeps the place of a step as a position of the way, where places are kept, at the time of the step by our clock: that of a
    /// device that is a day ahead would hide where she is for a day.
    pub(crate) async fn keep_position(
        &self,
        visit: &visit::Model,
        place: Option<&SourcePlace>,
    ) -> Result<()> {
        let Some(place) = place else { return Ok(()) };
        if !self.may_keep_places(visit).await? {
            return Ok(());
        }
        let row = entity::visit_position::Model {
            community_id: visit.community_id,
            visit_id: visit.id,
            at: self.at,
            lng: place.point.lng(),
            lat: place.point.lat(),
            accuracy_m: place.accuracy_m,
        };
        store::visit::insert_positions(self.tx, vec![row]).await
    }
}

/// Where things stand for the nurse of a visit.
pub(crate) fn stand(visit: &visit::Model, order: &care_order::Model) -> Stand {
    let second = SecondSeat {
        departed: visit.departed_at.is_some(),
        arrived: visit.arrived_at.is_some(),
        left: visit.finished_at.is_some() || !visit.live,
    };
    Stand {
        state: order.state,
        second: (visit.seat != LEAD).then_some(second),
    }
}

/// The problem of something that is not done where the order stands.
pub(crate) fn not_now(order: &care_order::Model) -> Error {
    Problem::new(Code::OrderWrongState)
        .with("state", order.state)
        .member("state", order.state)
        .into()
}

/// The problem of a record that is not taken.
pub(crate) fn record_refused(refused: RecordRefused, order: &care_order::Model) -> Error {
    match refused {
        RecordRefused::NotNow => not_now(order),
        RecordRefused::Signed => Code::RecordSigned.into(),
        RecordRefused::Missing => Code::RecordMissing.into(),
        RecordRefused::Mismatch => Code::SignatureMismatch.into(),
    }
}

/// The place of a report in WGS-84, checked.
pub(crate) fn place_of(report: Option<PlaceIn>) -> Result<Option<SourcePlace>> {
    report.map(|place| place.convert("place")).transpose()
}
