//! Pure rules: no HTTP, no database, no runtime, no clock of their own.

pub mod identity;
pub mod name;
pub mod phone;
pub mod place;
mod text;
pub mod zorder;
