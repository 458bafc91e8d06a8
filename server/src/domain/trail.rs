//! Who reads which events of an order's trail. It is as in the live stream, so that nobody learns later what was
//! kept from them at the time.

use entity::ids::NurseId;

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
