//! The rows of Jiahu: sea-orm entities, typed ids, text enums. No rules and no HTTP here.

pub mod enums;
pub mod ids;
