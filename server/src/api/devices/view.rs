//! A device as it is sent.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{DeviceAct, DeviceKind, DevicePlacer, DeviceRemoval};
use entity::ids::{DeviceId, NurseId, PatientId, VisitId};
use entity::{device, device_visit};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::code::ItemCode;
use crate::domain::device::is_planned;
use crate::domain::rulefile::Bilingual;
use crate::error::Result;
use crate::rules::RuleBook;
use crate::store;

/// A device of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct Device {
    /// The device.
    pub id: DeviceId,
    /// The patient.
    pub patient_id: PatientId,
    /// What it is.
    pub kind: DeviceKind,
    /// What it is, in words.
    pub name: Bilingual,
    /// Where it is, as the rules for devices name it.
    #[schema(example = "urethra")]
    pub site: String,
    /// What it is made of, as the rules name it.
    #[schema(example = "silicone")]
    pub material: Option<String>,
    /// Size.
    #[schema(example = "16 Fr")]
    pub size: Option<String>,
    /// Centimetres inside, or at the mark.
    pub depth_cm: Option<f64>,
    /// Lot number.
    pub lot: Option<String>,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// Who placed it.
    pub placed_by: DevicePlacer,
    /// The nurse who placed it, when she is known.
    pub placed_by_nurse: Option<NurseId>,
    /// The hospital that placed it, when it is known.
    pub hospital: Option<String>,
    /// Day on which it comes due for review; null: none is due.
    pub review_due: Option<NaiveDate>,
    /// It should not stay longer than this day.
    pub latest_on: Option<NaiveDate>,
    /// Looked after last.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// When it was removed; null: it is in place.
    pub removed_at: Option<DateTime<Utc>>,
    /// Why it was removed.
    pub removal: Option<DeviceRemoval>,
    /// Whether the removal was planned; null: it is in place.
    pub removal_planned: Option<bool>,
    /// The device that came in its place.
    pub replaced_by: Option<DeviceId>,
    /// What else is to be known.
    pub note: Option<String>,
    /// Counts up with every change.
    pub version: i64,
    /// What visits did to it, oldest first.
    pub visits: Vec<DeviceVisit>,
    /// What to book for its review; null: it was removed. Nothing is booked by itself.
    pub rebook: Option<Rebook>,
}

/// What a visit did to a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceVisit {
    /// The visit.
    pub visit_id: VisitId,
    /// What it did.
    pub act: DeviceAct,
    /// When.
    pub at: DateTime<Utc>,
}

/// What to send to `POST /v1/orders`, together with an address and a window.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rebook {
    /// The patient.
    pub patient_id: PatientId,
    /// Items to book.
    pub items: Vec<ItemCode>,
    /// The nurse who visited last and still works: the first to be asked, when she may and can.
    pub preferred_nurse_id: Option<NurseId>,
}

/// Devices of one patient with all that belongs to them. Two statements.
pub(crate) async fn show(
    db: &impl ConnectionTrait,
    app: &App,
    book: &RuleBook,
    rows: &[device::Model],
) -> Result<Vec<Device>> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let (community, patient) = (first.community_id, first.patient_id);
    let visits = store::device::visits(db, community, rows).await?;
    let nurse = store::device::responsible_nurse(db, community, patient).await?;
    laid_out(app, book, rows, &visits, nurse)
}

/// Devices of one patient, out of what was read.
pub(crate) fn laid_out(
    app: &App,
    book: &RuleBook,
    rows: &[device::Model],
    visits: &[device_visit::Model],
    nurse: Option<NurseId>,
) -> Result<Vec<Device>> {
    rows.iter()
        .map(|row| one(app, book, row, visits, nurse))
        .collect()
}

fn one(
    app: &App,
    book: &RuleBook,
    row: &device::Model,
    visits: &[device_visit::Model],
    nurse: Option<NurseId>,
) -> Result<Device> {
    let detail = store::device::detail(app, row)?;
    // A kind that newer rules do not have any more keeps its code.
    let rule = book.devices.rule(row.kind).ok();
    let name = rule.map(|rule| rule.name.clone());
    let mine = visits.iter().filter(|visit| visit.device_id == row.id);
    Ok(Device {
        id: row.id,
        patient_id: row.patient_id,
        kind: row.kind,
        name: name.unwrap_or_else(|| Bilingual::new(row.kind.as_str(), row.kind.as_str())),
        site: row.site.clone(),
        material: row.material.clone(),
        size: detail.size,
        depth_cm: detail.depth_cm,
        lot: detail.lot,
        placed_at: row.placed_at,
        placed_by: row.placed_by,
        placed_by_nurse: row.placed_by_nurse,
        hospital: detail.hospital,
        review_due: row.review_due,
        latest_on: row.latest_on,
        reviewed_at: row.reviewed_at,
        removed_at: row.removed_at,
        removal: row.removal,
        removal_planned: row.removal.map(is_planned),
        replaced_by: row.replaced_by,
        note: detail.note,
        version: row.version,
        visits: mine
            .map(|visit| DeviceVisit {
                visit_id: visit.visit_id,
                act: visit.act,
                at: visit.at,
            })
            .collect(),
        rebook: rule
            .filter(|_| row.removed_at.is_none())
            .map(|rule| Rebook {
                patient_id: row.patient_id,
                items: vec![rule.item.clone()],
                preferred_nurse_id: nurse,
            }),
    })
}
