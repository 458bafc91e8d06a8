//! Pure rules: no HTTP, no database, no runtime, no clock of their own.

pub mod arrival;
pub mod audience;
pub mod booking;
pub mod calendar;
pub mod catalogue;
pub mod code;
pub mod dispatch;
pub mod eligibility;
pub mod event;
pub mod harm;
pub mod identity;
pub mod lifecycle;
pub mod name;
pub mod overdue;
pub mod patient;
pub mod phone;
pub mod place;
pub mod price;
pub mod ranking;
pub mod roles;
pub mod roster;
pub mod rulefile;
pub mod screening;
pub mod seed;
pub mod sos;
pub mod span;
pub mod trail;
pub mod travel;
pub mod visit;
pub mod visit_record;
pub mod vitals;
pub mod zorder;

mod local_time;
#[cfg(test)]
mod rules_page;
mod text;
