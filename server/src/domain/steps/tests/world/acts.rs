//! What each act does to the world.

use chrono::{Days, TimeDelta};
use entity::enums::{AssessmentResult, CarerRelation, OrderState, PatientIdentifier};
use entity::ids::{NurseId, PatientId, PrescriptionId, VisitId};
use uuid::Uuid;

use super::super::{Act, Door, There};
use super::{No, Row, TEXT_CODES, Tried, World, need};
use crate::domain::assessment::{self, Admitted, Assessed};
use crate::domain::calendar::local_date;
use crate::domain::consent::{
    Given, Signer, Ward, check_signer, missing_for_booked, missing_for_booking, missing_for_visit,
};
use crate::domain::eligibility::Reason;
use crate::domain::lifecycle::{Command, next};
use crate::domain::prescription::Held;
use crate::domain::recognition::recognised;
use crate::domain::screening::{AtTheDoor, ScreeningOutcome, at_the_door};
use crate::domain::seats::{self, Freed, free_seat, second_there};
use crate::domain::seed;
use crate::domain::steps::{self, Beginning, Departure};
use crate::domain::visit::{Located, Papers, VisitFacts, close_gate};
use crate::domain::visit_rules::Present;

impl World {
    /// Tries an act.
    pub(super) fn attempt(&mut self, act: Act) -> Tried {
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
