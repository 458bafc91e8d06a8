//! HTTP operations, one a file: its wire types, its documentation, its function. No rule and no SQL here.

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod auth;
pub mod certifications;
pub mod consents;
pub mod devices;
pub mod events;
pub mod institutions;
pub mod items;
pub mod me;
pub mod nurses;
pub mod offers;
pub mod ops;
pub mod orders;
pub mod patients;
pub mod quotes;
pub mod reports;
pub mod rule_sets;
pub mod sync;
pub mod visits;
pub mod work_items;
