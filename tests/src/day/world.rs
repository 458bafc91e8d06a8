//! What the simulator knows of the day.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// An order as the simulator follows it.
#[derive(Clone, Debug)]
pub(crate) struct Tracked {
    /// Booked at, simulated time.
    pub booked_at: DateTime<Utc>,
    /// When the desk looks at it next.
    pub desk_at: DateTime<Utc>,
    /// Start of the window.
    pub window_start: DateTime<Utc>,
    /// Accepted or assigned at, simulated time.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Distance in metres of the accepted offer.
    pub distance_m: Option<f64>,
    /// Why nobody could go, by the first reason of most nurses.
    pub unmatched: Option<String>,
    /// Last state heard of.
    pub state: String,
}

/// Orders by id.
pub(crate) type Orders = BTreeMap<String, Tracked>;

/// A visit that a nurse is on, step by step.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
pub(crate) struct Task {
    /// The visit.
    pub visit: String,
    /// Its order.
    pub order: String,
    /// Its items.
    pub items: Vec<String>,
    /// Where to go, when known.
    pub place: Option<(f64, f64)>,
    /// Where she set out from and when, once she has.
    pub set_out: Option<((f64, f64), DateTime<Utc>)>,
    /// The next step.
    pub step: Step,
    /// When the next step is due.
    pub due: DateTime<Utc>,
    /// Minutes at the patient's.
    pub duration_min: i64,
    /// Minutes on the road.
    pub travel_min: i64,
    /// Start of the window.
    pub window_start: DateTime<Utc>,
    /// Version of the visit.
    pub version: i64,
    /// Seat of the nurse; 1 leads.
    pub seat: i64,
    /// Nurses who go.
    pub persons: i64,
    /// A hard answer will break it off at the door.
    pub refused: bool,
    /// She will call for help.
    pub sos: bool,
    /// It will take much longer.
    pub overdue: bool,
    /// Something will go wrong, or nearly.
    pub adverse: bool,
    /// Record signed and waste returned.
    pub signed: bool,
    /// Steps that were refused so far, because the other nurse was not as far.
    pub waited: u32,
}

impl Task {
    /// Where she is on the way at a moment, when both ends are known.
    pub(crate) fn on_the_way(&self, now: DateTime<Utc>) -> Option<(f64, f64)> {
        let ((from, since), to) = self.set_out.zip(self.place)?;
        let whole = TimeDelta::minutes(self.travel_min.max(1)).as_seconds_f64();
        let part = ((now - since).as_seconds_f64() / whole).clamp(0.0, 1.0);
        let between = |from: f64, to: f64| from + (to - from) * part;
        Some((between(from.0, to.0), between(from.1, to.1)))
    }
}

/// Steps of a visit, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Set out.
    Depart,
    /// At the door.
    Arrive,
    /// Begin.
    Start,
    /// Write down, leave.
    Finish,
    /// Close.
    Close,
    /// Leave a home where it was broken off.
    Leave,
}
