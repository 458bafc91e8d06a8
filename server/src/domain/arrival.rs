//! Arrivals in question (R13): what makes one, what proves it, and when a visit knows the home better than the
//! address does.

use chrono::{DateTime, Utc};
use entity::enums::{ArrivalDoubt, FenceResult, NoFixCause};

/// Metres of accuracy up to which a fix may become the point of a home.
pub const HOME_ACCURACY_M: f64 = 50.0;

/// Codes that are sent for one visit.
pub const MOST_CODES: i32 = 5;

/// How a nurse arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Where her fix stood against the fence.
    pub fence: FenceResult,
    /// There was a fix.
    pub has_place: bool,
    /// The address has a point.
    pub address_known: bool,
    /// What her device says of a missing fix.
    pub said: Option<NoFixCause>,
    /// The device says that its place is simulated.
    pub mock: bool,
}

/// Why an arrival is in question; `None` for a good one. Nothing here refuses an arrival.
pub fn doubt(arrived: &Arrived) -> Option<(ArrivalDoubt, Option<NoFixCause>)> {
    match arrived.fence {
        FenceResult::Inside if arrived.mock => Some((ArrivalDoubt::Mock, None)),
        FenceResult::Inside => None,
        FenceResult::Outside => Some((ArrivalDoubt::Outside, None)),
        FenceResult::NoFix => {
            let cause = match (arrived.has_place, arrived.address_known) {
                (false, _) => arrived.said.unwrap_or(NoFixCause::NoAccuracy),
                (true, false) => NoFixCause::AddressUnknown,
                (true, true) => NoFixCause::NoAccuracy,
            };
            Some((ArrivalDoubt::NoFix, Some(cause)))
        }
    }
}

/// A code that was sent to the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentCode {
    /// Good until then.
    pub expires_at: DateTime<Utc>,
    /// Wrong tries so far.
    pub tries: u32,
    /// It did its work.
    pub used: bool,
}

/// Whether a code proves an arrival at a moment: right, fresh, not used, and not guessed at too often.
pub fn code_proves(sent: &SentCode, same: bool, at: DateTime<Utc>, most_tries: u32) -> bool {
    same && !sent.used && at < sent.expires_at && sent.tries < most_tries
}

/// Whether a fix that came after the arrival proves it: inside the fence, and nothing simulated, neither now nor then.
pub fn place_proves(doubt: ArrivalDoubt, fence: FenceResult, mock: bool) -> bool {
    doubt != ArrivalDoubt::Mock && fence == FenceResult::Inside && !mock
}

/// What a visit knows of where the home is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenHome {
    /// Arrived inside the fence, or proven, or accepted by a coordinator.
    pub good: bool,
    /// The place may be simulated.
    pub mock: bool,
    /// Accuracy of the fix in metres, when the device told it.
    pub accuracy_m: Option<f64>,
    /// Metres to the point of the address; `None` when it has none.
    pub distance_m: Option<f64>,
}

/// Whether a visit proposes another point for the home: a good one, with a sharp fix, further off than `moved_m`.
pub fn proposes_home(seen: &SeenHome, moved_m: u32) -> bool {
    let sharp = seen
        .accuracy_m
        .is_some_and(|metres| metres <= HOME_ACCURACY_M);
    let off = seen
        .distance_m
        .is_none_or(|metres| metres > f64::from(moved_m));
    seen.good && !seen.mock && sharp && off
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn arrived(fence: FenceResult) -> Arrived {
        Arrived {
            fence,
            has_place: true,
            address_known: true,
            said: None,
            mock: false,
        }
    }

    #[test]
    fn a_good_arrival_alone_is_not_in_question() {
        assert_eq!(doubt(&arrived(FenceResult::Inside)), None);
        let simulated = Arrived {
            mock: true,
            ..arrived(FenceResult::Inside)
        };
        assert_eq!(doubt(&simulated), Some((ArrivalDoubt::Mock, None)));
        let outside = doubt(&arrived(FenceResult::Outside));
        assert_eq!(outside, Some((ArrivalDoubt::Outside, None)));
    }

    #[test]
    fn the_cause_of_a_missing_fix_is_kept() {
        let no_fix = arrived(FenceResult::NoFix);
        let cause = |arrived: &Arrived| doubt(arrived).expect("in question").1;
        assert_eq!(cause(&no_fix), Some(NoFixCause::NoAccuracy));
        let no_point = Arrived {
            address_known: false,
            ..no_fix
        };
        assert_eq!(cause(&no_point), Some(NoFixCause::AddressUnknown));
        for said in [NoFixCause::Denied, NoFixCause::Timeout, NoFixCause::Off] {
            let blind = Arrived {
                has_place: false,
                said: Some(said),
                ..no_fix
            };
            assert_eq!(cause(&blind), Some(said));
        }
    }

    #[test]
    fn a_code_proves_once_in_time_and_not_by_guessing() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let sent = SentCode {
            expires_at: at + TimeDelta::minutes(5),
            tries: 4,
            used: false,
        };
        assert!(code_proves(&sent, true, at, 5));
        assert!(!code_proves(&sent, false, at, 5));
        assert!(!code_proves(&sent, true, sent.expires_at, 5));
        assert!(!code_proves(&SentCode { tries: 5, ..sent }, true, at, 5));
        assert!(!code_proves(&SentCode { used: true, ..sent }, true, at, 5));
    }

    #[test]
    fn a_later_fix_proves_inside_the_fence_and_when_nothing_is_simulated() {
        use {ArrivalDoubt as D, FenceResult as F};
        assert!(place_proves(D::NoFix, F::Inside, false));
        assert!(place_proves(D::Outside, F::Inside, false));
        assert!(!place_proves(D::NoFix, F::Outside, false));
        assert!(!place_proves(D::NoFix, F::NoFix, false));
        assert!(!place_proves(D::NoFix, F::Inside, true));
        assert!(!place_proves(D::Mock, F::Inside, false));
    }

    #[test]
    fn only_a_good_sharp_fix_far_off_proposes_a_home() {
        let seen = SeenHome {
            good: true,
            mock: false,
            accuracy_m: Some(50.0),
            distance_m: Some(100.1),
        };
        assert!(proposes_home(&seen, 100));
        let no_point = SeenHome {
            distance_m: None,
            ..seen
        };
        assert!(proposes_home(&no_point, 100));
        for weak in [
            SeenHome {
                good: false,
                ..seen
            },
            SeenHome { mock: true, ..seen },
            SeenHome {
                accuracy_m: Some(50.1),
                ..seen
            },
            SeenHome {
                accuracy_m: None,
                ..seen
            },
            SeenHome {
                distance_m: Some(100.0),
                ..seen
            },
        ] {
            assert!(!proposes_home(&weak, 100), "{weak:?}");
        }
    }
}
