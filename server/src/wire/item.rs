//! An item of the catalogue by name.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::catalogue::Catalogue;
use crate::domain::rulefile::Bilingual;

/// An item, named in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ItemName {
    /// Code in the catalogue.
    #[schema(example = "UC_CHG")]
    pub code: String,
    /// Its names.
    pub name: Bilingual,
}

impl ItemName {
    /// The item of a code in the catalogue the order was judged by.
    pub fn of(catalogue: &Catalogue, code: &str) -> Self {
        let item = catalogue
            .items
            .iter()
            .find(|item| item.code.as_str() == code);
        let name = item.map_or_else(
            || Bilingual {
                zh: code.to_owned(),
                en: code.to_owned(),
            },
            |item| item.name.clone(),
        );
        Self {
            code: code.to_owned(),
            name,
        }
    }
}
