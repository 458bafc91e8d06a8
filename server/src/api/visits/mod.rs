//! Visits: the nurse's steps from departure to the closed proof.

pub mod abort_visit;
pub mod add_photo;
pub mod amend_record;
pub mod arrive;
pub mod assess_visit;
pub mod check_identity;
pub mod close_visit;
pub(crate) mod critical;
pub mod depart;
pub mod finish_visit;
pub mod get_badge;
pub mod get_photo;
pub mod get_photo_thumbnail;
pub mod get_screening;
pub mod get_visit;
pub mod give_back_visit;
pub mod give_consent;
pub mod leave_visit;
mod leaving;
pub mod list_photos;
pub mod list_visit_consents;
pub mod list_visits;
mod photo;
pub mod propose_warning;
pub mod prove_arrival;
pub mod raise_sos;
pub mod record_visit;
pub(crate) mod refused;
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
use sea_orm::ConnectionTrait;

use crate::app::App;
use crate::domain::catalogue::{Catalogue, Item};
use crate::error::Result;
use crate::{rules, store};

/// What was ordered, by the catalogue it was judged by. Read once and handed on.
pub(crate) struct Ordered {
    catalogue: Arc<Catalogue>,
    codes: Vec<String>,
}

impl Ordered {
    /// Whether something of it makes waste.
    pub(crate) fn makes_waste(&self) -> bool {
        self.items().iter().any(|item| item.makes_waste)
    }

    /// The items of an order. One statement.
    pub(crate) async fn of(
        db: &impl ConnectionTrait,
        app: &App,
        order: &care_order::Model,
    ) -> Result<Self> {
        let community = order.community_id;
        Ok(Self {
            codes: store::matching::item_codes(db, community, order.id).await?,
            catalogue: rules::catalogue(db, app, community, order.catalogue_version).await?,
        })
    }

    /// The same, out of what was read.
    pub(crate) async fn read(
        db: &impl ConnectionTrait,
        app: &App,
        order: &care_order::Model,
        codes: Vec<String>,
    ) -> Result<Self> {
        let (community, version) = (order.community_id, order.catalogue_version);
        let catalogue = rules::catalogue(db, app, community, version).await?;
        Ok(Self { catalogue, codes })
    }

    fn items(&self) -> Vec<&Item> {
        let codes = self.codes.iter();
        codes.filter_map(|code| self.catalogue.item(code)).collect()
    }
}
