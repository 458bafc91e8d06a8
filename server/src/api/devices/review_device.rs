//! `POST /v1/devices/{device_id}/review`: a device was looked after and stays.

use axum::extract::State;
use entity::enums::DeviceAct;
use entity::ids::{DeviceId, VisitId};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use super::by::{self, By, check_depth, refused};
use super::view::Device;
use crate::answer::Answer;
use crate::api::visits::step::Act;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::error::Result;
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::wire::{Day, Moment, Text};
use crate::{once, store};

/// What was found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceReview {
    /// When; left out: now.
    pub at: Option<Moment>,
    /// Centimetres inside, or at the mark.
    #[schema(minimum = 0, maximum = 200)]
    pub depth_cm: Option<f64>,
    /// Day of the next review, when a clinician chose one; left out: by the rules.
    pub next_review: Option<Day>,
    /// What else is to be known; replaces the note before.
    #[schema(inline)]
    pub note: Option<Text<1, 500>>,
    /// The visit of the calling nurse.
    pub visit_id: Option<VisitId>,
    /// When it is told, by the device.
    pub device_at: Option<Moment>,
}

/// Note a review.
///
/// The next review counts from it.
#[utoipa::path(
    post, path = "/v1/devices/{device_id}/review", tag = "devices", request_body = DeviceReview,
    params(
        ("device_id" = DeviceId, Path, description = "A device in place"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((status = 200, description = "Noted", body = Device))
)]
pub async fn review_device(
    State(app): State<App>,
    may: May<grants::ChangeDevices>,
    Id(id): Id<DeviceId>,
    IdempotencyKey { key, body }: IdempotencyKey<DeviceReview>,
) -> Result<Answer> {
    let outcome = once!(app, may, key, "review_device", |tx| {
        if body.visit_id.is_some() {
            let nurse = may.also::<grants::DoVisits>()?;
            let act = Act::now(tx, &app, &nurse, body.device_at);
            return apply(&act, id, &body).await;
        }
        review(&By::caller(tx, &app, &may, body.device_at), id, &body).await
    });
    by::traced(&app, &may, (body.visit_id, "review_device"), outcome).await
}

/// Notes it, as of a nurse's act.
pub(crate) async fn apply(act: &Act<'_>, id: DeviceId, report: &DeviceReview) -> Result<Answer> {
    review(&By::nurse(act, report.visit_id)?, id, report).await
}

async fn review(by: &By<'_>, id: DeviceId, report: &DeviceReview) -> Result<Answer> {
    check_depth(report.depth_cm)?;
    let (device, patient) = by.device(id).await?;
    let at = by.moment(report.at)?;
    if at < device.reviewed_at.unwrap_or(device.placed_at) {
        return Err(Problem::new(Code::TimeOrder)
            .field("at", Code::TimeOrder)
            .into());
    }
    let book = RuleBook::current(&**by.tx, by.app, by.community).await?;
    let rule = book.devices.rule(device.kind);
    let rule = rule.map_err(|error| refused(error, "kind"))?;
    // A material that newer rules do not have any more goes by the days of its kind.
    let material = rule.material(device.material.as_deref()).unwrap_or(None);
    let days = rule
        .days(material, local_date(device.placed_at), local_date(at))
        .with_choice(report.next_review.map(|day| day.0), by.today())
        .map_err(|error| refused(error, "next_review"))?;
    let mut detail = store::device::detail(by.app, &device)?;
    detail.depth_cm = report.depth_cm.or(detail.depth_cm);
    let note = report.note.as_ref();
    detail.note = note.map(|note| note.as_str().to_owned()).or(detail.note);
    let sealed = store::device::seal_detail(by.app, id, &detail)?;
    let device = store::device::update(by.tx, &device, |row| {
        row.detail_enc = Set(sealed);
        row.reviewed_at = Set(Some(at));
        row.review_due = Set(days.due);
        row.latest_on = Set(days.latest_on);
    })
    .await?;
    let act = (DeviceAct::Reviewed, at);
    by.leave(&book, (&device, &patient), act).await?;
    Ok(Answer::ok(&by.show(&book, &device).await?)?.version(device.version))
}
