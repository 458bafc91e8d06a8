//! `PATCH /v1/institutions/{institution_id}`: change what an institution says about itself.

use axum::extract::State;
use entity::ids::InstitutionId;
use entity::institution::Model;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Institution, InstitutionName, LicenceNumber, given, place_of, record};
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::place::Point;
use crate::error::Result;
use crate::extract::{ETag, Id, IfMatch, Json, May, grants};
use crate::problem::Code;
use crate::wire::{PhoneText, PlaceIn};
use crate::{in_write, store};

/// What to change; a field left out stays as it is. Code and parent stay for good: orders and roles rest on them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstitutionChanges {
    /// Chinese name.
    #[serde(default, deserialize_with = "given")]
    #[schema(inline, nullable = false)]
    pub name_zh: Option<InstitutionName>,
    /// English name.
    #[serde(default, deserialize_with = "given")]
    #[schema(inline, nullable = false)]
    pub name_en: Option<InstitutionName>,
    /// Phone for the public.
    #[serde(default, deserialize_with = "given")]
    #[schema(inline, nullable = false)]
    pub phone: Option<PhoneText>,
    /// Where it stands.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub place: Option<PlaceIn>,
    /// True when a place far from the community is meant.
    #[serde(default)]
    pub confirm_far: bool,
    /// Number of the practice licence.
    #[serde(default, deserialize_with = "given")]
    #[schema(inline, nullable = false)]
    pub practice_licence: Option<LicenceNumber>,
    /// Approved for nursing at home.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub home_care_approved: Option<bool>,
    /// Works.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub active: Option<bool>,
}

/// Change an institution.
#[utoipa::path(
    patch, path = "/v1/institutions/{institution_id}", tag = "institutions", request_body = InstitutionChanges,
    params(
        ("institution_id" = InstitutionId, Path, description = "An institution within the caller's scope"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses((status = 200, description = "Changed", body = Institution,
        headers(("ETag" = String, description = "Its new version"))))
)]
pub async fn change_institution(
    State(app): State<App>,
    may: May<grants::ManageInstitutions>,
    Id(id): Id<InstitutionId>,
    if_match: IfMatch,
    Json(changes): Json<InstitutionChanges>,
) -> Result<(ETag, Json<Institution>)> {
    if !may.scope.reaches(id) {
        return Err(Code::NotFound.into());
    }
    let point = match &changes.place {
        Some(place) => Some(place_of(&app, may.community, place, changes.confirm_far).await?),
        None => None,
    };
    let row = in_write!(app.db, "change_institution", |tx| {
        let row = store::institution::get(&**tx, may.community, id)
            .await?
            .ok_or(Code::NotFound)?;
        if_match.check(row.version)?;
        let row = store::institution::update(tx, changed(row, &changes, point)).await?;
        let subject = (may.community, id);
        let payload = json!({
            "fields": fields_of(&changes),
            "home_care_approved": row.home_care_approved,
            "active": row.active,
        });
        record(
            tx,
            &app,
            EventKind::InstitutionChanged,
            subject,
            may.account,
            payload,
        )
        .await?;
        Ok(row)
    })?;
    Ok((ETag(row.version), Json(Institution::of(row))))
}

fn changed(mut row: Model, changes: &InstitutionChanges, point: Option<Point>) -> Model {
    let set = |column: &mut String, text: Option<&str>| {
        if let Some(text) = text {
            text.clone_into(column);
        }
    };
    set(
        &mut row.name_zh,
        changes.name_zh.as_ref().map(InstitutionName::as_str),
    );
    set(
        &mut row.name_en,
        changes.name_en.as_ref().map(InstitutionName::as_str),
    );
    set(
        &mut row.phone,
        changes.phone.as_ref().map(|phone| phone.0.reveal()),
    );
    set(
        &mut row.practice_licence,
        changes.practice_licence.as_ref().map(LicenceNumber::as_str),
    );
    if let Some(point) = point {
        (row.lng, row.lat) = (point.lng(), point.lat());
    }
    row.home_care_approved = changes.home_care_approved.unwrap_or(row.home_care_approved);
    row.active = changes.active.unwrap_or(row.active);
    row
}

/// Names of the fields sent, for the trail.
fn fields_of(changes: &InstitutionChanges) -> Vec<&'static str> {
    [
        ("name_zh", changes.name_zh.is_some()),
        ("name_en", changes.name_en.is_some()),
        ("phone", changes.phone.is_some()),
        ("place", changes.place.is_some()),
        ("practice_licence", changes.practice_licence.is_some()),
        ("home_care_approved", changes.home_care_approved.is_some()),
        ("active", changes.active.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, sent)| sent.then_some(field))
    .collect()
}
