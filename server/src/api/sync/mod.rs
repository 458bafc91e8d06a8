//! How a phone without signal works: what it takes along, what it tells later, what changed meanwhile.

pub mod get_changes;
pub mod get_pack;
mod keep;
mod owing;
mod perform;
pub mod send_batch;
mod tell;

pub(super) use tell::retry;
