//! What went wrong around a visit: wrong address, refused on site, aggression, nobody home.

pub mod close_incident;
pub mod get_incident;
pub mod list_incidents;
pub mod report_incident;
pub mod review_incident;
