//! Institutions and the items they open.

pub mod change_institution;
pub mod create_institution;
pub mod get_institution;
pub mod list_institution_items;
pub mod list_institutions;
pub mod set_institution_item;

use chrono::{DateTime, Utc};
use entity::enums::{Crs, InstitutionKind, SubjectKind};
use entity::ids::{AccountId, CommunityId, InstitutionId};
use entity::institution::Model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::place::{NearCheck, Point, check_near};
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::event::NewEvent;
use crate::wire::{PlaceIn, PlaceOut, Text};

/// Names of institutions.
type InstitutionName = Text<1, 80>;
/// Number of the practice licence.
type LicenceNumber = Text<1, 64>;

/// A hospital or health centre.
#[derive(Debug, Serialize, ToSchema)]
pub struct Institution {
    /// The institution.
    pub id: InstitutionId,
    /// The institution above it; null for the lead hospital.
    pub parent_id: Option<InstitutionId>,
    /// Kind.
    pub kind: InstitutionKind,
    /// Its code, unique in the community.
    #[schema(example = "130431101")]
    pub code: String,
    /// Chinese name.
    #[schema(example = "小寨镇卫生院")]
    pub name_zh: String,
    /// English name.
    #[schema(example = "Xiaozhai Health Centre")]
    pub name_en: String,
    /// Phone for the public.
    #[schema(example = "03107520000")]
    pub phone: String,
    /// Where it stands.
    pub place: PlaceOut,
    /// Number of the practice licence (医疗机构执业许可证).
    pub practice_licence: String,
    /// Approved for nursing at home; without it no order goes there (rule R3).
    pub home_care_approved: bool,
    /// Works; a closed one gets no new orders.
    pub active: bool,
    /// Registered at.
    pub created_at: DateTime<Utc>,
}

impl Institution {
    fn of(row: Model) -> Self {
        Self {
            id: row.id,
            parent_id: row.parent_id,
            kind: row.kind,
            code: row.code,
            name_zh: row.name_zh,
            name_en: row.name_en,
            phone: row.phone,
            place: PlaceOut {
                lng: row.lng,
                lat: row.lat,
                crs: Crs::Wgs84,
                accuracy_m: None,
            },
            practice_licence: row.practice_licence,
            home_care_approved: row.home_care_approved,
            active: row.active,
            created_at: row.created_at,
        }
    }
}

/// An item at an institution.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionItem {
    /// Code of the item.
    #[schema(example = "UC_CHG")]
    pub item_code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Whether the institution offers it.
    pub open: bool,
    /// What the institution decided; null when the catalogue's default holds.
    pub decided: Option<bool>,
}

/// Checks a place and that it lies near the community, unless the caller says that it is meant.
async fn place_of(
    app: &App,
    community: CommunityId,
    place: &PlaceIn,
    confirmed: bool,
) -> Result<Point> {
    let point = place.convert("place")?.point;
    let community = store::community::get(app.db.reader(), community).await?;
    let centre = Point::new(community.lng, community.lat).map_err(Error::internal)?;
    let limit_m = f64::from(app.config.matching.near_community_m);
    match check_near(point, centre, limit_m) {
        NearCheck::Far { distance_m, .. } if !confirmed => {
            let km = format!("{:.0}", distance_m / 1000.0);
            Err(Problem::new(Code::CoordinatesTooFar)
                .with("km", &km)
                .field_with("place", Code::CoordinatesTooFar, vec![("km", km)])
                .into())
        }
        NearCheck::LooksSwapped => Err(Problem::new(Code::CoordinatesSwapped)
            .field("place", Code::CoordinatesSwapped)
            .into()),
        _ => Ok(point),
    }
}

/// Leaves an event of an institution.
async fn record(
    tx: &Tx,
    app: &App,
    kind: EventKind,
    (community, institution): (CommunityId, InstitutionId),
    by: AccountId,
    payload: serde_json::Value,
) -> Result<()> {
    let event = NewEvent::new(kind, SubjectKind::Institution, institution.0, Some(by))
        .institution(institution)
        .payload(payload);
    store::event::append(tx, app, community, event).await
}

/// For fields of a change that can be left out but not emptied: null is refused.
fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
