//! Visits: the nurse's steps from departure to the closed proof.

pub mod abort_visit;
pub mod arrive;
pub mod close_visit;
pub mod depart;
pub mod finish_visit;
pub mod get_visit;
pub mod list_visits;
pub mod propose_warning;
pub mod prove_arrival;
pub mod raise_sos;
pub mod record_visit;
pub mod report_positions;
pub mod send_arrival_code;
pub mod start_procedure;
mod step;
pub mod still_fine;
