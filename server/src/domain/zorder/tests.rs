use geo::{Destination, Haversine};
use proptest::prelude::*;
use rstest::rstest;

use super::super::place::distance_m;
use super::*;

fn point(lng: f64, lat: f64) -> Point {
    Point::new(lng, lat).expect("a valid point")
}

fn holds(ranges: &[(i64, i64)], point: Point) -> bool {
    let key = key(point);
    ranges
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&key))
}

/// Keys are stored in databases: these values must never change.
#[rstest]
#[case(-180.0, -90.0, 0)]
#[case(180.0, 90.0, MAX_KEY)]
#[case(-180.0, 90.0, 0x1555_5555_5555_5555)]
#[case(180.0, -90.0, 0x2AAA_AAAA_AAAA_AAAA)]
#[case(90.0, 45.0, 0x3C00_0000_0000_0000)]
#[case(114.88, 36.92, 0x39C4_B281_8918_4533)]
fn keys_are_stable(#[case] lng: f64, #[case] lat: f64, #[case] expected: i64) {
    assert_eq!(
        key(point(lng, lat)),
        expected,
        "{:#X}",
        key(point(lng, lat))
    );
}

#[test]
fn nearby_points_share_a_prefix() {
    let (a, b) = (
        key(point(114.880_00, 36.920_00)),
        key(point(114.880_01, 36.920_01)),
    );
    assert!((a ^ b) < 1 << 32, "{a:#x} {b:#x}");
}

#[rstest]
#[case(0.0)]
#[case(-5.0)]
#[case(f64::NAN)]
fn no_radius_is_the_point_alone(#[case] radius_m: f64) {
    let centre = point(114.88, 36.92);
    let found = ranges(centre, radius_m, 8);
    assert!(holds(&found, centre));
    assert!(!holds(&found, point(114.881, 36.92)));
}

#[rstest]
#[case(f64::INFINITY)]
#[case(2.1e7)]
fn the_whole_earth_is_one_range(#[case] radius_m: f64) {
    assert_eq!(
        ranges(point(114.88, 36.92), radius_m, 8),
        vec![(0, MAX_KEY)]
    );
}

#[test]
fn both_sides_of_the_antimeridian_are_covered() {
    let found = ranges(point(179.99, 10.0), 5_000.0, 8);
    assert!(holds(&found, point(-179.99, 10.0)));
    assert!(holds(&found, point(180.0, 10.0)));
    assert!(holds(&found, point(-180.0, 10.0)));
    assert!(!holds(&found, point(0.0, 10.0)));
    assert!(holds(
        &ranges(point(-180.0, 10.0), 1.0, 8),
        point(180.0, 10.0)
    ));
    assert!(holds(
        &ranges(point(180.0, 10.0), 1.0, 8),
        point(-180.0, 10.0)
    ));
}

#[test]
fn a_pole_is_covered_from_all_sides() {
    let found = ranges(point(10.0, 89.99), 5_000.0, 4);
    for lng in [-170.0, -80.0, 100.0] {
        assert!(holds(&found, point(lng, 89.98)));
    }
    assert!(!holds(&found, point(10.0, 0.0)));
}

/// Beyond a quarter of the earth the way over the pole is the shorter one.
#[test]
fn a_circle_larger_than_a_hemisphere_reaches_over_the_pole() {
    let centre = point(179.9, -35.015_860_657_723_86);
    let radius_m = 10_f64.powf(7.203_986_317_680_477);
    let start = geo::Point::new(centre.lng(), centre.lat());
    let edge = Haversine.destination(start, 30.321_932_008_259_964, radius_m);
    assert!(holds(
        &ranges(centre, radius_m, 3),
        point(edge.x(), edge.y())
    ));
}

/// A county search must not read the neighbouring counties: the ranges stay within a small multiple of the
/// circle, wherever it falls on the grid.
#[rstest]
#[case(4, 2.3, 5.5)]
#[case(8, 1.7, 3.0)]
fn ranges_stay_small(#[case] max_ranges: usize, #[case] mean: f64, #[case] most: f64) {
    let mut ratios = Vec::new();
    for step in 0..2_000 {
        let lat = 25.0 + f64::from(step) * 0.010_1;
        let centre = point(100.0 + f64::from(step) * 0.010_7, lat);
        let m2_per_key =
            2.0 * (PI * EARTH_RADIUS_M).powi(2) * lat.to_radians().cos() / 2.0_f64.powi(62);
        for radius_m in [1_000.0, 5_000.0, 10_000.0, 20_000.0, 40_000.0] {
            let keys: i64 = ranges(centre, radius_m, max_ranges)
                .iter()
                .map(|(a, b)| b - a + 1)
                .sum();
            #[expect(clippy::cast_precision_loss, reason = "a rough size is enough")]
            let ratio = keys as f64 * m2_per_key / (PI * radius_m * radius_m);
            ratios.push(ratio);
        }
    }
    let worst = ratios.iter().copied().fold(0.0, f64::max);
    let average = ratios.iter().sum::<f64>() / 10_000.0;
    assert!(
        worst < most && average < mean,
        "{average:.2} times the circle on average, {worst:.2} at worst"
    );
}

fn anywhere() -> impl Strategy<Value = Point> {
    let lng = prop_oneof![-180.0..=180.0f64, 179.9..=180.0f64, -180.0..=-179.9f64];
    let lat = prop_oneof![-90.0..=90.0f64, 89.5..=90.0f64, -90.0..=-89.5f64];
    (lng, lat).prop_filter_map("0,0", |(lng, lat)| Point::new(lng, lat).ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn keys_are_monotone_in_each_axis(a in anywhere(), b in anywhere()) {
        let moved_east = Point::new(a.lng().max(b.lng()), a.lat());
        let moved_north = Point::new(a.lng(), a.lat().max(b.lat()));
        for moved in [moved_east, moved_north].into_iter().flatten() {
            prop_assert!(key(moved) >= key(a));
        }
        prop_assert!((0..=MAX_KEY).contains(&key(a)));
    }

    #[test]
    fn every_point_within_the_radius_is_covered(
        centre in anywhere(),
        exponent in 0.0..7.4f64,
        share in prop_oneof![Just(1.0), 0.0..=1.0f64],
        bearing in 0.0..360.0f64,
        max_ranges in 1..12usize,
    ) {
        let radius_m = 10.0_f64.powf(exponent);
        let there = Haversine.destination(geo::Point::new(centre.lng(), centre.lat()), bearing, radius_m * share);
        let there = Point::new(there.x(), there.y());
        prop_assume!(there.is_ok());
        let there = there.expect("assumed");
        // Rounding of the destination may put it a hair outside.
        prop_assume!(distance_m(centre, there) <= radius_m + 1e-4);
        let found = ranges(centre, radius_m, max_ranges);
        prop_assert!(holds(&found, there), "{found:?}");
        prop_assert!(holds(&found, centre));
    }

    #[test]
    fn ranges_are_few_ascending_and_apart(
        centre in anywhere(), exponent in 0.0..7.4f64, max_ranges in 0..12usize,
    ) {
        let found = ranges(centre, 10.0_f64.powf(exponent), max_ranges);
        prop_assert!(!found.is_empty() && found.len() <= max_ranges.max(1));
        for (first, last) in &found {
            prop_assert!(0 <= *first && first <= last && *last <= MAX_KEY);
        }
        for pair in found.windows(2) {
            prop_assert!(pair[0].1 + 1 < pair[1].0);
        }
    }
}
