//! The register follows the record of a visit: what the form of an item says about a device is done to it in the same
//! write. What the nurse told the register herself on the visit is not done again, but completed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::enums::{DeviceAct, DeviceKind, DevicePlacer, DeviceRemoval};
use entity::ids::{DeviceId, VisitId};
use entity::{device, patient, visit};
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::by::{By, refused};
use super::place_device::Wanted;
use crate::api::visits::step::Act;
use crate::domain::calendar::local_date;
use crate::domain::code::ItemCode;
use crate::domain::device::check_removed;
use crate::domain::device_link::{DeviceLink, DeviceTold, InPlace, Step, step};
use crate::domain::event::EventKind;
use crate::domain::visit_record::VisitRecord;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::store;
use crate::store::device::Detail;
use crate::wire::Day;

/// What a record did to the device register.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterChange {
    /// The item whose form told of it.
    pub item: ItemCode,
    /// The kind of device.
    pub kind: DeviceKind,
    /// What became of the register.
    pub outcome: RegisterOutcome,
    /// The device as it is in place now, or the one that was taken out.
    pub device_id: Option<DeviceId>,
    /// Code of what stood against it; the nurse then tells the register herself.
    pub problem: Option<String>,
}

/// What became of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegisterOutcome {
    /// A device was entered.
    Placed,
    /// A device was entered in place of another.
    Replaced,
    /// A device of this visit was completed or put right.
    Corrected,
    /// A device was looked after.
    Reviewed,
    /// A device is out.
    Removed,
    /// The register says so already.
    Unchanged,
    /// Nothing could be done; see `problem`.
    Open,
}

/// Lets the register follow a record, as of the act.
pub(crate) async fn follow(
    act: &Act<'_>,
    visit: &visit::Model,
    record: &VisitRecord,
    book: &RuleBook,
) -> Result<Vec<RegisterChange>> {
    let links: Vec<_> = record
        .items_done
        .iter()
        .filter_map(|item| {
            let link = book.record_forms.form(item.as_str())?.device.as_ref()?;
            Some((item, link))
        })
        .collect();
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let by = By::nurse(act, Some(visit.id))?;
    let patient = by.patient(visit.patient_id).await?;
    let mut changes = Vec::new();
    for (item, link) in links {
        let told = record.forms.get(item).map(|values| link.read(values));
        let told = told.unwrap_or_default();
        let (outcome, device_id, problem) = follow_one(&by, &patient, book, (link, &told)).await?;
        changes.push(RegisterChange {
            item: item.clone(),
            kind: link.kind,
            outcome,
            device_id,
            problem: problem.map(|code| code.as_str().to_owned()),
        });
    }
    Ok(changes)
}

type Followed = (RegisterOutcome, Option<DeviceId>, Option<Code>);

async fn follow_one(
    by: &By<'_>,
    patient: &patient::Model,
    book: &RuleBook,
    (link, told): (&DeviceLink, &DeviceTold),
) -> Result<Followed> {
    use RegisterOutcome as To;
    let (db, visit) = (&**by.tx, by.visit.ok_or(Code::NotFound)?);
    let mut devices = store::device::of_patient(db, by.community, patient.id, false).await?;
    devices.retain(|device| device.kind == link.kind);
    let acts = store::device::acts_of_visit(db, by.community, visit).await?;
    let did = |act| -> BTreeSet<DeviceId> {
        let rows = acts.iter().filter(|row| row.act == act);
        rows.map(|row| row.device_id).collect()
    };
    let (placed, removed) = (did(DeviceAct::Placed), did(DeviceAct::Removed));
    let in_place = devices.iter().filter(|device| device.removed_at.is_none());
    let in_place: Vec<_> = in_place
        .map(|device| InPlace {
            id: device.id,
            site: &device.site,
            of_this_visit: placed.contains(&device.id),
        })
        .collect();
    let removed_already = devices.iter().any(|device| removed.contains(&device.id));
    let next = step(link, told.site.as_deref(), &in_place, removed_already);
    let found = |id| {
        let device = devices.iter().find(|device| device.id == id);
        device.ok_or_else(|| Error::internal("a device of the patient is gone"))
    };
    let subject = (by, patient, book);
    let done = match next {
        Step::Place => place(subject, (link.kind, told), None).await,
        Step::Replace(id) => place(subject, (link.kind, told), Some(found(id)?)).await,
        Step::Correct(id) => {
            let done = correct(by, book, (found(id)?, patient), told, None).await;
            done.map(|device| (To::Corrected, device.id))
        }
        Step::Review(id) => review(subject, found(id)?, told).await,
        Step::Remove(id) => remove(subject, found(id)?, told).await,
        Step::Done => return Ok((To::Unchanged, None, None)),
        Step::NoneThere => return Ok((To::Open, None, Some(Code::DeviceNoneThere))),
        Step::Several => return Ok((To::Open, None, Some(Code::DeviceUnclear))),
    };
    match done {
        Ok((outcome, id)) => Ok((outcome, Some(id), None)),
        // A record is not lost over the register; what stood against it is told. Where the database had the last word
        // nothing more can be written, and the nurse sends it again.
        Err(Error::Problem(problem)) if problem.code != Code::DeviceCurrentExists => {
            Ok((To::Open, None, Some(problem.code)))
        }
        Err(error) => Err(error),
    }
}

type Subject<'a> = (&'a By<'a>, &'a patient::Model, &'a RuleBook);
type Done = Result<(RegisterOutcome, DeviceId)>;

/// Enters a device, in place of one that goes. Whatever can be refused is asked before anything is written.
async fn place(
    (by, patient, book): Subject<'_>,
    (kind, told): (DeviceKind, &DeviceTold),
    old: Option<&device::Model>,
) -> Done {
    let at = by.moment(None)?;
    let before = match old {
        Some(old) => {
            check_removed(old.placed_at, at).map_err(|error| refused(error, "at"))?;
            store::device::detail(by.app, old)?
        }
        None => Detail::default(),
    };
    let material = told.material.as_deref();
    let new = Wanted {
        patient: patient.id,
        kind,
        site: told.site.as_deref().or(old.map(|old| old.site.as_str())),
        material: material.or_else(|| old?.material.as_deref()),
        placed_at: at,
        placed_by: DevicePlacer::Nurse,
        next_review: None,
        detail: Detail {
            size: told.size.clone().or(before.size),
            depth_cm: told.depth_cm,
            lot: told.lot.clone(),
            hospital: None,
            note: None,
        },
    };
    let new = new.row(by, book)?;
    if let Some(old) = old {
        let old = store::device::update(by.tx, old, |row| {
            row.removed_at = Set(Some(at));
            row.removal = Set(Some(told.removal.unwrap_or(DeviceRemoval::Planned)));
            row.replaced_by = Set(Some(new.id));
        })
        .await?;
        let removed = (DeviceAct::Removed, at);
        by.leave(book, (&old, patient), removed).await?;
    }
    store::device::insert(by.tx, new.clone()).await?;
    let placed = (DeviceAct::Placed, at);
    by.leave(book, (&new, patient), placed).await?;
    let outcome = match old {
        Some(_) => RegisterOutcome::Replaced,
        None => RegisterOutcome::Placed,
    };
    Ok((outcome, new.id))
}

/// Completes a device that this visit has placed. What is not told stays.
pub(super) async fn correct(
    by: &By<'_>,
    book: &RuleBook,
    (device, patient): (&device::Model, &patient::Model),
    told: &DeviceTold,
    next_review: Option<Day>,
) -> Result<device::Model> {
    let rule = book.devices.rule(device.kind);
    let rule = rule.map_err(|error| refused(error, "kind"))?;
    let material = told.material.as_deref().or(device.material.as_deref());
    let known = rule.material(material);
    let known = known.map_err(|error| refused(error, "material"))?;
    // Where it is according to older rules stays as it is, until another place is told.
    let site = match told.site.as_deref() {
        Some(site) if site != device.site => {
            let site = rule.site(Some(site));
            site.map_err(|error| refused(error, "site"))?
                .code
                .to_string()
        }
        _ => device.site.clone(),
    };
    let placed_on = local_date(device.placed_at);
    let days = rule
        .days(known, placed_on, placed_on)
        .with_choice(next_review.map(|day| day.0), by.today())
        .map_err(|error| refused(error, "next_review"))?;
    // A day that a clinician chose stays, unless the material is another one.
    let same = material == device.material.as_deref() && next_review.is_none();
    let (due, latest_on) = if same {
        (device.review_due, device.latest_on)
    } else {
        (days.due, days.latest_on)
    };
    let before = store::device::detail(by.app, device)?;
    let detail = Detail {
        size: told.size.clone().or_else(|| before.size.clone()),
        depth_cm: told.depth_cm.or(before.depth_cm),
        lot: told.lot.clone().or_else(|| before.lot.clone()),
        ..before.clone()
    };
    if same && detail == before && site == device.site {
        return Ok(device.clone());
    }
    let sealed = store::device::seal_detail(by.app, device.id, &detail)?;
    let device = store::device::update(by.tx, device, |row| {
        row.detail_enc = Set(sealed);
        row.site = Set(site);
        row.material = Set(material.map(str::to_owned));
        row.review_due = Set(due);
        row.latest_on = Set(latest_on);
    })
    .await?;
    let payload = json!({ "device_id": device.id, "kind": device.kind, "visit_id": by.visit, "review_due": due });
    by.event(EventKind::DeviceCorrected, patient, payload)
        .await?;
    by.remind(book, &device).await?;
    Ok(device)
}

async fn review(
    (by, patient, book): Subject<'_>,
    device: &device::Model,
    told: &DeviceTold,
) -> Done {
    let at = by.moment(None)?;
    if device.reviewed_at == Some(at) || reviewed_by(by, device).await?.is_some() {
        return Ok((RegisterOutcome::Unchanged, device.id));
    }
    if at < device.reviewed_at.unwrap_or(device.placed_at) {
        return Err(Code::TimeOrder.into());
    }
    let rule = book.devices.rule(device.kind);
    let rule = rule.map_err(|error| refused(error, "kind"))?;
    // A material that newer rules do not have any more goes by the days of its kind.
    let material = rule.material(device.material.as_deref()).unwrap_or(None);
    let days = rule.days(material, local_date(device.placed_at), local_date(at));
    let mut detail = store::device::detail(by.app, device)?;
    detail.depth_cm = told.depth_cm.or(detail.depth_cm);
    let sealed = store::device::seal_detail(by.app, device.id, &detail)?;
    let device = store::device::update(by.tx, device, |row| {
        row.detail_enc = Set(sealed);
        row.reviewed_at = Set(Some(at));
        row.review_due = Set(days.due);
        row.latest_on = Set(days.latest_on);
    })
    .await?;
    by.leave(book, (&device, patient), (DeviceAct::Reviewed, at))
        .await?;
    Ok((RegisterOutcome::Reviewed, device.id))
}

/// When this visit has looked after a device already.
async fn reviewed_by(by: &By<'_>, device: &device::Model) -> Result<Option<DateTime<Utc>>> {
    let visit: VisitId = by.visit.ok_or(Code::NotFound)?;
    let acts = store::device::acts_of_visit(&**by.tx, by.community, visit).await?;
    let mut acts = acts.into_iter();
    let found = acts.find(|row| row.device_id == device.id && row.act == DeviceAct::Reviewed);
    Ok(found.map(|row| row.at))
}

async fn remove(
    (by, patient, book): Subject<'_>,
    device: &device::Model,
    told: &DeviceTold,
) -> Done {
    let at = by.moment(None)?;
    check_removed(device.placed_at, at).map_err(|error| refused(error, "at"))?;
    let device = store::device::update(by.tx, device, |row| {
        row.removed_at = Set(Some(at));
        row.removal = Set(Some(told.removal.unwrap_or(DeviceRemoval::Planned)));
    })
    .await?;
    by.leave(book, (&device, patient), (DeviceAct::Removed, at))
        .await?;
    Ok((RegisterOutcome::Removed, device.id))
}
