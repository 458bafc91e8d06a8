//! `POST /v1/devices/{device_id}/replace`: one out, a new one of the same kind in.

use axum::extract::State;
use entity::device;
use entity::enums::{DeviceAct, DevicePlacer, DeviceRemoval};
use entity::ids::{DeviceId, VisitId};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::by::{self, By, check_depth, refused};
use super::place_device::Wanted;
use super::recorded;
use super::view::Device;
use crate::answer::Answer;
use crate::api::visits::step::Act;
use crate::app::App;
use crate::domain::device::check_removed;
use crate::domain::device_link::DeviceTold;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::store::device::Detail;
use crate::wire::{Day, Moment, Text};
use crate::{once, store};

/// Why, and what came in its place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceReplacement {
    /// Why the old one went: as planned, or the cause of an unplanned removal.
    pub removal: DeviceRemoval,
    /// When; left out: now. Not before the old one was placed.
    pub at: Option<Moment>,
    /// Where the new one is; left out: where the old one was.
    #[schema(inline, example = "left_nostril")]
    pub site: Option<Text<1, 32>>,
    /// What the new one is made of; left out: as the old one.
    #[schema(inline, example = "silicone")]
    pub material: Option<Text<1, 32>>,
    /// Size of the new one; left out: as the old one.
    #[schema(inline, example = "16 Fr")]
    pub size: Option<Text<1, 40>>,
    /// Centimetres inside, or at the mark.
    #[schema(minimum = 0, maximum = 200)]
    pub depth_cm: Option<f64>,
    /// Lot number of the new one.
    #[schema(inline)]
    pub lot: Option<Text<1, 40>>,
    /// Who placed the new one. `nurse` is the calling nurse, where one calls.
    pub placed_by: DevicePlacer,
    /// The hospital that placed the new one.
    #[schema(inline)]
    pub hospital: Option<Text<1, 100>>,
    /// Day of the next review, when a clinician chose one; left out: by the rules.
    pub next_review: Option<Day>,
    /// What is to be known of the new one.
    #[schema(inline)]
    pub note: Option<Text<1, 500>>,
    /// The visit of the calling nurse.
    pub visit_id: Option<VisitId>,
    /// When it is told, by the device.
    pub device_at: Option<Moment>,
}

/// Both devices after the change.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceReplaced {
    /// The old one.
    pub removed: Device,
    /// The new one.
    pub placed: Device,
}

/// Replace a device.
///
/// One step, so that the patient is never on record with two or with none. The day of the change counts for the new
/// one alone.
#[utoipa::path(
    post, path = "/v1/devices/{device_id}/replace", tag = "devices", request_body = DeviceReplacement,
    params(
        ("device_id" = DeviceId, Path, description = "A device in place"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Replaced", body = DeviceReplaced))
)]
pub async fn replace_device(
    State(app): State<App>,
    may: May<grants::ChangeDevices>,
    Id(id): Id<DeviceId>,
    IdempotencyKey { key, body }: IdempotencyKey<DeviceReplacement>,
) -> Result<Answer> {
    let outcome = once!(app, may, key, "replace_device", |tx| {
        if body.visit_id.is_some() {
            let nurse = may.also::<grants::DoVisits>()?;
            let act = Act::now(tx, &app, &nurse, body.device_at);
            return apply(&act, id, &body).await;
        }
        replace(&By::caller(tx, &app, &may, body.device_at), id, &body).await
    });
    by::traced(&app, &may, (body.visit_id, "replace_device"), outcome).await
}

/// Replaces it, as of a nurse's act.
pub(crate) async fn apply(
    act: &Act<'_>,
    id: DeviceId,
    report: &DeviceReplacement,
) -> Result<Answer> {
    replace(&By::nurse(act, report.visit_id)?, id, report).await
}

async fn replace(by: &By<'_>, id: DeviceId, report: &DeviceReplacement) -> Result<Answer> {
    check_depth(report.depth_cm)?;
    let book = RuleBook::current(&**by.tx, by.app, by.community).await?;
    if let Some(done) = of_record(by, &book, id, report).await? {
        return Ok(done);
    }
    let (old, patient) = by.device(id).await?;
    let at = by.moment(report.at)?;
    check_removed(old.placed_at, at).map_err(|error| refused(error, "at"))?;
    let before = store::device::detail(by.app, &old)?;
    let site = report.site.as_ref().map_or(old.site.as_str(), Text::as_str);
    let material = report.material.as_ref().map(Text::as_str);
    let text = |text: &Option<Text<1, 40>>| text.as_ref().map(|text| text.as_str().to_owned());
    let new = Wanted {
        patient: old.patient_id,
        kind: old.kind,
        site: Some(site),
        material: material.or(old.material.as_deref()),
        placed_at: at,
        placed_by: report.placed_by,
        next_review: report.next_review,
        detail: Detail {
            size: text(&report.size).or(before.size),
            depth_cm: report.depth_cm,
            lot: text(&report.lot),
            hospital: report.hospital.as_ref().map(|one| one.as_str().to_owned()),
            note: report.note.as_ref().map(|one| one.as_str().to_owned()),
        },
    };
    let new = new.row(by, &book)?;
    let old = store::device::update(by.tx, &old, |row| {
        row.removed_at = Set(Some(at));
        row.removal = Set(Some(report.removal));
        row.replaced_by = Set(Some(new.id));
    })
    .await?;
    store::device::insert(by.tx, new.clone()).await?;
    let removed = (DeviceAct::Removed, at);
    by.leave(&book, (&old, &patient), removed).await?;
    let placed = (DeviceAct::Placed, at);
    by.leave(&book, (&new, &patient), placed).await?;
    Answer::ok(&DeviceReplaced {
        removed: by.show(&book, &old).await?,
        placed: by.show(&book, &new).await?,
    })
}

/// When the record of the visit has told of this change already, what is told here completes it: the cause and the
/// details count as she says here.
async fn of_record(
    by: &By<'_>,
    book: &RuleBook,
    id: DeviceId,
    report: &DeviceReplacement,
) -> Result<Option<Answer>> {
    let Some(old) = store::device::get(&**by.tx, by.community, id).await? else {
        return Ok(None);
    };
    let is_meant = |new: &device::Model| old.replaced_by == Some(new.id);
    let placed = by.placed_on_visit(old.patient_id, is_meant).await?;
    let Some(new) = placed else {
        return Ok(None);
    };
    let patient = by.patient(old.patient_id).await?;
    let text = |text: &Option<Text<1, 40>>| text.as_ref().map(|text| text.as_str().to_owned());
    let told = DeviceTold {
        site: report.site.as_ref().map(|one| one.as_str().to_owned()),
        material: report.material.as_ref().map(|one| one.as_str().to_owned()),
        size: text(&report.size),
        depth_cm: report.depth_cm,
        lot: text(&report.lot),
        removal: None,
    };
    let of = (&new, &patient);
    let new = recorded::correct(by, book, of, &told, report.next_review).await?;
    let old = if old.removal == Some(report.removal) {
        old
    } else {
        store::device::update(by.tx, &old, |row| row.removal = Set(Some(report.removal))).await?
    };
    let both = DeviceReplaced {
        removed: by.show(book, &old).await?,
        placed: by.show(book, &new).await?,
    };
    Answer::ok(&both).map(Some)
}
