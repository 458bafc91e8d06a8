//! `POST /v1/devices/{device_id}/remove`: a device was taken out, or came out.

use axum::extract::State;
use entity::enums::{DeviceAct, DeviceRemoval};
use entity::ids::{DeviceId, VisitId};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use super::by::{self, By, refused};
use super::view::Device;
use crate::answer::Answer;
use crate::api::visits::step::Act;
use crate::app::App;
use crate::domain::device::check_removed;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::wire::{Moment, Text};
use crate::{once, store};

/// Why and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovedDevice {
    /// As planned, or the cause of an unplanned removal.
    pub removal: DeviceRemoval,
    /// When; left out: now. Not before it was placed.
    pub at: Option<Moment>,
    /// What else is to be known; replaces the note before.
    #[schema(inline)]
    pub note: Option<Text<1, 500>>,
    /// The visit of the calling nurse.
    pub visit_id: Option<VisitId>,
    /// When it is told, by the device.
    pub device_at: Option<Moment>,
}

/// Note that a device is out.
#[utoipa::path(
    post, path = "/v1/devices/{device_id}/remove", tag = "devices", request_body = RemovedDevice,
    params(
        ("device_id" = DeviceId, Path, description = "A device in place"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Noted", body = Device))
)]
pub async fn remove_device(
    State(app): State<App>,
    may: May<grants::ChangeDevices>,
    Id(id): Id<DeviceId>,
    IdempotencyKey { key, body }: IdempotencyKey<RemovedDevice>,
) -> Result<Answer> {
    let outcome = once!(app, may, key, "remove_device", |tx| {
        if body.visit_id.is_some() {
            let nurse = may.also::<grants::DoVisits>()?;
            let act = Act::now(tx, &app, &nurse, body.device_at);
            return apply(&act, id, &body).await;
        }
        remove(&By::caller(tx, &app, &may, body.device_at), id, &body).await
    });
    by::traced(&app, &may, (body.visit_id, "remove_device"), outcome).await
}

/// Notes it, as of a nurse's act.
pub(crate) async fn apply(act: &Act<'_>, id: DeviceId, report: &RemovedDevice) -> Result<Answer> {
    remove(&By::nurse(act, report.visit_id)?, id, report).await
}

async fn remove(by: &By<'_>, id: DeviceId, report: &RemovedDevice) -> Result<Answer> {
    let (device, patient) = by.device(id).await?;
    let at = by.moment(report.at)?;
    check_removed(device.placed_at, at).map_err(|error| refused(error, "at"))?;
    let book = RuleBook::current(&**by.tx, by.app, by.community).await?;
    let mut detail = store::device::detail(by.app, &device)?;
    let note = report.note.as_ref();
    detail.note = note.map(|note| note.as_str().to_owned()).or(detail.note);
    let sealed = store::device::seal_detail(by.app, id, &detail)?;
    let device = store::device::update(by.tx, &device, |row| {
        row.detail_enc = Set(sealed);
        row.removed_at = Set(Some(at));
        row.removal = Set(Some(report.removal));
    })
    .await?;
    let act = (DeviceAct::Removed, at);
    by.leave(&book, (&device, &patient), act).await?;
    Ok(Answer::ok(&by.show(&book, &device).await?)?.version(device.version))
}
