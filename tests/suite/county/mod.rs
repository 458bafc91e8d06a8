//! The demo county: what the generator makes, what is loaded, and what a demo adds to the server.

mod day;
mod demo;
mod generator;
mod load;
mod year;

use chrono::NaiveDate;

/// The day of every test's clock in Shanghai.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).expect("a date")
}
