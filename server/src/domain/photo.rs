//! When a photo may be added to a visit, and which ones a record names.
//!
//! A record names a photo by the SHA-256 of the file as the phone has it. So the signature covers the picture, and a
//! phone without signal may bring it later.

use std::collections::BTreeSet;

use entity::enums::OrderState;

use super::catalogue::Answer;
use super::record_form::FormValues;

/// Whether a text is a SHA-256 in lower-case hex.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The photos that the forms of a record and the values of its amendments name. Images of signatures are named by consents and the
/// return of waste, each by its hash.
pub fn named<'a>(
    forms: impl Iterator<Item = &'a FormValues>,
    amended: impl Iterator<Item = &'a str>,
) -> BTreeSet<&'a str> {
    let values = forms.flat_map(|values| values.values());
    let texts = values.filter_map(|value| match value {
        Answer::Option(text) => Some(text.as_str()),
        _ => None,
    });
    texts.chain(amended).filter(|text| is_hash(text)).collect()
}

/// Why a photo is not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoRefusal {
    /// The procedure has not begun, and it is no signature for this visit.
    #[error("photos are added from the start of the procedure, signatures from the arrival")]
    WrongState,
    /// The record is signed, and nothing of this visit names it.
    #[error("neither record nor amendments nor signatures of this visit name this photo")]
    NotNamed,
}

/// Whether a photo may be added: from the start of the procedure until the record is signed; before and after that only
/// one that is named by its hash: at the door the image of a signature under a consent of this visit, later also what the
/// signed record, an amendment or the return of waste names.
pub fn may_add(state: OrderState, signed: bool, named: bool) -> Result<(), PhotoRefusal> {
    use OrderState::{Aborted, Arrived, Finished, InProcedure};
    match (signed, named) {
        (false, true) if state == Arrived => Ok(()),
        (true, true) => Ok(()),
        (true, false) => Err(PhotoRefusal::NotNamed),
        (false, _) if matches!(state, InProcedure | Finished | Aborted) => Ok(()),
        (false, _) => Err(PhotoRefusal::WrongState),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_record_and_its_amendments_name_photos_by_hash_alone() {
        let (one, other) = ("a".repeat(64), "0".repeat(64));
        let values = BTreeMap::from([
            ("photo".to_owned(), Answer::Option(one.clone())),
            ("taught".to_owned(), Answer::Option("翻身".to_owned())),
            ("length_mm".to_owned(), Answer::Number(4.0)),
        ]);
        let amended = [other.as_str(), "37.2", &"A".repeat(64)].map(str::to_owned);
        let found = named(std::iter::once(&values), amended.iter().map(String::as_str));
        assert_eq!(found, BTreeSet::from([one.as_str(), other.as_str()]));
        assert!(named(std::iter::empty(), std::iter::empty()).is_empty());
    }

    #[test]
    fn a_signed_record_takes_what_it_names_and_nothing_else() {
        use OrderState::{Aborted, Accepted, Arrived, Closed, Departed, Finished, InProcedure};
        for state in [InProcedure, Finished, Aborted] {
            assert_eq!(may_add(state, false, false), Ok(()));
        }
        // At the door there are signatures and nothing else.
        assert_eq!(may_add(Arrived, false, true), Ok(()));
        assert_eq!(
            may_add(Arrived, false, false),
            Err(PhotoRefusal::WrongState)
        );
        for (state, named) in [(Departed, true), (Accepted, true), (Departed, false)] {
            assert_eq!(may_add(state, false, named), Err(PhotoRefusal::WrongState));
        }
        for state in [Finished, Aborted, Closed] {
            assert_eq!(may_add(state, true, true), Ok(()));
            assert_eq!(may_add(state, true, false), Err(PhotoRefusal::NotNamed));
        }
    }
}
