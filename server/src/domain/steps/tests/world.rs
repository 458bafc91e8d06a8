//! The rules as the service asks them, with rows in memory.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, TimeDelta, Utc};
use entity::enums::{AssessmentResult, CarerRelation, OrderState, PatientIdentifier};
use entity::ids::{NurseId, PatientId, PrescriptionId, VisitId};
use uuid::Uuid;

use super::{Act, Door, Setup, There};
use crate::domain::assessment::{self, Admitted, Assessed, MissingAssessment};
use crate::domain::calendar::local_date;
use crate::domain::catalogue::{Item, Sex};
use crate::domain::consent::{
    Given, Signer, Ward, check_signer, missing_for_booked, missing_for_booking, missing_for_visit,
};
use crate::domain::eligibility::Reason;
use crate::domain::lifecycle::{self, Command, initial, next};
use crate::domain::prescription::{self, Held, MissingPrescription};
use crate::domain::recognition::recognised;
use crate::domain::screening::{
    AtTheDoor, Finding, PatientFacts, ScreeningOutcome, at_the_door, hard_on_record,
};
use crate::domain::seats::{self, Freed, SecondSeat, free_seat, second_there};
use crate::domain::seed;
use crate::domain::steps::{self, Beginning, Departure, Stand};
use crate::domain::test_times::at;
use crate::domain::visit::{Located, Papers, VisitFacts, Way, close_gate};
use crate::domain::visit_rules::{Case, Present, planned};

/// Acts that have gates of their own.
pub(super) const GATED: &[&str] = &[
    "accept", "release", "depart", "arrive", "identify", "consent", "screen", "start", "record",
    "sign", "waste", "finish", "close", "abort", "leave",
];

pub(super) fn name(act: Act) -> &'static str {
    match act {
        Act::Accept => "accept",
        Act::Release { .. } => "release",
        Act::Depart { .. } => "depart",
        Act::Arrive { .. } => "arrive",
        Act::Identify { .. } => "identify",
        Act::Consent { .. } => "consent",
        Act::Screen(_) => "screen",
        Act::Start { .. } => "start",
        Act::Record { .. } => "record",
        Act::Sign { .. } => "sign",
        Act::ReturnWaste => "waste",
        Act::Finish { .. } => "finish",
        Act::Close => "close",
        Act::Abort => "abort",
        Act::Leave { .. } => "leave",
        _ => "other",
    }
}

/// A visit of one seat.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, not a state"
)]
struct Row {
    id: VisitId,
    live: bool,
    departed: bool,
    arrived: bool,
    left: bool,
}

/// Everything that is stored.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, not a state"
)]
pub(super) struct World {
    pub(super) state: OrderState,
    setup: Setup,
    items: Vec<&'static Item>,
    texts: Vec<u8>,
    now: DateTime<Utc>,
    window: DateTime<Utc>,
    was_open: bool,
    rows: [Option<Row>; 2],
    ids: u128,
    papers: bool,
    /// Aggression is on record.
    forbidden: bool,
    assessed: Vec<Assessed>,
    admitted: Vec<Admitted>,
    held: Vec<Held>,
    recognised: bool,
    given: Vec<Given>,
    screened: bool,
    begun_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    done: Option<usize>,
    signed: bool,
    waste: bool,
}

/// Refused, for whatever reason.
struct No;

impl<T: std::error::Error> From<T> for No {
    fn from(_: T) -> Self {
        Self
    }
}

type Tried = Result<(), No>;

fn need(holds: bool) -> Tried {
    if holds { Ok(()) } else { Err(No) }
}

/// Codes of the texts by their number in an act.
const TEXT_CODES: [&str; 3] = ["care_catheter", "care_injection", "care"];
/// Codes of the texts that are for the patient and not for a visit.
const USES: [&str; 2] = ["health_data", "location"];

impl World {
    pub(super) fn new(setup: Setup) -> Self {
        let items: Vec<_> = setup
            .items
            .iter()
            .filter_map(|code| seed::catalogue().item(code))
            .collect();
        let needed = seed::consents().for_items(&items);
        let number = |code: &str| TEXT_CODES.iter().position(|one| *one == code);
        let texts = needed
            .iter()
            .filter_map(|(text, _)| u8::try_from(number(text.code.as_str())?).ok());
        let texts = texts.collect();
        let now = at("2026-03-02 09:00");
        let mut world = Self {
            state: OrderState::Open,
            setup,
            items,
            texts,
            now,
            window: now + TimeDelta::hours(3),
            was_open: false,
            rows: [None; 2],
            ids: 0,
            papers: true,
            forbidden: false,
            assessed: Vec::new(),
            admitted: Vec::new(),
            held: Vec::new(),
            recognised: false,
            given: Vec::new(),
            screened: false,
            begun_at: None,
            ended_at: None,
            done: None,
            signed: false,
            waste: false,
        };
        for of in 0..USES.len() {
            world.allow_use(of);
        }
        let lacks = !world.unassessed(world.window).is_empty();
        world.go(initial(lacks, setup.needs_review));
        world
    }

    pub(super) fn texts(&self) -> &[u8] {
        &self.texts
    }

    /// Whose time is taken, by seat.
    pub(super) fn live(&self) -> [bool; 2] {
        self.rows.map(|row| row.is_some_and(|row| row.live))
    }

    /// Who is followed, by seat.
    pub(super) fn out(&self) -> [bool; 2] {
        self.rows
            .map(|row| row.is_some_and(|row| self.way(row).is_open()))
    }

    fn way(&self, row: Row) -> Way {
        Way {
            departed_at: row.departed.then_some(self.now),
            left_at: row.left.then_some(self.now),
        }
    }

    fn go(&mut self, state: OrderState) {
        self.state = state;
        self.was_open |= state == OrderState::Open;
    }

    fn step(&mut self, command: Command) -> Tried {
        let state = next(self.state, command)?;
        self.go(state);
        Ok(())
    }

    fn persons(&self) -> i32 {
        if self.setup.two_persons { 2 } else { 1 }
    }

    fn unassessed(&self, day: DateTime<Utc>) -> Vec<MissingAssessment> {
        let items = self.items.iter().copied();
        assessment::missing(items, local_date(day), &self.assessed, &self.admitted)
    }

    fn unprescribed(&self, day: DateTime<Utc>) -> Vec<MissingPrescription> {
        let items = self.items.iter().copied();
        let chosen = prescription::choose(items, &self.held, local_date(day), self.now);
        chosen.err().unwrap_or_default()
    }

    /// How many the table sends at a time of day; the visit takes 40 minutes.
    fn persons_at(&self, begins: DateTime<Utc>) -> i32 {
        let gates = seed::visit_rules().judge(&Case {
            items: &self.items,
            conditions: &BTreeSet::new(),
            wants_same_sex: false,
            span: planned(begins, 40),
            area: None,
        });
        i32::from(gates.persons)
    }

    fn hard_on_record(&self) -> Vec<Finding> {
        let on_record = self.forbidden.then(|| "aggression".to_owned());
        let patient = PatientFacts {
            age_years: 75,
            sex: Sex::Male,
            conditions: on_record.into_iter().collect(),
        };
        hard_on_record(seed::catalogue(), &self.items, &patient)
    }

    /// The visit of a seat, unless it was taken from its nurse.
    fn row(&self, seat: usize) -> Result<Row, No> {
        self.rows[seat].ok_or(No)
    }

    fn stand(&self, seat: usize) -> Result<Stand, No> {
        let row = self.row(seat)?;
        let second = SecondSeat {
            departed: row.departed,
            arrived: row.arrived,
            left: row.left || !row.live,
        };
        Ok(Stand {
            state: self.state,
            second: (seat == 1).then_some(second),
        })
    }

    fn change(&mut self, seat: usize, change: impl FnOnce(&mut Row)) {
        if let Some(row) = &mut self.rows[seat] {
            change(row);
        }
    }

    /// Nobody's time is taken any more. Who is on her way is called back, but for the one who broke it off.
    fn free(&mut self, command: Command) {
        for seat in 0..2 {
            let herself = command == Command::Abort && seat == 0;
            self.change(seat, |row| {
                row.left |= row.live && row.departed && !row.arrived && !herself;
                row.live = false;
            });
        }
    }

    /// Moves the order to where its assessments put it.
    fn settle(&mut self) -> Tried {
        let covered = self.unassessed(self.window).is_empty();
        match (self.state, covered) {
            (OrderState::Assessing, true) => {
                self.step(lifecycle::assessed(self.setup.needs_review, self.was_open))
            }
            (OrderState::Open, false) => self.step(Command::Hold),
            _ => Ok(()),
        }
    }

    /// Tries an act; whether it was done.
    pub(super) fn run(&mut self, act: Act) -> bool {
        self.attempt(act).is_ok()
    }

    fn attempt(&mut self, act: Act) -> Tried {
        match act {
            Act::Wait { minutes } => {
                self.now += TimeDelta::minutes(minutes);
                Ok(())
            }
            Act::Assess { fit } => self.assess(fit),
            Act::Admit => {
                self.now += TimeDelta::minutes(1);
                self.admitted.push(Admitted {
                    on: local_date(self.now),
                    known_at: self.now,
                });
                self.settle()
            }
            Act::Prescribe => {
                let from = local_date(self.now);
                self.held.push(Held {
                    id: PrescriptionId(Uuid::from_u128(1)),
                    item: "SC".to_owned(),
                    from,
                    until: from + Days::new(7),
                    withdrawn_at: None,
                });
                Ok(())
            }
            Act::WithdrawPrescription => {
                for held in &mut self.held {
                    held.withdrawn_at.get_or_insert(self.now);
                }
                Ok(())
            }
            Act::LosePapers | Act::RenewPapers => {
                self.papers = act == Act::RenewPapers;
                Ok(())
            }
            Act::Contraindicate { on } => {
                self.forbidden = on;
                Ok(())
            }
            Act::AllowUse { of } => {
                need(self.use_of(of).is_none())?;
                self.allow_use(of);
                Ok(())
            }
            Act::ForbidUse { of } => {
                let now = self.now;
                self.use_of(of).ok_or(No)?.withdrawn_at = Some(now);
                Ok(())
            }
            Act::Approve => self.step(Command::Approve),
            Act::Refuse => self.end(Command::Refuse),
            Act::Cancel => self.end(Command::Cancel),
            Act::Expire => self.end(Command::Expire),
            Act::Abort => {
                self.row(0)?;
                self.end(Command::Abort)
            }
            Act::Leave { seat } => {
                let row = self.row(seat)?;
                need(self.way(row).may_end(row.live))?;
                self.change(seat, |row| row.left = true);
                Ok(())
            }
            Act::Accept => self.accept(),
            Act::Release { seat } => self.release(seat),
            Act::Reschedule { days } => {
                let out = |row: Row| row.live && row.departed;
                need(!self.rows.into_iter().flatten().any(out))?;
                let window = self.now + TimeDelta::days(days);
                need(missing_for_booking(seed::consents(), &self.given, self.now).is_empty())?;
                need(self.unprescribed(window).is_empty())?;
                self.step(Command::Reschedule)?;
                self.window = window;
                self.rows = [None; 2];
                self.settle()
            }
            other => self.visit(other),
        }
    }

    /// The consent to a use of data that was not taken back.
    fn use_of(&mut self, of: usize) -> Option<&mut Given> {
        let mut given = self.given.iter_mut();
        given.find(|one| one.text == USES[of] && one.withdrawn_at.is_none())
    }

    fn allow_use(&mut self, of: usize) {
        self.given.push(Given {
            visit: None,
            text: USES[of].to_owned(),
            version: 1,
            signed_at: self.now,
            withdrawn_at: None,
        });
    }

    fn end(&mut self, command: Command) -> Tried {
        self.step(command)?;
        self.free(command);
        Ok(())
    }

    fn assess(&mut self, fit: bool) -> Tried {
        use OrderState::{Assessing, InReview, Open};
        // What is known later counts, so no two of these are of one moment.
        self.now += TimeDelta::minutes(1);
        self.assessed.push(Assessed {
            at: self.now,
            result: if fit {
                AssessmentResult::Approved
            } else {
                AssessmentResult::Refused
            },
            items: self
                .items
                .iter()
                .map(|item| item.code.to_string())
                .collect(),
        });
        let refused = assessment::Lack::Refused.code();
        let unfit = self
            .unassessed(self.window)
            .iter()
            .any(|one| one.code == refused);
        if !fit && unfit && matches!(self.state, Assessing | InReview | Open) {
            if self.state == Open {
                self.step(Command::Hold)?;
            }
            return self.end(Command::Refuse);
        }
        self.settle()
    }

    fn accept(&mut self) -> Tried {
        if self.state == OrderState::Open {
            need(self.unassessed(self.window).is_empty())?;
        }
        need(self.papers)?;
        let accepted = next(self.state, Command::Accept)?;
        let taken: Vec<i32> = (1..)
            .zip(self.live())
            .filter(|(_, live)| *live)
            .map(|(seat, _)| seat)
            .collect();
        let (seat, more) = free_seat(self.persons(), &taken).ok_or(No)?;
        if !more {
            self.go(accepted);
        }
        self.ids += 1;
        let row = Row {
            id: VisitId(Uuid::from_u128(self.ids)),
            live: true,
            departed: false,
            arrived: false,
            left: false,
        };
        self.rows[usize::try_from(seat - 1).unwrap_or(0)] = Some(row);
        Ok(())
    }

    fn release(&mut self, seat: usize) -> Tried {
        let row = self.row(seat)?;
        need(row.live)?;
        let number = if seat == 0 { 1 } else { 2 };
        let freed = seats::release(self.state, number, (row.departed, row.arrived))?;
        if freed == Freed::LooksAgain && !seats::has_free_seat(self.state) {
            self.step(Command::Release)?;
        }
        if row.departed {
            self.change(seat, |row| row.live = false);
        } else {
            self.rows[seat] = None;
        }
        Ok(())
    }

    fn visit(&mut self, act: Act) -> Tried {
        match act {
            Act::Depart { seat } => self.depart(seat),
            Act::Arrive { seat } => {
                let state = self.stand(seat)?.step(Command::Arrive)?;
                self.go(state);
                self.change(seat, |row| row.arrived = true);
                Ok(())
            }
            Act::Finish { seat } => {
                let state = self.stand(seat)?.step(Command::Finish)?;
                self.go(state);
                self.change(seat, |row| (row.left, row.live) = (true, false));
                if seat == 0 {
                    self.ended_at = Some(self.now);
                }
                Ok(())
            }
            Act::Start { there, second_told } => self.start(there, second_told),
            Act::Close => self.close(),
            Act::Record { done } => {
                self.row(0)?;
                steps::record(self.state, self.begun_at.is_some(), self.signed)?;
                self.done = Some(done);
                Ok(())
            }
            Act::Sign { read_another } => {
                self.row(0)?;
                let kept = self.done.map(|_| "the record");
                steps::sign(self.state, kept, read_another.then_some("another"))?;
                need(!self.signed)?;
                self.signed = true;
                Ok(())
            }
            Act::ReturnWaste => {
                self.row(0)?;
                need(steps::is_left(self.state) && !self.waste)?;
                self.waste = true;
                Ok(())
            }
            other => self.at_the_door(other),
        }
    }

    fn depart(&mut self, seat: usize) -> Tried {
        let begins = self.now.max(self.window);
        let taken: Vec<i32> = (1..)
            .zip(self.rows)
            .filter_map(|(seat, row)| row.map(|_| seat))
            .collect();
        let unfit = if self.papers {
            Vec::new()
        } else {
            vec![Reason::TrainingMissing]
        };
        let facts = Departure {
            at: self.now,
            window_start: self.window,
            seats_filled: free_seat(self.persons(), &taken).is_none(),
            unallowed: &missing_for_booked(seed::consents(), &self.given, self.now),
            unfit: &unfit,
            unassessed: &self.unassessed(begins),
            contraindicated: &self.hard_on_record(),
            too_few: self.persons_at(begins) > self.persons(),
            unprescribed: &self.unprescribed(begins),
        };
        let state = steps::depart(self.stand(seat)?, &facts)?;
        self.go(state);
        self.change(seat, |row| row.departed = true);
        Ok(())
    }

    fn at_the_door(&mut self, act: Act) -> Tried {
        use PatientIdentifier::{BirthDate, Card, Name};
        let lead = self.row(0)?;
        if let Act::WithdrawConsent { text } = act {
            let code = TEXT_CODES[usize::from(text)];
            let now = self.now;
            let given = self.given.iter_mut();
            let mut valid = given.filter(|one| one.text == code && one.withdrawn_at.is_none());
            valid.next().ok_or(No)?.withdrawn_at = Some(now);
            return Ok(());
        }
        need(lead.live && steps::at_the_door(self.state))?;
        match act {
            Act::Identify { identifiers } => {
                need(recognised(&[Name, BirthDate, Card][..identifiers]))?;
                self.recognised = true;
                Ok(())
            }
            Act::Consent { text, minor } => {
                need(self.texts.contains(&text))?;
                let code = TEXT_CODES[usize::from(text)];
                let found = seed::consents().text(code).ok_or(No)?;
                let ward = Ward {
                    age_years: 75,
                    has_guardian: false,
                    lacks_capacity: false,
                };
                let signer = Signer {
                    of_age: !minor,
                    relation: CarerRelation::Child,
                    ..Signer::ONESELF
                };
                check_signer(ward, signer)?;
                // Signing again is a further consent: taking it back takes the older one back first.
                self.given
                    .retain(|one| one.text != code || one.withdrawn_at.is_some());
                self.given.push(Given {
                    visit: Some(lead.id),
                    text: code.to_owned(),
                    version: found.version,
                    signed_at: self.now,
                    withdrawn_at: None,
                });
                Ok(())
            }
            Act::Screen(door) => {
                let (outcome, explained) = match door {
                    Door::Clear => (ScreeningOutcome::Clear, false),
                    Door::SoftUnexplained => (ScreeningOutcome::Review, false),
                    Door::SoftExplained => (ScreeningOutcome::Review, true),
                    Door::Hard => (ScreeningOutcome::Refused, true),
                };
                match at_the_door(outcome, explained) {
                    AtTheDoor::Acknowledge => return Err(No),
                    AtTheDoor::BreakOff => self.end(Command::Abort)?,
                    AtTheDoor::Begin => {}
                }
                self.screened = true;
                Ok(())
            }
            _ => Err(No),
        }
    }

    fn start(&mut self, there: There, second_told: bool) -> Tried {
        let lead = self.row(0)?;
        let unsigned = missing_for_visit(
            seed::consents(),
            &self.items,
            lead.id,
            &self.given,
            self.now,
        );
        let second = self.rows[1].filter(|row| row.live).map(|row| row.arrived);
        let one = |relation, of_age| vec![Present { relation, of_age }];
        let present = match there {
            There::Nobody => Vec::new(),
            There::OnlyThePatient => one(CarerRelation::Oneself, true),
            There::Child => one(CarerRelation::Child, false),
            There::Adult => one(CarerRelation::Child, true),
        };
        let facts = Beginning {
            unallowed: &missing_for_booked(seed::consents(), &self.given, self.now),
            unassessed: &self.unassessed(self.now),
            complete: second_there(self.persons(), second, second_told),
            recognised: self.recognised,
            unsigned: &unsigned,
            family_needed: self.setup.family_needed,
            present: &present,
            screened: self.screened,
            unprescribed: &self.unprescribed(self.now),
        };
        let state = steps::start(self.state, &facts)?;
        self.go(state);
        self.begun_at = Some(self.now);
        Ok(())
    }

    fn close(&mut self) -> Tried {
        let lead = self.row(0)?;
        let facts = VisitFacts {
            items_done: self.done.unwrap_or(0),
            patient: Some(PatientId(Uuid::from_u128(1))),
            nurse: Some(NurseId(Uuid::from_u128(2))),
            located: if lead.arrived {
                Located::Fix
            } else {
                Located::Unknown
            },
            begun_at: self.begun_at,
            ended_at: self.ended_at,
        };
        let papers = Papers {
            recorded: self.done.is_some(),
            signed: self.signed,
            makes_waste: self.items.iter().any(|item| item.makes_waste),
            waste_returned: self.waste,
            second_there: self.live()[1],
        };
        let state = close_gate(self.state, &facts, papers)?;
        self.go(state);
        Ok(())
    }
}
