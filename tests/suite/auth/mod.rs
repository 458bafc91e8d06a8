//! Logging in.

mod code;
mod forged;
mod invite;
mod password;
mod refresh;
mod sessions;
