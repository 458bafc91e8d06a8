//! Prices before booking.

pub mod create_quote;
