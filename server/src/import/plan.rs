//! What a roster changes: decided for all rows before the first is written.

use std::collections::BTreeMap;

use entity::certification;
use entity::ids::{AccountId, CommunityId, NurseId};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::Mistake;
use super::row::{Entry, Roster};
use crate::app::App;
use crate::db::Tx;
use crate::domain::roster::{CertificateFacts, Column, Profile};
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
    /// Fields that changed; `certificates` for certificates that were added.
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
    let all = |text: fn(&Entry) -> &str| -> Vec<String> {
        roster
            .entries
            .iter()
            .map(|entry| text(entry).to_owned())
            .collect()
    };
    let (staff_nos, licence_nos) = (all(Entry::staff_no), all(Entry::licence_no));
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

/// Compares a roster with what exists, or tells what cannot be.
pub fn plan<'a>(
    roster: &'a Roster,
    existing: &'a Existing,
    scope: &Scope,
) -> Result<Vec<Planned<'a>>, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut planned = Vec::with_capacity(roster.entries.len());
    for entry in &roster.entries {
        let known = existing.nurses.get(entry.staff_no());
        let mut note = |column, code, params: Params, value: &str| {
            mistakes.push(Mistake {
                line: entry.line,
                column: Some(column),
                heading: roster.headings.written(column),
                code,
                params,
                value: value.to_owned(),
            });
        };
        let name = |value: &str| vec![("name", value.to_owned())];
        // Whose it is, is not said: she may belong to an institution that the caller does not see.
        if known.is_some_and(|known| !scope.reaches(known.row.institution_id)) {
            let staff_no = entry.staff_no();
            note(Column::StaffNo, Code::CodeTaken, name(staff_no), staff_no);
            continue;
        }
        let holder = existing.licences.get(entry.licence_no());
        if holder.is_some_and(|holder| holder != entry.staff_no()) {
            let number = entry.licence_no();
            note(
                Column::LicenceNo,
                Code::CodeTaken,
                name(Column::LicenceNo.name()),
                number,
            );
        }
        let held = known.map_or(&[][..], |known| known.certifications.as_slice());
        let mut papers = Vec::new();
        for facts in &entry.certificates {
            match compare(facts, held) {
                Paper::New => papers.push(facts),
                Paper::Held => {}
                Paper::Differs => {
                    let value = format!("{}:{}", facts.kind, facts.number);
                    note(
                        Column::Certificates,
                        Code::CertificateDiffers,
                        Vec::new(),
                        &value,
                    );
                }
            }
        }
        planned.push(row_plan(entry, known, papers));
    }
    if mistakes.is_empty() {
        Ok(planned)
    } else {
        Err(mistakes)
    }
}

fn row_plan<'a>(
    entry: &'a Entry,
    known: Option<&'a Known>,
    papers: Vec<&'a CertificateFacts>,
) -> Planned<'a> {
    let next = entry.onto(known.map(|known| &known.profile));
    let mut changed = known.map_or_else(Vec::new, |known| known.profile.changes(&next));
    if known.is_some() && !papers.is_empty() {
        changed.push(Column::Certificates.name());
    }
    Planned {
        entry,
        known,
        next,
        changed,
        papers,
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
            Some(known) => store::nurse::save(tx, app, &known.row, &row.next, by).await?,
        };
        for facts in &row.papers {
            store::certification::add(tx, app, &nurse, facts, by).await?;
        }
        applied.push(row.told(Some(nurse.id)));
    }
    Ok(applied)
}
