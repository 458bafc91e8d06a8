//! HTTP operations, one a file: its wire types, its documentation, its function. No rule and no SQL here.

pub mod accounts;
pub mod address_proposals;
pub mod adverse_events;
pub mod audit;
pub mod auth;
pub mod certifications;
pub mod events;
pub mod exceptions;
pub mod incidents;
pub mod institutions;
pub mod items;
pub mod me;
pub mod nurses;
pub mod offers;
pub mod ops;
pub mod orders;
pub mod patients;
pub mod quotes;
pub mod rule_sets;
pub mod sos;
pub mod visits;
