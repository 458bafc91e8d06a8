//! The catalogue as those who book see it.

pub mod get_item;
pub mod list_items;

use entity::ids::InstitutionId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::booking::{Provider, bookable};
use crate::domain::catalogue::{
    AnswerKind, CertCode, Consumable, Item, ItemCode, Key, Listing, Question, QuestionCode,
};
use crate::domain::rulefile::Bilingual;
use crate::rules::RuleBook;

/// A service that can be booked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceItem {
    /// Its code.
    pub code: ItemCode,
    /// Its name.
    pub name: Bilingual,
    /// The heading it stands under.
    pub group: Key,
    /// Minutes on site.
    pub duration_min: u32,
    /// 1 low, 2 medium, 3 high.
    pub risk: u8,
    /// Certificates the nurse must hold: all of the outer list, any one of each inner list.
    pub certificates: Vec<Vec<CertCode>>,
    /// How many nurses go.
    pub persons: u8,
    /// An adult of the family has to be there.
    pub family_present: bool,
    /// A photo has to come with the order.
    pub needs_photo: bool,
    /// What the photo has to show.
    pub photo_note: Option<Bilingual>,
    /// How many days a first assessment holds; null: none is needed.
    pub assessment_valid_days: Option<u32>,
    /// How many days a prescription holds; null: none is needed.
    pub prescription_valid_days: Option<u32>,
    /// What is used up.
    pub consumables: Vec<Consumable>,
    /// The county's list it stands on; what is on the negative list is never open.
    pub listing: Listing,
    /// Whether it can be booked: at the institution asked for, else at any.
    pub open: bool,
    /// What it costs; the visit fee comes on top, once a visit. Null until it has a price.
    pub price: Option<ServicePrice>,
}

/// What an item costs.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ServicePrice {
    /// Procedure, in fen.
    pub procedure_fen: i64,
    /// Consumables of one visit, in fen.
    pub consumables_fen: i64,
}

impl ServiceItem {
    /// An item as the rule files and these institutions have it.
    pub(super) fn of(item: &Item, book: &RuleBook, providers: &[Provider]) -> Self {
        let price = book.prices.item(item.code.as_str());
        let price = price.map(|price| ServicePrice {
            procedure_fen: price.procedure_fen,
            consumables_fen: price.consumables_fen,
        });
        Self {
            code: item.code.clone(),
            name: item.name.clone(),
            group: item.group.clone(),
            duration_min: item.duration_min,
            risk: item.risk,
            certificates: item.certificates.clone(),
            persons: item.persons,
            family_present: item.family_present,
            needs_photo: item.needs_photo,
            photo_note: item.photo_note.clone(),
            assessment_valid_days: item.assessment_valid_days,
            prescription_valid_days: item.prescription_valid_days,
            consumables: item.consumables.clone(),
            listing: item.listing,
            open: price.is_some() && bookable(item, providers).is_ok(),
            price,
        }
    }
}

/// A question of the screening. What an answer leads to is not told beforehand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScreeningQuestion {
    /// Its code: the name of the answer in `answers`.
    pub code: QuestionCode,
    /// What is asked.
    pub text: Bilingual,
    /// What an answer looks like.
    pub answer: AnswerKind,
    /// An order without the answer is refused.
    pub required: bool,
}

impl From<&Question> for ScreeningQuestion {
    fn from(question: &Question) -> Self {
        Self {
            code: question.code.clone(),
            text: question.text.clone(),
            answer: question.answer.clone(),
            required: question.required,
        }
    }
}

/// Ids of the institutions that offer an item.
fn offered_by(item: &Item, providers: &[Provider]) -> Vec<InstitutionId> {
    let offering = providers.iter().filter(|one| one.offers(item).is_ok());
    offering.map(|provider| provider.id).collect()
}
