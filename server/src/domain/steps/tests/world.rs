//! The rules as the service asks them, with rows in memory.

mod acts;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::OrderState;
use entity::ids::VisitId;
use std::collections::BTreeSet;

use super::{Act, Setup};
use crate::domain::assessment::{self, Admitted, Assessed, MissingAssessment};
use crate::domain::calendar::local_date;
use crate::domain::catalogue::{Item, Sex};
use crate::domain::consent::Given;
use crate::domain::lifecycle::{self, Command, initial, next};
use crate::domain::prescription::{self, Held, MissingPrescription};
use crate::domain::screening::{Finding, PatientFacts, hard_on_record};
use crate::domain::seats::SecondSeat;
use crate::domain::seed;
use crate::domain::steps::Stand;
use crate::domain::test_times::at;
use crate::domain::visit::Way;
use crate::domain::visit_rules::{Case, planned};

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
        let chosen = prescription::choose(items, &self.held, &[], local_date(day), self.now);
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
}
