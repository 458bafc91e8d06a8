//! Queries, one file an aggregate. Every finder takes the community or the caller's scope; whatever
//! writes takes a [`crate::db::Tx`].

pub mod account;
pub mod booking;
pub mod event;
pub mod feed;
pub mod idempotency;
pub mod job;
pub mod login;
pub mod message;
pub mod order;
pub mod patient_read;
pub mod rate;
pub mod rule_set;
pub mod scope;
pub mod session;
pub mod sql;
