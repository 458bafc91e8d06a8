//! Excel workbooks: the first visible sheet.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use chrono::NaiveDate;
use zip::ZipArchive;

use super::{Budget, MAX_COLUMNS, Row, Unreadable};
use crate::domain::roster::Cell;

/// Most bytes that a workbook may unpack to: a roster of 5,000 nurses takes about 10 MB.
const MAX_UNPACKED: u64 = 64 * 1024 * 1024;

/// Reads the first visible sheet of a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Row>, Unreadable> {
    check_size(bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheet = workbook
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .ok_or(Unreadable::Broken)?;
    // Cell by cell: one cell in the last corner of a sheet must not make a table of that size.
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(broken)?;
    let (mut rows, mut budget) = (BTreeMap::<u32, Vec<Cell>>::new(), Budget::default());
    while let Some(found) = cells.next_cell().map_err(broken)? {
        let (row, column) = found.get_position();
        let cell = cell_of(found.get_value(), &mut budget)?;
        if cell.is_blank() {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MAX_COLUMNS {
            return Err(Unreadable::TooLong);
        }
        if !rows.contains_key(&row) {
            budget.row()?;
        }
        let row = rows.entry(row).or_default();
        if row.len() <= column {
            row.resize(column + 1, Cell::Empty);
        }
        row[column] = cell;
    }
    let row = |(index, cells): (u32, Vec<Cell>)| Row {
        line: index.saturating_add(1),
        cells,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Unpacks every part once and throws it away: the sizes that an archive declares need not be true.
fn check_size(bytes: &[u8]) -> Result<(), Unreadable> {
    let refuse = |_: zip::result::ZipError| Unreadable::Broken;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(refuse)?;
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(refuse)?;
        let read = std::io::copy(&mut part.take(left), &mut std::io::sink())
            .map_err(|_| Unreadable::Broken)?;
        left -= read;
        if left == 0 {
            return Err(Unreadable::TooLarge);
        }
    }
    Ok(())
}

fn cell_of(value: &DataRef<'_>, budget: &mut Budget) -> Result<Cell, Unreadable> {
    Ok(match value {
        DataRef::Empty => Cell::Empty,
        DataRef::SharedString(text) => budget.text(text)?,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            budget.text(text)?
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a spreadsheet has only such numbers"
        )]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::Error(error) => Cell::Text(error.to_string()),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            match NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()) {
                Some(date) if moment.is_datetime() => Cell::Date(date),
                // The 29th of February 1900, which spreadsheets know, and spans of time.
                _ => Cell::Number(moment.as_f64()),
            }
        }
    })
}

fn broken(_: XlsxError) -> Unreadable {
    Unreadable::Broken
}
