//! Counts for the nursing department.

pub mod device_days;
