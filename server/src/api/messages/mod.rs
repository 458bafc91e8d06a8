//! Messages to phones.

pub mod tell_receipt;
