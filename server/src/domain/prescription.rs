//! Prescriptions (R7): what injects or irrigates is done on a prescription that holds, at booking for the day of the
//! visit, before setting out, and again when the procedure begins.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::ids::PrescriptionId;
use serde::Serialize;
use utoipa::ToSchema;

use super::catalogue::{Item, ItemCode};
use super::rulefile::Bilingual;

/// A prescription on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The prescription.
    pub id: PrescriptionId,
    /// Code of the item it is for.
    pub item: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day; it counts.
    pub until: NaiveDate,
    /// Since when it is withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// Why no prescription holds for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// There is none.
    Never,
    /// Withdrawn.
    Withdrawn,
    /// Its last day is before the visit.
    Expired,
    /// Its first day is after the visit.
    NotYet,
}

impl Lack {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Never => "prescription_none",
            Self::Withdrawn => "prescription_withdrawn",
            Self::Expired => "prescription_expired",
            Self::NotYet => "prescription_not_yet_valid",
        }
    }

    fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Never => (
                "没有处方:请先由医生开具或由卫生院登记处方。",
                "No prescription: ask a doctor for one, or the health centre to register it.",
            ),
            Self::Withdrawn => ("处方已撤回。", "The prescription was withdrawn."),
            Self::Expired => (
                "处方在上门当日已过期。",
                "The prescription does not reach the day of the visit.",
            ),
            Self::NotYet => (
                "处方在上门当日尚未生效。",
                "The prescription begins after the day of the visit.",
            ),
        };
        Bilingual {
            zh: zh.to_owned(),
            en: en.to_owned(),
        }
    }
}

impl Held {
    /// Whether it holds on a day, by what was so at a moment.
    pub fn lack(&self, day: NaiveDate, at: DateTime<Utc>) -> Option<Lack> {
        if self.withdrawn_at.is_some_and(|since| since <= at) {
            Some(Lack::Withdrawn)
        } else if self.until < day {
            Some(Lack::Expired)
        } else if self.from > day {
            Some(Lack::NotYet)
        } else {
            None
        }
    }
}

/// An item without a prescription that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingPrescription {
    /// The item.
    pub item: ItemCode,
    /// Its name.
    pub name: Bilingual,
    /// Why: `prescription_none`, `prescription_withdrawn`, `prescription_expired` or `prescription_not_yet_valid`.
    pub code: String,
    /// The same in words.
    pub text: Bilingual,
}

/// The prescription by which each item that needs one is done: one that it was `booked` with, else the one that holds
/// longest. Items without one that holds are the error.
pub fn choose<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    held: &[Held],
    booked: &[PrescriptionId],
    day: NaiveDate,
    at: DateTime<Utc>,
) -> Result<Vec<(ItemCode, PrescriptionId)>, Vec<MissingPrescription>> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for item in items {
        if item.prescription_valid_days.is_none() {
            continue;
        }
        let of_item = || held.iter().filter(|one| one.item == item.code.as_str());
        if let Some(best) = best(of_item(), booked, day, at) {
            found.push((item.code.clone(), best));
            continue;
        }
        // The one nearest to holding says why.
        let lack = of_item().filter_map(|one| one.lack(day, at)).max();
        let lack = lack.unwrap_or(Lack::Never);
        missing.push(MissingPrescription {
            item: item.code.clone(),
            name: item.name.clone(),
            code: lack.code().to_owned(),
            text: lack.text(),
        });
    }
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(missing)
    }
}

/// The one that holds to do an item by, out of those held for it. Two may differ in drug and dose, so what was booked
/// stays while it holds.
fn best<'a>(
    held: impl Iterator<Item = &'a Held>,
    booked: &[PrescriptionId],
    day: NaiveDate,
    at: DateTime<Utc>,
) -> Option<PrescriptionId> {
    let holding = held.filter(|one| one.lack(day, at).is_none());
    let best = holding.max_by_key(|one| (booked.contains(&one.id), one.until, one.id));
    best.map(|one| one.id)
}

/// The prescription to be shown with an item, out of those held for it: the one it is done by; when none holds, the one it
/// was booked with, to show why.
pub fn shown(
    held: &[Held],
    booked: Option<PrescriptionId>,
    day: NaiveDate,
    at: DateTime<Utc>,
) -> Option<PrescriptionId> {
    best(held.iter(), booked.as_slice(), day, at).or(booked)
}

/// Why the days of a prescription are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaysError {
    /// Prescribed in the future.
    Future,
    /// Ends before it begins.
    Order,
    /// Holds longer than the item allows.
    TooLong {
        /// Days allowed.
        days: u32,
    },
}

/// Whether the days of a prescription are right for an item that holds `days`.
pub fn check_days(
    days: u32,
    from: NaiveDate,
    until: NaiveDate,
    today: NaiveDate,
) -> Result<(), DaysError> {
    if from > today {
        return Err(DaysError::Future);
    }
    if until < from {
        return Err(DaysError::Order);
    }
    if Some(until) > from.checked_add_days(Days::new(u64::from(days))) {
        return Err(DaysError::TooLong { days });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::domain::calendar::day_start;
    use crate::domain::seed;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn held(number: u128, from: &str, until: &str) -> Held {
        Held {
            id: PrescriptionId(Uuid::from_u128(number)),
            item: "SC".to_owned(),
            from: day(from),
            until: day(until),
            withdrawn_at: None,
        }
    }

    fn codes(held: &[Held], on: &str) -> Result<Vec<u128>, Vec<String>> {
        booked_codes(held, &[], on)
    }

    fn booked_codes(
        held: &[Held],
        booked: &[PrescriptionId],
        on: &str,
    ) -> Result<Vec<u128>, Vec<String>> {
        let items = ["EDU", "SC"].map(|code| seed::catalogue().item(code).expect("an item"));
        let at = day_start(day(on)) + TimeDelta::hours(9);
        choose(items, held, booked, day(on), at)
            .map(|found| found.iter().map(|(_, id)| id.0.as_u128()).collect())
            .map_err(|missing| missing.into_iter().map(|one| one.code).collect())
    }

    #[rstest]
    #[case("2026-03-01", Err(vec!["prescription_not_yet_valid".to_owned()]))]
    #[case("2026-03-02", Ok(vec![1]))]
    #[case("2026-03-09", Ok(vec![1]))]
    #[case("2026-03-10", Err(vec!["prescription_expired".to_owned()]))]
    fn it_holds_from_its_first_to_its_last_day(
        #[case] on: &str,
        #[case] wanted: Result<Vec<u128>, Vec<String>>,
    ) {
        assert_eq!(codes(&[held(1, "2026-03-02", "2026-03-09")], on), wanted);
    }

    #[test]
    fn withdrawn_and_missing_ones_do_not_hold() {
        let on = "2026-03-05";
        let mut one = held(1, "2026-03-02", "2026-03-09");
        one.withdrawn_at = Some(day_start(day(on)) + TimeDelta::hours(9));
        assert_eq!(
            codes(&[one.clone()], on),
            Err(vec!["prescription_withdrawn".to_owned()])
        );
        assert_eq!(codes(&[], on), Err(vec!["prescription_none".to_owned()]));
        // Withdrawn after the moment that is asked about: it held then.
        one.withdrawn_at = Some(day_start(day(on)) + TimeDelta::hours(10));
        assert_eq!(codes(&[one.clone()], on), Ok(vec![1]));
        let longer = held(2, "2026-03-02", "2026-03-08");
        assert_eq!(codes(&[longer, one], on), Ok(vec![1]));
    }

    #[test]
    fn the_one_it_was_booked_with_stays_while_it_holds() {
        let (one, longer) = (
            held(1, "2026-03-02", "2026-03-06"),
            held(2, "2026-03-02", "2026-03-09"),
        );
        let (booked, both) = ([one.id], [one, longer]);
        assert_eq!(codes(&both, "2026-03-05"), Ok(vec![2]));
        assert_eq!(booked_codes(&both, &booked, "2026-03-05"), Ok(vec![1]));
        assert_eq!(booked_codes(&both, &booked, "2026-03-07"), Ok(vec![2]));
    }

    #[test]
    fn the_one_it_was_booked_with_is_shown_while_it_holds() {
        let on = day("2026-03-05");
        let at = day_start(on) + TimeDelta::hours(9);
        let mut booked = held(1, "2026-03-02", "2026-03-06");
        let longer = held(2, "2026-03-02", "2026-03-09");
        let shown = |held: &[Held]| {
            let id = PrescriptionId(Uuid::from_u128(1));
            shown(held, Some(id), on, at).map(|id| id.0.as_u128())
        };
        assert_eq!(shown(&[booked.clone(), longer.clone()]), Some(1));
        booked.withdrawn_at = Some(at);
        assert_eq!(shown(&[booked.clone(), longer]), Some(2));
        assert_eq!(shown(&[booked]), Some(1), "withdrawn, and nothing else");
    }

    #[rstest]
    #[case("2026-03-02", "2026-03-09", Ok(()))]
    #[case("2026-03-02", "2026-03-10", Err(DaysError::TooLong { days: 7 }))]
    #[case("2026-03-02", "2026-03-01", Err(DaysError::Order))]
    #[case("2026-03-03", "2026-03-03", Err(DaysError::Future))]
    fn its_days_fit_the_item(
        #[case] from: &str,
        #[case] until: &str,
        #[case] wanted: Result<(), DaysError>,
    ) {
        assert_eq!(
            check_days(7, day(from), day(until), day("2026-03-02")),
            wanted
        );
    }
}
