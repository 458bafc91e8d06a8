//! What a visit costs: rules as data, in whole fen, and the quote an order freezes (field guide §1.4).
//!
//! bill = procedure + consumables + one visit fee by distance + night or holiday surcharge.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    calendar::{LocalTime, NightHours},
    catalogue::{Catalogue, ItemCode, Key, Listing},
    rulefile::{
        self, Bilingual, Edition, Problems, RuleErrors, RuleFile, RuleProblem, RuleProblemCode,
    },
};

mod cancel;
mod check;
#[cfg(test)]
mod properties;
mod quote;
mod rounding;
#[cfg(test)]
mod tests;

pub use cancel::{Fee, cancellation_fee, costs_more_now};
pub use quote::{PriceError, quote};
pub use rounding::{Rounding, RoundingMode};

/// One version of the price rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceRules {
    /// Counts up from 1; an order keeps the version it was priced by.
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
    /// What each item costs.
    pub items: Vec<ItemPrice>,
    /// The visit fee by distance, nearest band first.
    pub visit_fee: Vec<DistanceBand>,
    /// What is added at night.
    pub night: Option<NightSurcharge>,
    /// What is added on public holidays.
    pub holiday: Option<HolidaySurcharge>,
    /// What holds on a holiday night.
    pub combine: Combine,
    /// How percentages become whole amounts.
    pub rounding: Rounding,
    /// What is kept when an order is given up; of the rules of a stage the first that applies decides.
    pub cancellation: Vec<CancellationRule>,
}

/// The price of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemPrice {
    /// Which item.
    pub item: ItemCode,
    /// Procedure fee, in fen.
    #[schema(minimum = 0)]
    pub procedure_fen: i64,
    /// Consumables of one visit, in fen.
    #[schema(minimum = 0)]
    pub consumables_fen: i64,
}

/// The visit fee up to a distance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DistanceBand {
    /// Longest distance in metres, itself included; null: any.
    #[schema(minimum = 1)]
    pub up_to_m: Option<u32>,
    /// Visit fee, in fen.
    #[schema(minimum = 0)]
    pub fen: i64,
}

/// What is added when the visit begins at night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NightSurcharge {
    /// First local minute of the night.
    pub from: LocalTime,
    /// First local minute of the day.
    pub to: LocalTime,
    /// How much is added, in percent.
    #[schema(minimum = 1, maximum = 300)]
    pub percent: u32,
    /// Of which parts.
    pub parts: Vec<LineKind>,
}

impl NightSurcharge {
    /// The hours it holds.
    pub fn hours(&self) -> NightHours {
        NightHours {
            from: self.from,
            to: self.to,
        }
    }
}

/// What is added when the visit begins on a public holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidaySurcharge {
    /// How much is added, in percent.
    #[schema(minimum = 1, maximum = 300)]
    pub percent: u32,
    /// Of which parts.
    pub parts: Vec<LineKind>,
}

/// What holds when two surcharges meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Only the higher one; the holiday's when they are equal.
    Highest,
    /// Both.
    Sum,
}

pub use super::lifecycle::CancelStage;

/// What is kept when an order is given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationRule {
    /// Its code.
    pub code: Key,
    /// At which stage.
    pub stage: CancelStage,
    /// Only when the window is still at least this many minutes away; absent: always.
    #[schema(maximum = 10080)]
    pub min_notice_min: Option<u32>,
    /// How much is kept, in percent.
    #[schema(maximum = 100)]
    pub percent: u32,
    /// Of which parts.
    pub parts: Vec<LineKind>,
    /// How it reads.
    pub text: Bilingual,
}

/// A part of the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The procedure, at the price of the hospital.
    Procedure,
    /// What is used up.
    Consumables,
    /// Coming to the door: once a visit, by distance.
    VisitFee,
    /// Surcharge at night.
    Night,
    /// Surcharge on a public holiday.
    Holiday,
}

impl LineKind {
    fn is_surcharge(self) -> bool {
        matches!(self, Self::Night | Self::Holiday)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Procedure => "procedure",
            Self::Consumables => "consumables",
            Self::VisitFee => "visit_fee",
            Self::Night => "night",
            Self::Holiday => "holiday",
        }
    }
}

/// A priced visit, frozen in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// The version of the catalogue.
    pub catalogue_version: u32,
    /// The version of the price rules.
    pub price_version: u32,
    /// The version of the holiday table.
    pub calendar_version: u32,
    /// The items.
    pub items: Vec<ItemCode>,
    /// The distance the visit fee is for, in metres, rounded up.
    pub distance_m: u32,
    /// When the window begins.
    pub starts_at: DateTime<Utc>,
    /// The parts.
    pub lines: Vec<QuoteLine>,
    /// The sum of the parts, in fen.
    pub total_fen: i64,
}

impl Quote {
    /// The sum of some parts, in fen.
    pub fn sum_of(&self, parts: &[LineKind]) -> i64 {
        self.lines
            .iter()
            .filter(|line| parts.contains(&line.kind))
            .map(|line| line.fen)
            .sum()
    }
}

/// One part of a priced visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteLine {
    /// What it is for.
    pub kind: LineKind,
    /// The item, for a procedure and its consumables.
    pub item: Option<ItemCode>,
    /// The amount, in fen.
    pub fen: i64,
    /// How it came about.
    pub reason: Bilingual,
}

impl PriceRules {
    /// Reads price rules and checks all of them.
    pub fn parse(json: &str) -> Result<Self, RuleErrors> {
        rulefile::parse(json)
    }

    /// The price of an item.
    pub fn item(&self, code: &str) -> Option<&ItemPrice> {
        self.items.iter().find(|price| price.item.as_str() == code)
    }

    /// Where prices and catalogue do not meet: an item that may be offered has no price, or a price has no item.
    /// The two are published apart, so this is asked before either takes effect.
    pub fn gaps(&self, catalogue: &Catalogue) -> Vec<RuleProblem> {
        let gap = |path: String, detail: &str| RuleProblem {
            path,
            code: RuleProblemCode::UnknownReference,
            detail: detail.to_owned(),
        };
        let offered = catalogue
            .items
            .iter()
            .filter(|item| item.listing == Listing::Positive);
        let unpriced = offered.filter(|item| self.item(item.code.as_str()).is_none());
        let unknown = self
            .items
            .iter()
            .filter(|price| catalogue.item(price.item.as_str()).is_none());
        unpriced
            .map(|item| gap(format!("items.{}", item.code), "the item has no price"))
            .chain(unknown.map(|price| {
                gap(
                    format!("items.{}", price.item),
                    "the catalogue has no such item",
                )
            }))
            .collect()
    }
}

impl RuleFile for PriceRules {
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
        check::prices(self, problems);
    }
}
