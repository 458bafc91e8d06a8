//! Offers to the nurse who asks.

pub mod accept_offer;
pub mod decline_offer;
pub mod list_offers;
