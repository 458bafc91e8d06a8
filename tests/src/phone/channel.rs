//! A channel that loses, doubles, delays and reorders, by seeded dice.

use chrono::{DateTime, TimeDelta, Utc};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

/// No request is on its way for longer.
const LONGEST: TimeDelta = TimeDelta::seconds(100);

/// How often what goes wrong.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Share of requests, and of answers, that are lost.
    pub lost: f64,
    /// Share of requests that arrive twice.
    pub doubled: f64,
    /// Share of requests that arrive after later ones.
    pub late: f64,
    /// Share of batches that are cut in pieces and shuffled.
    pub shuffled: f64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            lost: 0.3,
            doubled: 0.2,
            late: 0.2,
            shuffled: 0.3,
        }
    }
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        lost: 0.0,
        doubled: 0.0,
        late: 0.0,
        shuffled: 0.0,
    };
}

/// A channel from one phone to the service.
#[derive(Debug)]
pub struct Channel {
    faults: Faults,
    random: ChaCha8Rng,
    late: Vec<(DateTime<Utc>, Value)>,
}

impl Channel {
    /// A channel with its own dice.
    pub fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            random: ChaCha8Rng::seed_from_u64(seed),
            late: Vec::new(),
        }
    }

    /// Sends a batch; `deliver` hands what arrives to the service. Gives the answers that came back with the time their batch
    /// was sent, also those to batches that were on their way for long.
    pub async fn send(
        &mut self,
        now: DateTime<Utc>,
        batch: Value,
        deliver: impl AsyncFn(Value) -> Option<Value>,
    ) -> Vec<(DateTime<Utc>, Value)> {
        let mut arriving = Vec::new();
        for piece in self.pieces(batch) {
            if self.happens(self.faults.lost) {
                continue;
            }
            if self.happens(self.faults.doubled) {
                arriving.push((now, piece.clone()));
            }
            if self.happens(self.faults.late) {
                self.late.push((now, piece));
            } else {
                arriving.push((now, piece));
            }
        }
        let late = std::mem::take(&mut self.late);
        for (sent, piece) in late.into_iter().filter(|(sent, _)| now - *sent <= LONGEST) {
            // What is late arrives some time, before or after what is sent now.
            if self.happens(0.5) {
                self.late.push((sent, piece));
            } else {
                let place = self.random.random_range(0..=arriving.len());
                arriving.insert(place, (sent, piece));
            }
        }
        let mut heard = Vec::new();
        for (sent, piece) in arriving {
            let answer = deliver(piece).await;
            if !self.happens(self.faults.lost) {
                heard.extend(answer.map(|answer| (sent, answer)));
            }
        }
        heard
    }

    fn happens(&mut self, share: f64) -> bool {
        self.random.random_bool(share)
    }

    /// The batch as it is, or in pieces, out of order.
    fn pieces(&mut self, batch: Value) -> Vec<Value> {
        if !self.happens(self.faults.shuffled) {
            return vec![batch];
        }
        let mut actions = batch["actions"].as_array().cloned().unwrap_or_default();
        actions.shuffle(&mut self.random);
        let size = self.random.random_range(1..=actions.len().max(1));
        let pieces = actions.chunks(size).map(|chunk| {
            let mut piece = batch.clone();
            piece["actions"] = Value::Array(chunk.to_vec());
            piece
        });
        pieces.collect()
    }
}
