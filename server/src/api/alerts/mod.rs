//! Alerts: what somebody has to look at now.

pub mod close_alert;
pub mod get_alert;
pub mod list_alerts;
pub mod take_alert;
mod view;
