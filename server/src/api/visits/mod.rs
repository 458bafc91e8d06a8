//! Visits: the nurse's steps from departure to the closed proof.

pub mod abort_visit;
pub mod amend_record;
pub mod arrive;
pub mod close_visit;
pub mod depart;
pub mod finish_visit;
pub mod get_visit;
pub mod list_visits;
pub mod record_visit;
pub mod report_positions;
pub mod return_waste;
pub mod sign_visit;
pub mod start_procedure;
pub(crate) mod step;
