//! Who is asked first: a score of 0 to 100 whose parts anybody may see (field guide §7.2).
//!
//! Points are counted in tenths and whole numbers only, so every machine ranks alike. Declined
//! offers have no part in it: a nurse may say no without a price.

use std::cmp::Ordering;

use entity::ids::NurseId;
use serde::{Deserialize, Serialize};

/// Most points of each part; together 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// Short travel time.
    pub travel: u32,
    /// The patient knows this nurse.
    pub continuity: u32,
    /// Few visits lately.
    pub fairness: u32,
    /// Many visits with these items.
    pub depth: u32,
    /// Works for the township of the address.
    pub township: u32,
    /// Unhurried before the window.
    pub slack: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            travel: 40,
            continuity: 20,
            fairness: 15,
            depth: 10,
            township: 10,
            slack: 5,
        }
    }
}

/// Weights, and where each part is full or empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreRules {
    /// Most points of each part.
    pub weights: Weights,
    /// Minutes of travel from which the travel part is empty.
    pub far_min: u32,
    /// Days for which the last visit to this patient counts.
    pub continuity_days: u32,
    /// Visits in 30 days from which the fairness part is empty.
    pub full_load: u32,
    /// Visits with these items in a year from which the depth part is full.
    pub deep_visits: u32,
    /// Spare minutes from which the slack part is full.
    pub easy_slack_min: u32,
}

impl Default for ScoreRules {
    fn default() -> Self {
        Self {
            weights: Weights::default(),
            far_min: 60,
            continuity_days: 90,
            full_load: 40,
            deep_visits: 20,
            easy_slack_min: 60,
        }
    }
}

impl ScoreRules {
    /// What is wrong with these numbers, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        let Weights {
            travel,
            continuity,
            fairness,
            depth,
            township,
            slack,
        } = self.weights;
        let all = [travel, continuity, fairness, depth, township, slack];
        if all.into_iter().map(u64::from).sum::<u64>() != 100 {
            return Err("the weights must add up to 100");
        }
        if [
            self.far_min,
            self.full_load,
            self.deep_visits,
            self.easy_slack_min,
        ]
        .contains(&0)
        {
            return Err("far_min, full_load, deep_visits and easy_slack_min must be above 0");
        }
        Ok(())
    }
}

/// A nurse who may take the order, and what is known of her for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Who.
    pub nurse: NurseId,
    /// Metres in a straight line from her origin to the address.
    pub distance_m: f64,
    /// Metres she is ready to go.
    pub service_radius_m: u32,
    /// Minutes on the road.
    pub travel_min: u32,
    /// Days since her last finished visit to this patient.
    pub days_since_patient: Option<u32>,
    /// Her visits of the last 30 days, planned ones included.
    pub visits_30d: u32,
    /// Her finished visits of the last year with an item of this order.
    pub item_visits_year: u32,
    /// Her institution is the one of the address's township.
    pub same_township: bool,
    /// The family wishes for her.
    pub preferred: bool,
    /// Minutes between being free (now, or the end of her previous visit) and having to leave.
    pub slack_min: i64,
}

/// One part of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Stable name: `travel`, `continuity`, `fairness`, `depth`, `township`, `slack`.
    pub code: &'static str,
    /// Points in tenths.
    pub tenths: u32,
    /// Most points of this part.
    pub most: u32,
}

impl Part {
    /// Points, with one decimal.
    pub fn points(self) -> f64 {
        f64::from(self.tenths) / 10.0
    }
}

/// A score with its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// In the order of the weights.
    pub parts: [Part; 6],
    /// Sum of the parts, in tenths, 0 to 1000.
    pub total_tenths: u32,
}

impl Score {
    /// Sum of the parts, 0 to 100 with one decimal.
    pub fn total(&self) -> f64 {
        f64::from(self.total_tenths) / 10.0
    }
}

/// A candidate with her score.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Who, and what is known.
    pub candidate: Candidate,
    /// How she scored.
    pub score: Score,
}

/// `have` of `full` as a part of `most` points, rounded to a tenth.
fn part(code: &'static str, most: u32, have: u32, full: u32) -> Part {
    let (most_tenths, full) = (u64::from(most) * 10, u64::from(full.max(1)));
    let share = u64::from(have).min(full);
    let tenths = (most_tenths * share + full / 2) / full;
    Part {
        code,
        tenths: u32::try_from(tenths).unwrap_or(u32::MAX),
        most,
    }
}

/// Scores one candidate.
pub fn score(candidate: &Candidate, rules: &ScoreRules) -> Score {
    let most = rules.weights;
    let known = candidate
        .days_since_patient
        .is_some_and(|days| days <= rules.continuity_days);
    let slack = u32::try_from(candidate.slack_min.max(0)).unwrap_or(u32::MAX);
    let near = rules.far_min.saturating_sub(candidate.travel_min);
    let unburdened = rules.full_load.saturating_sub(candidate.visits_30d);
    let parts = [
        part("travel", most.travel, near, rules.far_min),
        part("continuity", most.continuity, u32::from(known), 1),
        part("fairness", most.fairness, unburdened, rules.full_load),
        part(
            "depth",
            most.depth,
            candidate.item_visits_year,
            rules.deep_visits,
        ),
        part(
            "township",
            most.township,
            u32::from(candidate.same_township),
            1,
        ),
        part("slack", most.slack, slack, rules.easy_slack_min),
    ];
    Score {
        parts,
        total_tenths: parts.iter().map(|part| part.tenths).sum(),
    }
}

/// Whom the family wishes for, then the best score; then the nearer; then the smaller id, so that the order never depends on
/// how the candidates were found.
pub fn rank(candidates: Vec<Candidate>, rules: &ScoreRules) -> Vec<Ranked> {
    let mut ranked: Vec<_> = candidates
        .into_iter()
        .map(|candidate| Ranked {
            score: score(&candidate, rules),
            candidate,
        })
        .collect();
    ranked.sort_by(first);
    ranked
}

fn first(a: &Ranked, b: &Ranked) -> Ordering {
    let wished = b.candidate.preferred.cmp(&a.candidate.preferred);
    wished
        .then_with(|| b.score.total_tenths.cmp(&a.score.total_tenths))
        .then_with(|| a.candidate.distance_m.total_cmp(&b.candidate.distance_m))
        .then_with(|| a.candidate.nurse.cmp(&b.candidate.nurse))
}

#[cfg(test)]
pub(super) mod tests;
