//! Places as clients send and receive them.

use entity::enums::Crs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::place::{Point, SourcePlace};
use crate::error::Result;
use crate::problem::{Code, Problem};

/// A place in the coordinate system the phone or map gave it in; the server converts.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceIn {
    /// Longitude in degrees.
    #[schema(minimum = -180, maximum = 180, example = 114.88)]
    pub lng: f64,
    /// Latitude in degrees.
    #[schema(minimum = -90, maximum = 90, example = 36.92)]
    pub lat: f64,
    /// Coordinate system: GPS is `wgs84`, Amap and Tencent `gcj02`, Baidu `bd09`. There is no default, because guessing moves the place by half a kilometre.
    pub crs: Crs,
    /// Accuracy in metres, as the device reports it.
    #[schema(minimum = 0, maximum = 100_000, example = 15)]
    pub accuracy_m: Option<f64>,
}

impl PlaceIn {
    /// Checks and converts to WGS-84; `field` names the place in problems.
    pub fn convert(&self, field: &str) -> Result<SourcePlace> {
        SourcePlace::new(self.crs, self.lng, self.lat, self.accuracy_m).map_err(|error| {
            let code = Code::parse(error.code()).unwrap_or(Code::FieldInvalid);
            Problem::new(code).field(field, code).into()
        })
    }
}

/// A place in WGS-84.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PlaceOut {
    /// Longitude in degrees, WGS-84.
    pub lng: f64,
    /// Latitude in degrees, WGS-84.
    pub lat: f64,
    /// Always `wgs84`.
    pub crs: Crs,
    /// Accuracy in metres, when known.
    pub accuracy_m: Option<f64>,
}

impl PlaceOut {
    /// A place from two columns that are set or null together.
    pub fn from_columns(
        lng: Option<f64>,
        lat: Option<f64>,
        accuracy_m: Option<f64>,
    ) -> Option<Self> {
        let (lng, lat) = lng.zip(lat)?;
        Some(Self {
            lng,
            lat,
            crs: Crs::Wgs84,
            accuracy_m,
        })
    }
}

impl From<Point> for PlaceOut {
    fn from(point: Point) -> Self {
        Self {
            lng: point.lng(),
            lat: point.lat(),
            crs: Crs::Wgs84,
            accuracy_m: None,
        }
    }
}
