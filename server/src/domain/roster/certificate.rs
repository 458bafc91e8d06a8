//! Certificates: what one says, whether it counts, and how a roster file writes them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::cell::{self, Cell};
use super::{PAPER_NO_MAX, RosterError, check_date};

/// Longest name of an issuer, characters.
const ISSUER_MAX: usize = 100;

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Kind, as the catalogue names it.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
}

impl CertificateFacts {
    /// Checks kind and dates.
    pub fn check(&self, known: impl Fn(&str) -> bool) -> Result<(), (&'static str, RosterError)> {
        if !known(&self.kind) {
            let kind = self.kind.clone();
            return Err(("kind", RosterError::CertificateKind { kind }));
        }
        check_date(self.valid_from).map_err(|error| ("valid_from", error))?;
        check_date(self.valid_to).map_err(|error| ("valid_to", error))?;
        if self.valid_to < self.valid_from {
            return Err(("valid_to", RosterError::DateOrder));
        }
        Ok(())
    }

    /// Whether it is the same paper; a renewal under the old number is another one.
    pub fn same_paper(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.number == other.number
            && self.valid_from == other.valid_from
    }
}

/// Whether a certificate counts on a day, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// Nobody at the nursing department has seen it: counts for nothing.
    Unverified,
    /// Begins later.
    NotYetValid,
    /// Counts.
    InForce,
    /// Ended.
    Expired,
    /// Taken back.
    Revoked,
}

/// The state of a certificate on a day; the last day still counts.
pub fn certificate_state(
    (valid_from, valid_to): (NaiveDate, NaiveDate),
    verified_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    today: NaiveDate,
) -> CertificateState {
    if revoked_at.is_some() {
        CertificateState::Revoked
    } else if today > valid_to {
        CertificateState::Expired
    } else if verified_at.is_none() {
        CertificateState::Unverified
    } else if today < valid_from {
        CertificateState::NotYetValid
    } else {
        CertificateState::InForce
    }
}

/// Reads a cell of `kind:number:issuer:from:to` entries with `;` between them; full-width signs count too.
pub fn certificates_of(
    cell: &Cell,
    known: impl Fn(&str) -> bool,
) -> Result<Vec<CertificateFacts>, RosterError> {
    let Some(text) = cell::optional_text(cell, 2_000)? else {
        return Ok(Vec::new());
    };
    let mut found: Vec<CertificateFacts> = Vec::new();
    for entry in text.split([';', '；']).map(str::trim) {
        if entry.is_empty() {
            continue;
        }
        let facts = entry_of(entry)?;
        facts.check(&known).map_err(|(_, error)| error)?;
        if found.iter().any(|other| other.same_paper(&facts)) {
            return Err(RosterError::CertificateTwice);
        }
        found.push(facts);
    }
    Ok(found)
}

fn entry_of(entry: &str) -> Result<CertificateFacts, RosterError> {
    let parts: Vec<&str> = entry.split([':', '：']).map(str::trim).collect();
    let [kind, number, issuer, from, to] = parts[..] else {
        return Err(RosterError::CertificateForm);
    };
    let text = |part: &str, max| cell::text(&Cell::Text(part.to_owned()), 1, max);
    let date = |part: &str| cell::date(&Cell::Text(part.to_owned()))?.ok_or(RosterError::Date);
    if [kind, number, issuer].contains(&"") {
        return Err(RosterError::CertificateForm);
    }
    Ok(CertificateFacts {
        kind: text(kind, PAPER_NO_MAX)?.to_uppercase(),
        number: text(number, PAPER_NO_MAX)?,
        issuer: text(issuer, ISSUER_MAX)?,
        valid_from: date(from)?,
        valid_to: date(to)?,
    })
}
