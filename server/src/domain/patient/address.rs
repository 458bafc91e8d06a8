//! What an address has to be.

use std::ops::RangeInclusive;

use super::PatientError;
use crate::domain::place::{NearCheck, PlaceError, Point, check_near};

/// Radius of an address fence in metres.
pub const FENCE_M: RangeInclusive<u32> = 50..=2_000;
/// Radius of an address fence when nothing is said, metres.
pub const DEFAULT_FENCE_M: u32 = 200;

/// Most addresses of a patient.
pub const MAX_ADDRESSES: usize = 20;

/// Checks what an address says beside its place: the statistical code of a township (9 digits) or village
/// (12 digits), and the fence in metres.
pub fn check_address(township_code: Option<&str>, fence_m: u32) -> Result<(), PatientError> {
    let is_code = |text: &str| {
        matches!(text.len(), 9 | 12) && text.bytes().all(|digit| digit.is_ascii_digit())
    };
    if !township_code.is_none_or(is_code) {
        return Err(PatientError::Township);
    }
    if FENCE_M.contains(&fence_m) {
        Ok(())
    } else {
        Err(PatientError::Fence)
    }
}

/// Holds an address against the centre of its community; whether it lies far off, which has to be
/// confirmed. `limit_m` in metres.
pub fn check_far(
    place: Point,
    centre: Point,
    limit_m: f64,
    confirmed: bool,
) -> Result<bool, PlaceError> {
    match check_near(place, centre, limit_m) {
        NearCheck::Ok => Ok(false),
        NearCheck::Far { .. } if confirmed => Ok(true),
        refused => refused.into_result().map(|()| false),
    }
}
