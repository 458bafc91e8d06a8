//! When a contact has all that it asks for.

use std::collections::BTreeSet;

use entity::enums::{FollowResolution, FollowResolve};

/// What a contact has so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Got {
    /// Somebody was reached.
    pub reached: bool,
    /// Answers are in.
    pub answered: bool,
    /// Somebody was met at home.
    pub visited: bool,
}

/// What resolves a contact that has so much; none: something is still to come. Its scales are asked for apart.
pub const fn resolved_by(resolve_if: FollowResolve, got: Got) -> Option<FollowResolution> {
    match resolve_if {
        FollowResolve::Visited | FollowResolve::Reached if got.visited => {
            Some(FollowResolution::Visit)
        }
        FollowResolve::Answered if got.answered => Some(FollowResolution::Answers),
        FollowResolve::Reached if got.reached => Some(FollowResolution::Contact),
        _ => None,
    }
}

/// Scales that were neither filled in nor left out with a reason, in the order in which they are asked for.
pub fn scales_missing(asked: &[String], settled: &BTreeSet<String>) -> Vec<String> {
    let missing = asked.iter().filter(|code| !settled.contains(*code));
    missing.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_resolved_by_what_it_asks_for_and_by_nothing_less() {
        use FollowResolution as By;
        let got = |reached, answered, visited| Got {
            reached,
            answered,
            visited,
        };
        let all = got(true, true, true);
        for (resolve_if, much, by) in [
            (FollowResolve::Reached, all, Some(By::Visit)),
            (
                FollowResolve::Reached,
                got(true, true, false),
                Some(By::Contact),
            ),
            (FollowResolve::Reached, got(false, true, false), None),
            (FollowResolve::Answered, all, Some(By::Answers)),
            (FollowResolve::Answered, got(true, false, true), None),
            (FollowResolve::Visited, all, Some(By::Visit)),
            (FollowResolve::Visited, got(true, true, false), None),
        ] {
            assert_eq!(resolved_by(resolve_if, much), by, "{resolve_if} {much:?}");
        }
    }

    #[test]
    fn scales_that_are_settled_are_not_missing() {
        let asked = ["mrs", "barthel", "morse"].map(str::to_owned);
        let settled = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        assert_eq!(scales_missing(&asked, &settled(&[])), asked);
        assert_eq!(
            scales_missing(&asked, &settled(&["barthel", "epds"])),
            ["mrs", "morse"]
        );
        assert_eq!(
            scales_missing(&asked, &settled(&["mrs", "barthel", "morse"])),
            Vec::<String>::new()
        );
    }
}
