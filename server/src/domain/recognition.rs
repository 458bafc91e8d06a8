//! Who stands before whom (R12): the patient is recognised by two identifiers, the nurse by a code that changes. No
//! face is ever asked for (field guide §1.3).

use chrono::{DateTime, Utc};
use entity::enums::PatientIdentifier;

/// Identifiers that have to agree.
pub const IDENTIFIERS: usize = 2;
/// Seconds for which a nurse's code is shown.
pub const BADGE_STEP_S: i64 = 60;
/// Digits of a code.
const BADGE_DIGITS: u32 = 6;

/// Whether a patient counts as recognised: by two different identifiers.
pub fn recognised(identifiers: &[PatientIdentifier]) -> bool {
    let mut different = identifiers.to_vec();
    different.sort_unstable();
    different.dedup();
    different.len() == identifiers.len() && different.len() >= IDENTIFIERS
}

/// The step of time that a moment lies in.
pub fn badge_step(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(BADGE_STEP_S)
}

/// When the code of a moment is replaced by the next.
pub fn badge_until(at: DateTime<Utc>) -> DateTime<Utc> {
    let end = (badge_step(at) + 1) * BADGE_STEP_S;
    DateTime::from_timestamp(end, 0).unwrap_or(at)
}

/// The steps whose code is taken at a moment: this one, and its neighbours, because reading and typing take time.
pub fn badge_steps(at: DateTime<Utc>) -> [i64; 3] {
    let now = badge_step(at);
    [now, now - 1, now + 1]
}

/// Six digits out of a keyed hash of visit and step, in hex digits.
pub fn badge_code(hash: &str) -> String {
    let head: String = hash.chars().take(12).collect();
    let number = u64::from_str_radix(&head, 16).unwrap_or(0) % 10_u64.pow(BADGE_DIGITS);
    format!("{number:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_different_identifiers_recognise_a_patient() {
        use PatientIdentifier::{BirthDate, Card, Name};
        assert!(recognised(&[Name, BirthDate]));
        assert!(recognised(&[Name, BirthDate, Card]));
        for too_few in [
            &[][..],
            &[Name][..],
            &[Name, Name][..],
            &[Name, Card, Name][..],
        ] {
            assert!(!recognised(too_few), "{too_few:?}");
        }
    }

    #[test]
    fn a_code_has_six_digits_and_its_neighbours_are_taken() {
        assert_eq!(badge_code("00000000000fffff"), "000015");
        assert_eq!(badge_code(&"f".repeat(64)).len(), 6);
        let at = DateTime::from_timestamp(119, 0).expect("a moment");
        assert_eq!(badge_steps(at), [1, 0, 2]);
        assert_eq!(badge_until(at).timestamp(), 120);
        assert_eq!(badge_until(badge_until(at)).timestamp(), 180);
    }
}
