//! Time, given as a value. The only place that reads the system clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// The clock of one server process. Time is UTC, cut to microseconds, which is what both databases keep.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds the clock stands ahead of the system; moved by tests and simulations only.
    ahead_us: Arc<AtomicI64>,
    /// Set: stands still at this many microseconds since 1970 until moved again.
    stopped_at_us: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is moved.
    pub fn stopped_at(now: DateTime<Utc>) -> Self {
        let clock = Self::default();
        clock.stop_at(now);
        clock
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        match self.stopped_at_us.load(Ordering::SeqCst) {
            0 => cut(system_now()) + TimeDelta::microseconds(self.ahead_us.load(Ordering::SeqCst)),
            stopped => DateTime::from_timestamp_micros(stopped).unwrap_or_default(),
        }
    }

    /// Moves a running clock so that it shows `now` and runs on.
    pub fn set(&self, now: DateTime<Utc>) {
        let ahead = now - cut(system_now());
        self.ahead_us
            .store(ahead.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        self.stopped_at_us.store(0, Ordering::SeqCst);
    }

    /// Stops the clock at a moment.
    pub fn stop_at(&self, now: DateTime<Utc>) {
        self.stopped_at_us
            .store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves a stopped clock forward.
    pub fn advance(&self, by: TimeDelta) {
        self.stop_at(self.now() + by);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one home of the system clock"
)]
fn system_now() -> DateTime<Utc> {
    Utc::now()
}

/// Cuts to microseconds, so that what is written equals what is read.
fn cut(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::microseconds(1))
        .unwrap_or(now)
}
