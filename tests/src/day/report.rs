//! What came of the day: a table for people, JSON for machines, and the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use crate::play::{Failure, Measured, millis};
use serde_json::{Value, json};

use super::Settings;
use super::bookings::{double_bookings, served_by_two};
use super::offline::Told;
use super::shares::Shares;
use super::world::Orders;

/// States in which nothing is left to do.
const FINAL: [&str; 5] = ["closed", "refused", "cancelled", "expired", "aborted"];

/// What happened beside the orders.
pub(crate) struct Chain {
    /// What came of the acts of each nurse that were told later.
    pub told: Vec<Told>,
    /// The work list at the end of the day.
    pub work: Vec<Value>,
    /// Alarms that the desk answered.
    pub alarms: usize,
    /// Arrivals in question that it decided on.
    pub arrivals: usize,
    /// Orders with a record that nobody has signed.
    pub unsigned: BTreeSet<String>,
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    scale: f64,
    shares: Shares,
}

impl Asked {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            scale: settings.scale,
            shares: settings.shares,
        }
    }
}

/// The day in numbers.
#[derive(Debug)]
pub struct Outcome {
    asked: Asked,
    planned: usize,
    booked: usize,
    refused: BTreeMap<String, u64>,
    failed_bookings: u64,
    states: BTreeMap<String, u64>,
    unmatched: BTreeMap<String, u64>,
    accept_min: Vec<i64>,
    distance_m: Vec<i64>,
    double_bookings: Vec<String>,
    unaccounted: Vec<String>,
    told_later: u64,
    refused_later: u64,
    work: usize,
    in_work_list: u64,
    alarms: usize,
    arrivals: usize,
    two_person: usize,
    requests: u64,
    errors: u64,
    took: Duration,
    operations: BTreeMap<&'static str, Measured>,
    failures: Vec<Failure>,
}

impl Outcome {
    /// Counts, from what the simulator saw and from the orders as the server shows them at the end.
    pub(crate) fn new(
        (planned, took, asked): (usize, Duration, Asked),
        orders: &Orders,
        (refused, failed_bookings): (BTreeMap<String, u64>, u64),
        shown: &[Value],
        chain: &Chain,
        (operations, failures): (BTreeMap<&'static str, Measured>, Vec<Failure>),
    ) -> Self {
        let by_id: BTreeMap<&str, &Value> = shown
            .iter()
            .filter_map(|order| Some((order["id"].as_str()?, order)))
            .collect();
        let (mut states, mut unmatched) = (BTreeMap::new(), BTreeMap::new());
        let (mut unaccounted, mut in_work_list) = (Vec::new(), 0);
        let waiting: BTreeSet<&str> = chain
            .work
            .iter()
            .filter_map(|item| item["order_id"].as_str())
            .collect();
        for (id, tracked) in orders {
            let state = by_id
                .get(id.as_str())
                .and_then(|order| order["state"].as_str())
                .unwrap_or("lost");
            *states.entry(state.to_owned()).or_default() += 1;
            // Every order comes to its end and every record is signed; what could not be told is in the work list.
            let unsigned = chain.unsigned.contains(id);
            match (
                FINAL.contains(&state) && !unsigned,
                waiting.contains(id.as_str()),
            ) {
                (true, _) => {}
                (false, true) => in_work_list += 1,
                (false, false) if unsigned => {
                    unaccounted.push(format!("{id} is {state} with a record that nobody signed"));
                }
                (false, false) => unaccounted.push(format!("{id} is {state}")),
            }
            if state == "expired" {
                let why = tracked
                    .unmatched
                    .clone()
                    .unwrap_or_else(|| "not asked".to_owned());
                *unmatched.entry(why).or_default() += 1;
            }
        }
        let accepted = orders
            .values()
            .filter_map(|one| Some((one.accepted_at? - one.booked_at).num_minutes()));
        let distances = orders.values().filter_map(|one| one.distance_m);
        Self {
            asked,
            planned,
            booked: orders.len(),
            refused,
            failed_bookings,
            states,
            unmatched,
            accept_min: sorted(accepted),
            distance_m: sorted(distances.map(whole)),
            double_bookings: double_bookings(shown),
            two_person: shown.iter().filter(|order| served_by_two(order)).count(),
            unaccounted,
            told_later: chain.told.iter().map(|told| told.applied).sum(),
            refused_later: chain.told.iter().map(|told| told.in_work_list).sum(),
            work: chain.work.len(),
            in_work_list,
            alarms: chain.alarms,
            arrivals: chain.arrivals,
            requests: operations.values().map(|one| one.latency.len()).sum(),
            errors: operations.values().map(|one| one.errors).sum(),
            took,
            operations,
            failures,
        }
    }

    /// Every booking and every order accounted for, no error, nobody booked twice, whatever was refused later in the work list;
    /// and at full size everything that belongs to a day did happen.
    pub fn is_good(&self) -> bool {
        let refused: u64 = self.refused.values().sum();
        let counted =
            u64::try_from(self.booked).map(|booked| booked + refused + self.failed_bookings);
        self.booked > 0
            && counted == u64::try_from(self.planned)
            && self.unaccounted.is_empty()
            && self.errors == 0
            && self.failed_bookings == 0
            && self.double_bookings.is_empty()
            && u64::try_from(self.work) == Ok(self.refused_later)
            && self.missed().is_empty()
    }

    /// What was asked for and did not happen, though the day was large enough for it.
    fn missed(&self) -> Vec<&'static str> {
        if self.asked.scale < 1.0 {
            return Vec::new();
        }
        let shares = self.asked.shares;
        let kinds = self.kinds();
        let wanted = [
            shares.sos,
            shares.outside + shares.no_fix,
            shares.offline,
            shares.refused_at_door,
            shares.overdue,
            shares.adverse,
            shares.in_hospital,
            1.0,
        ];
        let missed = kinds.iter().zip(wanted);
        missed
            .filter(|((_, count), share)| *share > 0.0 && *count == 0)
            .map(|((name, _), _)| *name)
            .collect()
    }

    /// What happens on some visits, and how often it did.
    fn kinds(&self) -> [(&'static str, u64); 8] {
        let many = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let done = |name| {
            let one = self.operations.get(name);
            one.map_or(0, |one| one.latency.len() - one.errors - one.refusals)
        };
        let aborted = self.states.get("aborted").copied().unwrap_or(0);
        [
            ("alarms answered", many(self.alarms)),
            ("arrivals in question", many(self.arrivals)),
            ("acts told later", self.told_later),
            ("visits refused at the door", aborted),
            ("visits that ran over", done("still-fine")),
            (
                "harm and near misses told",
                done("adverse event") + done("near miss"),
            ),
            ("first assessments", done("assess")),
            ("visits by two", many(self.two_person)),
        ]
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let operations: BTreeMap<_, _> = self
            .operations
            .iter()
            .map(|(name, one)| {
                let value = json!({
                    "requests": one.latency.len(),
                    "p50_ms": millis(one, 0.5),
                    "p99_ms": millis(one, 0.99),
                    "errors": one.errors,
                    "refusals": one.refusals,
                });
                (*name, value)
            })
            .collect();
        json!({
            "good": self.is_good(),
            "planned": self.planned,
            "booked": self.booked,
            "refused_at_booking": self.refused,
            "states": self.states,
            "unmatched_by_reason": self.unmatched,
            "minutes_to_accept": { "p50": at(&self.accept_min, 50), "p95": at(&self.accept_min, 95) },
            "distance_m": { "p50": at(&self.distance_m, 50), "p95": at(&self.distance_m, 95) },
            "double_bookings": self.double_bookings.len(),
            "unaccounted": self.unaccounted.len(),
            "told_later": self.told_later,
            "refused_later": self.refused_later,
            "work_items": self.work,
            "orders_in_work_list": self.in_work_list,
            "alarms": self.alarms,
            "kinds": BTreeMap::from(self.kinds()),
            "missed": self.missed(),
            "arrivals_in_question": self.arrivals,
            "requests": self.requests,
            "requests_per_s": self.rate(),
            "errors": self.errors,
            "seconds": self.took.as_secs_f64(),
            "operations": operations,
            "first_failures": self.failures,
        })
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let matched = self.accept_min.len();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "{name:<28}{value}");
        };
        line("bookings planned", self.planned.to_string());
        line("orders booked", self.booked.to_string());
        for (code, count) in &self.refused {
            line(&format!("  refused: {code}"), count.to_string());
        }
        line("matched", matched.to_string());
        for (state, count) in &self.states {
            line(&format!("  now {state}"), count.to_string());
        }
        for (reason, count) in &self.unmatched {
            line(&format!("  unmatched: {reason}"), count.to_string());
        }
        line(
            "minutes to accept p50/p95",
            format!(
                "{} / {}",
                at(&self.accept_min, 50),
                at(&self.accept_min, 95)
            ),
        );
        line(
            "distance p50/p95 (m)",
            format!(
                "{} / {}",
                at(&self.distance_m, 50),
                at(&self.distance_m, 95)
            ),
        );
        line("double bookings", self.double_bookings.len().to_string());
        line("orders unaccounted for", self.unaccounted.len().to_string());
        line(
            "refused later, in work list",
            format!("{} of {}", self.refused_later, self.work),
        );
        line("  orders waiting there", self.in_work_list.to_string());
        for (name, count) in self.kinds() {
            line(name, count.to_string());
        }
        line(
            "requests",
            format!(
                "{} in {:.1} s, {:.0}/s",
                self.requests,
                self.took.as_secs_f64(),
                self.rate()
            ),
        );
        line("errors", self.errors.to_string());
        let _ = writeln!(
            text,
            "\n{:<18}{:>9}{:>10}{:>10}{:>9}{:>9}",
            "operation", "requests", "p50 ms", "p99 ms", "refused", "errors"
        );
        for (name, one) in &self.operations {
            let _ = writeln!(
                text,
                "{name:<18}{:>9}{:>10.1}{:>10.1}{:>9}{:>9}",
                one.latency.len(),
                millis(one, 0.5),
                millis(one, 0.99),
                one.refusals,
                one.errors
            );
        }
        for failure in self
            .failures
            .iter()
            .chain(&self.double_bookings)
            .chain(self.unaccounted.iter().take(10))
        {
            let _ = writeln!(text, "! {failure}");
        }
        for kind in self.missed() {
            let _ = writeln!(text, "! none of: {kind}");
        }
        text
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn rate(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64().max(0.001)
    }
}

fn sorted(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut values: Vec<i64> = values.collect();
    values.sort_unstable();
    values
}

/// A percentile of sorted values; 0 of none.
fn at(values: &[i64], percent: usize) -> i64 {
    let last = values.len().saturating_sub(1);
    values.get(last * percent / 100).copied().unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, reason = "metres within a county")]
fn whole(metres: f64) -> i64 {
    metres.round() as i64
}
