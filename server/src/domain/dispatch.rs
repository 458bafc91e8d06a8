//! Waves of offers: three nurses first, then wider and wider rings, then people (field guide §7.1).

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::NurseId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ranking::Ranked;

/// How offers widen and whom silence reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DispatchConfig {
    /// Offers of one wave.
    pub offer_batch: usize,
    /// Radius of each wave in metres, growing; later waves stay at the last.
    pub rings_m: Vec<u32>,
    /// Minutes from wave to wave.
    pub wave_every_min: u32,
    /// Minutes without an accept after which a coordinator is told; at the latest half way to the window.
    pub coordinator_after_min: u32,
    /// Minutes without an accept after which the family is told.
    pub family_told_after_min: u32,
}

impl Default for DispatchConfig {
    fn default() -> Self {
        Self {
            offer_batch: 3,
            rings_m: vec![5_000, 10_000, 20_000, 40_000],
            wave_every_min: 10,
            coordinator_after_min: 30,
            family_told_after_min: 120,
        }
    }
}

impl DispatchConfig {
    /// What is wrong with these numbers, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.offer_batch == 0 || self.wave_every_min == 0 {
            return Err("offer_batch and wave_every_min must be above 0");
        }
        if self.rings_m.first().is_none_or(|ring| *ring == 0)
            || !self.rings_m.is_sorted_by(|a, b| a < b)
        {
            return Err("rings_m must have a ring, and each must be wider than the one before");
        }
        Ok(())
    }

    /// Ring of a wave, counted from 0.
    fn ring(&self, wave: u32) -> u32 {
        let at = usize::try_from(wave).unwrap_or(usize::MAX);
        self.rings_m
            .get(at)
            .or(self.rings_m.last())
            .copied()
            .unwrap_or(0)
    }
}

/// How far the search for a nurse has come. A rescheduled or released order begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DispatchState {
    /// When the order became open, this time.
    pub opened_at: DateTime<Utc>,
    /// When the visit should begin.
    pub window_start: DateTime<Utc>,
    /// When the search ends ([`ends_at`]).
    pub ends_at: DateTime<Utc>,
    /// Waves gone out or passed over; 0 before the first.
    pub wave: u32,
    /// Whether the place of the address is known. Without it nobody is asked automatically.
    pub place_known: bool,
    /// Whether a coordinator has been told.
    pub coordinator_told: bool,
    /// Whether the family has been told.
    pub family_told: bool,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look for a nurse.
    Search(Search),
    /// The search has come to its end and nobody has it.
    Expire,
}

/// What to do now, and what to remember of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Offers go no farther than this, in metres.
    pub ring_m: u32,
    /// Offers to make now; 0 when no wave is due.
    pub offers_wanted: usize,
    /// Tell a coordinator now.
    pub tell_coordinator: bool,
    /// Tell the family now.
    pub tell_family: bool,
    /// When to look again: after now, and never after the search ends.
    pub next_at: DateTime<Utc>,
    /// To be remembered as [`DispatchState::wave`].
    pub wave: u32,
}

impl Search {
    /// The state once this has been done.
    pub fn after(&self, state: &DispatchState) -> DispatchState {
        DispatchState {
            wave: self.wave,
            coordinator_told: state.coordinator_told || self.tell_coordinator,
            family_told: state.family_told || self.tell_family,
            ..*state
        }
    }
}

/// When the search for a nurse ends: as the window begins. An order that opens later, because its nurse was taken off or gave
/// it back, can still be done and somebody be sent: until `last_start`, after which its minutes do not fit into the window.
pub fn ends_at(
    opened_at: DateTime<Utc>,
    window_start: DateTime<Utc>,
    last_start: DateTime<Utc>,
) -> DateTime<Utc> {
    if opened_at < window_start {
        window_start
    } else {
        window_start.max(last_start)
    }
}

/// What is due for an open order at `now`. Asking twice at one moment asks for no second wave;
/// waves missed while the service was down are passed over, for the ring follows the clock.
pub fn plan(now: DateTime<Utc>, state: &DispatchState, config: &DispatchConfig) -> Step {
    if now >= state.ends_at {
        return Step::Expire;
    }
    let waited = (now - state.opened_at).max(TimeDelta::zero());
    let due = waves_begun(waited, config.wave_every_min);
    // Without a place no wave is counted either, so that the first goes out once it is known.
    let asks = state.place_known && due > state.wave;
    let wave = if asks { due } else { state.wave };
    let wants_coordinator = !state.coordinator_told;
    let wants_family = !state.family_told;
    let coordinator_after = coordinator_after(state, config);
    let family_after = minutes(config.family_told_after_min);
    let tell_coordinator = wants_coordinator && (!state.place_known || waited >= coordinator_after);
    let tell_family = wants_family && waited >= family_after;
    let to_come = [
        Some(minutes(config.wave_every_min.max(1).saturating_mul(due))),
        (wants_coordinator && !tell_coordinator).then_some(coordinator_after),
        (wants_family && !tell_family).then_some(family_after),
    ];
    let moments = to_come
        .into_iter()
        .flatten()
        .map(|after| state.opened_at + after);
    Step::Search(Search {
        ring_m: config.ring(wave.saturating_sub(1)),
        offers_wanted: if asks { config.offer_batch } else { 0 },
        tell_coordinator,
        tell_family,
        next_at: moments.fold(state.ends_at, DateTime::min),
        wave,
    })
}

/// How long a coordinator is waited with. An order that opens shortly before its window must reach one while there is time to
/// find a nurse by hand: half of what was left when it opened, in whole minutes; at once when nothing was left.
fn coordinator_after(state: &DispatchState, config: &DispatchConfig) -> TimeDelta {
    let left = state.window_start - state.opened_at;
    minutes(config.coordinator_after_min).min(TimeDelta::minutes(left.num_minutes() / 2))
}

fn minutes(count: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(count))
}

/// How many waves have begun after waiting so long; the first begins at once.
fn waves_begun(waited: TimeDelta, every_min: u32) -> u32 {
    let passed = waited.num_minutes() / i64::from(every_min.max(1));
    u32::try_from(passed).unwrap_or(u32::MAX).saturating_add(1)
}

/// Whom to ask now: of those inside the ring and their own radius who have not been asked, the
/// best `batch` of `ranked` (best first).
pub fn choose(
    ranked: &[Ranked],
    asked: &BTreeSet<NurseId>,
    ring_m: u32,
    batch: usize,
) -> Vec<NurseId> {
    let mut chosen = Vec::new();
    for candidate in ranked.iter().map(|ranked| &ranked.candidate) {
        // Whoever is wished for is asked in the first wave, from wherever she is ready to come.
        let ring_m = if candidate.preferred {
            u32::MAX
        } else {
            ring_m
        };
        let limit = f64::from(ring_m.min(candidate.service_radius_m));
        let known = asked.contains(&candidate.nurse) || chosen.contains(&candidate.nurse);
        if chosen.len() < batch && candidate.distance_m <= limit && !known {
            chosen.push(candidate.nurse);
        }
    }
    chosen
}

/// Why an order needs a person now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderNeed {
    /// Coordinators were told: nobody has accepted for long, so assign by hand; or who has it should have set out and has
    /// not said so.
    Coordinator,
    /// Its place is not known, so nobody is asked: assign by hand.
    Place,
    /// What screening found waits for a decision.
    Review,
    /// Any of these.
    Any,
}

#[cfg(test)]
mod tests;
