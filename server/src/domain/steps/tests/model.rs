//! What docs/RULES.md says of an order and its visit, in words of its own: booleans, days and minutes, and nothing of
//! the rules' code.

use std::collections::BTreeSet;

use entity::enums::OrderState;

use super::{Act, Door, Setup, There};

const DAY: i64 = 24 * 60;

/// Whether a visit of 40 minutes that begins then touches the hours from 20:00 to 6:00.
fn at_night(begins: i64) -> bool {
    let minute = begins % DAY;
    minute < 6 * 60 || minute + 40 > 20 * 60
}

/// How far a nurse has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    AtHome,
    Out,
    There,
    Gone,
}

#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, not a state"
)]
pub(super) struct Model {
    setup: Setup,
    /// Minutes since a midnight.
    now: i64,
    window: i64,
    /// Waits for a first assessment.
    held: bool,
    /// Passed the review, or needed none.
    reviewed: bool,
    ever_open: bool,
    /// The nurse of each seat, while the visit is hers.
    seats: [Option<Way>; 2],
    /// Her time is taken.
    busy: [bool; 2],
    begun: Option<i64>,
    left: Option<i64>,
    end: Option<OrderState>,
    papers: bool,
    /// The record forbids it at home.
    forbidden: bool,
    /// Minute and result of the newest assessment, and the day of the first admission since.
    assessment: Option<(i64, bool)>,
    admitted: Option<i64>,
    prescribed_until_day: Vec<i64>,
    known: bool,
    /// Health data, location.
    may_use: [bool; 2],
    consents: BTreeSet<u8>,
    asked: bool,
    record: Option<usize>,
    signed: bool,
    waste: bool,
}

impl Model {
    pub(super) fn new(setup: Setup) -> Self {
        let held = setup.items != ["EDU"];
        let reviewed = !setup.needs_review;
        Self {
            setup,
            now: 9 * 60,
            window: 12 * 60,
            held,
            reviewed,
            ever_open: !held && reviewed,
            seats: [None; 2],
            busy: [false; 2],
            begun: None,
            left: None,
            end: None,
            papers: true,
            forbidden: false,
            assessment: None,
            admitted: None,
            prescribed_until_day: Vec::new(),
            known: false,
            may_use: [true; 2],
            consents: BTreeSet::new(),
            asked: false,
            record: None,
            signed: false,
            waste: false,
        }
    }

    fn full(&self) -> bool {
        let needed = if self.setup.two_persons { 2 } else { 1 };
        self.busy.iter().filter(|busy| **busy).count() == needed || self.lead() > Some(Way::AtHome)
    }

    fn lead(&self) -> Option<Way> {
        self.seats[0]
    }

    pub(super) fn state(&self) -> OrderState {
        if let Some(end) = self.end {
            return end;
        }
        if self.full() {
            return match (self.lead(), self.begun) {
                (Some(Way::Gone), _) => OrderState::Finished,
                (Some(Way::There), Some(_)) => OrderState::InProcedure,
                (Some(Way::There), None) => OrderState::Arrived,
                (Some(Way::Out), _) => OrderState::Departed,
                _ => OrderState::Accepted,
            };
        }
        match (self.held, self.reviewed) {
            (true, _) => OrderState::Assessing,
            (false, false) => OrderState::InReview,
            (false, true) => OrderState::Open,
        }
    }

    pub(super) fn live(&self) -> [bool; 2] {
        self.busy
    }

    pub(super) fn out(&self) -> [bool; 2] {
        self.seats
            .map(|seat| matches!(seat, Some(Way::Out | Way::There)))
    }

    fn at_the_door(&self) -> bool {
        self.state() == OrderState::Arrived
    }

    /// An assessment holds for 7 days for the injection, 30 for the catheter; the shorter one decides.
    fn covered(&self, day: i64) -> bool {
        let days = match self.setup.items {
            ["EDU"] => return true,
            ["UC_CHG"] => 30,
            _ => 7,
        };
        let made = |(minute, fit): (i64, bool)| fit && minute / DAY + days >= day;
        self.assessment.is_some_and(made) && self.admitted.is_none_or(|on| on > day)
    }

    fn prescribed(&self, day: i64) -> bool {
        !self.setup.items.contains(&"SC")
            || self.prescribed_until_day.iter().any(|last| *last >= day)
    }

    fn all_signed(&self) -> bool {
        let texts: &[u8] = match self.setup.items {
            ["EDU"] => &[2],
            ["UC_CHG"] => &[0],
            ["SC"] => &[1],
            _ => &[0, 1, 2],
        };
        texts.iter().all(|text| self.consents.contains(text))
    }

    fn needs_text(&self, text: u8) -> bool {
        match text {
            0 => self.setup.items.contains(&"UC_CHG"),
            1 => self.setup.items.contains(&"SC"),
            _ => self.setup.items.contains(&"EDU"),
        }
    }

    fn over(&mut self, end: OrderState) {
        self.end = Some(end);
        for seat in 0..2 {
            let she_broke_it_off = end == OrderState::Aborted && seat == 0;
            if self.busy[seat] && self.seats[seat] == Some(Way::Out) && !she_broke_it_off {
                self.seats[seat] = Some(Way::Gone);
            }
        }
        self.busy = [false; 2];
    }

    /// Where an assessment, an admission or another day puts an order that no nurse has.
    fn settle(&mut self) {
        let covered = self.covered(self.window / DAY);
        match self.state() {
            OrderState::Assessing if covered => {
                self.held = false;
                self.reviewed = self.ever_open || !self.setup.needs_review;
                self.ever_open |= self.reviewed;
            }
            OrderState::Open if !covered => self.held = true,
            _ => {}
        }
    }

    /// Whether an act is allowed; if so, it is done.
    pub(super) fn run(&mut self, act: Act) -> bool {
        let allowed = self.allows(act);
        if allowed {
            self.perform(act);
        }
        allowed
    }

    fn allows(&self, act: Act) -> bool {
        use OrderState::{
            Aborted, Accepted, Arrived, Assessing, Departed, Finished, InProcedure, InReview, Open,
        };
        let state = self.state();
        let is = |states: &[OrderState]| states.contains(&state);
        let lead = self.lead().is_some();
        match act {
            Act::Approve => is(&[InReview]),
            Act::Refuse => is(&[Assessing, InReview]),
            Act::Expire => is(&[Assessing, InReview, Open]),
            Act::Cancel => is(&[Assessing, InReview, Open, Accepted, Departed]),
            Act::Reschedule { days } => {
                is(&[Assessing, InReview, Open, Accepted])
                    && self.out() == [false; 2]
                    && self.may_use == [true; 2]
                    && self.prescribed(self.now / DAY + days)
            }
            Act::Abort => lead && is(&[Departed, Arrived, InProcedure]),
            Act::Accept => is(&[Open]) && self.papers && self.covered(self.window / DAY),
            Act::Release { seat } => self.may_release(seat, state),
            Act::Depart { seat } => self.may_depart(seat, state),
            Act::Arrive { seat } => {
                let out = self.busy[seat] && self.seats[seat] == Some(Way::Out);
                out && (seat == 1 || is(&[Departed]))
            }
            Act::Identify { identifiers } => self.at_the_door() && identifiers >= 2,
            Act::Consent { text, minor } => self.at_the_door() && !minor && self.needs_text(text),
            Act::WithdrawConsent { text } => lead && self.consents.contains(&text),
            Act::AllowUse { of } => !self.may_use[of],
            Act::ForbidUse { of } => self.may_use[of],
            Act::Screen(door) => self.at_the_door() && door != Door::SoftUnexplained,
            Act::Start { there, second_told } => {
                let second = self.busy[1] && (second_told || self.seats[1] == Some(Way::There));
                self.at_the_door()
                    && self.may_use == [true; 2]
                    && self.covered(self.now / DAY)
                    && (!self.setup.two_persons || second)
                    && self.known
                    && self.all_signed()
                    && (!self.setup.family_needed || there == There::Adult)
                    && self.asked
                    && self.prescribed(self.now / DAY)
            }
            Act::Record { .. } => {
                let broken_off = is(&[Aborted]) && self.begun.is_some();
                (is(&[InProcedure, Finished]) || broken_off) && !self.signed
            }
            Act::Sign { read_another } => {
                is(&[Finished, Aborted])
                    && lead
                    && self.record.is_some()
                    && !self.signed
                    && !read_another
            }
            Act::ReturnWaste => is(&[Finished, Aborted]) && lead && !self.waste,
            Act::Finish { seat: 0 } => is(&[InProcedure]),
            Act::Finish { .. } => is(&[InProcedure, Finished]) && self.seats[1] == Some(Way::There),
            Act::Leave { seat } => !self.busy[seat] && self.out()[seat],
            Act::Close => {
                let lasted =
                    matches!((self.begun, self.left), (Some(begun), Some(left)) if begun <= left);
                is(&[Finished])
                    && lasted
                    && self.record.is_some_and(|done| done > 0)
                    && self.signed
                    && (self.setup.items == ["EDU"] || self.waste)
                    && !self.busy[1]
            }
            Act::Wait { .. }
            | Act::Assess { .. }
            | Act::Admit
            | Act::Prescribe
            | Act::WithdrawPrescription
            | Act::LosePapers
            | Act::RenewPapers
            | Act::Contraindicate { .. } => true,
        }
    }

    /// At home before anybody who leads is out; later the second one, until she is at the door.
    fn may_release(&self, seat: usize, state: OrderState) -> bool {
        use OrderState::{Accepted, Arrived, Assessing, Departed, Finished, InProcedure, Open};
        let way = self.seats[seat];
        self.busy[seat]
            && match state {
                Assessing | Open | Accepted => way == Some(Way::AtHome),
                Departed | Arrived | InProcedure | Finished => seat == 1 && way != Some(Way::There),
                _ => false,
            }
    }

    fn may_depart(&self, seat: usize, state: OrderState) -> bool {
        use OrderState::{Accepted, Arrived, Departed, Finished, InProcedure};
        let at_home = self.seats[seat] == Some(Way::AtHome);
        let every_seat =
            self.seats[0].is_some() && (self.seats[1].is_some() || !self.setup.two_persons);
        let in_time = self.now >= self.window - 240;
        let here = match seat {
            0 => state == Accepted,
            _ => matches!(
                state,
                Accepted | Departed | Arrived | InProcedure | Finished
            ),
        };
        let begins = self.now.max(self.window);
        let day = begins / DAY;
        let alone = !self.setup.two_persons && at_night(begins);
        let allowed = self.may_use == [true; 2];
        let at_the_time = self.covered(day) && self.prescribed(day) && !self.forbidden && !alone;
        at_home && every_seat && in_time && here && allowed && self.papers && at_the_time
    }

    fn perform(&mut self, act: Act) {
        match act {
            Act::Wait { minutes } => self.now += minutes,
            Act::Assess { fit } => {
                self.now += 1;
                self.assessment = Some((self.now, fit));
                self.admitted = None;
                let waits = matches!(
                    self.state(),
                    OrderState::Assessing | OrderState::InReview | OrderState::Open
                );
                if !fit && waits && self.setup.items != ["EDU"] {
                    self.over(OrderState::Refused);
                } else {
                    self.settle();
                }
            }
            Act::Admit => {
                self.now += 1;
                self.admitted.get_or_insert(self.now / DAY);
                self.settle();
            }
            Act::Prescribe => self.prescribed_until_day.push(self.now / DAY + 7),
            Act::WithdrawPrescription => self.prescribed_until_day.clear(),
            Act::LosePapers => self.papers = false,
            Act::RenewPapers => self.papers = true,
            Act::Contraindicate { on } => self.forbidden = on,
            Act::Approve => (self.reviewed, self.ever_open) = (true, true),
            Act::Refuse => self.over(OrderState::Refused),
            Act::Expire => self.over(OrderState::Expired),
            Act::Cancel => self.over(OrderState::Cancelled),
            Act::Abort | Act::Screen(Door::Hard) => self.over(OrderState::Aborted),
            Act::Accept => {
                let seat = usize::from(self.busy[0]);
                self.seats[seat] = Some(Way::AtHome);
                self.busy[seat] = true;
            }
            Act::Release { seat } => {
                self.busy[seat] = false;
                // On her way she is followed until she says that she has left.
                if self.seats[seat] != Some(Way::Out) {
                    self.seats[seat] = None;
                }
            }
            Act::Reschedule { days } => {
                self.window = self.now + days * DAY;
                (self.seats, self.busy) = ([None; 2], [false; 2]);
                self.settle();
            }
            Act::Depart { seat } => self.seats[seat] = Some(Way::Out),
            Act::Arrive { seat } => self.seats[seat] = Some(Way::There),
            Act::Identify { .. } => self.known = true,
            Act::Consent { text, .. } => drop(self.consents.insert(text)),
            Act::WithdrawConsent { text } => drop(self.consents.remove(&text)),
            Act::AllowUse { of } => self.may_use[of] = true,
            Act::ForbidUse { of } => self.may_use[of] = false,
            Act::Screen(_) => self.asked = true,
            Act::Start { .. } => self.begun = Some(self.now),
            Act::Record { done } => self.record = Some(done),
            Act::Sign { .. } => self.signed = true,
            Act::ReturnWaste => self.waste = true,
            Act::Finish { seat } => {
                (self.seats[seat], self.busy[seat]) = (Some(Way::Gone), false);
                if seat == 0 {
                    self.left = Some(self.now);
                }
            }
            Act::Leave { seat } => self.seats[seat] = Some(Way::Gone),
            Act::Close => self.over(OrderState::Closed),
        }
    }
}
