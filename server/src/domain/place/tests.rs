use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn point(lng: f64, lat: f64) -> Point {
    Point::new(lng, lat).expect("a valid point")
}

fn assert_close(actual: (f64, f64), expected: (f64, f64), tolerance: f64) {
    let off = (actual.0 - expected.0)
        .abs()
        .max((actual.1 - expected.1).abs());
    assert!(
        off <= tolerance,
        "{actual:?} is {off:e} degrees from {expected:?}"
    );
}

const INPUT: (f64, f64) = (120.853_857_693_142_36, 28.021_381_022_135_415);
const TIANANMEN: (f64, f64) = (116.397_389, 39.908_722);

#[test]
fn published_vectors_hold() {
    assert_close(
        bd09_to_gcj02(INPUT.0, INPUT.1),
        (120.847_430_912_458_31, 28.015_043_970_635_79),
        1e-12,
    );
    assert_close(
        gcj02_to_bd09(INPUT.0, INPUT.1),
        (120.860_293_396_014_31, 28.027_651_931_614_944),
        1e-12,
    );
    let gcj = wgs84_to_gcj02(TIANANMEN.0, TIANANMEN.1);
    assert_close(gcj, (116.403_632_55, 39.910_125_48), 6e-9);
    assert_close(
        gcj02_to_bd09(gcj.0, gcj.1),
        (116.410_005_41, 39.916_465_11),
        6e-9,
    );
}

#[test]
fn published_vectors_hold_backwards() {
    for (crs, lng, lat) in [
        (Crs::Wgs84, TIANANMEN.0, TIANANMEN.1),
        (Crs::Gcj02, 116.403_632_55, 39.910_125_48),
        (Crs::Bd09, 116.410_005_41, 39.916_465_11),
    ] {
        let back = to_wgs84(crs, lng, lat).expect("in range");
        assert_close((back.lng(), back.lat()), TIANANMEN, 1e-8);
    }
}

/// The lengths of the shift that field guide §6.1 gives: a mix-up of systems is visible.
#[rstest]
#[case(116.397_389, 39.908_722, 554.9)]
#[case(114.0, 33.0, 582.1)]
#[case(119.9, 28.45, 575.1)]
#[case(104.6, 35.0, 265.7)]
fn shift_has_the_known_length(#[case] lng: f64, #[case] lat: f64, #[case] metres: f64) {
    let (gcj_lng, gcj_lat) = wgs84_to_gcj02(lng, lat);
    let shift = distance_m(point(lng, lat), point(gcj_lng, gcj_lat));
    assert!((shift - metres).abs() < 0.6, "{shift} m");
}

#[rstest]
#[case(139.7, 35.7)] // Tokyo
#[case(-0.13, 51.5)] // London
#[case(151.2, -33.9)] // Sydney
fn nothing_is_shifted_abroad(#[case] lng: f64, #[case] lat: f64) {
    assert_eq!(wgs84_to_gcj02(lng, lat), (lng, lat));
    assert_eq!(gcj02_to_bd09(lng, lat), (lng, lat));
    assert_eq!(bd09_to_gcj02(lng, lat), (lng, lat));
    for crs in Crs::ALL {
        assert_eq!(to_wgs84(*crs, lng, lat), Ok(point(lng, lat)));
    }
}

#[rstest]
#[case(f64::NAN, 36.9, "coordinates_out_of_range")]
#[case(114.9, f64::INFINITY, "coordinates_out_of_range")]
#[case(180.1, 36.9, "coordinates_out_of_range")]
#[case(-180.1, 36.9, "coordinates_out_of_range")]
#[case(114.9, -90.1, "coordinates_out_of_range")]
#[case(114.9, 90.1, "coordinates_out_of_range")]
#[case(36.92, 114.88, "coordinates_swapped")]
#[case(0.0, -0.0, "coordinates_zero")]
fn bad_pairs_have_their_code(#[case] lng: f64, #[case] lat: f64, #[case] code: &str) {
    for crs in Crs::ALL {
        assert_eq!(to_wgs84(*crs, lng, lat).expect_err("refused").code(), code);
    }
    assert_eq!(Point::new(lng, lat).expect_err("refused").code(), code);
}

#[test]
fn edges_are_inside() {
    for (lng, lat) in [(180.0, 90.0), (-180.0, -90.0), (0.0, 1e-9), (1e-9, 0.0)] {
        assert!(Point::new(lng, lat).is_ok());
    }
}

#[test]
fn json_is_checked_too() {
    let good = serde_json::from_str::<Point>(r#"{"lng":114.88,"lat":36.92}"#).expect("valid");
    assert_eq!(good, point(114.88, 36.92));
    assert!(serde_json::from_str::<Point>(r#"{"lng":0,"lat":0}"#).is_err());
}

#[test]
fn source_place_keeps_what_was_sent() {
    let place =
        SourcePlace::new(Crs::Gcj02, 116.403_632_55, 39.910_125_48, Some(12.5)).expect("ok");
    assert_eq!(
        (place.src_lng, place.src_lat, place.accuracy_m),
        (116.403_632_55, 39.910_125_48, Some(12.5))
    );
    assert_close((place.point.lng(), place.point.lat()), TIANANMEN, 1e-8);
    for accuracy in [-0.1, f64::NAN, 100_000.1] {
        let refused =
            SourcePlace::new(Crs::Wgs84, 114.88, 36.92, Some(accuracy)).expect_err("refused");
        assert_eq!(refused.code(), "coordinates_accuracy");
    }
}

#[test]
fn distance_uses_the_mean_radius() {
    let quarter = distance_m(point(10.0, 0.0), point(100.0, 0.0));
    let expected = 6_371_008.8 * std::f64::consts::FRAC_PI_2;
    assert!((quarter - expected).abs() < 1e-3, "{quarter} m");
}

#[rstest]
#[case(0.0, 500)]
#[case(1.0, 500)]
#[case(500.0, 500)]
#[case(500.1, 1_000)]
#[case(12_345.6, 12_500)]
fn a_vague_distance_is_rounded_up_to_steps(#[case] metres: f64, #[case] shown: i64) {
    assert_eq!(vague_m(metres), shown);
}

#[test]
fn near_far_and_swapped_are_told_apart() {
    // Altay: both orders of its coordinates are valid, so only the centre can tell.
    let centre = point(88.14, 47.85);
    let limit = 100_000.0;
    assert_eq!(check_near(point(88.2, 47.8), centre, limit), NearCheck::Ok);
    assert_eq!(
        check_near(point(47.8, 88.2), centre, limit),
        NearCheck::LooksSwapped
    );
    let far = check_near(point(114.88, 36.92), centre, limit);
    assert!(matches!(far, NearCheck::Far { distance_m, .. } if distance_m > 2_000_000.0));
    assert_eq!(
        far.into_result().expect_err("far").code(),
        "coordinates_too_far"
    );
    assert_eq!(
        NearCheck::LooksSwapped
            .into_result()
            .expect_err("swapped")
            .code(),
        "coordinates_swapped"
    );
    assert_eq!(NearCheck::Ok.into_result(), Ok(()));
}

proptest! {
    #[test]
    fn conversions_go_round(lng in 72.1..137.7f64, lat in 1.0..55.7f64) {
        let gcj = wgs84_to_gcj02(lng, lat);
        let back = to_wgs84(Crs::Gcj02, gcj.0, gcj.1).expect("in range");
        prop_assert!((back.lng() - lng).abs() < 1e-9 && (back.lat() - lat).abs() < 1e-9);

        let bd = gcj02_to_bd09(gcj.0, gcj.1);
        let back = to_wgs84(Crs::Bd09, bd.0, bd.1).expect("in range");
        prop_assert!((back.lng() - lng).abs() < 1e-9 && (back.lat() - lat).abs() < 1e-9);
    }

    #[test]
    fn systems_are_never_the_same_inside(lng in 75.0..135.0f64, lat in 4.0..53.0f64) {
        let (gcj_lng, gcj_lat) = wgs84_to_gcj02(lng, lat);
        let shift = distance_m(point(lng, lat), point(gcj_lng, gcj_lat));
        prop_assert!((10.0..2_000.0).contains(&shift), "{shift} m");
    }

    #[test]
    fn wherever_one_asks_from_homes_of_a_cell_look_alike(
        east in -0.0024..0.0024f64, north in -0.0024..0.0024f64, lng in 114.0..116.0f64, lat in 36.0..38.0f64,
    ) {
        let (from, home) = (point(lng, lat), point(114.88 + east, 36.92 + north));
        let shown = vague_distance_m(from, home);
        prop_assert_eq!(shown, vague_distance_m(from, point(114.88, 36.92)));
        // Half a cell to either side is less than a step.
        let off = f64::from(i32::try_from(shown).expect("on earth")) - distance_m(from, home);
        prop_assert!((-500.0..1_000.0).contains(&off), "{shown} m is {off} m off");
    }

    #[test]
    fn distance_is_symmetric(
        a in (-180.0..180.0f64, -89.0..89.0f64),
        b in (-180.0..180.0f64, -89.0..89.0f64),
    ) {
        let (a, b) = (point(a.0, a.1), point(b.0, b.1));
        prop_assert!((distance_m(a, b) - distance_m(b, a)).abs() < 1e-6);
        prop_assert!(distance_m(a, a).abs() < 1e-9);
    }
}
