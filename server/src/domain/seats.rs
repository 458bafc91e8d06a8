//! Visits by two nurses (R10): who sits where, who leads, and what the second one may report.
//!
//! Each accept takes the first free seat. Seat 1 leads: her steps move the order. Seat 2 comes and goes by herself; her
//! steps are kept on her own visit.

use entity::enums::OrderState;

use super::lifecycle::{Command, WrongState};

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
/// She may set out and arrive before the first one or after her, and leave once the procedure has begun.
pub fn second_may(step: Command, state: OrderState, second: SecondSeat) -> Result<(), WrongState> {
    use OrderState::{Accepted, Arrived, Departed, Finished, InProcedure};
    let under_way = matches!(
        state,
        Accepted | Departed | Arrived | InProcedure | Finished
    );
    let may = match step {
        Command::Depart => under_way && !second.departed,
        Command::Arrive => under_way && second.departed && !second.arrived,
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

/// Whether nobody begins alone what takes two: the second nurse's arrival is known, or the one who leads says that she is
/// there, for she may have no signal.
pub const fn second_there(persons: i32, arrived: bool, told: bool) -> bool {
    persons == LEAD || arrived || told
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
                .map(|(arrived, told)| second_there(persons, arrived, told))
        };
        assert_eq!(there(1), [true; 3]);
        assert_eq!(there(2), [false, true, true]);
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
            for second in [AT_HOME, ON_THE_WAY, THERE, GONE] {
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
}
