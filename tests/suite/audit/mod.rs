//! What auditors read.

mod reads;
mod trail;
