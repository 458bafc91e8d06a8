//! Photos as they are shown, and how one is read.

use std::collections::BTreeSet;

use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use chrono::{DateTime, Utc};
use entity::enums::ActKind;
use entity::ids::{PhotoId, VisitId};
use entity::{care_order, visit, visit_photo};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::amend_record::AmendedField;
use crate::app::App;
use crate::domain::photo::named;
use crate::domain::visit_record::Measured;
use crate::error::{Error, Result};
use crate::extract::{May, grants};
use crate::photos::Part;
use crate::problem::Code;
use crate::{in_write, store};

/// A photo of a visit. The picture is at `/v1/visits/{visit_id}/photos/{id}`, a small one at
/// `/v1/visits/{visit_id}/photos/{id}/thumbnail`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Photo {
    /// The photo.
    pub id: PhotoId,
    /// The item it was taken for.
    pub item: Option<String>,
    /// The field of the item's form.
    pub field: Option<String>,
    /// SHA-256 of the file as it was sent, in hex: by it a record names the photo.
    pub sha256: String,
    /// Size of the picture that is kept.
    pub bytes: i64,
    /// Pixels across.
    pub width: i32,
    /// Pixels down.
    pub height: i32,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// When it came.
    pub added_at: DateTime<Utc>,
    /// It came after the record was signed.
    pub after_signature: bool,
}

impl Photo {
    /// The photo of a row.
    pub(super) fn of(row: &visit_photo::Model) -> Self {
        Self {
            id: row.id,
            item: row.item_code.clone(),
            field: row.field.clone(),
            sha256: row.sha256.clone(),
            bytes: row.bytes,
            width: row.width,
            height: row.height,
            taken_at: row.taken_at,
            added_at: row.created_at,
            after_signature: row.after_signature,
        }
    }
}

/// The photos that a visit's record and its amendments name, and the images of the signatures under its consents and its
/// return of waste. Of a visit that was taken from its nurse: those that records name which she told later and which are kept.
pub(super) async fn names(
    app: &App,
    db: &impl ConnectionTrait,
    visit: &visit::Model,
) -> Result<BTreeSet<String>> {
    let mut records: Vec<Measured> = store::visit::record(app, visit)?
        .map(Measured::from)
        .into_iter()
        .collect();
    if visit.released_at.is_some() {
        let (community, kind) = (visit.community_id, ActKind::Record);
        let kept = store::sync_action::kept_bodies(db, app, community, visit.id, kind).await?;
        records.extend(kept.iter().map(|body| Measured::read(body)));
    }
    let rows = store::record::amendments(db, visit.community_id, visit.id).await?;
    let mut amended = Vec::new();
    for row in &rows {
        let (_, fields) = store::record::open_amendment(app, row)?;
        let fields: Vec<AmendedField> = serde_json::from_str(&fields).map_err(Error::internal)?;
        amended.extend(fields.into_iter().map(|one| one.value.as_str().to_owned()));
    }
    let forms = records.iter().flat_map(|record| record.forms.values());
    let found = named(forms, amended.iter().map(String::as_str));
    let mut names: BTreeSet<_> = found.into_iter().map(str::to_owned).collect();
    let consents = store::consent::of_visit(db, visit.community_id, visit.id).await?;
    names.extend(consents.into_iter().filter_map(|row| row.signature_sha256));
    let waste = store::record::waste(db, visit.community_id, visit.id).await?;
    names.extend(waste.and_then(|row| row.signature_hash));
    Ok(names)
}

/// A visit in sight whose photos may be read: also one that was taken from its nurse, by herself and by staff, beside what
/// they have of it in the work list.
pub(super) async fn seen(
    db: &impl ConnectionTrait,
    may: &May<grants::SeeVisits>,
    id: VisitId,
) -> Result<(visit::Model, care_order::Model)> {
    let found = match store::visit::find(db, &may.scope, id).await? {
        Some(found) => Some(found),
        None => store::visit::taken_away(db, &may.scope, id).await?,
    };
    found.ok_or_else(|| Code::NotFound.into())
}

/// The image that the caller does not see: who took the waste over is the business of the nurse and of staff.
pub(super) async fn hidden(
    db: &impl ConnectionTrait,
    may: &May<grants::SeeVisits>,
    (visit, order): (&visit::Model, &care_order::Model),
) -> Result<Option<String>> {
    if may.nurse == Some(visit.nurse_id) || may.scope.reaches(order.institution_id) {
        return Ok(None);
    }
    let waste = store::record::waste(db, visit.community_id, visit.id).await?;
    Ok(waste.and_then(|row| row.signature_hash))
}

/// A picture as an answer.
pub(super) type Picture = ([(HeaderName, &'static str); 1], Vec<u8>);

/// Reads one of the pictures of a photo, and notes who did.
pub(super) async fn read(
    app: &App,
    may: &May<grants::SeeVisits>,
    (visit, id): (VisitId, PhotoId),
    part: Part,
    operation: &str,
) -> Result<Picture> {
    let row = in_write!(app.db, "read_photo", |tx| {
        let (visit, order) = seen(&**tx, may, visit).await?;
        let hidden = hidden(&**tx, may, (&visit, &order)).await?;
        let row = store::photo::get(&**tx, may.community, visit.id, id)
            .await?
            .filter(|row| Some(&row.sha256) != hidden.as_ref())
            .ok_or(Code::NotFound)?;
        let patient = visit.patient_id;
        store::patient_read::record(tx, app, may.community, patient, may.account, operation)
            .await?;
        Ok(row)
    })?;
    let at = (row.id, row.object_key.as_str());
    let jpeg = app.photos.store.get(&app.cipher, at, part).await?;
    Ok(([(CONTENT_TYPE, "image/jpeg")], jpeg))
}
