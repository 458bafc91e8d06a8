//! Visits: the nurse's steps from departure to the closed proof.

pub mod abort_visit;
pub mod amend_record;
pub mod arrive;
pub mod assess_visit;
pub mod check_identity;
pub mod close_visit;
pub mod depart;
pub mod finish_visit;
pub mod get_badge;
pub mod get_screening;
pub mod get_visit;
pub mod give_consent;
pub mod list_visit_consents;
pub mod list_visits;
pub mod propose_warning;
pub mod prove_arrival;
pub mod raise_sos;
pub mod record_visit;
pub mod report_positions;
pub mod return_waste;
pub mod screen_visit;
pub mod send_arrival_code;
pub mod sign_visit;
pub mod start_procedure;
pub(crate) mod step;
pub mod still_fine;
pub mod withdraw_consent;

use std::sync::Arc;

use entity::care_order;

use crate::domain::catalogue::{Catalogue, Item};
use crate::error::Result;
use crate::{rules, store};

/// What was ordered, by the catalogue it was judged by.
struct Ordered {
    catalogue: Arc<Catalogue>,
    codes: Vec<String>,
}

impl Ordered {
    fn items(&self) -> Vec<&Item> {
        let codes = self.codes.iter();
        codes.filter_map(|code| self.catalogue.item(code)).collect()
    }
}

/// The items of a visit's order.
async fn ordered_items(act: &step::Act<'_>, order: &care_order::Model) -> Result<Ordered> {
    let community = order.community_id;
    Ok(Ordered {
        codes: store::matching::item_codes(&**act.tx, community, order.id).await?,
        catalogue: rules::catalogue(act.app, community, order.catalogue_version).await?,
    })
}
