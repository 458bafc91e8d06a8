//! Jiahu (家护): the service behind home nursing for one county.

pub mod auth;
pub mod crypto;
pub mod domain;
pub mod keys;
