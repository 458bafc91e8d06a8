//! Pure rules: no HTTP, no database, no runtime, no clock of their own.

pub mod arrival;
pub mod assessment;
pub mod audience;
pub mod booking;
pub mod calendar;
pub mod catalogue;
pub mod code;
pub mod complaint;
pub mod consent;
pub mod device;
pub mod device_link;
pub mod dispatch;
pub mod eligibility;
pub mod event;
pub mod follow_up;
pub mod harm;
pub mod identity;
pub mod lifecycle;
pub mod name;
pub mod overdue;
pub mod patient;
pub mod phone;
pub mod photo;
pub mod place;
pub mod prescription;
pub mod price;
pub mod questionnaire;
pub mod ranking;
pub mod recognition;
pub mod record_form;
pub mod red_flag;
pub mod rehab;
pub mod retention;
pub mod roles;
pub mod roster;
pub mod rulefile;
pub mod scale;
pub mod screening;
pub mod seats;
pub mod seed;
pub mod sos;
pub mod span;
pub mod steps;
pub mod sync;
pub mod trail;
pub mod travel;
pub mod visit;
pub mod visit_record;
pub mod visit_rules;
pub mod vitals;
pub mod zorder;

#[cfg(test)]
mod rules_page;
#[cfg(test)]
mod test_times;
mod text;
