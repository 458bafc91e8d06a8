//! Accounts and roles.

mod create;
mod roles;
mod state;
