//! Visits by two nurses (R10): who sits where, who leads, what the second one may report, and who may be taken off.
//!
//! Each accept takes the first free seat. Seat 1 leads: her steps move the order. Seat 2 comes and goes by herself; her
//! steps are kept on her own visit.

use entity::enums::OrderState;

use super::lifecycle::{Command, WrongState, is_final, next};

/// The seat that leads.
pub const LEAD: i32 = 1;

/// The first free seat of an order, and whether another stays free after it; none when all are taken.
pub fn free_seat(persons: i32, taken: &[i32]) -> Option<(i32, bool)> {
    let mut free = (LEAD..=persons).filter(|seat| !taken.contains(seat));
    let seat = free.next()?;
    Some((seat, free.next().is_some()))
}

/// How far the nurse of the second seat has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondSeat {
    /// Has set out.
    pub departed: bool,
    /// Is at the door.
    pub arrived: bool,
    /// Has left.
    pub left: bool,
}

/// Whether the nurse of the second seat may report a step, by where the order stands and how far she has come.
/// She may set out and arrive before the first one or after her, and leave once the procedure has begun. On her way she
/// may arrive though the first one was taken off meanwhile and the order looks for another.
pub fn second_may(step: Command, state: OrderState, second: SecondSeat) -> Result<(), WrongState> {
    use OrderState::{Accepted, Arrived, Departed, Finished, InProcedure};
    let under_way = matches!(
        state,
        Accepted | Departed | Arrived | InProcedure | Finished
    );
    let may = match step {
        Command::Depart => under_way && !second.departed,
        Command::Arrive => !is_final(state) && second.departed && !second.arrived && !second.left,
        Command::Finish => {
            matches!(state, InProcedure | Finished) && second.arrived && !second.left
        }
        _ => false,
    };
    if may {
        Ok(())
    } else {
        Err(WrongState {
            state,
            command: step,
        })
    }
}

/// Whether nobody begins alone what takes two: the arrival of the nurse who has the second seat is known, or the one who
/// leads says that she is there, for she may have no signal. `second`: whether she arrived, if anybody has the seat.
pub const fn second_there(persons: i32, second: Option<bool>, told: bool) -> bool {
    match second {
        _ if persons == LEAD => true,
        Some(arrived) => arrived || told,
        None => false,
    }
}

/// What becomes of an order that a nurse is taken off, or gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freed {
    /// Somebody else is looked for.
    LooksAgain,
    /// The visit goes on without her.
    GoesOn,
}

/// Why she stays on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseRefused {
    /// The order does not stand where one is taken off.
    #[error(transparent)]
    WrongState(#[from] WrongState),
    /// She is on her way, or there already.
    #[error("the nurse has set out")]
    SetOut,
}

/// Whether an order that somebody may sit on has a free seat already, so that taking her off is no step of it: open, or
/// taken back until it is assessed again.
pub const fn has_free_seat(state: OrderState) -> bool {
    matches!(state, OrderState::Open | OrderState::Assessing)
}

/// Whether a nurse may be taken off, and what that does to the order. Before the visit is under way: whoever has not set
/// out. Then the one who leads cannot, for her steps are the order's, but a second one who has not arrived can, so that
/// one who cannot come does not hold up the visit.
pub fn release(
    state: OrderState,
    seat: i32,
    (departed, arrived): (bool, bool),
) -> Result<Freed, ReleaseRefused> {
    use OrderState::{Arrived, Departed, Finished, InProcedure};
    let under_way = matches!(state, Departed | Arrived | InProcedure | Finished);
    if under_way && seat != LEAD {
        return if arrived {
            Err(ReleaseRefused::SetOut)
        } else {
            Ok(Freed::GoesOn)
        };
    }
    if !has_free_seat(state) {
        next(state, Command::Release)?;
    }
    if departed {
        Err(ReleaseRefused::SetOut)
    } else {
        Ok(Freed::LooksAgain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_HOME: SecondSeat = SecondSeat {
        departed: false,
        arrived: false,
        left: false,
    };
    const ON_THE_WAY: SecondSeat = SecondSeat {
        departed: true,
        ..AT_HOME
    };
    const THERE: SecondSeat = SecondSeat {
        arrived: true,
        ..ON_THE_WAY
    };
    const GONE: SecondSeat = SecondSeat {
        left: true,
        ..THERE
    };

    #[test]
    fn the_first_free_seat_is_taken() {
        assert_eq!(free_seat(1, &[]), Some((1, false)));
        assert_eq!(free_seat(2, &[]), Some((1, true)));
        assert_eq!(free_seat(2, &[1]), Some((2, false)));
        assert_eq!(free_seat(2, &[2]), Some((1, false)));
        assert_eq!(free_seat(1, &[1]), None);
        assert_eq!(free_seat(2, &[2, 1]), None);
    }

    #[test]
    fn nobody_begins_alone_what_takes_two() {
        let there = |persons| {
            [(false, false), (true, false), (false, true)]
                .map(|(arrived, told)| second_there(persons, Some(arrived), told))
        };
        assert_eq!(there(1), [true; 3]);
        assert_eq!(there(2), [false, true, true]);
        assert!(second_there(1, None, false));
        // Taken off meanwhile: nobody is there, whatever is told.
        assert!(!second_there(2, None, true));
    }

    #[test]
    fn the_second_seat_keeps_her_own_order_of_steps() {
        use OrderState::{Accepted, Arrived, Departed, Finished, InProcedure};
        let steps = [Command::Depart, Command::Arrive, Command::Finish];
        let may = |state, second| steps.map(|step| second_may(step, state, second).is_ok());
        for state in [Accepted, Departed, Arrived, InProcedure, Finished] {
            let leaves = matches!(state, InProcedure | Finished);
            assert_eq!(may(state, AT_HOME), [true, false, false], "{state}");
            assert_eq!(may(state, ON_THE_WAY), [false, true, false], "{state}");
            assert_eq!(may(state, THERE), [false, false, leaves], "{state}");
            assert_eq!(may(state, GONE), [false; 3], "{state}");
        }
        for state in OrderState::ALL.iter().filter(|state| {
            !matches!(
                state,
                Accepted | Departed | Arrived | InProcedure | Finished
            )
        }) {
            let arrives = !is_final(*state);
            assert_eq!(may(*state, ON_THE_WAY), [false, arrives, false], "{state}");
            for second in [AT_HOME, THERE, GONE] {
                assert_eq!(may(*state, second), [false; 3], "{state}");
            }
        }
    }

    #[test]
    fn the_second_seat_does_not_lead() {
        for command in Command::ALL {
            let own = matches!(command, Command::Depart | Command::Arrive | Command::Finish);
            let may = OrderState::ALL.iter().any(|state| {
                [AT_HOME, ON_THE_WAY, THERE, GONE]
                    .iter()
                    .any(|second| second_may(*command, *state, *second).is_ok())
            });
            assert_eq!(may, own, "{command}");
        }
    }
    #[test]
    fn who_has_not_set_out_is_taken_off_and_later_only_a_second_one_who_is_not_there() {
        use OrderState::{Accepted, Arrived, Assessing, Departed, Finished, InProcedure, Open};
        const HOME: (bool, bool) = (false, false);
        const WAY: (bool, bool) = (true, false);
        const DOOR: (bool, bool) = (true, true);
        for state in OrderState::ALL.iter().copied() {
            let before = matches!(state, Assessing | Open | Accepted);
            let under_way = matches!(state, Departed | Arrived | InProcedure | Finished);
            for (seat, how_far) in [LEAD, 2]
                .into_iter()
                .flat_map(|seat| [HOME, WAY, DOOR].map(|how_far| (seat, how_far)))
            {
                let expected = match (seat, how_far) {
                    (_, HOME) if before => Ok(Freed::LooksAgain),
                    (2, HOME | WAY) if under_way => Ok(Freed::GoesOn),
                    (2, DOOR) if under_way => Err(ReleaseRefused::SetOut),
                    _ if before => Err(ReleaseRefused::SetOut),
                    _ => Err(ReleaseRefused::WrongState(WrongState {
                        state,
                        command: Command::Release,
                    })),
                };
                assert_eq!(release(state, seat, how_far), expected, "{state} {seat}");
            }
        }
    }
}
