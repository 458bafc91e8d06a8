//! The published shifts WGS-84 → GCJ-02 → BD-09 and their inverses (field guide §6.1).
//!
//! All functions take and give `(lng, lat)` in degrees. Outside the mainland rectangle they return
//! their input; within some hundred metres of its edge the systems cannot be told apart.

use std::f64::consts::PI;

/// Semi-major axis of the Krasovsky ellipsoid, metres.
const A: f64 = 6_378_245.0;
/// Its eccentricity squared.
const EE: f64 = 0.006_693_421_622_965_943;
/// Angle scale of the BD-09 ripple.
const X_PI: f64 = PI * 3000.0 / 180.0;
/// BD-09 offsets, degrees.
const BD_LNG: f64 = 0.0065;
const BD_LAT: f64 = 0.006;

/// Whether degrees lie in the usual rectangle around mainland China, where maps are shifted.
/// It takes in Hong Kong, Macau, Taiwan and border land: the errors there are accepted.
pub fn in_mainland(lng: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lng) && (0.8293..=55.8271).contains(&lat)
}

/// GPS to Amap and Tencent.
pub fn wgs84_to_gcj02(lng: f64, lat: f64) -> (f64, f64) {
    if in_mainland(lng, lat) {
        gcj_forward(lng, lat)
    } else {
        (lng, lat)
    }
}

/// Amap and Tencent to Baidu.
pub fn gcj02_to_bd09(lng: f64, lat: f64) -> (f64, f64) {
    if in_mainland(lng, lat) {
        bd_forward(lng, lat)
    } else {
        (lng, lat)
    }
}

/// Baidu to Amap and Tencent by the published one-step formula, which is off by up to some
/// decimetres. [`super::to_wgs84`] iterates instead.
pub fn bd09_to_gcj02(lng: f64, lat: f64) -> (f64, f64) {
    if !in_mainland(lng, lat) {
        return (lng, lat);
    }
    let (x, y) = (lng - BD_LNG, lat - BD_LAT);
    let radius = x.hypot(y) - 0.000_02 * (y * X_PI).sin();
    let angle = y.atan2(x) - 0.000_003 * (x * X_PI).cos();
    (radius * angle.cos(), radius * angle.sin())
}

/// Amap and Tencent to GPS, by iteration.
pub(super) fn gcj02_to_wgs84(lng: f64, lat: f64) -> (f64, f64) {
    if in_mainland(lng, lat) {
        invert(gcj_forward, lng, lat)
    } else {
        (lng, lat)
    }
}

/// Baidu to GPS, both steps by iteration.
pub(super) fn bd09_to_wgs84(lng: f64, lat: f64) -> (f64, f64) {
    if !in_mainland(lng, lat) {
        return (lng, lat);
    }
    let (lng, lat) = invert(bd_forward, lng, lat);
    invert(gcj_forward, lng, lat)
}

/// Finds the input of `forward`. The shifts change slowly from place to place, so correcting by the
/// remaining error gains two or more digits a round. The rectangle is not asked again: an
/// intermediate value may lie just outside it.
fn invert(forward: fn(f64, f64) -> (f64, f64), lng: f64, lat: f64) -> (f64, f64) {
    const ENOUGH: f64 = 1e-11;
    const MAX_ROUNDS: usize = 20;
    let (mut x, mut y) = (lng, lat);
    for _ in 0..MAX_ROUNDS {
        let (there_x, there_y) = forward(x, y);
        let (error_x, error_y) = (there_x - lng, there_y - lat);
        x -= error_x;
        y -= error_y;
        if error_x.abs() < ENOUGH && error_y.abs() < ENOUGH {
            break;
        }
    }
    (x, y)
}

fn gcj_forward(lng: f64, lat: f64) -> (f64, f64) {
    let (east_m, north_m) = gcj_shift_m(lng - 105.0, lat - 35.0);
    let phi = lat.to_radians();
    let w = 1.0 - EE * phi.sin().powi(2);
    let meridian_m = A * (1.0 - EE) / (w * w.sqrt());
    let parallel_m = A / w.sqrt() * phi.cos();
    (
        lng + (east_m / parallel_m).to_degrees(),
        lat + (north_m / meridian_m).to_degrees(),
    )
}

/// The shift in metres east and north; `x`, `y` are degrees from 105° E 35° N.
fn gcj_shift_m(x: f64, y: f64) -> (f64, f64) {
    let wave = |amplitude: f64, cycles: f64| amplitude * (cycles * PI).sin();
    let ripple = wave(20.0, 6.0 * x) + wave(20.0, 2.0 * x);
    let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt();
    let east_waves =
        wave(20.0, x) + wave(40.0, x / 3.0) + wave(150.0, x / 12.0) + wave(300.0, x / 30.0);
    let north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt();
    let north_waves =
        wave(20.0, y) + wave(40.0, y / 3.0) + wave(160.0, y / 12.0) + wave(320.0, y / 30.0);
    let two_thirds = 2.0 / 3.0;
    (
        east + (ripple + east_waves) * two_thirds,
        north + (ripple + north_waves) * two_thirds,
    )
}

fn bd_forward(lng: f64, lat: f64) -> (f64, f64) {
    let radius = lng.hypot(lat) + 0.000_02 * (lat * X_PI).sin();
    let angle = lat.atan2(lng) + 0.000_003 * (lng * X_PI).cos();
    (radius * angle.cos() + BD_LNG, radius * angle.sin() + BD_LAT)
}
