//! Pricing a visit.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Combine, DistanceBand, ItemPrice, LineKind, PriceRules, Quote, QuoteLine};
use crate::domain::{
    calendar::{Calendar, is_night, local_date},
    catalogue::{Catalogue, Item, ItemCode},
    rulefile::Bilingual,
};

/// Why a visit has no price.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PriceError {
    /// No item was named.
    #[error("no item to price")]
    NoItems,
    /// The catalogue has no such item.
    #[error("item {0} is not in the catalogue")]
    UnknownItem(ItemCode),
    /// An item was named twice.
    #[error("item {0} is named twice")]
    DuplicateItem(ItemCode),
    /// The rules have no price for it.
    #[error("item {0} has no price")]
    Unpriced(ItemCode),
    /// Not a distance: negative, or not a number.
    #[error("{0} m is not a distance")]
    BadDistance(f64),
    /// Farther than the last band.
    #[error("{distance_m} m is beyond the last band of {limit_m} m")]
    TooFar {
        /// The distance, in metres, rounded up.
        distance_m: u32,
        /// The end of the last band, in metres.
        limit_m: u32,
    },
}

impl PriceError {
    /// The stable code of the problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoItems => "items_empty",
            Self::UnknownItem(_) => "item_unknown",
            Self::DuplicateItem(_) => "item_duplicate",
            Self::Unpriced(_) => "item_unpriced",
            Self::BadDistance(_) => "distance_invalid",
            Self::TooFar { .. } => "distance_too_far",
        }
    }
}

/// Prices a visit that begins at `starts_at`, `distance_m` metres away in a straight line.
pub fn quote(
    rules: &PriceRules,
    catalogue: &Catalogue,
    items: &[ItemCode],
    distance_m: f64,
    starts_at: DateTime<Utc>,
    calendar: &Calendar,
) -> Result<Quote, PriceError> {
    let distance_m = whole_metres(distance_m)?;
    let mut lines = item_lines(rules, catalogue, items)?;
    lines.push(visit_fee(&rules.visit_fee, distance_m)?);
    let surcharges = surcharges(rules, &lines, starts_at, calendar);
    lines.extend(surcharges);
    Ok(Quote {
        catalogue_version: catalogue.version,
        price_version: rules.version,
        calendar_version: calendar.version,
        items: items.to_vec(),
        distance_m,
        starts_at,
        total_fen: lines.iter().map(|line| line.fen).sum(),
        lines,
    })
}

/// Rounded up, so that the shown distance always lies in the charged band.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is whole and was checked to fit"
)]
fn whole_metres(distance_m: f64) -> Result<u32, PriceError> {
    let fits = (0.0..=f64::from(u32::MAX)).contains(&distance_m);
    if fits {
        Ok(distance_m.ceil() as u32)
    } else {
        Err(PriceError::BadDistance(distance_m))
    }
}

fn item_lines(
    rules: &PriceRules,
    catalogue: &Catalogue,
    items: &[ItemCode],
) -> Result<Vec<QuoteLine>, PriceError> {
    if items.is_empty() {
        return Err(PriceError::NoItems);
    }
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for code in items {
        if !seen.insert(code) {
            return Err(PriceError::DuplicateItem(code.clone()));
        }
        let item = catalogue
            .item(code.as_str())
            .ok_or_else(|| PriceError::UnknownItem(code.clone()))?;
        let price = rules
            .item(code.as_str())
            .ok_or_else(|| PriceError::Unpriced(code.clone()))?;
        lines.extend(lines_of(item, price));
    }
    Ok(lines)
}

fn lines_of(item: &Item, price: &ItemPrice) -> impl Iterator<Item = QuoteLine> {
    let line = |kind, fen, zh: &str, en: &str| QuoteLine {
        kind,
        item: Some(item.code.clone()),
        fen,
        reason: Bilingual::new(
            format!("{} {zh}", item.name.zh),
            format!("{}: {en}", item.name.en),
        ),
    };
    let procedure = line(
        LineKind::Procedure,
        price.procedure_fen,
        "项目费",
        "procedure",
    );
    let consumables = line(
        LineKind::Consumables,
        price.consumables_fen,
        "耗材费",
        "consumables",
    );
    // An item without consumables shows none; a free procedure is still shown as free.
    [procedure, consumables]
        .into_iter()
        .filter(|line| line.fen > 0 || line.kind == LineKind::Procedure)
}

fn visit_fee(bands: &[DistanceBand], distance_m: u32) -> Result<QuoteLine, PriceError> {
    let mut from = 0;
    for band in bands {
        if band.up_to_m.is_none_or(|limit| distance_m <= limit) {
            let reason = band_reason(from, band.up_to_m);
            return Ok(QuoteLine {
                kind: LineKind::VisitFee,
                item: None,
                fen: band.fen,
                reason,
            });
        }
        from = band.up_to_m.unwrap_or(from);
    }
    Err(PriceError::TooFar {
        distance_m,
        limit_m: from,
    })
}

fn band_reason(from: u32, to: Option<u32>) -> Bilingual {
    let km = |metres: u32| f64::from(metres) / 1000.0;
    match to {
        None if from == 0 => Bilingual::new("上门服务费", "Visit fee"),
        None => Bilingual::new(
            format!("上门服务费 {} 公里以上", km(from)),
            format!("Visit fee: more than {} km", km(from)),
        ),
        Some(to) if from == 0 => Bilingual::new(
            format!("上门服务费 {} 公里以内", km(to)),
            format!("Visit fee: up to {} km", km(to)),
        ),
        Some(to) => Bilingual::new(
            format!("上门服务费 {}–{} 公里", km(from), km(to)),
            format!("Visit fee: over {} to {} km", km(from), km(to)),
        ),
    }
}

fn surcharges(
    rules: &PriceRules,
    lines: &[QuoteLine],
    at: DateTime<Utc>,
    calendar: &Calendar,
) -> Vec<QuoteLine> {
    let line = |kind, percent, parts: &[LineKind], reason| {
        let base = lines
            .iter()
            .filter(|line| parts.contains(&line.kind))
            .map(|line| line.fen)
            .sum();
        QuoteLine {
            kind,
            item: None,
            fen: rules.rounding.percent_of(base, percent),
            reason,
        }
    };
    let night = rules
        .night
        .as_ref()
        .filter(|night| is_night(at, night.hours()))
        .map(|night| {
            let (from, to) = (String::from(night.from), String::from(night.to));
            let zh = format!("夜间 {from}–{to} 加收 {}%", night.percent);
            let en = format!("Night {from}–{to}: +{} %", night.percent);
            line(
                LineKind::Night,
                night.percent,
                &night.parts,
                Bilingual::new(zh, en),
            )
        });
    let day = calendar.holiday(local_date(at));
    let holiday = rules.holiday.as_ref().zip(day).map(|(holiday, day)| {
        let zh = format!("{} 加收 {}%", day.name.zh, holiday.percent);
        let en = format!("{}: +{} %", day.name.en, holiday.percent);
        line(
            LineKind::Holiday,
            holiday.percent,
            &holiday.parts,
            Bilingual::new(zh, en),
        )
    });
    let mut due: Vec<_> = night
        .into_iter()
        .chain(holiday)
        .filter(|line| line.fen > 0)
        .collect();
    if rules.combine == Combine::Highest {
        // The last of equals wins: the holiday's.
        due = due
            .into_iter()
            .max_by_key(|line| line.fen)
            .into_iter()
            .collect();
    }
    due
}
