//! No charging twice (R22): what a family-doctor contract or the long-term-care insurance pays for already is charged to
//! the family only when a person has said so, and is free only when a person has said so.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::{ChargeState, EntitlementKind, OrderState};
use entity::ids::EntitlementId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::ItemCode;
use super::code::Key;
use super::price::{LineKind, Quote};
use super::rulefile::{Bilingual, Edition, Problems, RuleFile};

#[cfg(test)]
mod tests;

/// One version of what other payers pay for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entitlements {
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
    /// What people can be entitled to.
    pub packages: Vec<Package>,
}

/// What somebody can be entitled to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its code.
    pub code: Key,
    /// Who pays.
    pub kind: EntitlementKind,
    /// Its name.
    pub name: Bilingual,
    /// Items it pays for.
    pub items: Vec<ItemCode>,
}

/// An entitlement on record that was not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The entitlement.
    pub id: EntitlementId,
    /// Code of its package.
    pub package: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day; it counts.
    pub to: NaiveDate,
}

/// An item of an order that something else may pay for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Covered {
    /// The item.
    pub item: ItemCode,
    /// The entitlement of the patient.
    pub entitlement_id: EntitlementId,
    /// Who pays.
    pub kind: EntitlementKind,
    /// Code of the package.
    pub package: Key,
    /// Its name.
    pub name: Bilingual,
}

impl Entitlements {
    /// The package with this code.
    pub fn package(&self, code: &str) -> Option<&Package> {
        self.packages.iter().find(|one| one.code.as_str() == code)
    }

    /// Which of the items something else pays for on a day, item by item; an item may be paid for twice over.
    pub fn covered(&self, items: &[ItemCode], day: NaiveDate, held: &[Held]) -> Vec<Covered> {
        let valid: Vec<_> = held
            .iter()
            .filter(|one| (one.from..=one.to).contains(&day))
            .filter_map(|one| Some((one.id, self.package(&one.package)?)))
            .collect();
        let of_item = |item: &ItemCode| {
            let paying = valid
                .iter()
                .filter(|(_, package)| package.items.contains(item));
            let covered: Vec<_> = paying
                .map(|(id, package)| Covered {
                    item: item.clone(),
                    entitlement_id: *id,
                    kind: package.kind,
                    package: package.code.clone(),
                    name: package.name.clone(),
                })
                .collect();
            covered
        };
        items.iter().flat_map(of_item).collect()
    }
}

/// What is due in fen where nobody has to decide, and what was asked or decided, where that counts: an order that ended
/// without a service costs what was kept of it, whoever else pays.
pub fn due<T>(
    order: OrderState,
    (total_fen, fee_fen): (i64, Option<i64>),
    asked: Option<T>,
) -> (i64, Option<T>) {
    if without_service(order) {
        (fee_fen.unwrap_or_default(), None)
    } else {
        (total_fen, asked)
    }
}

/// How the charge of an order stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Asked for, or decided.
    pub state: ChargeState,
    /// What it was asked for or decided upon.
    pub covered: &'a [Covered],
    /// The price at that time, in fen.
    pub total_fen: i64,
}

/// What becomes of the charge when the order, or what else pays for it, has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It stays as it is.
    Keep,
    /// A person decides.
    Ask,
    /// Nothing else pays, and nobody was told otherwise: it is charged as priced.
    Drop,
}

/// Whether a person has to decide (again). A decision holds for what it was made upon and nothing else; what the family was
/// told that another pays is not charged without a person, even when the other does not pay any more.
pub fn settle(before: Option<Standing<'_>>, covered: &[Covered], total_fen: i64) -> Settled {
    let Some(before) = before else {
        return if covered.is_empty() {
            Settled::Keep
        } else {
            Settled::Ask
        };
    };
    if before.total_fen == total_fen && pairs(before.covered) == pairs(covered) {
        Settled::Keep
    } else if covered.is_empty() && before.state != ChargeState::PaidElsewhere {
        Settled::Drop
    } else {
        Settled::Ask
    }
}

/// Which item by which entitlement: names may be written anew.
fn pairs(covered: &[Covered]) -> BTreeSet<(&ItemCode, EntitlementId)> {
    covered
        .iter()
        .map(|one| (&one.item, one.entitlement_id))
        .collect()
}

/// What a person decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The family is charged the price.
    Charge,
    /// Something else pays.
    PaidElsewhere {
        /// What.
        paid_by: BTreeSet<EntitlementId>,
        /// What the family is still charged, in fen.
        charge_fen: i64,
    },
}

/// Why a decision is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionError {
    /// No entitlement is named, or one that does not pay for this order.
    NotCovered,
    /// Less than the price of what nobody else pays for, or as much as the whole price.
    OutOfRange {
        /// Least, in fen.
        min: i64,
        /// Most, in fen.
        max: i64,
    },
}

/// What the family is charged after a decision, in fen. Something else never pays for procedure and consumables of items
/// that it does not hold; whether it pays for the way and the hour is for the person to say.
pub fn decide(
    price: &Quote,
    covered: &[Covered],
    decision: &Decision,
) -> Result<i64, DecisionError> {
    let Decision::PaidElsewhere {
        paid_by,
        charge_fen,
    } = decision
    else {
        return Ok(price.total_fen);
    };
    let named = |id: &EntitlementId| covered.iter().any(|one| one.entitlement_id == *id);
    if paid_by.is_empty() || !paid_by.iter().all(named) {
        return Err(DecisionError::NotCovered);
    }
    let (min, max) = (own_fen(price, covered, paid_by), price.total_fen);
    if *charge_fen < min || *charge_fen >= max {
        return Err(DecisionError::OutOfRange { min, max: max - 1 });
    }
    Ok(*charge_fen)
}

/// Procedure and consumables of the items that none of these pays for, in fen.
fn own_fen(price: &Quote, covered: &[Covered], paid_by: &BTreeSet<EntitlementId>) -> i64 {
    let paid = |item: &ItemCode| {
        let mut covered = covered.iter();
        covered.any(|one| one.item == *item && paid_by.contains(&one.entitlement_id))
    };
    let lines = price.lines.iter().filter(|line| {
        let of_item = matches!(line.kind, LineKind::Procedure | LineKind::Consumables);
        of_item && line.item.as_ref().is_some_and(|item| !paid(item))
    });
    lines.map(|line| line.fen).sum()
}

/// Whether an order ended without a service, so that only what was kept of it is charged: nobody else pays that.
pub const fn without_service(state: OrderState) -> bool {
    use OrderState::{Aborted, Cancelled, Expired, Refused};
    matches!(state, Refused | Cancelled | Expired | Aborted)
}

impl RuleFile for Entitlements {
    fn edition(&self) -> Edition<'_> {
        Edition {
            version: self.version,
            valid_from: self.valid_from,
            approved_by: self.approved_by.as_deref(),
            approved_on: self.approved_on,
            source: &self.source,
        }
    }

    fn check_rules(&self, at: &mut Problems) {
        at.in_range("packages", self.packages.len(), 1..=100);
        at.unique("packages", self.packages.iter().map(|one| &one.code));
        at.each("packages", &self.packages, |at, package| {
            at.text("name", &package.name);
            at.in_range("items", package.items.len(), 1..=200);
            at.unique("items", &package.items);
        });
    }
}
