//! Queries, one file an aggregate. Every finder takes the community or the caller's scope; whatever
//! writes takes a [`crate::db::Tx`].

pub mod account;
pub mod address;
pub mod audit;
pub mod booking;
pub mod carer;
pub mod certification;
pub mod community;
pub mod device;
pub mod event;
pub mod feed;
pub mod health_fact;
pub mod idempotency;
pub mod institution;
pub mod job;
pub mod login;
pub mod matching;
pub mod message;
pub mod nurse;
pub mod nurse_refusal;
pub mod offer;
pub mod operator;
pub mod order;
pub mod patient;
pub mod patient_read;
pub mod rate;
pub mod reach;
pub mod record;
pub mod rule_set;
pub mod scope;
pub mod session;
pub mod sql;
pub mod visit;
