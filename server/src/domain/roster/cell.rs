//! Cells of a roster file, read as what their column holds.

use chrono::{Datelike, NaiveDate};
use entity::enums::{Crs, NurseTitle, Sex};

use super::super::text::{fold_width, is_invisible};
use super::{RosterError, check_date};

/// A cell of a spreadsheet or CSV file.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, as written.
    Text(String),
    /// A number of a spreadsheet.
    Number(f64),
    /// A date of a spreadsheet; a time of day in it is dropped.
    Date(NaiveDate),
    /// Yes or no of a spreadsheet.
    Flag(bool),
}

/// From here on a spreadsheet keeps fifteen digits and writes zeros for the rest.
const EXACT_BELOW: f64 = 1e15;

impl Cell {
    /// Nothing, or white space only.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// As a person would write it.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// Text of `min` to `max` characters on one line.
pub fn text(cell: &Cell, min: usize, max: usize) -> Result<String, RosterError> {
    if cell.is_blank() {
        return Err(RosterError::Missing);
    }
    if matches!(cell, Cell::Number(number) if number.abs() >= EXACT_BELOW) {
        return Err(RosterError::Rounded);
    }
    let text = cell.shown();
    if text.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(RosterError::Control);
    }
    // `#` begins what a spreadsheet shows for a formula that failed.
    if text.starts_with(['=', '+', '-', '@', '#', '＝', '＋', '－', '＠']) {
        return Err(RosterError::Formula);
    }
    if is_scientific(&text) {
        return Err(RosterError::Rounded);
    }
    if !(min..=max).contains(&text.chars().count()) {
        return Err(RosterError::Length { min, max });
    }
    Ok(text)
}

/// The same, or nothing.
pub fn optional_text(cell: &Cell, max: usize) -> Result<Option<String>, RosterError> {
    if cell.is_blank() {
        Ok(None)
    } else {
        text(cell, 1, max).map(Some)
    }
}

/// `2.01413E+11`: what a spreadsheet writes into a CSV file for a long number.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    exponent.starts_with('+')
        && digits(&exponent[1..])
        && mantissa.split('.').count() <= 2
        && mantissa.split('.').all(digits)
}

/// A short entry without width differences, for look-ups.
fn word(cell: &Cell) -> Result<Option<String>, RosterError> {
    let text = optional_text(cell, 40)?;
    Ok(text.map(|text| fold_width(&text).collect::<String>().trim().to_lowercase()))
}

/// A date: of the spreadsheet, or `2026-03-31`, `2026/3/31`, `2026.3.31`, `2026年3月31日`, `20260331`.
pub fn date(cell: &Cell) -> Result<Option<NaiveDate>, RosterError> {
    let date = match cell {
        Cell::Date(date) => *date,
        // `20260331` typed into a spreadsheet is a number there.
        Cell::Number(_) | Cell::Text(_) => match word(cell)? {
            None => return Ok(None),
            Some(text) => parse_date(&text).ok_or(RosterError::Date)?,
        },
        Cell::Empty => return Ok(None),
        Cell::Flag(_) => return Err(RosterError::Date),
    };
    check_date(date).map(|()| Some(date))
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    // A time of day after the date is what some exports add.
    let day = text.split([' ', 't']).next().unwrap_or_default();
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        return ymd(&day[..4], &day[4..6], &day[6..]);
    }
    let day = day.strip_suffix('日').unwrap_or(day);
    let parts: Vec<&str> = day.split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts[..] else {
        return None;
    };
    ymd(year, month, day)
}

fn ymd(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || ![year, month, day].into_iter().all(digits) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    (date.year() > 0).then_some(date)
}

/// A title, in Chinese or as the API writes it.
pub fn title(cell: &Cell) -> Result<Option<NurseTitle>, RosterError> {
    let Some(word) = word(cell)? else {
        return Ok(None);
    };
    let title = match word.as_str() {
        "护士" => Some(NurseTitle::Nurse),
        "护师" => Some(NurseTitle::NursePractitioner),
        "主管护师" => Some(NurseTitle::SeniorNurse),
        "副主任护师" => Some(NurseTitle::DeputyChiefNurse),
        "主任护师" => Some(NurseTitle::ChiefNurse),
        other => other.replace(' ', "_").parse().ok(),
    };
    title.map(Some).ok_or(RosterError::Title)
}

/// A sex, in Chinese or as the API writes it.
pub fn sex(cell: &Cell) -> Result<Option<Sex>, RosterError> {
    match word(cell)?.as_deref() {
        None => Ok(None),
        Some("女" | "f" | "female") => Ok(Some(Sex::Female)),
        Some("男" | "m" | "male") => Ok(Some(Sex::Male)),
        Some(_) => Err(RosterError::Sex),
    }
}

/// Yes or no.
pub fn flag(cell: &Cell) -> Result<Option<bool>, RosterError> {
    if let Cell::Flag(flag) = cell {
        return Ok(Some(*flag));
    }
    match word(cell)?.as_deref() {
        None => Ok(None),
        Some("是" | "yes" | "y" | "true" | "1") => Ok(Some(true)),
        Some("否" | "no" | "n" | "false" | "0") => Ok(Some(false)),
        Some(_) => Err(RosterError::Choice {
            known: "是/否, yes/no",
        }),
    }
}

/// A coordinate system.
pub fn crs(cell: &Cell) -> Result<Option<Crs>, RosterError> {
    let Some(word) = word(cell)? else {
        return Ok(None);
    };
    let known = RosterError::Choice {
        known: "wgs84, gcj02, bd09",
    };
    word.replace('-', "").parse().map(Some).map_err(|_| known)
}

/// A number; `bounds` are told when it is none.
pub fn number(cell: &Cell, (min, max): (i64, i64)) -> Result<Option<f64>, RosterError> {
    let number = match cell {
        Cell::Number(number) => Some(*number),
        Cell::Text(text) if !cell.is_blank() => {
            let plain: String = fold_width(text.trim()).collect();
            match plain.parse::<f64>() {
                Ok(number) => Some(number),
                // Tells a formula from a slip of the finger.
                Err(_) => match self::text(cell, 1, 40) {
                    Err(error) => return Err(error),
                    Ok(_) => return Err(RosterError::NumberRange { min, max }),
                },
            }
        }
        Cell::Text(_) | Cell::Empty => None,
        Cell::Date(_) | Cell::Flag(_) => return Err(RosterError::NumberRange { min, max }),
    };
    match number {
        Some(number) if !number.is_finite() => Err(RosterError::NumberRange { min, max }),
        number => Ok(number),
    }
}

/// A whole number within bounds.
pub fn whole(cell: &Cell, (min, max): (i64, i64)) -> Result<Option<i64>, RosterError> {
    let Some(number) = number(cell, (min, max))? else {
        return Ok(None);
    };
    #[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
    let within = number.fract() == 0.0 && (min as f64..=max as f64).contains(&number);
    #[expect(clippy::cast_possible_truncation, reason = "whole and within bounds")]
    if within {
        Ok(Some(number as i64))
    } else {
        Err(RosterError::NumberRange { min, max })
    }
}
