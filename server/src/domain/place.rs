//! Places: WGS-84 inside, the three systems of Chinese maps at the edge (field guide §6.1).

mod shift;

use geo::{Distance, Haversine};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use entity::enums::Crs;
pub use shift::{bd09_to_gcj02, gcj02_to_bd09, in_mainland, wgs84_to_gcj02};

/// Largest accuracy radius worth keeping, in metres. Beyond it a fix names a province, not a place.
pub const MAX_ACCURACY_M: f64 = 100_000.0;

/// Why a place is refused.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum PlaceError {
    /// Longitude outside ±180, latitude outside ±90, or not a number.
    #[error("longitude must be within ±180 and latitude within ±90")]
    OutOfRange,
    /// (0, 0): what a phone without a fix sends.
    #[error("0, 0 is no place")]
    Zero,
    /// Longitude and latitude were exchanged.
    #[error("longitude and latitude look exchanged")]
    Swapped,
    /// Too far from where the community works.
    #[error("{distance_m:.0} m from the community, more than {limit_m:.0} m")]
    TooFar {
        /// Great-circle distance, metres.
        distance_m: f64,
        /// What is allowed, metres.
        limit_m: f64,
    },
    /// Accuracy negative, not a number, or above [`MAX_ACCURACY_M`].
    #[error("accuracy must be 0 to {MAX_ACCURACY_M} m")]
    Accuracy,
}

impl PlaceError {
    /// The stable code of the problem document.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfRange => "coordinates_out_of_range",
            Self::Zero => "coordinates_zero",
            Self::Swapped => "coordinates_swapped",
            Self::TooFar { .. } => "coordinates_too_far",
            Self::Accuracy => "coordinates_accuracy",
        }
    }
}

/// A place on earth, WGS-84 degrees. Always finite, in range and not (0, 0).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPoint")]
pub struct Point {
    lng: f64,
    lat: f64,
}

impl Point {
    /// A WGS-84 point from degrees east and north. A pair that is out of range but lies in
    /// mainland China when exchanged is reported as swapped: that is what it nearly always is.
    pub fn new(lng: f64, lat: f64) -> Result<Self, PlaceError> {
        check_pair(lng, lat)?;
        Ok(Self { lng, lat })
    }

    /// Degrees east, -180 to 180.
    pub const fn lng(self) -> f64 {
        self.lng
    }

    /// Degrees north, -90 to 90.
    pub const fn lat(self) -> f64 {
        self.lat
    }
}

/// A point as JSON carries it, before it is checked.
#[derive(Deserialize)]
struct RawPoint {
    lng: f64,
    lat: f64,
}

impl TryFrom<RawPoint> for Point {
    type Error = PlaceError;

    fn try_from(raw: RawPoint) -> Result<Self, Self::Error> {
        Self::new(raw.lng, raw.lat)
    }
}

/// The range rules hold in every system: the shifts are below two kilometres.
fn check_pair(lng: f64, lat: f64) -> Result<(), PlaceError> {
    // NaN and infinity lie in no range, so they fail here as well.
    if !(-180.0..=180.0).contains(&lng) || !(-90.0..=90.0).contains(&lat) {
        return Err(if in_mainland(lat, lng) {
            PlaceError::Swapped
        } else {
            PlaceError::OutOfRange
        });
    }
    if lng == 0.0 && lat == 0.0 {
        return Err(PlaceError::Zero);
    }
    Ok(())
}

/// Converts degrees of `crs` to a WGS-84 point. GCJ-02 and BD-09 are inverted by iteration to
/// below 1e-9 degrees; outside the mainland rectangle nothing is shifted.
pub fn to_wgs84(crs: Crs, lng: f64, lat: f64) -> Result<Point, PlaceError> {
    check_pair(lng, lat)?;
    let (lng, lat) = match crs {
        Crs::Wgs84 => (lng, lat),
        Crs::Gcj02 => shift::gcj02_to_wgs84(lng, lat),
        Crs::Bd09 => shift::bd09_to_wgs84(lng, lat),
    };
    Point::new(lng, lat)
}

/// A place with what was sent, so that a wrong conversion can be undone later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourcePlace {
    /// The place in WGS-84.
    pub point: Point,
    /// The system the client declared.
    pub crs: Crs,
    /// Longitude as sent, degrees of `crs`.
    pub src_lng: f64,
    /// Latitude as sent, degrees of `crs`.
    pub src_lat: f64,
    /// Radius of the fix in metres, 0 to [`MAX_ACCURACY_M`], when the client knows it.
    pub accuracy_m: Option<f64>,
}

impl SourcePlace {
    /// Checks and converts what a client sent.
    pub fn new(crs: Crs, lng: f64, lat: f64, accuracy_m: Option<f64>) -> Result<Self, PlaceError> {
        let point = to_wgs84(crs, lng, lat)?;
        if accuracy_m.is_some_and(|metres| !(0.0..=MAX_ACCURACY_M).contains(&metres)) {
            return Err(PlaceError::Accuracy);
        }
        Ok(Self {
            point,
            crs,
            src_lng: lng,
            src_lat: lat,
            accuracy_m,
        })
    }
}

/// Great-circle distance in metres: haversine of the `geo` crate, whose sphere has the GRS80 mean
/// radius 6,371,008.8 m that field guide §6.1 asks for.
pub fn distance_m(a: Point, b: Point) -> f64 {
    Haversine.distance(geo::Point::new(a.lng, a.lat), geo::Point::new(b.lng, b.lat))
}

/// Step of the distances that somebody is shown who is not to know the place, metres.
const VAGUE_M: f64 = 500.0;
/// Side of the cells that stand for such a place, degrees; some 500 m.
const CELL_DEG: f64 = 0.005;

/// A distance for somebody who is not to know the place: rounded up to whole steps of 500 m, one at the least.
#[expect(clippy::cast_possible_truncation, reason = "distances on earth fit")]
pub fn vague_m(metres: f64) -> i64 {
    ((metres / VAGUE_M).ceil().max(1.0) * VAGUE_M) as i64
}

/// The same between a place of the asker's choice and a home, measured to the middle of the home's cell: whoever may ask from
/// anywhere finds the borders of the steps, and with them the point they are drawn around.
pub fn vague_distance_m(from: Point, home: Point) -> i64 {
    let middle = |degrees: f64| (degrees / CELL_DEG).round() * CELL_DEG;
    let cell = Point {
        lng: middle(home.lng),
        lat: middle(home.lat),
    };
    vague_m(distance_m(from, cell))
}

/// Whether a place is plausible for a community.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NearCheck {
    /// Within the limit.
    Ok,
    /// Beyond the limit: ask for confirmation.
    Far {
        /// Great-circle distance, metres.
        distance_m: f64,
        /// What is allowed, metres.
        limit_m: f64,
    },
    /// Beyond the limit, but within it once longitude and latitude are exchanged.
    LooksSwapped,
}

impl NearCheck {
    /// The check as a result, for callers that have no confirmation to go by.
    pub fn into_result(self) -> Result<(), PlaceError> {
        match self {
            Self::Ok => Ok(()),
            Self::Far {
                distance_m,
                limit_m,
            } => Err(PlaceError::TooFar {
                distance_m,
                limit_m,
            }),
            Self::LooksSwapped => Err(PlaceError::Swapped),
        }
    }
}

/// Compares a place with the centre of the community; `limit_m` in metres, inclusive.
pub fn check_near(point: Point, centre: Point, limit_m: f64) -> NearCheck {
    let distance = distance_m(point, centre);
    if distance <= limit_m {
        return NearCheck::Ok;
    }
    match Point::new(point.lat, point.lng) {
        Ok(swapped) if distance_m(swapped, centre) <= limit_m => NearCheck::LooksSwapped,
        _ => NearCheck::Far {
            distance_m: distance,
            limit_m,
        },
    }
}

#[cfg(test)]
mod tests;
