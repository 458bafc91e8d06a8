//! Chance with a seed: the same seed throws the same numbers on every machine.

use chrono::{Days, NaiveDate};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream of numbers is for. Each has its own, so that more nurses do not make other patients.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    /// Villages.
    Land = 1,
    /// Accounts of the desks.
    Desk,
    /// Nurses.
    Nurses,
    /// Patients and their families.
    Homes,
}

/// A stream of numbers.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of a seed.
    pub(super) fn new(seed: u64, stream: Stream) -> Self {
        let mut numbers = ChaCha8Rng::seed_from_u64(seed);
        numbers.set_stream(stream as u64);
        Self(numbers)
    }

    /// A whole number, both ends included.
    pub(super) fn range(&mut self, from: u32, to: u32) -> u32 {
        self.0.random_range(from..=to)
    }

    /// A real number from `from` up to `to`.
    pub(super) fn real(&mut self, from: f64, to: f64) -> f64 {
        self.0.random_range(from..to)
    }

    /// True in `percent` of 100 throws.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.range(0, 99) < percent
    }

    /// Any index of a list that is not empty.
    pub(super) fn index(&mut self, length: usize) -> usize {
        // Lists here have at most some thousand entries; a u32 is drawn alike on every machine.
        let last = u32::try_from(length.saturating_sub(1)).unwrap_or(u32::MAX);
        self.range(0, last) as usize
    }

    /// One of a list that is not empty.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.index(list.len())]
    }

    /// One of a list, its head more often than its tail.
    pub(super) fn pick_early<T: Copy>(&mut self, list: &[T]) -> T {
        let (one, other) = (self.index(list.len()), self.index(list.len()));
        list[one.min(other)]
    }

    /// One of a list of values with weights, as an index.
    pub(super) fn weighted<T>(&mut self, list: &[T], weight: impl Fn(&T) -> u32) -> usize {
        let all: u32 = list.iter().map(&weight).sum();
        let mut left = self.range(1, all);
        for (index, entry) in list.iter().enumerate() {
            let weight = weight(entry);
            if left <= weight {
                return index;
            }
            left -= weight;
        }
        list.len() - 1
    }

    /// A day between so many days before and after another.
    pub(super) fn day(&mut self, around: NaiveDate, before: u32, after: u32) -> NaiveDate {
        let first = around - Days::new(u64::from(before));
        first + Days::new(u64::from(self.range(0, before + after)))
    }
}
