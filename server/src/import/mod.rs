//! A roster file: read, checked as a whole, compared with the roster, then applied in one transaction.

mod delimited;
pub mod discharges;
mod heading;
mod mistake;
mod plan;
mod row;
mod workbook;

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::NaiveDate;
use entity::ids::InstitutionId;

use crate::domain::place::Point;
use crate::domain::roster::Cell;
use crate::error::{Error, Result};
use crate::problem::{Code, Params, Problem};

pub use mistake::{Mistake, RosterMistake, problem};
pub use plan::{Applied, Existing, Outcome, Planned, apply, existing, plan, preview};
pub use row::{Entry, Roster, parse};

/// Largest file, bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Most rows below the headings.
pub const MAX_ROWS: usize = 5_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 64;
/// Most text in the cells of a file, bytes; a workbook may say one long text many times.
const MAX_TEXT: usize = 16 * 1024 * 1024;
/// More of a cell is never needed to refuse it, characters.
const MAX_CELL: usize = 2_001;

/// Media type of CSV.
pub const CSV: &str = "text/csv";
/// Media type of an Excel workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A row that is not blank.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u32,
    /// Its cells; missing ones at the end are empty.
    pub cells: Vec<Cell>,
}

/// What the rows are checked against.
pub struct Context<'a> {
    /// Institutions within the caller's scope by their code.
    pub institutions: BTreeMap<String, InstitutionId>,
    /// Whether the catalogue has a kind of certificate.
    pub known_kind: &'a (dyn Fn(&str) -> bool + Send + Sync),
    /// Whether a base point may be that far away.
    pub near: &'a (dyn Fn(Point) -> Result<(), (Code, Params)> + Send + Sync),
    /// The date at the community.
    pub today: NaiveDate,
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unreadable {
    NotUtf8,
    TooLong,
    TooLarge,
    /// Damaged, or no such file at all.
    Broken,
}

impl From<Unreadable> for Error {
    fn from(unreadable: Unreadable) -> Self {
        let problem = match unreadable {
            Unreadable::NotUtf8 => Problem::new(Code::RosterNotUtf8),
            Unreadable::TooLong => Problem::new(Code::RosterTooLong)
                .with("rows", MAX_ROWS)
                .with("columns", MAX_COLUMNS),
            Unreadable::TooLarge => Problem::new(Code::RosterTooLarge),
            Unreadable::Broken => Problem::new(Code::RosterUnreadable),
        };
        problem.into()
    }
}

/// Reads the rows of a file, headings first. Off the server's own threads: a workbook takes a while to unpack.
pub async fn read(content_type: &str, bytes: Bytes) -> Result<Vec<Row>> {
    let mut parts = content_type
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    let kind = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| part.strip_prefix("charset=").map(str::to_owned));
    let csv = match kind.as_str() {
        CSV => true,
        XLSX => false,
        _ => {
            return Err(Problem::new(Code::UnsupportedMediaType)
                .with("expected", format!("{CSV} / {XLSX}"))
                .into());
        }
    };
    if csv && charset.is_some_and(|set| set.trim_matches('"') != "utf-8") {
        return Err(Unreadable::NotUtf8.into());
    }
    let rows = tokio::task::spawn_blocking(move || {
        if csv {
            delimited::read(&bytes)
        } else {
            workbook::read(&bytes)
        }
    })
    .await
    .map_err(Error::internal)??;
    if rows.len() < 2 {
        return Err(Code::RosterEmpty.into());
    }
    Ok(rows)
}

/// Counts what is taken from a file, so that a small file cannot become a large one in memory.
#[derive(Default)]
struct Budget {
    rows: usize,
    text: usize,
}

impl Budget {
    /// One more row that is not blank.
    fn row(&mut self) -> Result<(), Unreadable> {
        self.rows += 1;
        if self.rows > MAX_ROWS + 1 {
            return Err(Unreadable::TooLong);
        }
        Ok(())
    }

    /// A cell's text, cut where more of it does not matter.
    fn text(&mut self, text: &str) -> Result<Cell, Unreadable> {
        let cut = match text.char_indices().nth(MAX_CELL) {
            Some((end, _)) => &text[..end],
            None => text,
        };
        self.text += cut.len();
        if self.text > MAX_TEXT {
            return Err(Unreadable::TooLarge);
        }
        Ok(if cut.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(cut.to_owned())
        })
    }
}
