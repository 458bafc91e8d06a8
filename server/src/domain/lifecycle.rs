//! Life of an order: one table says every step there is (field guide §7.1, docs/RULES.md).
//!
//! A command also has its gates (certificates, overlap, the six facts …): those are asked beside
//! this table, never instead of it.

use std::fmt;

use entity::enums::OrderState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What can be done to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// A first assessment covers what was ordered, and nothing else is to be looked at.
    Assess,
    /// A first assessment covers what was ordered; a soft screening answer is still to be looked at.
    AskReview,
    /// No first assessment covers it any more.
    Hold,
    /// Review found it fit for a visit.
    Approve,
    /// Review refused it, with a reason.
    Refuse,
    /// A nurse accepts it, or a coordinator assigns it.
    Accept,
    /// A nurse who has not set out is taken off it, or gives it back.
    Release,
    /// The window is moved. The nurse who had it must be asked again.
    Reschedule,
    /// The family or the desk calls it off. After arrival it is an abort.
    Cancel,
    /// Nobody took it in time.
    Expire,
    /// The nurse sets out.
    Depart,
    /// The nurse is at the door.
    Arrive,
    /// The procedure begins.
    Start,
    /// The procedure is over and the nurse leaves.
    Finish,
    /// The proof is complete.
    Close,
    /// The visit is broken off.
    Abort,
}

impl Command {
    /// Every command, in the order of a good day.
    pub const ALL: &'static [Self] = &[
        Self::Assess,
        Self::AskReview,
        Self::Hold,
        Self::Approve,
        Self::Refuse,
        Self::Accept,
        Self::Release,
        Self::Reschedule,
        Self::Cancel,
        Self::Expire,
        Self::Depart,
        Self::Arrive,
        Self::Start,
        Self::Finish,
        Self::Close,
        Self::Abort,
    ];

    /// The word used in documents and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assess => "assess",
            Self::AskReview => "ask_review",
            Self::Hold => "hold",
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Accept => "accept",
            Self::Release => "release",
            Self::Reschedule => "reschedule",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Depart => "depart",
            Self::Arrive => "arrive",
            Self::Start => "start",
            Self::Finish => "finish",
            Self::Close => "close",
            Self::Abort => "abort",
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Every step there is: from, command, to. What is not here is refused.
pub const STEPS: &[(OrderState, Command, OrderState)] = {
    use Command as C;
    use OrderState as S;
    &[
        (S::Assessing, C::Assess, S::Open),
        (S::Assessing, C::AskReview, S::InReview),
        (S::Assessing, C::Refuse, S::Refused),
        (S::Assessing, C::Reschedule, S::Assessing),
        (S::Assessing, C::Cancel, S::Cancelled),
        (S::Assessing, C::Expire, S::Expired),
        (S::InReview, C::Approve, S::Open),
        (S::InReview, C::Refuse, S::Refused),
        (S::InReview, C::Reschedule, S::InReview),
        (S::InReview, C::Cancel, S::Cancelled),
        (S::InReview, C::Expire, S::Expired),
        (S::Open, C::Accept, S::Accepted),
        (S::Open, C::Hold, S::Assessing),
        (S::Open, C::Reschedule, S::Open),
        (S::Open, C::Cancel, S::Cancelled),
        (S::Open, C::Expire, S::Expired),
        (S::Accepted, C::Depart, S::Departed),
        (S::Accepted, C::Release, S::Open),
        (S::Accepted, C::Reschedule, S::Open),
        (S::Accepted, C::Cancel, S::Cancelled),
        (S::Departed, C::Arrive, S::Arrived),
        (S::Departed, C::Cancel, S::Cancelled),
        (S::Departed, C::Abort, S::Aborted),
        (S::Arrived, C::Start, S::InProcedure),
        (S::Arrived, C::Abort, S::Aborted),
        (S::InProcedure, C::Finish, S::Finished),
        (S::InProcedure, C::Abort, S::Aborted),
        (S::Finished, C::Close, S::Closed),
    ]
};

/// A command the order's state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an order in state {state} cannot {command}")]
pub struct WrongState {
    /// Where the order stands.
    pub state: OrderState,
    /// What was wanted.
    pub command: Command,
}

impl WrongState {
    /// Stable problem code.
    pub const fn code(self) -> &'static str {
        "order_wrong_state"
    }
}

/// Where an order begins: without the first assessment it needs it waits for that; a soft screening answer sends
/// it to review.
pub const fn initial(lacks_assessment: bool, screening_needs_review: bool) -> OrderState {
    if lacks_assessment {
        OrderState::Assessing
    } else if screening_needs_review {
        OrderState::InReview
    } else {
        OrderState::Open
    }
}

/// The state after `command`.
pub fn next(state: OrderState, command: Command) -> Result<OrderState, WrongState> {
    STEPS
        .iter()
        .find(|(from, by, _)| (*from, *by) == (state, command))
        .map(|(_, _, to)| *to)
        .ok_or(WrongState { state, command })
}

/// How an order leaves `assessing` once it is covered. Whoever was open before passed the review then.
pub const fn assessed(screening_needs_review: bool, was_open: bool) -> Command {
    if screening_needs_review && !was_open {
        Command::AskReview
    } else {
        Command::Assess
    }
}

/// Whether nothing can happen to the order any more.
pub const fn is_final(state: OrderState) -> bool {
    use OrderState::{Aborted, Cancelled, Closed, Expired, Refused};
    matches!(state, Closed | Refused | Cancelled | Expired | Aborted)
}

/// Whether a nurse's time is taken: from accept until she leaves.
pub const fn is_live_visit(state: OrderState) -> bool {
    use OrderState::{Accepted, Arrived, Departed, InProcedure};
    matches!(state, Accepted | Departed | Arrived | InProcedure)
}

/// Whether the family sees the nurse's position: only between depart and leave (field guide §1.3).
pub const fn position_visible(state: OrderState) -> bool {
    use OrderState::{Arrived, Departed, InProcedure};
    matches!(state, Departed | Arrived | InProcedure)
}

/// How far an order had come when it was called off; the fee hangs on it (field guide §1.4).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CancelStage {
    /// No nurse had it.
    BeforeAccept,
    /// A nurse had it and was still at her place.
    Accepted,
    /// The nurse was on her way.
    Departed,
    /// The nurse was there.
    Aborted,
}

impl CancelStage {
    /// Every stage, in the order of a visit.
    pub const ALL: &'static [Self] = &[
        Self::BeforeAccept,
        Self::Accepted,
        Self::Departed,
        Self::Aborted,
    ];

    /// The word used in price rules and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeAccept => "before_accept",
            Self::Accepted => "accepted",
            Self::Departed => "departed",
            Self::Aborted => "aborted",
        }
    }
}

/// The stage at which calling off `state` is charged; `None` when there is nothing left to call off.
/// Cancel and abort are charged alike: what counts is how far the nurse had come. `set_out`: some nurse of the order is
/// out; the second one may be before the order says so.
pub const fn cancel_stage(state: OrderState, set_out: bool) -> Option<CancelStage> {
    use OrderState::{Accepted, Assessing, InReview, Open};
    match state {
        Assessing | InReview | Open | Accepted if set_out => Some(CancelStage::Departed),
        Assessing | InReview | Open => Some(CancelStage::BeforeAccept),
        Accepted => Some(CancelStage::Accepted),
        OrderState::Departed => Some(CancelStage::Departed),
        OrderState::Arrived | OrderState::InProcedure => Some(CancelStage::Aborted),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
