//! Who changes the register: a nurse on a visit of hers, or staff whom the patient belongs to.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::{DeviceAct, SubjectKind};
use entity::ids::{AccountId, CommunityId, DeviceId, NurseId, PatientId, VisitId};
use entity::{device, patient};
use serde_json::{Value, json};

use super::view;
use crate::api::visits::refused as visit_refused;
use crate::api::visits::step::Act;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::device::{DeviceError, check_past};
use crate::domain::event::EventKind;
use crate::domain::steps;
use crate::domain::sync::corrected;
use crate::error::{Error, Result};
use crate::extract::{May, grants};
use crate::jobs::kind::DEVICE_REVIEW;
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store::event::NewEvent;
use crate::store::scope::Scope;
use crate::wire::Moment;
use crate::{follow_up, store};

/// Whoever acts, where, and when.
pub(super) struct By<'a> {
    pub tx: &'a Tx,
    pub app: &'a App,
    pub community: CommunityId,
    pub account: AccountId,
    /// The nurse who acts on a visit.
    pub nurse: Option<NurseId>,
    scope: &'a Scope,
    at: DateTime<Utc>,
    device_at: Option<DateTime<Utc>>,
    /// By how much the clock was ahead that told the times.
    ahead: TimeDelta,
    /// The visit on which the nurse acts.
    pub visit: Option<VisitId>,
}

impl<'a> By<'a> {
    /// A nurse, as of an act of hers.
    pub(super) fn nurse(act: &'a Act<'a>, visit: Option<VisitId>) -> Result<Self> {
        Ok(Self {
            tx: act.tx,
            app: act.app,
            community: act.may.community,
            account: act.may.account,
            nurse: Some(act.may.nurse.ok_or(Code::NoNurseProfile)?),
            scope: &act.may.scope,
            at: act.at,
            device_at: act.device_at,
            ahead: act.ahead,
            visit,
        })
    }

    /// Staff, now; also a nurse who has the patient in front of her and names no visit.
    pub(super) fn caller(
        tx: &'a Tx,
        app: &'a App,
        may: &'a May<grants::ChangeDevices>,
        device_at: Option<Moment>,
    ) -> Self {
        Self {
            tx,
            app,
            community: may.community,
            account: may.account,
            nurse: may.scope.nurse,
            scope: &may.scope,
            at: app.now(),
            device_at: device_at.map(Into::into),
            ahead: TimeDelta::zero(),
            visit: None,
        }
    }

    /// The patient, if the caller may change the register: the one of her visit while that is under way or has to
    /// be closed or recorded still, else one in scope.
    pub(super) async fn patient(&self, id: PatientId) -> Result<patient::Model> {
        let Some(visit) = self.visit else {
            return store::patient::get(&**self.tx, self.scope, id).await;
        };
        let found = store::visit::find(&**self.tx, self.scope, visit).await?;
        let found =
            found.filter(|(visit, _)| Some(visit.nurse_id) == self.nurse && visit.patient_id == id);
        let (visit, order) = found.ok_or(Code::NotFound)?;
        if !steps::may_tell_devices(order.state, visit.started_at.is_some()) {
            let problem = Problem::new(Code::OrderWrongState);
            return Err(problem.with("state", order.state).into());
        }
        let patient = store::patient::in_community(&**self.tx, self.community, id).await?;
        patient.ok_or_else(|| Code::NotFound.into())
    }

    /// A device that is in place, with its patient.
    pub(super) async fn device(&self, id: DeviceId) -> Result<(device::Model, patient::Model)> {
        let found = store::device::get(&**self.tx, self.community, id).await?;
        let device = found.ok_or(Code::NotFound)?;
        let patient = self.patient(device.patient_id).await?;
        if device.removed_at.is_some() {
            return Err(Code::DeviceRemovedAlready.into());
        }
        Ok((device, patient))
    }

    /// The device that is meant, when this visit has placed it already.
    pub(super) async fn placed_on_visit(
        &self,
        patient: PatientId,
        is_meant: impl Fn(&device::Model) -> bool,
    ) -> Result<Option<device::Model>> {
        let Some(visit) = self.visit else {
            return Ok(None);
        };
        let db = &**self.tx;
        let acts = store::device::acts_of_visit(db, self.community, visit).await?;
        let devices = store::device::of_patient(db, self.community, patient, true).await?;
        let hers = |device: &device::Model| {
            let mut acts = acts.iter();
            acts.any(|row| row.device_id == device.id && row.act == DeviceAct::Placed)
        };
        let mut devices = devices.into_iter();
        Ok(devices.find(|one| is_meant(one) && hers(one)))
    }

    /// When it happened, by our clock: as told, else now. Not in the future.
    pub(super) fn moment(&self, told: Option<Moment>) -> Result<DateTime<Utc>> {
        let at = told.map_or(self.at, |told| corrected(*told, self.ahead));
        check_past(at, self.at).map_err(|error| refused(error, "at"))?;
        Ok(at)
    }

    /// The day of the act.
    pub(super) fn today(&self) -> NaiveDate {
        local_date(self.at)
    }

    /// Leaves what a change leaves: the visit that made it, its event, and the word to be given before a review.
    pub(super) async fn leave(
        &self,
        book: &RuleBook,
        (device, patient): (&device::Model, &patient::Model),
        (act, at): (DeviceAct, DateTime<Utc>),
    ) -> Result<()> {
        if let Some(visit) = self.visit {
            store::device::link(self.tx, device, visit, act, at).await?;
        }
        let kind = match act {
            DeviceAct::Placed => EventKind::DevicePlaced,
            DeviceAct::Reviewed => EventKind::DeviceReviewed,
            DeviceAct::Removed => EventKind::DeviceRemoved,
        };
        let payload = json!({
            "device_id": device.id,
            "kind": device.kind,
            "visit_id": self.visit,
            "at": at,
            "review_due": device.review_due,
            "removal": device.removal,
        });
        self.event(kind, patient, payload).await?;
        if act == DeviceAct::Removed {
            return Ok(());
        }
        // The register has reviews of its own: follow-up need not ask after the device any more.
        let whose = (self.community, patient.id);
        follow_up::end_repeats(self.tx, self.app, whose, Some(self.account), None).await?;
        self.remind(book, device).await
    }

    /// Has the word given before the review.
    pub(super) async fn remind(&self, book: &RuleBook, device: &device::Model) -> Result<()> {
        let Some(due) = device.review_due else {
            return Ok(());
        };
        let run_at = book.devices.remind_at(due, self.app.now(), &book.calendar);
        let (payload, id) = (json!({ "due": due }), device.id.0);
        let (tx, community) = (self.tx, self.community);
        store::job::enqueue(tx, self.app, community, DEVICE_REVIEW, id, payload, run_at).await
    }

    /// Leaves an event of the patient.
    pub(super) async fn event(
        &self,
        kind: EventKind,
        patient: &patient::Model,
        payload: Value,
    ) -> Result<()> {
        let by = Some(self.account);
        let mut event = NewEvent::new(kind, SubjectKind::Patient, patient.id.0, by)
            .institution(patient.institution_id)
            .patient(patient.id)
            .device_at(self.device_at)
            .payload(payload);
        if let Some(nurse) = self.nurse {
            event = event.nurse(nurse);
        }
        store::event::append(self.tx, self.app, self.community, event).await
    }

    /// The device as it is sent.
    pub(super) async fn show(&self, book: &RuleBook, row: &device::Model) -> Result<view::Device> {
        let rows = std::slice::from_ref(row);
        let shown = view::show(&**self.tx, self.app, book, rows).await?;
        let mut shown = shown.into_iter();
        shown
            .next()
            .ok_or_else(|| Error::internal("a device just stored is not there"))
    }
}

/// Leaves a trace of what was refused to a nurse on a visit of hers.
pub(super) async fn traced<T>(
    app: &App,
    may: &May<grants::ChangeDevices>,
    (visit, step): (Option<VisitId>, &'static str),
    outcome: Result<T>,
) -> Result<T> {
    match (visit, may.also::<grants::DoVisits>()) {
        (Some(visit), Ok(nurse)) => {
            visit_refused::traced(app, &nurse, (visit, step), outcome).await
        }
        _ => outcome,
    }
}

/// The problem of a refused device, at a field.
pub(super) fn refused(error: DeviceError, field: &str) -> Error {
    let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
    Problem::new(code).field(field, code).into()
}

/// Depth in centimetres, 0 to 200.
pub(super) fn check_depth(depth_cm: Option<f64>) -> Result<()> {
    if depth_cm.is_none_or(|depth| (0.0..=200.0).contains(&depth)) {
        return Ok(());
    }
    let params = vec![("reason", "0..=200".to_owned())];
    let problem = Problem::new(Code::InvalidRequest);
    Err(problem
        .field_with("depth_cm", Code::FieldInvalid, params)
        .into())
}
