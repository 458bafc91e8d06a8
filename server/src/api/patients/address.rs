//! What the operations on addresses share.

use chrono::{DateTime, Utc};
use entity::address;
use entity::enums::Crs;
use entity::ids::{AddressId, CommunityId, PatientId};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Tx;
use crate::domain::patient::{DEFAULT_FENCE_M, check_address, check_far};
use crate::domain::place::{PlaceError, SourcePlace};
use crate::error::Result;
use crate::problem::{Code, Problem};
use crate::store;
use crate::wire::{PlaceIn, PlaceOut, Text};

use super::refused_in;

/// Village, street, house; or what to look for.
pub(super) type AddressText = Text<1, 200>;
/// A statistical code.
pub(super) type TownshipText = Text<9, 12>;

/// A place where a patient can be visited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddress {
    /// Village, street, house.
    #[schema(inline, example = "浮图店镇东街村")]
    pub text: AddressText,
    /// What to look for on the way.
    #[schema(inline, example = "村委会西边第二家,红色大门")]
    pub landmark: Option<AddressText>,
    /// Statistical code of the township (9 digits) or village (12 digits).
    #[schema(inline, example = "130431104")]
    pub township_code: Option<TownshipText>,
    /// The point. Left out when nobody knows it: orders to this address then go to a coordinator.
    pub place: Option<PlaceIn>,
    /// Radius in metres within which a nurse counts as arrived; 200 when left out.
    #[schema(minimum = 50, maximum = 2000)]
    pub fence_radius_m: Option<u32>,
    /// The place is right although it lies far from the community.
    #[serde(default)]
    pub confirm_far: bool,
}

impl NewAddress {
    /// Checks everything, then stores it. `prefix` is where the address stands in the request.
    pub(super) async fn store(
        &self,
        tx: &Tx,
        app: &App,
        community: CommunityId,
        patient: PatientId,
        prefix: &str,
    ) -> Result<address::Model> {
        let township_code = self.township_code.as_ref().map(TownshipText::as_str);
        let fence_radius_m = self.fence_radius_m.unwrap_or(DEFAULT_FENCE_M);
        check_address(township_code, fence_radius_m).map_err(|error| refused_in(prefix, error))?;
        let field = format!("{prefix}place");
        let place = match self.place {
            Some(place) => {
                Some(convert(&**tx, app, community, place, self.confirm_far, &field).await?)
            }
            None => None,
        };
        let new = store::address::NewAddress {
            community,
            patient,
            text: self.text.as_str(),
            landmark: self.landmark.as_ref().map(AddressText::as_str),
            township_code,
            place,
            fence_radius_m,
        };
        store::address::insert(tx, app, new).await
    }
}

/// Converts a place and holds it against the community: the place, and whether a far one was confirmed.
pub(super) async fn convert(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    place: PlaceIn,
    confirm_far: bool,
    field: &str,
) -> Result<(SourcePlace, bool)> {
    let source = place.convert(field)?;
    let centre = store::address::centre(db, community).await?;
    let limit_m = f64::from(app.config.matching.near_community_m);
    let far = check_far(source.point, centre, limit_m, confirm_far)
        .map_err(|error| far_away(&error, field))?;
    Ok((source, far))
}

fn far_away(error: &PlaceError, field: &str) -> Problem {
    let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
    let PlaceError::TooFar { distance_m, .. } = error else {
        return Problem::new(code).field(field, code);
    };
    let km = format!("{:.0}", distance_m / 1_000.0);
    Problem::new(code)
        .with("km", &km)
        .field_with(field, code, vec![("km", km)])
}

/// An address of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct Address {
    /// The address.
    pub id: AddressId,
    /// Village, street, house.
    pub text: String,
    /// What to look for on the way.
    pub landmark: Option<String>,
    /// Statistical code of the township or village.
    pub township_code: Option<String>,
    /// The point; null when it is not known.
    pub place: Option<PlaceOut>,
    /// The coordinate system that the place was sent in.
    pub source_crs: Option<Crs>,
    /// Longitude as sent, degrees of `source_crs`.
    pub source_lng: Option<f64>,
    /// Latitude as sent, degrees of `source_crs`.
    pub source_lat: Option<f64>,
    /// Radius of the fence in metres.
    pub fence_radius_m: i64,
    /// It lies far from the community, and somebody confirmed that this is right.
    pub far_confirmed: bool,
    /// Send it as `If-Match` to change the address.
    #[schema(example = "\"v1\"")]
    pub etag: String,
    /// Added at.
    pub created_at: DateTime<Utc>,
}

impl Address {
    pub(super) fn of(app: &App, row: &address::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            text: store::address::text(app, row)?,
            landmark: store::address::landmark(app, row)?,
            township_code: row.township_code.clone(),
            place: PlaceOut::from_columns(row.lng, row.lat, row.accuracy_m),
            source_crs: row.source_crs,
            source_lng: row.source_lng,
            source_lat: row.source_lat,
            fence_radius_m: row.fence_radius_m,
            far_confirmed: row.far_confirmed,
            etag: format!("\"v{}\"", row.version),
            created_at: row.created_at,
        })
    }
}
