//! A space-filling (Z-order, Morton) key of a place and the key ranges around it.
//!
//! One integer index then answers "near here" on any database: read a few ranges of keys, compare
//! exact distances afterwards. The key is stored, so its layout never changes: 31 bits of longitude
//! and 31 bits of latitude, interleaved, longitude first.

use std::f64::consts::PI;

use super::place::Point;

/// Bits of each axis.
const BITS: u32 = 31;
/// Steps of each axis.
const STEPS: u32 = 1 << BITS;
/// Largest key; keys run from 0 to this.
pub const MAX_KEY: i64 = (1 << (2 * BITS)) - 1;
/// Radius of the sphere that [`super::place::distance_m`] measures on, metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// Most quadtree cells that cover one box. More cells follow the circle closer, but what counts in the end is
/// the number of ranges they are joined to.
const MAX_CELLS: u32 = 64;
/// Widens the box by about 1 cm, more than rounding can take away.
const PAD_DEG: f64 = 1e-7;
/// More than rounding can add to a haversine, which is at most 1.
const ROUNDING: f64 = 4e-15;

/// The key of a place, 0 to [`MAX_KEY`]. One step is 1.9 cm east-west at the equator, 0.9 cm
/// north-south.
pub fn key(point: Point) -> i64 {
    interleave(lng_step(point.lng()), lat_step(point.lat()))
}

/// Inclusive key ranges, ascending and apart, at most `max_ranges` of them (0 counts as 1), that
/// hold every point within `radius_m` metres of `centre`. They hold others as well: the rest of the cells
/// that the circle meets. A radius that is negative or not a number counts as 0.
///
/// Ask for four ranges or more: the curve jumps, so one or two ranges around an unlucky place span
/// a good part of the earth.
pub fn ranges(centre: Point, radius_m: f64, max_ranges: usize) -> Vec<(i64, i64)> {
    let radius_m = radius_m.max(0.0);
    let (spans, y) = bounding_box(centre, radius_m);
    let circle = Circle::new(centre, radius_m);
    let mut found = Vec::with_capacity(2 * MAX_CELLS as usize);
    for x in spans.into_iter().flatten() {
        push_cells(x, y, &circle, &mut found);
    }
    found.sort_unstable();
    merge(found, max_ranges.max(1))
}

/// An inclusive run of steps on one axis.
type Span = (u32, u32);

/// The circle's box in steps: one run of longitudes, or two when it crosses the antimeridian, and
/// one of latitudes, cut at the poles.
fn bounding_box(centre: Point, radius_m: f64) -> ([Option<Span>; 2], Span) {
    let angle = radius_m / EARTH_RADIUS_M;
    let reach_lat = angle.to_degrees() + PAD_DEG;
    let (south, north) = (centre.lat() - reach_lat, centre.lat() + reach_lat);
    let y = (lat_step(south), lat_step(north));
    let whole = [Some((0, STEPS - 1)), None];
    // A circle around a pole meets every longitude.
    if south <= -90.0 || north >= 90.0 {
        return (whole, y);
    }
    // The widest longitude lies off the centre's parallel, so this is asin(…), not a division.
    let widest = (angle.sin() / centre.lat().to_radians().cos())
        .min(1.0)
        .asin();
    // The pad is a length on the ground: near a pole it spans more longitude.
    let reach_lng = widest.to_degrees() + PAD_DEG / centre.lat().to_radians().cos();
    let (west, east) = (centre.lng() - reach_lng, centre.lng() + reach_lng);
    if reach_lng >= 180.0 {
        return (whole, y);
    }
    let x = if west < -180.0 {
        [
            Some((0, lng_step(east))),
            Some((lng_step(west + 360.0), STEPS - 1)),
        ]
    } else if east >= 180.0 {
        [
            Some((0, lng_step(east - 360.0))),
            Some((lng_step(west), STEPS - 1)),
        ]
    } else {
        [Some((lng_step(west), lng_step(east))), None]
    };
    (x, y)
}

/// A circle on the sphere, for asking whether it meets a cell.
struct Circle {
    centre: Point,
    /// Haversine of the radius, a little widened.
    limit: f64,
}

impl Circle {
    fn new(centre: Point, radius_m: f64) -> Self {
        let angle = (radius_m / EARTH_RADIUS_M + PAD_DEG.to_radians()).min(PI);
        Self {
            centre,
            limit: haversine(angle) + ROUNDING,
        }
    }

    /// The nearest meridian of a column of cells: the haversine of how much farther east or west it lies, and
    /// the latitude at which it comes nearest to the centre. The distance grows from there both ways.
    fn nearest_meridian(&self, west: f64, east: f64) -> (f64, f64) {
        let centre = self.centre.lng();
        if (west..=east).contains(&centre) {
            return (0.0, self.centre.lat().to_radians());
        }
        let apart = |lng: f64| {
            let degrees = (lng - centre).abs();
            degrees.min(360.0 - degrees).to_radians()
        };
        let lng = apart(west).min(apart(east));
        let (sin, cos) = self.centre.lat().to_radians().sin_cos();
        (haversine(lng), sin.atan2(cos * lng.cos()))
    }

    /// True when the circle reaches the part of that meridian between two latitudes, degrees. Beyond a quarter of
    /// the earth the distance falls again towards the far pole, so both ends are asked as well.
    fn meets(&self, (away, lat): (f64, f64), south: f64, north: f64) -> bool {
        let (south, north) = (south.to_radians(), north.to_radians());
        let own = self.centre.lat().to_radians();
        [lat.clamp(south, north), south, north]
            .into_iter()
            .any(|lat| haversine(lat - own) + own.cos() * lat.cos() * away <= self.limit)
    }
}

fn haversine(angle: f64) -> f64 {
    (angle / 2.0).sin().powi(2)
}

/// Covers a box with the smallest quadtree cells that need at most [`MAX_CELLS`], and keeps those that the
/// circle meets.
fn push_cells(x: Span, y: Span, circle: &Circle, out: &mut Vec<(i64, i64)>) {
    // The finest level that can be enough; from there on up, not from the bottom.
    let widest = (x.1 - x.0).max(y.1 - y.0);
    let mut level = (u32::BITS - widest.leading_zeros()).saturating_sub(MAX_CELLS.ilog2());
    let count = |span: Span, level: u32| (span.1 >> level) - (span.0 >> level) + 1;
    while count(x, level).saturating_mul(count(y, level)) > MAX_CELLS {
        level += 1;
    }
    let last = (1_i64 << (2 * level)) - 1;
    let degrees = |cell: u32, whole: f64| {
        f64::from(cell) * whole * f64::from(1_u32 << level) / f64::from(STEPS) - whole / 2.0
    };
    for cell_x in x.0 >> level..=x.1 >> level {
        let meridian = circle.nearest_meridian(degrees(cell_x, 360.0), degrees(cell_x + 1, 360.0));
        for cell_y in y.0 >> level..=y.1 >> level {
            if circle.meets(meridian, degrees(cell_y, 180.0), degrees(cell_y + 1, 180.0)) {
                let first = interleave(cell_x << level, cell_y << level);
                out.push((first, first + last));
            }
        }
    }
}

/// Joins what touches or overlaps, then closes the smallest gaps until `max_ranges` are left.
fn merge(sorted: Vec<(i64, i64)>, max_ranges: usize) -> Vec<(i64, i64)> {
    let mut merged: Vec<(i64, i64)> = Vec::with_capacity(sorted.len());
    for (first, last) in sorted {
        match merged.last_mut() {
            Some(previous) if first <= previous.1 + 1 => previous.1 = previous.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    while merged.len() > max_ranges {
        let gap = |i: &usize| merged[i + 1].0 - merged[*i].1;
        let Some(smallest) = (0..merged.len() - 1).min_by_key(gap) else {
            break;
        };
        merged[smallest].1 = merged[smallest + 1].1;
        merged.remove(smallest + 1);
    }
    merged
}

fn lng_step(lng: f64) -> u32 {
    step((lng + 180.0) / 360.0)
}

fn lat_step(lat: f64) -> u32 {
    step((lat + 90.0) / 180.0)
}

/// A fraction of an axis as a step; what lies outside goes to the edge.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounding down is the quantisation, and a float cast saturates at 0"
)]
fn step(fraction: f64) -> u32 {
    ((fraction * f64::from(STEPS)) as u32).min(STEPS - 1)
}

fn interleave(x: u32, y: u32) -> i64 {
    let key = (spread(x) << 1) | spread(y);
    key.cast_signed() // 62 bits, so never negative
}

/// Puts a zero between the bits of a 31-bit number.
fn spread(bits: u32) -> u64 {
    let mut v = u64::from(bits);
    v = (v | (v << 16)) & 0x0000_FFFF_0000_FFFF;
    v = (v | (v << 8)) & 0x00FF_00FF_00FF_00FF;
    v = (v | (v << 4)) & 0x0F0F_0F0F_0F0F_0F0F;
    v = (v | (v << 2)) & 0x3333_3333_3333_3333;
    (v | (v << 1)) & 0x5555_5555_5555_5555
}

#[cfg(test)]
mod tests;
