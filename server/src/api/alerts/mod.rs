//! Alerts: what somebody has to look at now.

pub mod act_alert;
pub mod close_alert;
pub mod get_alert;
pub mod get_order_draft;
pub mod list_alerts;
pub mod take_alert;
mod view;

pub use view::Alert;
