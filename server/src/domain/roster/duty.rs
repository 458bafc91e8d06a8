//! Weekly duty and leave.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::text::fold_width;
use super::RosterError;
use super::cell::{self, Cell};

/// Most duty windows of a week.
pub const MAX_WINDOWS: usize = 42;
/// Most characters of a cell with the duty of a week.
const DUTY_MAX: usize = 500;
/// Longest leave, days: longer ones are for a nurse who is not active.
pub const MAX_LEAVE_DAYS: i64 = 400;
/// Minutes of a day.
const DAY_MIN: i32 = 1440;

/// On duty every week: local minutes of an ISO weekday. One that runs past midnight is two of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DutySpan {
    /// 1 Monday to 7 Sunday.
    pub weekday: i32,
    /// First minute, 0 to 1439.
    pub start_min: i32,
    /// First minute after it, up to 1440.
    pub end_min: i32,
}

/// Checks windows; the index tells which one is wrong.
pub fn check_duty(windows: &[DutySpan]) -> Result<(), (usize, RosterError)> {
    for (index, window) in windows.iter().enumerate() {
        let weekday = (1..=7).contains(&window.weekday);
        if !weekday {
            return Err((index, RosterError::NumberRange { min: 1, max: 7 }));
        }
        let (start, end) = (window.start_min, window.end_min);
        if !(0..DAY_MIN).contains(&start) || end > DAY_MIN || end <= start {
            return Err((index, RosterError::DateOrder));
        }
        let clash = windows[..index].iter().any(|other| {
            other.weekday == window.weekday && other.start_min < end && start < other.end_min
        });
        if clash {
            return Err((index, RosterError::DutyOverlap));
        }
    }
    Ok(())
}

/// Reads a cell that says when a nurse is on duty every week, `1-5 08:00-17:30; 6,7 08:00-12:00`: days of the week from 1
/// for Monday, then hours. Full-width signs count too. Nothing when the cell is blank.
pub fn duty_of(cell: &Cell) -> Result<Option<Vec<DutySpan>>, RosterError> {
    let Some(text) = cell::optional_text(cell, DUTY_MAX)? else {
        return Ok(None);
    };
    let text: String = fold_width(&text).collect();
    let mut windows = Vec::new();
    for part in text.split(';').map(str::trim) {
        if !part.is_empty() {
            windows.extend(windows_of(part).ok_or(RosterError::DutyForm)?);
        }
    }
    if windows.is_empty() || windows.len() > MAX_WINDOWS {
        return Err(RosterError::DutyForm);
    }
    check_duty(&windows).map_err(|(_, error)| error)?;
    windows.sort_unstable();
    Ok(Some(windows))
}

/// The windows of `1-5 08:00-17:30`.
fn windows_of(part: &str) -> Option<Vec<DutySpan>> {
    let (days, hours) = part.split_once(char::is_whitespace)?;
    let (start, end) = hours.split_once('-')?;
    let (start_min, end_min) = (minute_of_day(start.trim())?, minute_of_day(end.trim())?);
    let span = |weekday| DutySpan {
        weekday,
        start_min,
        end_min,
    };
    let mut windows = Vec::new();
    for days in days.split(',') {
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (first, last) = (weekday(first)?, weekday(last)?);
        if last < first {
            return None;
        }
        windows.extend((first..=last).map(span));
    }
    Some(windows)
}

fn weekday(text: &str) -> Option<i32> {
    text.parse().ok().filter(|day| (1..=7).contains(day))
}

/// Checks a leave that is entered now.
pub fn check_leave(
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), RosterError> {
    let sound = starts_at < ends_at
        && ends_at > now
        && ends_at - starts_at <= TimeDelta::days(MAX_LEAVE_DAYS)
        && starts_at <= now + TimeDelta::days(2 * MAX_LEAVE_DAYS);
    if sound {
        Ok(())
    } else {
        Err(RosterError::Leave)
    }
}

/// Minutes after midnight of `HH:MM`, 00:00 to 24:00.
pub fn minute_of_day(text: &str) -> Option<i32> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<i32>().ok())
            .flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MIN).then_some(total)
}

/// `HH:MM` of minutes after midnight.
pub fn clock_text(minutes: i32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(text: &str) -> Result<Option<Vec<DutySpan>>, RosterError> {
        duty_of(&Cell::Text(text.to_owned()))
    }

    #[test]
    fn a_week_is_written_in_one_cell() {
        let span = |(weekday, start_min, end_min)| DutySpan {
            weekday,
            start_min,
            end_min,
        };
        let weekdays = (1..=5).map(|day| (day, 480, 1050));
        let week: Vec<_> = weekdays.chain([(6, 480, 720)]).map(span).collect();
        for text in [
            "1-5 08:00-17:30; 6 08:00-12:00",
            "6 08:00-12:00;1-5 08:00-17:30;",
            "1,2,3-5  08:00 - 17:30;6 08:00-12:00",
            "\u{FF11}\u{FF0D}5\u{3000}08\u{FF1A}00-17:30\u{FF1B}6 08:00-12:00",
        ] {
            assert_eq!(read(text), Ok(Some(week.clone())), "{text}");
        }
        let night = [(7, 0, 480), (7, 1200, 1440)].map(span).to_vec();
        assert_eq!(read("7 20:00-24:00; 7 00:00-08:00"), Ok(Some(night)));
        assert_eq!((read(" "), duty_of(&Cell::Empty)), (Ok(None), Ok(None)));
    }

    #[rstest]
    #[case("08:00-17:30", "duty_form")]
    #[case("1-5", "duty_form")]
    #[case("0-5 08:00-17:30", "duty_form")]
    #[case("1-8 08:00-17:30", "duty_form")]
    #[case("5-1 08:00-17:30", "duty_form")]
    #[case("1-5 8:00-17:30", "duty_form")]
    #[case("1-5 08:00-24:01", "duty_form")]
    #[case("1-5 08:00", "duty_form")]
    #[case("周一 08:00-17:30", "duty_form")]
    #[case(";", "duty_form")]
    #[case("1 20:00-08:00", "date_order")]
    #[case("1 08:00-08:00", "date_order")]
    #[case("1-5 08:00-12:00; 3 11:59-13:00", "duty_overlap")]
    #[case("=1-5 08:00-17:30", "cell_formula")]
    fn a_cell_that_is_no_week_is_refused(#[case] text: &str, #[case] code: &str) {
        assert_eq!(
            read(text).map_err(|error| error.code()),
            Err(code),
            "{text}"
        );
    }
}
