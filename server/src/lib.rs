//! Jiahu (家护): the service behind home nursing for one county.

pub mod answer;
pub mod api;
pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod county;
pub mod crypto;
pub mod db;
pub mod demo;
pub mod domain;
pub mod error;
pub mod extract;
pub mod gateway;
pub mod ids;
pub mod jobs;
pub mod keys;
pub mod live;
pub mod message;
pub mod middleware;
pub mod problem;
pub mod router;
pub mod rules;
pub mod serve;
pub mod store;
pub mod wire;
