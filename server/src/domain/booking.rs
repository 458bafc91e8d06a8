//! Rules of a booking: when it may be, who provides it, how far that is, what it is called (docs/RULES.md).

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::ids::InstitutionId;
use serde::{Deserialize, Serialize};

use super::calendar::{day_start, local_date};
use super::catalogue::{Catalogue, Item, ItemCode};
use super::place::{Point, distance_m};
use super::screening::{Answers, NotBookable, Screening, check_bookable};

#[cfg(test)]
mod tests;

/// Longest window, in hours: the family has to be at home all that time.
pub const MAX_WINDOW_H: i64 = 12;
/// Most items of one order.
pub const MAX_ITEMS: usize = 5;

/// When an order may be booked for; configuration of the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingLimits {
    /// Least minutes from now to the start of the window.
    pub lead_time_min: u32,
    /// The last local day on which a window may start, counted from today.
    pub horizon_days: u32,
}

/// Why a window is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// It starts too soon, or has started.
    #[error("book at least {minutes} minutes ahead")]
    Past {
        /// Lead time in minutes.
        minutes: u32,
    },
    /// It starts on too late a day.
    #[error("book at most {days} days ahead")]
    TooFar {
        /// Horizon in days.
        days: u32,
    },
    /// It ends too early for the service, or is too long.
    #[error("a window holds {minutes} minutes and has at most {MAX_WINDOW_H} hours")]
    Invalid {
        /// Minutes of service.
        minutes: u32,
    },
}

impl WindowError {
    /// Stable problem code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Past { .. } => "window_past",
            Self::TooFar { .. } => "window_too_far",
            Self::Invalid { .. } => "window_invalid",
        }
    }
}

/// Whether a visit may be booked to start at a moment.
pub fn check_start(
    start: DateTime<Utc>,
    now: DateTime<Utc>,
    limits: BookingLimits,
) -> Result<(), WindowError> {
    if start < now + TimeDelta::minutes(i64::from(limits.lead_time_min)) {
        return Err(WindowError::Past {
            minutes: limits.lead_time_min,
        });
    }
    // The day after the last one: `start` itself is never calculated with, it may be the year 200,000.
    let beyond = Days::new(u64::from(limits.horizon_days) + 1);
    let end = local_date(now).checked_add_days(beyond);
    if start >= day_start(end.unwrap_or(NaiveDate::MAX)) {
        return Err(WindowError::TooFar {
            days: limits.horizon_days,
        });
    }
    Ok(())
}

/// Whether a window may be booked for so many minutes of service.
pub fn check_window(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    duration_min: u32,
    now: DateTime<Utc>,
    limits: BookingLimits,
) -> Result<(), WindowError> {
    check_start(start, now, limits)?;
    let length = end - start;
    if length < TimeDelta::minutes(i64::from(duration_min))
        || length > TimeDelta::hours(MAX_WINDOW_H)
        || length <= TimeDelta::zero()
    {
        return Err(WindowError::Invalid {
            minutes: duration_min,
        });
    }
    Ok(())
}

/// Minutes on site of several items done in one visit.
pub fn duration_min(items: &[&Item]) -> u32 {
    items.iter().map(|item| item.duration_min).sum()
}

/// An institution that may provide home care, as far as a booking needs to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// Which one.
    pub id: InstitutionId,
    /// Where it stands.
    pub place: Point,
    /// Active and approved for home care (R3).
    pub approved: bool,
    /// Items it has opened or closed against the catalogue's default.
    pub decided: BTreeMap<String, bool>,
}

impl Provider {
    /// Whether it offers the item.
    pub fn offers(&self, item: &Item) -> Result<(), NotBookable> {
        check_bookable(item, self.decided.get(item.code.as_str()).copied())?;
        if self.approved {
            Ok(())
        } else {
            Err(NotBookable::Closed)
        }
    }
}

/// Whether any institution offers an item (R3, R4).
pub fn bookable(item: &Item, providers: &[Provider]) -> Result<(), NotBookable> {
    let mut outcome = Err(NotBookable::Closed);
    for provider in providers {
        match provider.offers(item) {
            Ok(()) => return Ok(()),
            Err(error) => outcome = Err(error),
        }
    }
    // Without any institution the negative list still speaks.
    check_bookable(item, Some(true)).and(outcome)
}

/// Who provides an order, and from how far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Provided {
    /// The institution.
    pub institution: InstitutionId,
    /// Straight line from the institution to the address in metres; none when the address has no place.
    pub distance_m: Option<f64>,
}

impl Provided {
    /// The distance the visit fee is taken for, in metres. An address without a place is charged the lowest
    /// band until its place is known: then an order that still waits is priced anew. Once a nurse has it, who was
    /// assigned by hand, what the family was told does not grow any more.
    pub fn charged_m(&self) -> f64 {
        self.distance_m.unwrap_or(0.0)
    }
}

/// Why nobody provides an order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProvider {
    /// One item can be had nowhere.
    #[error("{item}: {why}")]
    Item {
        /// Which item.
        item: ItemCode,
        /// Why not.
        why: NotBookable,
    },
    /// Each item can be had somewhere, but nowhere all of them; or no institution is approved.
    #[error("no institution provides all of it")]
    Nobody,
}

impl NoProvider {
    /// Stable problem code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Item { why, .. } => why.code(),
            Self::Nobody => "institution_none",
        }
    }
}

/// The institution that provides an order: of those that are active, approved for home care (R3) and have opened
/// every item, the nearest to the address; when its place is not known, the nearest to the patient's own
/// institution, which is that one itself if it qualifies. Ties go to the patient's own, then to the older.
pub fn choose_provider(
    items: &[&Item],
    address: Option<Point>,
    home: InstitutionId,
    providers: &[Provider],
) -> Result<Provided, NoProvider> {
    if providers.iter().any(|provider| provider.approved) {
        for item in items {
            bookable(item, providers).map_err(|why| NoProvider::Item {
                item: item.code.clone(),
                why,
            })?;
        }
    }
    let from = address.or_else(|| {
        let home = providers.iter().find(|provider| provider.id == home);
        home.map(|provider| provider.place)
    });
    let offers_all = |provider: &&Provider| items.iter().all(|item| provider.offers(item).is_ok());
    let metres = |provider: &Provider| from.map_or(0.0, |from| distance_m(from, provider.place));
    let chosen = providers.iter().filter(offers_all).min_by(|one, other| {
        let near = metres(one).total_cmp(&metres(other));
        near.then((one.id != home).cmp(&(other.id != home)))
            .then(one.id.cmp(&other.id))
    });
    chosen.map_or(Err(NoProvider::Nobody), |provider| {
        Ok(Provided {
            institution: provider.id,
            distance_m: address.map(|address| distance_m(provider.place, address)),
        })
    })
}

/// Why a list of items is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItemsError {
    /// None, or more than [`MAX_ITEMS`].
    #[error("an order has 1 to {MAX_ITEMS} items")]
    Count,
    /// The catalogue has no such item.
    #[error("no item {item}")]
    Unknown {
        /// Its place in the list.
        at: usize,
        /// Its code.
        item: ItemCode,
    },
    /// It stands in the list twice.
    #[error("item {item} twice")]
    Twice {
        /// The second place in the list.
        at: usize,
        /// Its code.
        item: ItemCode,
    },
}

impl ItemsError {
    /// Stable problem code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Count => "items_count",
            Self::Unknown { .. } => "item_unknown",
            Self::Twice { .. } => "item_duplicate",
        }
    }
}

/// The items of an order: 1 to [`MAX_ITEMS`] of the catalogue, each once.
pub fn check_items<'a>(
    catalogue: &'a Catalogue,
    codes: &[ItemCode],
) -> Result<Vec<&'a Item>, ItemsError> {
    if !(1..=MAX_ITEMS).contains(&codes.len()) {
        return Err(ItemsError::Count);
    }
    let mut items = Vec::with_capacity(codes.len());
    for (at, code) in codes.iter().enumerate() {
        let item = code.clone();
        if codes[..at].contains(code) {
            return Err(ItemsError::Twice { at, item });
        }
        let found = catalogue.item(code.as_str());
        items.push(found.ok_or(ItemsError::Unknown { at, item })?);
    }
    Ok(items)
}

/// Letters of an order's number: none that is mistaken for another when read out on the phone.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// What people call an order, `260302-7KQ4M`: the local day of booking and five letters from random bytes.
pub fn order_number(now: DateTime<Utc>, random: [u8; 5]) -> String {
    let day = local_date(now).format("%y%m%d");
    let letters: String = random
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    format!("{day}-{letters}")
}

/// What was answered and found when an order was booked, kept sealed with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreeningRecord {
    /// The answers as given.
    pub answers: Answers,
    /// The judgement.
    pub screening: Screening,
}
