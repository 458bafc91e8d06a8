//! Pure rules: no HTTP, no database, no runtime, no clock of their own.

pub mod dispatch;
pub mod eligibility;
pub mod lifecycle;
pub mod ranking;
pub mod span;
pub mod travel;
pub mod visit;

mod local_time;
#[cfg(test)]
mod rules_page;
