//! Logging in.

mod code;
