//! What the simulators share: a client with a stopwatch, people who stay logged in, a bar of what is done.

mod account;
mod api;

use indicatif::{ProgressBar, ProgressStyle};

pub use account::Account;
pub use api::{Api, Call, Failure, Measured, PhoneMessage, Reply};

/// A bar of so many steps; hidden when quiet.
pub fn progress(steps: u64, quiet: bool) -> ProgressBar {
    let bar = if quiet {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(steps)
    };
    if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} [{bar:40}] {percent}% {msg}")
    {
        bar.set_style(style);
    }
    bar
}

/// Milliseconds at a quantile of an operation.
#[expect(clippy::cast_precision_loss, reason = "milliseconds for people")]
pub fn millis(one: &Measured, quantile: f64) -> f64 {
    one.latency.value_at_quantile(quantile) as f64 / 1000.0
}
