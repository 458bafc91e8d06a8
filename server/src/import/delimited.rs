//! CSV files.

use csv::{ByteRecord, ReaderBuilder};

use super::{Budget, MAX_COLUMNS, Row, Unreadable};
use crate::domain::roster::Cell;

/// Reads a CSV file in UTF-8, with or without a byte order mark.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Row>, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.starts_with("PK\u{3}\u{4}") {
        // A workbook that says it is CSV.
        return Err(Unreadable::Broken);
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut rows, mut budget, mut lines) = (Vec::new(), Budget::default(), Lines::new(text));
    let mut record = ByteRecord::new();
    while reader
        .read_byte_record(&mut record)
        .map_err(|_| Unreadable::Broken)?
    {
        let start = record.position().map_or(0, csv::Position::byte);
        let line = lines.at(usize::try_from(start).unwrap_or(usize::MAX));
        let cells = cells(&record, &mut budget)?;
        if cells.iter().all(Cell::is_blank) {
            continue;
        }
        budget.row()?;
        rows.push(Row { line, cells });
    }
    Ok(rows)
}

fn cells(record: &ByteRecord, budget: &mut Budget) -> Result<Vec<Cell>, Unreadable> {
    let mut cells = Vec::with_capacity(record.len().min(MAX_COLUMNS));
    for field in record {
        let text = std::str::from_utf8(field).map_err(|_| Unreadable::NotUtf8)?;
        if cells.len() == MAX_COLUMNS {
            if !text.trim().is_empty() {
                return Err(Unreadable::TooLong);
            }
            continue;
        }
        cells.push(budget.text(text)?);
    }
    Ok(cells)
}

/// Line numbers by place in the text. The reader's own count stands before the blank lines that it skips.
struct Lines<'a> {
    text: &'a [u8],
    place: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            place: 0,
            line: 1,
        }
    }

    /// The line of the record that begins at or after a place; places only grow.
    fn at(&mut self, start: usize) -> u32 {
        let rest = self.text.get(start..).unwrap_or_default();
        let skipped = rest
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        let end = (start + skipped).min(self.text.len());
        let passed = self.text.get(self.place..end).unwrap_or_default();
        let breaks = passed.iter().filter(|b| **b == b'\n').count();
        self.line += u32::try_from(breaks).unwrap_or(u32::MAX);
        self.place = end.max(self.place);
        self.line
    }
}
