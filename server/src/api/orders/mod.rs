//! Orders.

pub mod assign_nurse;
pub mod get_position;
pub mod list_candidates;
pub mod reassign_nurse;
