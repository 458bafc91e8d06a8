//! HTTP operations, one a file: its wire types, its documentation, its function. No rule and no SQL here.

pub mod auth;
pub mod items;
pub mod me;
pub mod ops;
pub mod orders;
pub mod quotes;
pub mod rule_sets;
