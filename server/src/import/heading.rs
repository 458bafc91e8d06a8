//! The line of headings.

use super::{Mistake, Row};
use crate::domain::roster::{Cell, Column};
use crate::problem::Code;

/// Which column stands where.
#[derive(Clone, Debug, Default)]
pub(super) struct Headings {
    written: Vec<String>,
    columns: Vec<Option<Column>>,
}

impl Headings {
    /// Reads the headings; each that is unknown, missing or doubled is a mistake.
    pub(super) fn read(row: &Row, mistakes: &mut Vec<Mistake>) -> Self {
        let mut headings = Self::default();
        for cell in &row.cells {
            let written = cell.shown();
            let column = Column::of_heading(&written);
            let wrong = match column {
                None => (!cell.is_blank()).then_some(Code::ColumnUnknown),
                Some(Column::Certificates) => None,
                Some(column) => headings.has(column).then_some(Code::ColumnDuplicate),
            };
            if let Some(code) = wrong {
                mistakes.push(Mistake {
                    line: row.line,
                    column,
                    heading: Some(written.chars().take(40).collect()),
                    code,
                    params: Vec::new(),
                    value: written.clone(),
                });
            }
            headings.written.push(written);
            headings.columns.push(column);
        }
        let missing = Column::ALL
            .iter()
            .filter(|column| column.is_required() && !headings.has(**column));
        mistakes.extend(missing.map(|column| Mistake {
            line: row.line,
            column: Some(*column),
            heading: None,
            code: Code::ColumnMissing,
            params: Vec::new(),
            value: String::new(),
        }));
        headings
    }

    fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column))
    }

    /// The heading of a column as it stands in the file.
    pub(super) fn written(&self, column: Column) -> Option<String> {
        let place = self
            .columns
            .iter()
            .position(|found| *found == Some(column))?;
        self.written.get(place).cloned()
    }

    /// The cells of a column in a row: one, or none, or several of certificates.
    pub(super) fn cells<'r>(&self, column: Column, row: &'r Row) -> impl Iterator<Item = &'r Cell> {
        self.columns
            .iter()
            .zip(&row.cells)
            .filter(move |(found, _)| **found == Some(column))
            .map(|(_, cell)| cell)
    }

    /// Cells that say something where no heading stands.
    pub(super) fn stray(&self, row: &Row) -> Option<Mistake> {
        let blank = |place: usize| {
            self.written
                .get(place)
                .is_none_or(|text| text.trim().is_empty())
        };
        let (place, cell) = row
            .cells
            .iter()
            .enumerate()
            .find(|(place, cell)| blank(*place) && !cell.is_blank())?;
        Some(Mistake {
            line: row.line,
            column: None,
            heading: Some(letter(place)),
            code: Code::ColumnUnknown,
            params: Vec::new(),
            value: cell.shown(),
        })
    }
}

/// The letters that a spreadsheet shows above a column: 0 is A, 26 is AA.
fn letter(place: usize) -> String {
    let last = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0));
    match place / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}
