//! Jiahu (家护): the service behind home nursing for one county.

pub mod config;
pub mod domain;
