//! Who reads which events of an order's trail. It is as in the live stream, so that nobody learns later what was
//! kept from them at the time.

use entity::ids::NurseId;
use serde_json::Value;

use super::event::EventKind;

/// In what right somebody reads a trail; several may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// Cares for the patient.
    pub family: bool,
    /// Is this nurse.
    pub nurse: Option<NurseId>,
    /// Has the order in her institution.
    pub staff: bool,
}

impl Reader {
    /// Kinds she reads whomever they name. A nurse reads what the family reads, for it is her order too.
    pub fn kinds(self) -> Vec<&'static str> {
        let shown = |kind: &&EventKind| {
            let audience = kind.audience();
            let near = self.family || self.nurse.is_some();
            (near && audience.family) || (self.staff && audience.staff)
        };
        texts(shown)
    }

    /// The nurse she is, and the kinds she reads when they name her.
    pub fn naming(self) -> Option<(NurseId, Vec<&'static str>)> {
        let nurse = self.nurse?;
        Some((nurse, texts(|kind| kind.audience().nurse)))
    }

    /// Whether the reader sees where an event happened that names this nurse: staff, and she herself. Where she set out from is
    /// often her home; the family sees where she is on its map, while she is out (field guide §5.6).
    pub fn sees_place(self, named: Option<NurseId>) -> bool {
        self.staff || self.nurse.is_some() && self.nurse == named
    }
}

/// Takes what tells of a place out of what an event says.
pub fn hide_place(payload: &mut Value) {
    if let Some(payload) = payload.as_object_mut() {
        for name in ["distance_m", "left"] {
            payload.remove(name);
        }
    }
}

fn texts(shown: impl Fn(&&EventKind) -> bool) -> Vec<&'static str> {
    let kinds = EventKind::ALL.iter().filter(shown);
    kinds.map(|kind| kind.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_never_reads_who_was_asked() {
        let family = Reader {
            family: true,
            ..Reader::default()
        };
        assert!(family.kinds().contains(&"order.accepted"));
        assert!(!family.kinds().iter().any(|kind| kind.starts_with("offer.")));
        assert_eq!(family.naming(), None);
    }

    #[test]
    fn places_are_for_staff_and_for_the_nurse_they_are_of() {
        let id = |number| NurseId(uuid::Uuid::from_u128(number));
        let family = Reader {
            family: true,
            ..Reader::default()
        };
        let nurse = Reader {
            nurse: Some(id(1)),
            ..Reader::default()
        };
        let staff = Reader {
            staff: true,
            ..Reader::default()
        };
        for (reader, own, others, nobodys) in [
            (family, false, false, false),
            (nurse, true, false, false),
            (staff, true, true, true),
        ] {
            let sees = [Some(id(1)), Some(id(2)), None].map(|named| reader.sees_place(named));
            assert_eq!(sees, [own, others, nobodys], "{reader:?}");
        }
    }

    #[test]
    fn a_nurse_reads_her_own_offers_and_staff_all() {
        let nurse = Reader {
            nurse: Some(NurseId(uuid::Uuid::nil())),
            ..Reader::default()
        };
        assert!(!nurse.kinds().contains(&"offer.made"));
        assert!(nurse.naming().expect("hers").1.contains(&"offer.made"));
        let staff = Reader {
            staff: true,
            ..Reader::default()
        };
        assert!(staff.kinds().contains(&"offer.made"));
        assert_eq!(Reader::default().kinds(), Vec::<&str>::new());
    }
}
