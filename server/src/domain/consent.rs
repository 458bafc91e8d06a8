//! Consents (R9, R24): which texts there are, who may sign, and which consents count.
//!
//! Texts are data (`server/data/consents.json`). Care is consented to text by text on each visit, health data and
//! location apart from it and once, before the first booking (PIPL Art. 28, 29; field guide §1.3, §1.6).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{CarerRelation, ConsentPurpose};
use entity::ids::VisitId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::{Item, ItemCode, Key};
use super::patient::ADULT_AGE;
use super::rulefile::{Bilingual, Edition, Problems, RuleFile, RuleProblemCode};

#[cfg(test)]
mod tests;

/// Most bytes of the image of a signature.
pub const SIGNATURE_MAX_BYTES: i64 = 1_000_000;
/// Most texts of a file.
const MAX_TEXTS: usize = 100;

/// One version of the texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentTexts {
    /// Counts up from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the texts come from.
    pub source: String,
    /// The texts.
    pub texts: Vec<ConsentText>,
}

/// One text that is consented to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// Its code.
    pub code: Key,
    /// Version of this text: raised when its meaning changes, so that a new file does not void every consent.
    #[schema(minimum = 1)]
    pub version: u32,
    /// What it is for.
    pub purpose: ConsentPurpose,
    /// Groups of items it is for; with `items` empty too, care that has no text of its own.
    pub groups: Vec<Key>,
    /// Items it is for, before their group's.
    pub items: Vec<ItemCode>,
    /// Its heading.
    pub title: Bilingual,
    /// What is read before signing.
    pub paragraphs: Vec<Bilingual>,
}

impl ConsentText {
    fn is_general(&self) -> bool {
        self.purpose == ConsentPurpose::Care && self.groups.is_empty() && self.items.is_empty()
    }
}

impl ConsentTexts {
    /// The text with this code.
    pub fn text(&self, code: &str) -> Option<&ConsentText> {
        self.texts.iter().find(|text| text.code.as_str() == code)
    }

    /// The texts for something else than care; each has one.
    pub fn of_purpose(&self, purpose: ConsentPurpose) -> Option<&ConsentText> {
        self.texts.iter().find(|text| text.purpose == purpose)
    }

    /// The text for an item: the one that names it, else the one of its group, else the general one.
    pub fn for_item(&self, item: &Item) -> Option<&ConsentText> {
        let care = || {
            let texts = self.texts.iter();
            texts.filter(|text| text.purpose == ConsentPurpose::Care)
        };
        care()
            .find(|text| text.items.contains(&item.code))
            .or_else(|| care().find(|text| text.groups.contains(&item.group)))
            .or_else(|| care().find(|text| text.is_general()))
    }

    /// The texts that items need, each once with its items, in the order of the items.
    pub fn for_items<'a>(&'a self, items: &[&Item]) -> Vec<(&'a ConsentText, Vec<ItemCode>)> {
        let mut order = Vec::new();
        let mut needed: BTreeMap<&Key, (&ConsentText, Vec<ItemCode>)> = BTreeMap::new();
        for item in items {
            let Some(text) = self.for_item(item) else {
                continue;
            };
            let found = needed.entry(&text.code).or_insert_with(|| {
                order.push(&text.code);
                (text, Vec::new())
            });
            found.1.push(item.code.clone());
        }
        order
            .into_iter()
            .filter_map(|code| needed.remove(code))
            .collect()
    }
}

impl RuleFile for ConsentTexts {
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
        use RuleProblemCode::Inconsistent;
        problems.in_range("texts", self.texts.len(), 1..=MAX_TEXTS);
        problems.unique("texts", self.texts.iter().map(|text| &text.code));
        problems.unique("texts", self.texts.iter().flat_map(|text| &text.items));
        problems.unique("texts", self.texts.iter().flat_map(|text| &text.groups));
        problems.each("texts", &self.texts, |at, text| {
            at.in_range("version", text.version, 1..=1_000_000);
            at.text("title", &text.title);
            at.in_range("paragraphs", text.paragraphs.len(), 1..=50);
            at.each("paragraphs", &text.paragraphs, |at, paragraph| {
                at.text("", paragraph);
            });
            let care = text.purpose == ConsentPurpose::Care;
            let named = text.groups.is_empty() && text.items.is_empty();
            at.require(
                care || named,
                "items",
                Inconsistent,
                "only care is for items",
            );
        });
        let count = |fits: fn(&ConsentText) -> bool| {
            let texts = self.texts.iter();
            texts.filter(|text| fits(text)).count()
        };
        let once = [
            count(|text| text.purpose == ConsentPurpose::HealthData),
            count(|text| text.purpose == ConsentPurpose::Location),
            count(ConsentText::is_general),
        ];
        problems.require(
            once == [1, 1, 1],
            "texts",
            Inconsistent,
            "one text for health data, one for location and one for care without items are needed",
        );
    }
}

/// A patient, as far as it matters who may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ward {
    /// Full years on the day of the signature.
    pub age_years: u16,
    /// Somebody is the guardian: of a minor, or of an adult without capacity.
    pub has_guardian: bool,
    /// Marked as without the capacity to act, whether or not a guardian is on record yet.
    pub lacks_capacity: bool,
}

/// Somebody who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
    /// What the signer is to the patient.
    pub relation: CarerRelation,
    /// Known to be 18 or older; of the patient it is known anyway.
    pub of_age: bool,
    /// A carer who may act for the patient now.
    pub authorised: bool,
    /// By guardianship.
    pub guardian: bool,
}

impl Signer {
    /// The patient.
    pub const ONESELF: Self = Self {
        relation: CarerRelation::Oneself,
        of_age: true,
        authorised: true,
        guardian: false,
    };
}

/// Why somebody cannot sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerRefused {
    /// Under 18.
    #[error("a minor cannot sign")]
    Minor,
    /// Neither the patient with capacity, nor somebody who may act.
    #[error("only the patient, a guardian or an authorised carer can sign")]
    NotAllowed,
}

impl SignerRefused {
    /// Stable problem code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Minor => "signer_minor",
            Self::NotAllowed => "signer_not_allowed",
        }
    }
}

/// Whether somebody may sign for a patient (R8, R9): an adult patient with capacity, else the guardian; with
/// capacity also a carer who was allowed to act. Nobody under 18.
pub fn check_signer(patient: Ward, signer: Signer) -> Result<(), SignerRefused> {
    let minor = patient.age_years < ADULT_AGE;
    let oneself = signer.relation == CarerRelation::Oneself;
    if !signer.of_age || (oneself && minor) {
        return Err(SignerRefused::Minor);
    }
    let may = if minor || patient.has_guardian || patient.lacks_capacity {
        signer.authorised && signer.guardian && !oneself
    } else {
        oneself || signer.authorised
    };
    if may {
        Ok(())
    } else {
        Err(SignerRefused::NotAllowed)
    }
}

/// A consent on record, as far as it matters whether it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The visit it was signed for; none for health data and location.
    pub visit: Option<VisitId>,
    /// Code of the text.
    pub text: String,
    /// Version of the text.
    pub version: u32,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
    /// When it was taken back.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl Given {
    /// Whether it counts for a text as it holds now: the same version, the same visit, signed, not withdrawn.
    pub fn counts(&self, text: &ConsentText, visit: Option<VisitId>, at: DateTime<Utc>) -> bool {
        self.text == text.code.as_str()
            && self.version == text.version
            && self.visit == visit
            && self.signed_at <= at
            && self.stands(at)
    }

    /// Whether it was given for the patient to this text, in whatever version, by then.
    fn is_to(&self, text: &ConsentText, at: DateTime<Utc>) -> bool {
        self.text == text.code.as_str() && self.visit.is_none() && self.signed_at <= at
    }

    /// Whether it was not taken back by then.
    fn stands(&self, at: DateTime<Utc>) -> bool {
        self.withdrawn_at.is_none_or(|withdrawn| withdrawn > at)
    }
}

/// A text that nobody has consented to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Missing {
    /// What it is for.
    pub purpose: ConsentPurpose,
    /// Code of the text.
    pub text: Key,
    /// Version of the text that holds.
    pub version: u32,
    /// Its heading.
    pub title: Bilingual,
    /// The items that need it.
    pub items: Vec<ItemCode>,
}

/// What is missing before the procedure of a visit may begin (R9); empty when nothing is.
pub fn missing_for_visit(
    texts: &ConsentTexts,
    items: &[&Item],
    visit: VisitId,
    given: &[Given],
    at: DateTime<Utc>,
) -> Vec<Missing> {
    let needed = texts.for_items(items).into_iter();
    needed
        .filter(|(text, _)| !given.iter().any(|one| one.counts(text, Some(visit), at)))
        .map(|(text, items)| Missing {
            purpose: text.purpose,
            text: text.code.clone(),
            version: text.version,
            title: text.title.clone(),
            items,
        })
        .collect()
}

/// What is missing before a patient may be booked for (R24): health data and location, each by itself, under the
/// version that holds.
pub fn missing_for_booking(
    texts: &ConsentTexts,
    given: &[Given],
    at: DateTime<Utc>,
) -> Vec<Missing> {
    missing_for_data(texts, |text| {
        given.iter().any(|one| one.counts(text, None, at))
    })
}

/// What is missing for a visit that is booked (R24). Here the newest consent to each text decides, whatever its version:
/// what was agreed to at booking stands until it is taken back, and a text that is raised meanwhile stops no visit.
pub fn missing_for_booked(
    texts: &ConsentTexts,
    given: &[Given],
    at: DateTime<Utc>,
) -> Vec<Missing> {
    missing_for_data(texts, |text| {
        let of_it = given.iter().filter(|one| one.is_to(text, at));
        let newest = of_it.max_by_key(|one| one.signed_at);
        newest.is_some_and(|one| one.stands(at))
    })
}

fn missing_for_data(texts: &ConsentTexts, holds: impl Fn(&ConsentText) -> bool) -> Vec<Missing> {
    [ConsentPurpose::HealthData, ConsentPurpose::Location]
        .into_iter()
        .filter_map(|purpose| texts.of_purpose(purpose))
        .filter(|text| !holds(text))
        .map(|text| Missing {
            purpose: text.purpose,
            text: text.code.clone(),
            version: text.version,
            title: text.title.clone(),
            items: Vec::new(),
        })
        .collect()
}
