//! What the black-box tests, the simulator and the benchmarks share.

#![expect(
    clippy::missing_panics_doc,
    reason = "a helper of a test fails the test by panicking"
)]

pub mod answers;
pub mod day;
pub mod harness;
pub mod measure;
pub mod phone;
pub mod play;
pub mod year;
