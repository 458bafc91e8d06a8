//! `POST /v1/patients/{patient_id}/devices`: a device is in place.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::device;
use entity::enums::{DeviceAct, DeviceKind, DevicePlacer};
use entity::ids::{DeviceId, PatientId, VisitId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::by::{self, By, check_depth, refused};
use super::recorded;
use super::view::Device;
use crate::answer::Answer;
use crate::api::visits::step::Act;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::device_link::DeviceTold;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::rules::RuleBook;
use crate::store::device::Detail;
use crate::wire::{Day, Moment, Text};
use crate::{once, store};

/// A device to be entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// What it is.
    pub kind: DeviceKind,
    /// Where, as the rules for devices name it; may be left out where there is only one place.
    #[schema(inline, example = "urethra")]
    pub site: Option<Text<1, 32>>,
    /// What it is made of, as the rules name it. It decides when the review is due.
    #[schema(inline, example = "silicone")]
    pub material: Option<Text<1, 32>>,
    /// Size.
    #[schema(inline, example = "16 Fr")]
    pub size: Option<Text<1, 40>>,
    /// Centimetres inside, or at the mark.
    #[schema(minimum = 0, maximum = 200)]
    pub depth_cm: Option<f64>,
    /// Lot number.
    #[schema(inline)]
    pub lot: Option<Text<1, 40>>,
    /// When it was placed; left out: now.
    pub placed_at: Option<Moment>,
    /// Who placed it. `nurse` is the calling nurse, where one calls.
    pub placed_by: DevicePlacer,
    /// The hospital that placed it.
    #[schema(inline)]
    pub hospital: Option<Text<1, 100>>,
    /// Day of the next review, when a clinician chose one: not before today, not after the latest day.
    pub next_review: Option<Day>,
    /// What else is to be known.
    #[schema(inline)]
    pub note: Option<Text<1, 500>>,
    /// The visit of the calling nurse on which it was placed or found.
    pub visit_id: Option<VisitId>,
    /// When it is told, by the device.
    pub device_at: Option<Moment>,
}

/// Enter a device.
///
/// A patient has at most one of a kind at a site. The review comes due by kind and material; family and responsible
/// nurse are told some days before, and nothing is ordered.
#[utoipa::path(
    post, path = "/v1/patients/{patient_id}/devices", tag = "devices", request_body = NewDevice,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 201, description = "Entered", body = Device,
        headers(("Location" = String, description = "The patient's devices"))
    ))
)]
pub async fn place_device(
    State(app): State<App>,
    may: May<grants::ChangeDevices>,
    Id(id): Id<PatientId>,
    IdempotencyKey { key, body }: IdempotencyKey<NewDevice>,
) -> Result<Answer> {
    let outcome = once!(app, may, key, "place_device", |tx| {
        if body.visit_id.is_some() {
            let nurse = may.also::<grants::DoVisits>()?;
            let act = Act::now(tx, &app, &nurse, body.device_at);
            return apply(&act, id, &body).await;
        }
        place(&By::caller(tx, &app, &may, body.device_at), id, &body).await
    });
    by::traced(&app, &may, (body.visit_id, "place_device"), outcome).await
}

/// Enters it, as of a nurse's act.
pub(crate) async fn apply(act: &Act<'_>, id: PatientId, new: &NewDevice) -> Result<Answer> {
    place(&By::nurse(act, new.visit_id)?, id, new).await
}

async fn place(by: &By<'_>, id: PatientId, new: &NewDevice) -> Result<Answer> {
    check_depth(new.depth_cm)?;
    let patient = by.patient(id).await?;
    let placed_at = by.moment(new.placed_at)?;
    let book = RuleBook::current(&**by.tx, by.app, by.community).await?;
    let text = |text: &Option<Text<1, 40>>| text.as_ref().map(|text| text.as_str().to_owned());
    let site = new.site.as_ref().map(Text::as_str);
    let material = new.material.as_ref().map(Text::as_str);
    let wanted = Wanted {
        patient: id,
        kind: new.kind,
        site,
        material,
        placed_at,
        placed_by: new.placed_by,
        next_review: new.next_review,
        detail: Detail {
            size: text(&new.size),
            depth_cm: new.depth_cm,
            lot: text(&new.lot),
            hospital: new.hospital.as_ref().map(|one| one.as_str().to_owned()),
            note: new.note.as_ref().map(|one| one.as_str().to_owned()),
        },
    };
    let row = wanted.row(by, &book)?;
    // The record of the visit may have told of it already.
    let is_meant = |one: &device::Model| one.kind == new.kind && one.site == row.site;
    if let Some(mine) = by.placed_on_visit(id, is_meant).await? {
        let told = wanted.told();
        let of = (&mine, &patient);
        let mine = recorded::correct(by, &book, of, &told, new.next_review).await?;
        let shown = by.show(&book, &mine).await?;
        let path = format!("/v1/patients/{id}/devices");
        return Ok(Answer::created(path, &shown)?.version(mine.version));
    }
    store::device::insert(by.tx, row.clone()).await?;
    let act = (DeviceAct::Placed, placed_at);
    by.leave(&book, (&row, &patient), act).await?;
    let shown = by.show(&book, &row).await?;
    Ok(Answer::created(format!("/v1/patients/{id}/devices"), &shown)?.version(row.version))
}

/// A device that is to be in place.
pub(super) struct Wanted<'a> {
    pub patient: PatientId,
    pub kind: DeviceKind,
    pub site: Option<&'a str>,
    pub material: Option<&'a str>,
    pub placed_at: DateTime<Utc>,
    pub placed_by: DevicePlacer,
    pub next_review: Option<Day>,
    pub detail: Detail,
}

impl Wanted<'_> {
    /// The same, as a record would say it.
    pub(super) fn told(&self) -> DeviceTold {
        DeviceTold {
            site: None,
            material: self.material.map(str::to_owned),
            size: self.detail.size.clone(),
            depth_cm: self.detail.depth_cm,
            lot: self.detail.lot.clone(),
            removal: None,
        }
    }

    /// Its row, with the days that the rules give it.
    pub(super) fn row(&self, by: &By<'_>, book: &RuleBook) -> Result<device::Model> {
        let rule = book.devices.rule(self.kind);
        let rule = rule.map_err(|error| refused(error, "kind"))?;
        let site = rule
            .site(self.site)
            .map_err(|error| refused(error, "site"))?;
        let material = rule.material(self.material);
        let material = material.map_err(|error| refused(error, "material"))?;
        let placed_on = local_date(self.placed_at);
        let chosen = self.next_review.map(|day| day.0);
        let days = rule
            .days(material, placed_on, placed_on)
            .with_choice(chosen, by.today())
            .map_err(|error| refused(error, "next_review"))?;
        let id = by.app.new_id::<DeviceId>();
        let nurse = by.nurse.filter(|_| self.placed_by == DevicePlacer::Nurse);
        Ok(device::Model {
            community_id: by.community,
            id,
            patient_id: self.patient,
            kind: self.kind,
            site: site.code.to_string(),
            material: material.map(|material| material.code.to_string()),
            detail_enc: store::device::seal_detail(by.app, id, &self.detail)?,
            placed_at: self.placed_at,
            placed_by: self.placed_by,
            placed_by_nurse: nurse,
            review_due: days.due,
            latest_on: days.latest_on,
            reviewed_at: None,
            told_for: None,
            removed_at: None,
            removal: None,
            replaced_by: None,
            version: 1,
            created_by: by.account,
            created_at: by.app.now(),
        })
    }
}
