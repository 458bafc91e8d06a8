//! `PATCH /v1/patients/{patient_id}/addresses/{address_id}`: correct an address.

use axum::extract::State;
use entity::address;
use entity::ids::{AddressId, PatientId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::address::{Address, AddressText, TownshipText, convert};
use super::{event_of, refused};
use crate::api::orders::new_place::{self, Changed};
use crate::app::App;
use crate::db::Tx;
use crate::domain::address_change::AddressChange;
use crate::domain::event::EventKind;
use crate::domain::patient::check_address;
use crate::error::Result;
use crate::extract::{ETag, Id, IfMatch, Json, May, grants};
use crate::wire::{PlaceIn, patch};
use crate::{in_write, store};

/// Fields to change; those left out stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAddress {
    /// Village, street, house.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(inline, nullable = false)]
    pub text: Option<AddressText>,
    /// What to look for on the way; null removes it.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub landmark: Option<Option<AddressText>>,
    /// Statistical code of the township or village; null removes it.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<String>, min_length = 9, max_length = 12)]
    pub township_code: Option<Option<TownshipText>>,
    /// The point; null when the old one was wrong and nobody knows the right one.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<PlaceIn>)]
    pub place: Option<Option<PlaceIn>>,
    /// Radius in metres within which a nurse counts as arrived.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false, minimum = 50, maximum = 2000)]
    pub fence_radius_m: Option<u32>,
    /// The new place is right although it lies far from the community.
    #[serde(default)]
    pub confirm_far: bool,
}

impl ChangeAddress {
    /// Names of the fields sent, for the trail.
    fn fields(&self) -> Vec<&'static str> {
        let sent = [
            ("text", self.text.is_some()),
            ("landmark", self.landmark.is_some()),
            ("township_code", self.township_code.is_some()),
            ("place", self.place.is_some()),
            ("fence_radius_m", self.fence_radius_m.is_some()),
        ];
        sent.iter()
            .filter(|(_, sent)| *sent)
            .map(|(name, _)| *name)
            .collect()
    }
}

/// Change an address.
///
/// Orders to it that wait for a nurse go along: they are judged and priced anew for the new place, and searched for
/// anew. While a nurse has one, text, place and township stay (`address_nurse_booked`); the landmark may change.
#[utoipa::path(
    patch, path = "/v1/patients/{patient_id}/addresses/{address_id}", tag = "patients",
    request_body = ChangeAddress,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("address_id" = AddressId, Path, description = "An address of the patient"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses((status = 200, description = "The address as it is now", body = Address, headers(
        ("ETag" = String, description = "Version of the address"),
    )))
)]
pub async fn change_address(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id((id, address)): Id<(PatientId, AddressId)>,
    if_match: IfMatch,
    Json(body): Json<ChangeAddress>,
) -> Result<(ETag, Json<Address>)> {
    let book = new_place::rules(&app, may.community, (id, address)).await?;
    let row = in_write!(app.db, "change_address", |tx| {
        let patient = store::patient::get_to_change(tx, &app, &may.scope, id).await?;
        let mut row = store::address::get(&**tx, may.community, id, address).await?;
        if_match.check(row.version)?;
        let fields = body.fields();
        if !fields.is_empty() {
            let before = row.clone();
            apply(tx, &app, &mut row, &body).await?;
            row = store::address::update(tx, row).await?;
            let event = event_of(EventKind::AddressChanged, &patient, may.account)
                .payload(json!({ "address_id": row.id, "fields": fields }));
            store::event::append(tx, &app, may.community, event).await?;
            let changed = Changed {
                how: AddressChange::Altered,
                before: &before,
                after: &row,
            };
            new_place::follow(tx, &app, &book, &patient, &changed, may.account).await?;
        }
        let operation = "change_address";
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await?;
        Ok(row)
    })?;
    Ok((ETag(row.version), Json(Address::of(&app, &row)?)))
}

async fn apply(tx: &Tx, app: &App, row: &mut address::Model, body: &ChangeAddress) -> Result<()> {
    if let Some(text) = &body.text {
        store::address::set_text(app, row, text.as_str());
    }
    if let Some(landmark) = &body.landmark {
        store::address::set_landmark(app, row, landmark.as_ref().map(AddressText::as_str));
    }
    if let Some(code) = &body.township_code {
        row.township_code = code.as_ref().map(|code| code.as_str().to_owned());
    }
    if let Some(place) = body.place {
        let place = match place {
            Some(place) => {
                let community = row.community_id;
                Some(convert(&**tx, app, community, place, body.confirm_far, "place").await?)
            }
            None => None,
        };
        store::address::set_place(row, place);
    }
    if let Some(radius) = body.fence_radius_m {
        row.fence_radius_m = i64::from(radius);
    }
    let fence_m = u32::try_from(row.fence_radius_m).unwrap_or(u32::MAX);
    check_address(row.township_code.as_deref(), fence_m).map_err(refused)?;
    Ok(())
}
