//! Indwelling devices: where they may be, when they come due for review, when somebody is told, and how their days
//! are counted (field guide §2.3, Q01 to Q03). Due means "look again": nothing is ever ordered by itself.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::enums::{DeviceKind, DeviceRemoval};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{Calendar, LocalTime, day_start, local_date, local_minutes};
use super::code::{ItemCode, Key};
use super::rulefile::{Bilingual, Edition, Problems, RuleFile, RuleProblemCode as Code};

#[cfg(test)]
mod tests;

/// One version of the rules for devices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceRules {
    /// Counts up from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the values come from.
    pub source: String,
    /// Days before a review on which family and nurse are told.
    #[schema(minimum = 0, maximum = 30)]
    pub remind_days: u32,
    /// First minute of the day on which people are told.
    pub remind_from: LocalTime,
    /// The minute from which nobody is told any more that day.
    pub remind_to: LocalTime,
    /// The kinds of device.
    pub kinds: Vec<DeviceRule>,
}

/// The rules of one kind of device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceRule {
    /// Which kind.
    pub kind: DeviceKind,
    /// Its name.
    pub name: Bilingual,
    /// The item a family books when it comes due.
    pub item: ItemCode,
    /// Where such a device can be; a patient has at most one at each.
    pub sites: Vec<DeviceSite>,
    /// Days from placing or review to the next review, for a material that is not listed; absent: none is due.
    #[schema(minimum = 1, maximum = 730)]
    pub review_days: Option<u32>,
    /// Days after placing beyond which it should not stay; absent: no such day.
    #[schema(minimum = 1, maximum = 3650)]
    pub latest_days: Option<u32>,
    /// What it can be made of, with days of its own.
    pub materials: Vec<DeviceMaterial>,
}

/// A place of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceSite {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
}

/// A material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceMaterial {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// Days to the next review.
    #[schema(minimum = 1, maximum = 730)]
    pub review_days: u32,
    /// Days after placing beyond which it should not stay.
    #[schema(minimum = 1, maximum = 3650)]
    pub latest_days: Option<u32>,
}

/// Why a device cannot be registered or changed as wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The rules have no such kind.
    #[error("the rules for devices do not have this kind")]
    KindUnknown,
    /// No such place for this kind, or none given where there are several.
    #[error("no such site for this kind of device")]
    SiteUnknown,
    /// No such material for this kind.
    #[error("no such material for this kind of device")]
    MaterialUnknown,
    /// Removed before it was placed.
    #[error("a device is removed after it was placed")]
    RemovedBeforePlaced,
    /// In the future.
    #[error("this has not happened yet")]
    Future,
    /// A review on a day that is past, or after the latest day.
    #[error("the next review lies between today and the latest day")]
    ReviewDay,
}

impl DeviceError {
    /// Stable problem code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::KindUnknown => "device_kind_unknown",
            Self::SiteUnknown => "device_site_unknown",
            Self::MaterialUnknown => "device_material_unknown",
            Self::RemovedBeforePlaced => "device_removed_before_placed",
            Self::Future => "time_in_future",
            Self::ReviewDay => "device_review_day",
        }
    }
}

impl DeviceRules {
    /// The rules of a kind.
    pub fn rule(&self, kind: DeviceKind) -> Result<&DeviceRule, DeviceError> {
        let found = self.kinds.iter().find(|rule| rule.kind == kind);
        found.ok_or(DeviceError::KindUnknown)
    }

    /// When family and nurse are told of a review: within the hours, on the working day that is `remind_days` or
    /// more before it; when that is past, at the next such hour, which after the day of review may be any day.
    pub fn remind_at(
        &self,
        due: NaiveDate,
        now: DateTime<Utc>,
        calendar: &Calendar,
    ) -> DateTime<Utc> {
        /// No holiday is longer, and nobody is told weeks too early.
        const MOST_DAYS_EARLIER: u64 = 15;
        let wanted = earlier(due, u64::from(self.remind_days));
        let day = (0..=MOST_DAYS_EARLIER)
            .map(|days| earlier(wanted, days))
            .find(|day| calendar.is_workday(*day))
            .unwrap_or(wanted);
        let from = TimeDelta::minutes(i64::from(self.remind_from.minutes()));
        let planned = day_start(day) + from;
        if planned >= now {
            return planned;
        }
        let today = local_date(now);
        let may = |day: NaiveDate| calendar.is_workday(day) || day >= due;
        if may(today) && self.is_hour(now) {
            return now;
        }
        // Before the hours begin today still counts.
        let first = u64::from(local_minutes(now) >= self.remind_from.minutes());
        let next = (first..=MOST_DAYS_EARLIER)
            .filter_map(|days| today.checked_add_days(Days::new(days)))
            .find(|day| may(*day));
        next.map_or(now, |day| day_start(day) + from)
    }

    /// Whether people may be told at this hour.
    pub fn is_hour(&self, at: DateTime<Utc>) -> bool {
        (self.remind_from.minutes()..self.remind_to.minutes()).contains(&local_minutes(at))
    }
}

impl DeviceRule {
    /// The place of a device: the one named, or the only one there is.
    pub fn site(&self, named: Option<&str>) -> Result<&DeviceSite, DeviceError> {
        let found = match (named, self.sites.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(code), sites) => sites.iter().find(|site| site.code.as_str() == code),
        };
        found.ok_or(DeviceError::SiteUnknown)
    }

    /// The material, when one is named.
    pub fn material(&self, named: Option<&str>) -> Result<Option<&DeviceMaterial>, DeviceError> {
        let Some(code) = named else { return Ok(None) };
        let mut all = self.materials.iter();
        let found = all.find(|material| material.code.as_str() == code);
        found.map(Some).ok_or(DeviceError::MaterialUnknown)
    }

    /// When a device that was placed or looked after on a day comes due, and the last day it should stay.
    pub fn days(
        &self,
        material: Option<&DeviceMaterial>,
        placed_on: NaiveDate,
        looked_at_on: NaiveDate,
    ) -> ReviewDays {
        let review = material.map(|one| one.review_days).or(self.review_days);
        let latest = match material {
            Some(one) => one.latest_days,
            None => self.latest_days,
        };
        let latest_on = latest.map(|days| later(placed_on, days));
        let due = review.map(|days| later(looked_at_on, days));
        ReviewDays {
            // Past its latest day a device is due at once.
            due: match (due, latest_on) {
                (Some(due), Some(latest)) => Some(due.min(latest.max(looked_at_on))),
                (due, latest) => due.or(latest),
            },
            latest_on,
        }
    }
}

/// The days of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewDays {
    /// Look again on this day.
    pub due: Option<NaiveDate>,
    /// It should not stay longer.
    pub latest_on: Option<NaiveDate>,
}

impl ReviewDays {
    /// The same with the day a clinician chose: not before today, not after the latest day.
    pub fn with_choice(
        self,
        chosen: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Self, DeviceError> {
        let Some(day) = chosen else { return Ok(self) };
        let last = self.latest_on.unwrap_or_else(|| later(today, 730));
        if day < today || day > last.max(today) {
            return Err(DeviceError::ReviewDay);
        }
        Ok(Self {
            due: Some(day),
            ..self
        })
    }
}

/// What happened to a device happened by now, give or take the clock of a phone.
pub fn check_past(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), DeviceError> {
    if at <= now + TimeDelta::minutes(5) {
        Ok(())
    } else {
        Err(DeviceError::Future)
    }
}

/// A device is removed after it was placed.
pub fn check_removed(placed: DateTime<Utc>, removed: DateTime<Utc>) -> Result<(), DeviceError> {
    if removed >= placed {
        Ok(())
    } else {
        Err(DeviceError::RemovedBeforePlaced)
    }
}

/// Whether a removal was planned; all others count as unplanned (Q01).
pub fn is_planned(removal: DeviceRemoval) -> bool {
    removal == DeviceRemoval::Planned
}

/// When the patient died with a device in place, by what became known. Somebody of whom any device was placed or looked after
/// since is alive, whatever was told.
pub fn died_with(
    looked_after: DateTime<Utc>,
    died: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    died.filter(|died| *died >= looked_after)
}

/// The day on which a device was taken out, and the day on which its days end: those of who died with it end with the
/// death, and what is taken out later is no removal (Q01).
pub fn ended(
    removed: Option<NaiveDate>,
    died: Option<NaiveDate>,
) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let removed = removed.filter(|day| died.is_none_or(|died| *day <= died));
    (removed, removed.or(died))
}

/// A stretch of local days; the last is not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

/// Days of a device within a period: the day it was placed counts, the day on which its days end does not. So a device
/// that is replaced is not counted twice, and periods that meet add up.
pub fn device_days(placed: NaiveDate, ended: Option<NaiveDate>, period: Period) -> u32 {
    let from = placed.max(period.from);
    let to = ended.map_or(period.to, |ended| ended.min(period.to));
    u32::try_from((to - from).num_days()).unwrap_or(0)
}

fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}

fn earlier(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days))
        .unwrap_or(NaiveDate::MIN)
}

impl RuleFile for DeviceRules {
    fn edition(&self) -> Edition<'_> {
        Edition {
            version: self.version,
            valid_from: self.valid_from,
            approved_by: self.approved_by.as_deref(),
            approved_on: self.approved_on,
            source: &self.source,
        }
    }

    fn check_rules(&self, problems: &mut Problems) {
        problems.in_range("remind_days", self.remind_days, 0..=30);
        problems.require(
            self.remind_from < self.remind_to,
            "remind_to",
            Code::Inconsistent,
            "has to come after remind_from",
        );
        problems.in_range("kinds", self.kinds.len(), 1..=DeviceKind::ALL.len());
        problems.unique("kinds", self.kinds.iter().map(|rule| rule.kind));
        problems.each("kinds", &self.kinds, |at, rule| rule.check(at));
    }
}

impl DeviceRule {
    fn check(&self, at: &mut Problems) {
        at.text("name", &self.name);
        at.in_range("sites", self.sites.len(), 1..=20);
        at.unique("sites", self.sites.iter().map(|site| &site.code));
        at.each("sites", &self.sites, |at, site| at.text("name", &site.name));
        at.in_range("review_days", self.review_days.unwrap_or(1), 1..=730);
        at.in_range("latest_days", self.latest_days.unwrap_or(1), 1..=3650);
        at.unique("materials", self.materials.iter().map(|one| &one.code));
        at.each("materials", &self.materials, |at, one| {
            at.text("name", &one.name);
            at.in_range("review_days", one.review_days, 1..=730);
            at.in_range("latest_days", one.latest_days.unwrap_or(1), 1..=3650);
        });
    }
}
