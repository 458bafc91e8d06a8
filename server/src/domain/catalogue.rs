//! The catalogue of services: what may be ordered, by whom it may be done, and when it has to be refused.
//!
//! Contents: field guide §2.2, as data (`server/data/catalogue.json`). The screening of an order by these rules
//! is in [`super::screening`].

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::code::{CertCode, ItemCode, Key, QuestionCode};
use super::rulefile::{self, Bilingual, Edition, Problems, RuleErrors, RuleFile};
pub use entity::enums::DeviceKind;

mod check;
mod question;
#[cfg(test)]
mod tests;

pub use question::{
    Answer, AnswerIs, AnswerKind, Audience, ChoiceOption, Contraindication, PatientRule, Question,
    Severity, Sex, Trigger, TriggerWhen,
};

/// One version of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Counts up from 1; an order keeps the version it was judged by.
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
    /// The certificates that items may ask for.
    pub certificate_kinds: Vec<CertificateKind>,
    /// The conditions of a patient that rules may ask about.
    pub conditions: Vec<ConditionDef>,
    /// The headings items are shown under, in this order.
    pub groups: Vec<ItemGroup>,
    /// What is asked and refused for every item.
    pub general: GeneralRules,
    /// The services.
    pub items: Vec<Item>,
}

/// A kind of certificate a nurse may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateKind {
    /// Its code.
    pub code: CertCode,
    /// Its name.
    pub name: Bilingual,
}

/// A lasting condition that can be on a patient's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionDef {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
}

/// A heading for items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemGroup {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
}

/// What holds for every item (field guide §2.2, general refusals).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneralRules {
    /// Questions asked for every order.
    pub screening: Vec<Question>,
    /// Conditions on record that stand against every item.
    pub contraindications: Vec<Contraindication>,
}

/// Which list of the county an item stands on (R4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// May be offered.
    Positive,
    /// May not be offered by anyone.
    Negative,
}

/// A span of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DaySpan {
    /// Shortest, in days.
    #[schema(minimum = 1, maximum = 365)]
    pub min: u32,
    /// Longest, in days.
    #[schema(minimum = 1, maximum = 365)]
    pub max: u32,
}

/// Something used up on a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consumable {
    /// Its code, the same wherever it is used.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// What is counted.
    pub unit: Bilingual,
    /// How many a visit takes.
    #[schema(minimum = 1, maximum = 100)]
    pub quantity: u32,
}

/// Something the nurse brings and takes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Equipment {
    /// Its code, the same wherever it is used.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
}

/// One service that can be ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate gate of field guide §2.4, not a state"
)]
pub struct Item {
    /// Its code.
    pub code: ItemCode,
    /// Its name.
    pub name: Bilingual,
    /// Its heading.
    pub group: Key,
    /// Minutes on site.
    #[schema(minimum = 5, maximum = 240)]
    pub duration_min: u32,
    /// Certificates the nurse must hold: all of the outer list, any one of each inner list. Empty: the base
    /// rule for nurses (R1) is enough.
    pub certificates: Vec<Vec<CertCode>>,
    /// 1 low, 2 medium, 3 high.
    #[schema(minimum = 1, maximum = 3)]
    pub risk: u8,
    /// The county's list it stands on.
    pub listing: Listing,
    /// Open where an institution has not decided otherwise.
    pub open: bool,
    /// How many days a first assessment holds; absent: none is needed.
    #[schema(minimum = 1, maximum = 365)]
    pub assessment_valid_days: Option<u32>,
    /// How many days a prescription holds; absent: none is needed.
    #[schema(minimum = 1, maximum = 90)]
    pub prescription_valid_days: Option<u32>,
    /// A photo has to come with the order.
    pub needs_photo: bool,
    /// What the photo has to show.
    pub photo_note: Option<Bilingual>,
    /// How many nurses go (R10).
    #[schema(minimum = 1, maximum = 2)]
    pub persons: u8,
    /// An adult of the family has to be there (R11).
    pub family_present: bool,
    /// Touches intimate parts: a candidate for the same-sex rule (R10).
    pub intimate: bool,
    /// Leaves medical waste that has to be brought back (R17).
    pub makes_waste: bool,
    /// When it comes due for review again. Never ordered automatically (field guide §2.3).
    pub repeat_days: Option<DaySpan>,
    /// What the days alone do not say.
    pub repeat_note: Option<Bilingual>,
    /// The device it places, changes or cares for.
    pub device: Option<DeviceKind>,
    /// How many sites one visit covers, where that is limited.
    #[schema(minimum = 1, maximum = 20)]
    pub sites_included: Option<u32>,
    /// What is used up.
    pub consumables: Vec<Consumable>,
    /// What the nurse brings and takes back.
    #[serde(default)]
    pub equipment: Vec<Equipment>,
    /// Questions asked at booking and again on arrival.
    pub screening: Vec<Question>,
    /// Conditions on record that stand against it.
    pub contraindications: Vec<Contraindication>,
    /// Limits of age and sex.
    #[serde(default)]
    pub patient_rules: Vec<PatientRule>,
    /// When the nurse stops on site, and where the patient goes then.
    #[serde(default)]
    pub stop_rules: Vec<Bilingual>,
}

impl Catalogue {
    /// Reads a catalogue and checks all of it.
    pub fn parse(json: &str) -> Result<Self, RuleErrors> {
        rulefile::parse(json)
    }

    /// The item with this code.
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.code.as_str() == code)
    }

    /// All the items with these codes, in that order; the first unknown code is the error.
    pub fn select<'a>(&self, codes: &'a [ItemCode]) -> Result<Vec<&Item>, &'a ItemCode> {
        codes
            .iter()
            .map(|code| self.item(code.as_str()).ok_or(code))
            .collect()
    }
}

impl Item {
    /// The groups of certificates of which the nurse holds none; empty when she may do the item (R2).
    pub fn missing_certificates(&self, held: &BTreeSet<CertCode>) -> Vec<&[CertCode]> {
        let lacks = |any: &&Vec<CertCode>| !any.iter().any(|code| held.contains(code));
        self.certificates
            .iter()
            .filter(lacks)
            .map(Vec::as_slice)
            .collect()
    }
}

impl RuleFile for Catalogue {
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
        check::catalogue(self, problems);
    }
}
