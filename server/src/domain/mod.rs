//! Pure rules: no HTTP, no database, no runtime, no clock of their own.

pub mod calendar;
pub mod catalogue;
pub mod code;
pub mod price;
pub mod rulefile;
pub mod screening;
pub mod seed;
pub mod vitals;
