//! What a roster changes: decided for all rows before the first is written.

use std::collections::BTreeMap;

use entity::certification;
use entity::ids::{AccountId, CommunityId, NurseId};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::Mistake;
use super::row::{Claims, Entry, Roster};
use crate::app::App;
use crate::db::Tx;
use crate::dispatch;
use crate::domain::roster::{CertificateFacts, Column, DutySpan, Profile};
use crate::error::Result;
use crate::problem::{Code, Params};
use crate::store;
use crate::store::certification::facts_of;
use crate::store::nurse::Known;
use crate::store::scope::Scope;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The nurse is new.
    Created,
    /// Something changed.
    Updated,
    /// Everything was so already.
    Unchanged,
}

/// A row and what became of it.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Line in the file.
    pub line: u32,
    /// Staff number.
    pub staff_no: String,
    /// The nurse; `None` when she would be new and nothing was written.
    pub nurse: Option<NurseId>,
    /// What became of it.
    pub outcome: Outcome,
    /// Fields that changed; `duty` for duty windows, `certificates` for certificates that were added.
    pub changed: Vec<&'static str>,
}

/// What the roster says before the import.
#[derive(Debug)]
pub struct Existing {
    nurses: BTreeMap<String, Known>,
    licences: BTreeMap<String, String>,
}

/// Looks up whom the rows are about. A few statements for any number of rows.
pub async fn existing(
    db: &impl ConnectionTrait,
    app: &App,
    community: CommunityId,
    roster: &Roster,
) -> Result<Existing> {
    let all = |number: fn(&Claims) -> Option<&String>| -> Vec<String> {
        let claims = roster.rows.iter().map(|(claims, _)| claims);
        claims.filter_map(number).cloned().collect()
    };
    let staff_nos = all(|claims| claims.staff_no.as_ref());
    let licence_nos = all(|claims| claims.licence_no.as_ref());
    Ok(Existing {
        nurses: store::nurse::known(db, app, community, &staff_nos).await?,
        licences: store::nurse::licences(db, community, &licence_nos).await?,
    })
}

/// A row that may be applied.
#[derive(Debug)]
pub struct Planned<'a> {
    entry: &'a Entry,
    known: Option<&'a Known>,
    next: Profile,
    changed: Vec<&'static str>,
    papers: Vec<&'a CertificateFacts>,
    /// Her duty windows, when they become others.
    duty: Option<&'a [DutySpan]>,
}

impl Planned<'_> {
    fn told(&self, nurse: Option<NurseId>) -> Applied {
        let outcome = match self.known {
            None => Outcome::Created,
            Some(_) if self.changed.is_empty() => Outcome::Unchanged,
            Some(_) => Outcome::Updated,
        };
        Applied {
            line: self.entry.line,
            staff_no: self.entry.staff_no().to_owned(),
            nurse,
            outcome,
            changed: self.changed.clone(),
        }
    }
}

/// Compares a roster with what exists, or tells all that is wrong with it, by itself and beside what exists.
pub fn plan<'a>(
    roster: &'a Roster,
    existing: &'a Existing,
    scope: &Scope,
) -> Result<Vec<Planned<'a>>, Vec<Mistake>> {
    let mut mistakes = roster.mistakes.clone();
    let mut planned = Vec::with_capacity(roster.rows.len());
    for (claims, entry) in &roster.rows {
        let staff_no = claims.staff_no.as_ref();
        let known = staff_no.and_then(|staff_no| existing.nurses.get(staff_no));
        let mut conflicts = Conflicts {
            roster,
            line: claims.line,
            mistakes: &mut mistakes,
        };
        // Whose it is, is not said: she may belong to an institution that the caller does not see.
        if known.is_some_and(|known| !scope.reaches(known.row.institution_id)) {
            conflicts.taken(Column::StaffNo, staff_no);
            continue;
        }
        let number = claims.licence_no.as_ref();
        let holder = number.and_then(|number| existing.licences.get(number));
        // A row that does not say whose it is cannot be told from another's.
        if holder.is_some() && staff_no.is_some() && holder != staff_no {
            conflicts.taken(Column::LicenceNo, number);
        }
        let papers = conflicts.new_papers(&claims.certificates, known);
        planned.extend(entry.as_ref().map(|entry| row_plan(entry, known, papers)));
    }
    if mistakes.is_empty() {
        Ok(planned)
    } else {
        Err(mistakes)
    }
}

/// Notes what of a row cannot be, beside what exists.
struct Conflicts<'a> {
    roster: &'a Roster,
    line: u32,
    mistakes: &'a mut Vec<Mistake>,
}

impl Conflicts<'_> {
    fn note(&mut self, column: Column, code: Code, params: Params, value: &str) {
        self.mistakes.push(Mistake {
            line: self.line,
            column: Some(column),
            heading: self.roster.headings.written(column),
            code,
            params,
            value: value.to_owned(),
        });
    }

    /// A number that somebody else has.
    fn taken(&mut self, column: Column, number: Option<&String>) {
        let number = number.map_or("", String::as_str);
        let name = match column {
            Column::StaffNo => number,
            column => column.name(),
        };
        let params = vec![("name", name.to_owned())];
        self.note(column, Code::CodeTaken, params, number);
    }

    /// The certificates that are not on the roster; those that are there with something else in them are conflicts.
    fn new_papers<'f>(
        &mut self,
        all: &'f [CertificateFacts],
        known: Option<&Known>,
    ) -> Vec<&'f CertificateFacts> {
        let held = known.map_or(&[][..], |known| known.certifications.as_slice());
        let mut papers = Vec::new();
        for facts in all {
            match compare(facts, held) {
                Paper::New => papers.push(facts),
                Paper::Held => {}
                Paper::Differs => {
                    let value = format!("{}:{}", facts.kind, facts.number);
                    let code = Code::CertificateDiffers;
                    self.note(Column::Certificates, code, Vec::new(), &value);
                }
            }
        }
        papers
    }
}

fn row_plan<'a>(
    entry: &'a Entry,
    known: Option<&'a Known>,
    papers: Vec<&'a CertificateFacts>,
) -> Planned<'a> {
    let next = entry.onto(known.map(|known| &known.profile));
    let mut changed = known.map_or_else(Vec::new, |known| known.profile.changes(&next));
    let duty = entry.duty.as_deref();
    let duty = duty.filter(|duty| known.is_none_or(|known| known.duty != *duty));
    if known.is_some() && duty.is_some() {
        changed.push(Column::Duty.name());
    }
    if known.is_some() && !papers.is_empty() {
        changed.push(Column::Certificates.name());
    }
    Planned {
        entry,
        known,
        next,
        changed,
        papers,
        duty,
    }
}

enum Paper {
    New,
    Held,
    Differs,
}

/// A file never alters a certificate: one that is held is left, or the row is refused.
fn compare(facts: &CertificateFacts, held: &[certification::Model]) -> Paper {
    let same: Vec<_> = held
        .iter()
        .filter(|row| facts_of(row).same_paper(facts))
        .collect();
    // One that was revoked does not come back with the same file.
    if same.iter().any(|row| facts_of(row) == *facts) {
        Paper::Held
    } else if same.iter().any(|row| row.revoked_at.is_none()) {
        Paper::Differs
    } else {
        Paper::New
    }
}

/// What would become of the rows.
pub fn preview(planned: &[Planned<'_>]) -> Vec<Applied> {
    let nurse = |row: &Planned<'_>| row.known.map(|known| known.row.id);
    planned.iter().map(|row| row.told(nurse(row))).collect()
}

/// Writes the rows.
pub async fn apply(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    planned: &[Planned<'_>],
    by: AccountId,
) -> Result<Vec<Applied>> {
    let mut applied = Vec::with_capacity(planned.len());
    for row in planned {
        let nurse = match row.known {
            None => store::nurse::add(tx, app, community, &row.next, by).await?,
            Some(known) => {
                let nurse = store::nurse::save(tx, app, &known.row, &row.next, by).await?;
                dispatch::nurse_changed(tx, app, (&known.row, &nurse), by).await?;
                nurse
            }
        };
        for facts in &row.papers {
            store::certification::add(tx, app, &nurse, facts, by).await?;
        }
        if let Some(duty) = row.duty {
            store::nurse::set_duty(tx, app, &nurse, duty, by).await?;
        }
        applied.push(row.told(Some(nurse.id)));
    }
    Ok(applied)
}
