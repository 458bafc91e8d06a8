//! Which messages wait for no other, and what a receipt of the gateway does to the state of one.

use entity::enums::MessageState;

/// Templates of messages that somebody in danger, at a door or at a login waits for.
pub const URGENT: [&str; 5] = [
    "sos",
    "still_fine",
    "nurse_missed",
    "login_code",
    "arrival_code",
];

/// What the gateway says of a message that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It reached the phone.
    Delivered,
    /// It did not.
    Undelivered,
}

/// The state after a receipt; none when nothing changes. A receipt may come before the answer to the request it is about,
/// and a network may deliver what it gave up before; what reached the phone stays so.
pub const fn after(state: MessageState, told: Receipt) -> Option<MessageState> {
    use MessageState::{Delivered, Dropped, Failed, Sent, Undelivered, Waiting};
    match (state, told) {
        (Delivered, _) | (Undelivered | Failed | Dropped, Receipt::Undelivered) => None,
        (_, Receipt::Delivered) => Some(Delivered),
        (Waiting | Sent, Receipt::Undelivered) => Some(Undelivered),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_the_urgent_ones() {
        let named = crate::domain::rules_page::first_cells("urgent messages");
        assert_eq!(named, URGENT);
    }

    #[test]
    fn a_receipt_counts_once_and_what_reached_the_phone_stays_so() {
        for state in MessageState::ALL.iter().copied() {
            for told in [Receipt::Delivered, Receipt::Undelivered] {
                let first = after(state, told);
                let then = first.unwrap_or(state);
                assert_eq!(after(then, told), None, "{state} {told:?} twice");
                let is_reached = then == MessageState::Delivered;
                let was_reached = state == MessageState::Delivered;
                assert_eq!(is_reached, was_reached || told == Receipt::Delivered);
            }
        }
        let lost = after(MessageState::Sent, Receipt::Undelivered);
        assert_eq!(lost, Some(MessageState::Undelivered));
        assert_eq!(after(MessageState::Failed, Receipt::Undelivered), None);
    }
}
