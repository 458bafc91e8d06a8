//! Who looks after an alert.

use entity::enums::AlertKind;

/// How somebody who sees an alert stands to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// It belongs to an institution that the caller looks after.
    pub of_institution: bool,
    /// It names the caller as its nurse.
    pub names_caller: bool,
}

/// Whether somebody who sees an alert may take it, act upon it and close it. A nurse may with a red flag that is hers. Of what
/// else names her she is told, and it is others who look after it: what she owes is closed by doing it, and that she is missed
/// by nobody who has her phone.
pub const fn may_handle(kind: AlertKind, sight: Sight) -> bool {
    match kind {
        AlertKind::RedFlag => sight.of_institution || sight.names_caller,
        AlertKind::NurseMissed => sight.of_institution && !sight.names_caller,
        _ => sight.of_institution,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nurse_handles_her_red_flags_and_the_desk_the_rest() {
        for kind in AlertKind::ALL {
            let may = |of_institution, names_caller| {
                let sight = Sight {
                    of_institution,
                    names_caller,
                };
                may_handle(*kind, sight)
            };
            assert!(may(true, false), "{kind}");
            assert_eq!(may(false, true), *kind == AlertKind::RedFlag, "{kind}");
            assert_eq!(may(true, true), *kind != AlertKind::NurseMissed, "{kind}");
            assert!(!may(false, false), "{kind}");
        }
    }
}
