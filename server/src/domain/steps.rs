//! What has to be so before each step of a visit. Each step asks one function, with everything it hangs on, so that
//! no gate is gone around by coming another way (docs/RULES.md).
//!
//! A step asks where the order stands and then its gates, one by one; the first that is shut is told. Closing is
//! [`super::visit::close_gate`].

use chrono::{DateTime, Utc};
use entity::enums::OrderState;

use super::assessment::MissingAssessment;
use super::consent;
use super::eligibility::Reason;
use super::lifecycle::{Command, WrongState, next};
use super::prescription::MissingPrescription;
use super::screening::Finding;
use super::seats::{SecondSeat, second_may};
use super::visit::may_depart;
use super::visit_rules::{Present, family_is_there};

#[cfg(test)]
mod tests;

/// Where things stand for the nurse who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Of the order.
    pub state: OrderState,
    /// How far she has come, when she sits on the second seat; none for the one who leads.
    pub second: Option<SecondSeat>,
}

impl Stand {
    /// The state of the order after a step: that of the one who leads moves it, that of the second one does not.
    pub fn step(self, command: Command) -> Result<OrderState, WrongState> {
        match self.second {
            None => next(self.state, command),
            Some(second) => second_may(command, self.state, second).map(|()| self.state),
        }
    }
}

/// What setting out hangs on.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// When she sets out.
    pub at: DateTime<Utc>,
    /// Begin of the window.
    pub window_start: DateTime<Utc>,
    /// Every seat has its nurse (R10).
    pub seats_filled: bool,
    /// What of the patient may not be used: health data, location (R24).
    pub unallowed: &'a [consent::Missing],
    /// What her papers lack on the day (R1, R2, R21).
    pub unfit: &'a [Reason],
    /// Items that no first assessment covers (R5).
    pub unassessed: &'a [MissingAssessment],
    /// What of the patient's record stands hard against it (R6).
    pub contraindicated: &'a [Finding],
    /// By the table of visit rules more nurses go at that time than the order has (R10).
    pub too_few: bool,
    /// Items without a prescription that holds on the day (R7).
    pub unprescribed: &'a [MissingPrescription],
}

/// Why she cannot set out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DepartRefused {
    /// Long before the window.
    #[error("too early")]
    TooEarly,
    /// Another nurse has not accepted yet.
    #[error("the second nurse is missing")]
    SecondNurseMissing,
    /// The order does not stand where one sets out.
    #[error(transparent)]
    WrongState(#[from] WrongState),
    /// Consent to health data or to location was taken back.
    #[error("the patient's data may not be used")]
    Unallowed,
    /// Her papers lapsed since she accepted.
    #[error("her papers do not hold")]
    Unfit,
    /// An assessment lapsed since, or was voided.
    #[error("a first assessment is missing")]
    Unassessed,
    /// Something came onto the record since that forbids it at home.
    #[error("the record stands against it")]
    Contraindicated,
    /// The hour, the record or the table asks for more nurses than when it was booked.
    #[error("more nurses have to go")]
    TooFew,
    /// A prescription ran out since, or was withdrawn.
    #[error("a prescription is missing")]
    Unprescribed,
}

/// The state after setting out, if she may.
pub fn depart(stand: Stand, facts: &Departure<'_>) -> Result<OrderState, DepartRefused> {
    if !may_depart(facts.at, facts.window_start) {
        return Err(DepartRefused::TooEarly);
    }
    if !facts.seats_filled {
        return Err(DepartRefused::SecondNurseMissing);
    }
    let departed = stand.step(Command::Depart)?;
    if !facts.unallowed.is_empty() {
        Err(DepartRefused::Unallowed)
    } else if !facts.unfit.is_empty() {
        Err(DepartRefused::Unfit)
    } else if !facts.unassessed.is_empty() {
        Err(DepartRefused::Unassessed)
    } else if !facts.contraindicated.is_empty() {
        Err(DepartRefused::Contraindicated)
    } else if facts.too_few {
        Err(DepartRefused::TooFew)
    } else if !facts.unprescribed.is_empty() {
        Err(DepartRefused::Unprescribed)
    } else {
        Ok(departed)
    }
}

/// What the begin of a procedure hangs on.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, not a state"
)]
pub struct Beginning<'a> {
    /// What of the patient may not be used: health data, location (R24).
    pub unallowed: &'a [consent::Missing],
    /// Items that no first assessment covers (R5).
    pub unassessed: &'a [MissingAssessment],
    /// The second nurse is there, or the visit takes one (R10).
    pub complete: bool,
    /// The patient is recognised by two identifiers (R12).
    pub recognised: bool,
    /// Texts that nobody has signed for this visit (R9).
    pub unsigned: &'a [consent::Missing],
    /// An adult of the family has to be there (R11).
    pub family_needed: bool,
    /// Who is there.
    pub present: &'a [Present],
    /// The screening was asked again at the door (R6). After a hard answer the state refuses already.
    pub screened: bool,
    /// Items without a prescription that holds now (R7).
    pub unprescribed: &'a [MissingPrescription],
}

/// Why a procedure cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartRefused {
    /// Nobody is at the door, or it has begun, or is over.
    #[error(transparent)]
    WrongState(#[from] WrongState),
    /// Consent to health data or to location was taken back.
    #[error("the patient's data may not be used")]
    Unallowed,
    /// Found unfit since she set out, or in hospital since.
    #[error("a first assessment is missing")]
    Unassessed,
    /// The second nurse is not there.
    #[error("the second nurse is not there")]
    SecondAbsent,
    /// Nobody knows who the patient is.
    #[error("the patient is not recognised")]
    Unrecognised,
    /// A consent is missing.
    #[error("a consent is missing")]
    Unsigned,
    /// Nobody of the family is there.
    #[error("no adult of the family is there")]
    FamilyAbsent,
    /// Nobody asked again.
    #[error("the screening was not asked at the door")]
    Unscreened,
    /// A prescription is missing.
    #[error("a prescription is missing")]
    Unprescribed,
}

/// The state after the begin of the procedure, if it may begin.
pub fn start(state: OrderState, facts: &Beginning<'_>) -> Result<OrderState, StartRefused> {
    let begun = next(state, Command::Start)?;
    if !facts.unallowed.is_empty() {
        Err(StartRefused::Unallowed)
    } else if !facts.unassessed.is_empty() {
        Err(StartRefused::Unassessed)
    } else if !facts.complete {
        Err(StartRefused::SecondAbsent)
    } else if !facts.recognised {
        Err(StartRefused::Unrecognised)
    } else if !facts.unsigned.is_empty() {
        Err(StartRefused::Unsigned)
    } else if facts.family_needed && !family_is_there(facts.present) {
        Err(StartRefused::FamilyAbsent)
    } else if !facts.screened {
        Err(StartRefused::Unscreened)
    } else if !facts.unprescribed.is_empty() {
        Err(StartRefused::Unprescribed)
    } else {
        Ok(begun)
    }
}

/// Whether the patient is recognised, asked and signed for now: between arrival and the begin of the procedure.
pub fn at_the_door(state: OrderState) -> bool {
    state == OrderState::Arrived
}

/// Whether a first assessment may be recorded on its visit now: from arrival until it is closed.
pub fn may_assess(state: OrderState) -> bool {
    use OrderState::{Arrived, Finished, InProcedure};
    matches!(state, Arrived | InProcedure | Finished)
}

/// Why the record is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordRefused {
    /// Nothing was done yet, or the visit is over.
    #[error("there is nothing to record in this state")]
    NotNow,
    /// It is signed: it does not change any more.
    #[error("the record is signed")]
    Signed,
    /// It is not written.
    #[error("the record is not written")]
    Missing,
    /// Another record was read than the one that is kept.
    #[error("that is not the record")]
    Mismatch,
}

/// Whether what was done may be told, to the record and to the register of devices: from the begin of the procedure, also
/// when it was broken off, until the order is closed.
fn has_done_something(state: OrderState, begun: bool) -> bool {
    use OrderState::{Aborted, Finished, InProcedure};
    matches!(state, InProcedure | Finished) || (state == Aborted && begun)
}

/// Whether the nurse may change the register of devices on her visit: she sees them from arrival on.
pub fn may_tell_devices(state: OrderState, begun: bool) -> bool {
    state == OrderState::Arrived || has_done_something(state, begun)
}

/// Whether the record may be written, or written anew: from the begin of the procedure, also when it was broken off, until
/// it is signed.
pub fn record(state: OrderState, begun: bool, signed: bool) -> Result<(), RecordRefused> {
    if !has_done_something(state, begun) {
        Err(RecordRefused::NotNow)
    } else if signed {
        Err(RecordRefused::Signed)
    } else {
        Ok(())
    }
}

/// Whether the visit is done with, as far as the patient is concerned: its record is signed then, its waste returned.
pub fn is_left(state: OrderState) -> bool {
    matches!(state, OrderState::Finished | OrderState::Aborted)
}

/// Whether waste is still owed: of a procedure that had begun, with an item that makes some. Broken off, the order has no
/// close that would ask for it (R17).
pub fn owes_waste(state: OrderState, begun: bool, makes_waste: bool, returned: bool) -> bool {
    is_left(state) && begun && makes_waste && !returned
}

/// Whether the signed record is still owed: of a procedure that had begun. Broken off, the order has no close that would ask
/// for it.
pub fn owes_record(state: OrderState, begun: bool, signed: bool) -> bool {
    is_left(state) && begun && !signed
}

/// The hash that is signed. `kept` is that of the record, when it is written; `read` that of what she read, when told.
pub fn sign<'a>(
    state: OrderState,
    kept: Option<&'a str>,
    read: Option<&str>,
) -> Result<&'a str, RecordRefused> {
    if !is_left(state) {
        return Err(RecordRefused::NotNow);
    }
    let kept = kept.ok_or(RecordRefused::Missing)?;
    if read.is_some_and(|read| read != kept) {
        Err(RecordRefused::Mismatch)
    } else {
        Ok(kept)
    }
}
