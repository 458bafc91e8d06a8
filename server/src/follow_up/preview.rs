//! What would become of discharges of a list.

use entity::ids::DischargeId;
use sea_orm::ConnectionTrait;

use super::take::{By, Outcome, Taken, Told, Who, asked, check, check_name};
use crate::app::App;
use crate::domain::follow_up::Facts;
use crate::error::{Error, Result};
use crate::rules::RuleBook;
use crate::store;

/// What a discharge is, or would be, after it is taken.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The discharge, when there is one.
    pub discharge: Option<DischargeId>,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether a group has its first diagnosis.
    pub diagnosis_known: bool,
}

impl From<&Taken> for Seen {
    fn from(taken: &Taken) -> Self {
        Self {
            discharge: Some(taken.row.id),
            outcome: taken.outcome,
            diagnosis_known: taken.row.diagnosis_known,
        }
    }
}

/// What would become of a discharge of a list, without taking it.
pub async fn preview(
    db: &impl ConnectionTrait,
    app: &App,
    book: &RuleBook,
    by: &By,
    told: &Told,
) -> Result<Seen> {
    check(app, book, told)?;
    let Who::Described(person) = &told.who else {
        return Err(Error::internal("a list names nobody who is known"));
    };
    let mut known = None;
    if let Some(number) = &person.id_number {
        let hash = store::patient::id_number_hash(app, number);
        let found = store::patient::goes_by_number(db, by.community, &hash).await?;
        if let Some(patient) = found {
            check_name(app, &patient, person)?;
            let stands_for = patient.merged_into.unwrap_or(patient.id);
            let day = told.word.discharged_on;
            known = store::discharge::on_day(db, by.community, stands_for, day).await?;
        }
    }
    Ok(match known {
        Some(row) => Seen {
            discharge: Some(row.id),
            outcome: Outcome::Unchanged,
            diagnosis_known: row.diagnosis_known,
        },
        None => Seen {
            discharge: None,
            outcome: Outcome::Created,
            diagnosis_known: asked(book, &Facts::of(&told.word)).known,
        },
    })
}
