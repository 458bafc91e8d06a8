//! What a change of an address does to the orders that go there (docs/RULES.md).

use entity::enums::OrderState;

use super::lifecycle::is_live_visit;
use super::place::{Point, distance_m};

/// Metres below which two points are one place: what an app sends back may differ in its last digit.
const SAME_PLACE_M: f64 = 1.0;

/// How an address changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressChange {
    /// Somebody says that it reads otherwise or lies elsewhere: it may be another home.
    Altered,
    /// A good visit found the same home elsewhere, and somebody agreed.
    Corrected,
}

/// What it does to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// It is judged, priced and searched for as if it were booked there now.
    Anew,
    /// It goes to the new point; nurse, time and price stay.
    Point,
    /// It stays as it is.
    Stays,
}

/// A nurse has the order: she agreed to another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a nurse has accepted a visit to this address")]
pub struct NurseBooked;

/// Whether two places are one; none is one that nobody knows.
pub fn same_place(one: Option<Point>, other: Option<Point>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => distance_m(one, other) < SAME_PLACE_M,
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// What a change of an address does to an order that goes there; `seat_taken`: of an order that waits still, one of
/// two nurses has said yes. A nurse is never sent elsewhere than she agreed to; where she is under way already, or was
/// held against the fence, the point stays.
pub const fn follows(
    change: AddressChange,
    state: OrderState,
    seat_taken: bool,
) -> Result<Follows, NurseBooked> {
    use OrderState::{Accepted, Assessing, InReview, Open};
    let waits = matches!(state, Assessing | InReview | Open) && !seat_taken;
    let has_nurse = seat_taken || is_live_visit(state);
    match change {
        _ if waits => Ok(Follows::Anew),
        AddressChange::Altered if has_nurse => Err(NurseBooked),
        AddressChange::Corrected if matches!(state, Assessing | InReview | Open | Accepted) => {
            Ok(Follows::Point)
        }
        _ => Ok(Follows::Stays),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_sent_back_is_the_same_place() {
        let at = |lng| Some(Point::new(lng, 36.92).expect("a point"));
        assert!(same_place(at(114.88), at(114.880_000_000_000_01)) && same_place(None, None));
        assert!(!same_place(at(114.88), at(114.8801)) && !same_place(at(114.88), None));
        assert!(!same_place(None, at(114.88)));
    }

    #[test]
    fn nobody_is_sent_elsewhere_than_she_agreed_to() {
        use AddressChange::{Altered, Corrected};
        use OrderState::{Accepted, Arrived, Assessing, Departed, InProcedure, InReview, Open};
        for state in OrderState::ALL.iter().copied() {
            let wanted = match state {
                Assessing | InReview | Open => [Ok(Follows::Anew), Ok(Follows::Anew)],
                Accepted => [Err(NurseBooked), Ok(Follows::Point)],
                Departed | Arrived | InProcedure => [Err(NurseBooked), Ok(Follows::Stays)],
                _ => [Ok(Follows::Stays), Ok(Follows::Stays)],
            };
            let found = [Altered, Corrected].map(|change| follows(change, state, false));
            assert_eq!(found, wanted, "{state}");
        }
        // One of two seats.
        for state in [Assessing, InReview, Open] {
            assert_eq!(follows(Altered, state, true), Err(NurseBooked), "{state}");
            assert_eq!(
                follows(Corrected, state, true),
                Ok(Follows::Point),
                "{state}"
            );
        }
    }
}
