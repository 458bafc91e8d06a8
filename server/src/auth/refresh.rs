//! The rule of refresh rotation. A refresh token works once; a lost answer is forgiven; a replay ends the session.
//!
//! A nurse on a weak link shows a token, the server rotates it, the answer is lost, and she shows the same token
//! again. While nobody has used the successor, it is withdrawn and a new one issued. Once it was used, or a withdrawn
//! one turns up, two parties hold the family, and none can be told from the thief.

use uuid::Uuid;

/// The token issued in place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Successor {
    /// Its row.
    pub id: Uuid,
    /// Whether it was rotated itself.
    pub used: bool,
}

/// What the database knows of the token a client shows, at the moment it is shown.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts of two rows; a test walks through all their combinations"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    /// It was rotated before.
    pub used: bool,
    /// The newest token issued in its place.
    pub successor: Option<Successor>,
    /// Its time is over.
    pub expired: bool,
    /// It was withdrawn, because its answer seemed lost or with its whole family.
    pub revoked: bool,
    /// Its session was ended.
    pub session_revoked: bool,
}

/// What to do. The caller does it in one transaction that expects the row still as presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Mark it used and issue its successor.
    Rotate,
    /// Revoke this unused successor and issue a new one, which becomes the successor.
    RotateAgain {
        /// The successor whose answer was lost.
        revoke: Uuid,
    },
    /// Revoke every token of the session, end the session and refuse: it was replayed.
    RevokeFamily,
    /// Refuse and change nothing.
    Refuse(Refusal),
}

/// Why a token is refused without further effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its session was ended before.
    SessionRevoked,
    /// Its time is over.
    Expired,
}

/// Decides on a token that is shown.
///
/// An expired token ends no session, even when it was used: its row may be gone at any time, and the answer must not
/// depend on that. A used token without a successor is no state the service writes, and counts as a replay.
pub fn decide(token: Presented) -> Decision {
    match token {
        Presented {
            session_revoked: true,
            ..
        } => Decision::Refuse(Refusal::SessionRevoked),
        Presented { expired: true, .. } => Decision::Refuse(Refusal::Expired),
        Presented { revoked: true, .. } => Decision::RevokeFamily,
        Presented {
            used: false,
            successor: None,
            ..
        } => Decision::Rotate,
        Presented {
            used: true,
            successor: Some(Successor { id, used: false }),
            ..
        } => Decision::RotateAgain { revoke: id },
        Presented { .. } => Decision::RevokeFamily,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: Uuid = Uuid::from_u128(2);
    const GONE: Decision = Decision::Refuse(Refusal::SessionRevoked);
    const LATE: Decision = Decision::Refuse(Refusal::Expired);
    const AGAIN: Decision = Decision::RotateAgain { revoke: NEXT };

    /// Every state there is. Columns: no successor, an unused one, a used one.
    #[test]
    fn the_whole_table() {
        use Decision::{RevokeFamily as END, Rotate as GO};
        #[rustfmt::skip]
        let table = [
            // session revoked, expired, revoked, used
            ([false, false, false, false], [GO,   END,   END]),
            ([false, false, false, true],  [END,  AGAIN, END]),
            ([false, false, true,  false], [END,  END,   END]),
            ([false, false, true,  true],  [END,  END,   END]),
            ([false, true,  false, false], [LATE, LATE,  LATE]),
            ([false, true,  false, true],  [LATE, LATE,  LATE]),
            ([false, true,  true,  false], [LATE, LATE,  LATE]),
            ([false, true,  true,  true],  [LATE, LATE,  LATE]),
            ([true,  false, false, false], [GONE, GONE,  GONE]),
            ([true,  false, false, true],  [GONE, GONE,  GONE]),
            ([true,  false, true,  false], [GONE, GONE,  GONE]),
            ([true,  false, true,  true],  [GONE, GONE,  GONE]),
            ([true,  true,  false, false], [GONE, GONE,  GONE]),
            ([true,  true,  false, true],  [GONE, GONE,  GONE]),
            ([true,  true,  true,  false], [GONE, GONE,  GONE]),
            ([true,  true,  true,  true],  [GONE, GONE,  GONE]),
        ];
        let successors = [None, Some(false), Some(true)];
        for ([session_revoked, expired, revoked, used], expected) in table {
            for (successor, expected) in successors.into_iter().zip(expected) {
                let successor = successor.map(|used| Successor { id: NEXT, used });
                let token = Presented {
                    used,
                    successor,
                    expired,
                    revoked,
                    session_revoked,
                };
                assert_eq!(decide(token), expected, "{token:?}");
            }
        }
    }

    /// Tokens of one session, as the database would keep them; the index is the id.
    struct Family {
        tokens: Vec<Presented>,
    }

    impl Family {
        fn new() -> Self {
            Self {
                tokens: vec![FRESH],
            }
        }

        fn show(&mut self, id: usize) -> Result<usize, Decision> {
            let next = self.tokens.len();
            let decision = decide(self.seen(id));
            match decision {
                Decision::Rotate => {}
                Decision::RotateAgain { revoke } => self.tokens[index(revoke)].revoked = true,
                Decision::RevokeFamily => {
                    self.tokens
                        .iter_mut()
                        .for_each(|token| token.session_revoked = true);
                    return Err(decision);
                }
                Decision::Refuse(_) => return Err(decision),
            }
            self.tokens[id].used = true;
            self.tokens[id].successor = Some(Successor {
                id: Uuid::from_u128(next as u128),
                used: false,
            });
            self.tokens.push(FRESH);
            Ok(next)
        }

        fn seen(&self, id: usize) -> Presented {
            let mut token = self.tokens[id];
            if let Some(successor) = &mut token.successor {
                successor.used = self.tokens[index(successor.id)].used;
            }
            token
        }
    }

    const FRESH: Presented = Presented {
        used: false,
        successor: None,
        expired: false,
        revoked: false,
        session_revoked: false,
    };

    fn index(id: Uuid) -> usize {
        usize::try_from(id.as_u128()).expect("small")
    }

    #[test]
    fn answers_may_be_lost_again_and_again() {
        let mut family = Family::new();
        assert_eq!(family.show(0), Ok(1));
        assert_eq!(family.show(0), Ok(2));
        assert_eq!(family.show(0), Ok(3));
        assert_eq!(family.show(3), Ok(4));
        assert_eq!(family.show(3), Ok(5));
        assert_eq!(family.show(5), Ok(6));
    }

    #[test]
    fn a_thief_with_an_old_token_ends_the_session() {
        let mut family = Family::new();
        assert_eq!(family.show(0), Ok(1));
        assert_eq!(family.show(1), Ok(2));
        assert_eq!(family.show(0), Err(Decision::RevokeFamily));
        assert_eq!(family.show(2), Err(GONE));
    }

    #[test]
    fn a_thief_who_uses_the_grace_is_found_when_the_owner_returns() {
        let mut family = Family::new();
        let owner = family.show(0).expect("rotated");
        let thief = family.show(0).expect("forgiven");
        assert_eq!(family.show(owner), Err(Decision::RevokeFamily));
        assert_eq!(family.show(thief), Err(GONE));
    }
}
