//! Orders.

pub mod assign_nurse;
pub mod get_position;
pub mod list_candidates;
pub mod reassign_nurse;
//! Orders: booked, found, moved, called off, reviewed, and their trail.
pub mod cancel_order;
pub mod create_order;
pub mod get_order;
pub mod list_order_events;
pub mod list_orders;
pub mod reschedule_order;
pub mod review_order;
pub(crate) mod problems;
pub mod view;
pub mod wire;
