//! Weekly duty and leave.

use chrono::{DateTime, TimeDelta, Utc};

use super::RosterError;

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
