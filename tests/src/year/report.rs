//! What came of the year, as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::Year;
use super::check::Found;
use crate::play::{Failure, Measured, millis};

/// Problems that are printed.
const SHOWN: usize = 20;

/// The year in numbers.
#[derive(Debug)]
pub struct Outcome {
    numbers: Value,
    wrong: Vec<String>,
    operations: BTreeMap<&'static str, Measured>,
    failures: Vec<Failure>,
    took: Duration,
}

impl Outcome {
    pub(super) fn new(year: Year<'_>, found: &Found, took: Duration) -> Self {
        let (inbox, rehab) = (&year.inbox, &year.rehab);
        let alerts: BTreeMap<_, _> = found
            .alerts
            .iter()
            .map(|(rule, [all, early, in_time, late, open])| {
                let one = json!({
                    "all": all, "before_half": early, "in_time": in_time, "escalated_late": late, "not_taken_yet": open,
                });
                (rule, one)
            })
            .collect();
        let habits: BTreeMap<_, _> = rehab
            .by_habit
            .iter()
            .map(|(habit, [planned, done, opened])| {
                let one = json!({
                    "planned": planned, "done": done, "opened": opened, "percent": percent(*done, *planned),
                });
                (habit, one)
            })
            .collect();
        let numbers = json!({
            "discharges told": year.stays.len(),
            "discharges": found.discharges,
            "plans": found.plans,
            "plans by state": found.plan_states,
            "tasks": found.tasks,
            "tasks due and over": found.due,
            "tasks tried or answered": found.tried,
            "tasks reached": found.reached,
            "tasks lost": found.lost,
            "reach percent": percent(found.reached, found.due),
            "attempts": found.attempts,
            "attempts confirmed on a day of a call": found.confirmed,
            "links answered": inbox.answered,
            "links too late": inbox.too_late,
            "messages": inbox.sent,
            "messages to families by hour": inbox.by_hour,
            "calls and visits by hour": found.calls_by_hour,
            "alerts": alerts,
            "alerts became": found.results,
            "orders of alerts": year.flags.orders,
            "looks at alerts nobody had taken": year.flags.looks,
            "rehab plans": rehab.made,
            "rehab plans ended": rehab.ended,
            "rehab sessions by habit": habits,
            "rehab weeks nothing / below half / half or more": rehab.weeks,
            "rehab calls for a nurse": rehab.calls,
        });
        let wrong = year.wrong;
        let (operations, failures) = year.api.finish();
        Self {
            numbers,
            wrong,
            operations,
            failures,
            took,
        }
    }

    /// Nothing that was promised was broken, and no request failed.
    pub fn is_good(&self) -> bool {
        self.numbers["discharges told"] != 0 && self.wrong.is_empty() && self.errors() == 0
    }

    /// Requests that were answered neither with success nor with an expected refusal.
    pub fn errors(&self) -> u64 {
        self.operations.values().map(|one| one.errors).sum()
    }

    /// What was promised and not kept.
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }

    /// Everything that was counted, by its name in the table.
    pub fn numbers(&self) -> &Value {
        &self.numbers
    }

    fn requests(&self) -> u64 {
        self.operations.values().map(|one| one.latency.len()).sum()
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let operations: BTreeMap<_, _> = self
            .operations
            .iter()
            .map(|(name, one)| {
                let value = json!({
                    "requests": one.latency.len(), "p50_ms": millis(one, 0.5), "p99_ms": millis(one, 0.99),
                    "errors": one.errors, "refusals": one.refusals,
                });
                (*name, value)
            })
            .collect();
        json!({
            "good": self.is_good(),
            "numbers": self.numbers,
            "wrong": self.wrong,
            "requests": self.requests(),
            "errors": self.errors(),
            "seconds": self.took.as_secs_f64(),
            "operations": operations,
            "first_failures": self.failures,
        })
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.numbers.as_object().into_iter().flatten() {
            lines(&mut text, 0, name, value);
        }
        let seconds = self.took.as_secs_f64();
        let _ = writeln!(
            text,
            "{:<44}{} in {seconds:.0} s",
            "requests",
            self.requests()
        );
        let _ = writeln!(text, "{:<44}{}", "errors", self.errors());
        let _ = writeln!(text, "{:<44}{}", "promises broken", self.wrong.len());
        let _ = writeln!(
            text,
            "\n{:<20}{:>9}{:>10}{:>10}{:>9}{:>9}",
            "operation", "requests", "p50 ms", "p99 ms", "refused", "errors"
        );
        for (name, one) in &self.operations {
            let _ = writeln!(
                text,
                "{name:<20}{:>9}{:>10.1}{:>10.1}{:>9}{:>9}",
                one.latency.len(),
                millis(one, 0.5),
                millis(one, 0.99),
                one.refusals,
                one.errors
            );
        }
        for problem in self.failures.iter().chain(self.wrong.iter().take(SHOWN)) {
            let _ = writeln!(text, "! {problem}");
        }
        text
    }
}

fn lines(text: &mut String, depth: usize, name: &str, value: &Value) {
    let place = " ".repeat(depth * 2);
    match value.as_object() {
        Some(parts) if parts.values().any(Value::is_object) || depth == 0 => {
            let _ = writeln!(text, "{place}{name}");
            for (name, value) in parts {
                lines(text, depth + 1, name, value);
            }
        }
        Some(parts) => {
            let parts: Vec<_> = parts
                .iter()
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            let _ = writeln!(text, "{:<44}{}", format!("{place}{name}"), parts.join(", "));
        }
        None => {
            let _ = writeln!(text, "{:<44}{value}", format!("{place}{name}"));
        }
    }
}

/// Whole percent; nothing of nothing.
fn percent<T: Into<i128>>(part: T, whole: T) -> Option<i128> {
    let (part, whole) = (part.into(), whole.into());
    (whole > 0).then(|| part * 100 / whole)
}
