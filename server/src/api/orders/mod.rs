//! Orders: booked, found, matched, moved, called off, reviewed, and their trail.

pub mod assign_nurse;
pub mod cancel_order;
pub mod confirm_arrival;
pub mod create_order;
pub mod get_order;
pub mod get_position;
pub mod list_candidates;
pub mod list_order_events;
pub mod list_orders;
pub(crate) mod new_place;
pub(crate) mod problems;
pub mod reassign_nurse;
pub mod reschedule_order;
pub mod review_charge;
pub mod review_order;
pub mod verify_nurse;
pub mod view;
pub mod wire;
