//! Rehabilitation at home (field guide §4.10): at most five exercises a day from a library, one tap when one is done, and
//! a list of those whom a nurse has to look at.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::enums::{RehabOutcome, SkipReason};
use entity::ids::RehabExerciseId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::code::Key;
use super::rulefile::{Bilingual, Edition, Problems, RuleFile, RuleProblemCode as Code};

#[cfg(test)]
mod tests;

/// Most exercises a day. The database holds it too: there are that many slots.
pub const MAX_EXERCISES: i32 = 5;
/// Days that adherence looks back.
pub const ADHERENCE_DAYS: u64 = 7;

/// One version of the library of exercises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExerciseLibrary {
    /// Counts up from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the values come from.
    pub source: String,
    /// When a nurse has to look.
    pub attention: Thresholds,
    /// Stop rules that stand on every card.
    pub stop_always: Vec<Bilingual>,
    /// The exercises.
    pub exercises: Vec<Exercise>,
}

/// When a nurse has to look at somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Whole days without a word.
    #[schema(minimum = 1, maximum = 30)]
    pub silent_days: i64,
    /// Pain of this much.
    #[schema(minimum = 1, maximum = 10)]
    pub pain_high: i32,
    /// Pain that much stronger after an exercise than before.
    #[schema(minimum = 1, maximum = 10)]
    pub pain_rise: i32,
}

/// An exercise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// How it is done.
    pub how: Bilingual,
    /// Its picture: the name of a drawing that comes with the program (`exercises/…`), or the id of one that was uploaded.
    pub picture: String,
    /// The most that may be planned.
    pub limits: DoseLimits,
    /// When to stop; those of every card come with it.
    pub stop_rules: Vec<Bilingual>,
}

/// The most that may be planned of an exercise; null: it is not counted so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoseLimits {
    /// Times a day.
    pub times_per_day: i32,
    /// Repetitions each time.
    pub repetitions: Option<i32>,
    /// Seconds of holding.
    pub hold_s: Option<i32>,
    /// Minutes each time.
    pub minutes: Option<i32>,
}

/// How much of an exercise is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dose {
    /// Times a day.
    #[schema(minimum = 1, maximum = 10, example = 2)]
    pub times_per_day: i32,
    /// Repetitions each time.
    #[schema(minimum = 1, maximum = 100)]
    pub repetitions: Option<i32>,
    /// Seconds of holding.
    #[schema(minimum = 1, maximum = 300)]
    pub hold_s: Option<i32>,
    /// Minutes each time.
    #[schema(minimum = 1, maximum = 60)]
    pub minutes: Option<i32>,
}

/// Why something of a plan is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RehabError {
    /// The library does not have it.
    #[error("no such exercise")]
    UnknownExercise,
    /// Above the limit of the exercise, or counted in a way it is not.
    #[error("{field} is 1 to {most}")]
    Dose {
        /// Which number.
        field: &'static str,
        /// The most; 0: the exercise is not counted so.
        most: i32,
    },
    /// The day has five already.
    #[error("five exercises a day")]
    Full,
    /// The id is not made as it should be.
    #[error("not a UUIDv7")]
    LogId,
    /// Beyond 0 to 10.
    #[error("0 to 10")]
    Scale(&'static str),
    /// Skipped without a reason, or a reason without having skipped.
    #[error("a reason belongs to what was skipped")]
    Reason,
    /// It has not come yet.
    #[error("in the future")]
    Future,
    /// Before the exercise was planned.
    #[error("before it was planned")]
    TooEarly,
    /// After the plan or the exercise had ended.
    #[error("after its end")]
    Ended,
}

impl RehabError {
    /// The stable code of the problem.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownExercise => "exercise_unknown",
            Self::Dose { .. } => "exercise_dose",
            Self::Full => "rehab_five_a_day",
            Self::LogId => "log_id_invalid",
            Self::Scale(_) => "answer_out_of_range",
            Self::Reason => "skip_reason",
            Self::Future => "time_in_future",
            Self::TooEarly => "time_order",
            Self::Ended => "rehab_plan_stopped",
        }
    }

    /// The field it is about, within a dose or an entry of the log.
    pub const fn field(self) -> &'static str {
        match self {
            Self::UnknownExercise | Self::Full => "exercise",
            Self::Dose { field, .. } | Self::Scale(field) => field,
            Self::LogId => "id",
            Self::Reason => "reason",
            Self::Future | Self::TooEarly | Self::Ended => "device_at",
        }
    }
}

impl ExerciseLibrary {
    /// The exercise with this code.
    pub fn exercise(&self, code: &str) -> Result<&Exercise, RehabError> {
        self.exercises
            .iter()
            .find(|exercise| exercise.code.as_str() == code)
            .ok_or(RehabError::UnknownExercise)
    }
}

impl Exercise {
    /// Whether so much may be planned.
    pub fn check(&self, dose: &Dose) -> Result<(), RehabError> {
        let limits = &self.limits;
        let counted = [
            (
                "times_per_day",
                Some(dose.times_per_day),
                Some(limits.times_per_day),
            ),
            ("repetitions", dose.repetitions, limits.repetitions),
            ("hold_s", dose.hold_s, limits.hold_s),
            ("minutes", dose.minutes, limits.minutes),
        ];
        for (field, planned, most) in counted {
            let most = most.unwrap_or(0);
            if planned.is_some_and(|planned| !(1..=most).contains(&planned)) {
                return Err(RehabError::Dose { field, most });
            }
        }
        Ok(())
    }
}

/// The first free slot of a day: that of the exercise it replaces, when there is one.
pub fn free_slot(taken: &[i32], replaces: Option<i32>) -> Result<i32, RehabError> {
    replaces
        .or_else(|| (1..=MAX_EXERCISES).find(|slot| !taken.contains(slot)))
        .ok_or(RehabError::Full)
}

/// What was told of one exercise at one time.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The id that the phone made.
    pub id: Uuid,
    /// What came of it.
    pub outcome: RehabOutcome,
    /// Why not.
    pub reason: Option<SkipReason>,
    /// Pain before, 0 to 10.
    pub pain_before: Option<i32>,
    /// Pain after, 0 to 10.
    pub pain_after: Option<i32>,
    /// Effort, 0 to 10.
    pub effort: Option<i32>,
    /// When, by our clock.
    pub at: DateTime<Utc>,
}

/// When an exercise was on the plan.
#[derive(Debug, Clone, Copy)]
pub struct OnPlan {
    /// From.
    pub from: NaiveDate,
    /// Until, when it has ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Entry {
    /// Whether it can be kept. What was done before the end and told after it is kept.
    pub fn check(
        &self,
        on_plan: &OnPlan,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(), RehabError> {
        if self.id.get_version_num() != 7 {
            return Err(RehabError::LogId);
        }
        let numbers = [
            ("pain_before", self.pain_before),
            ("pain_after", self.pain_after),
            ("effort", self.effort),
        ];
        for (field, number) in numbers {
            if number.is_some_and(|number| !(0..=10).contains(&number)) {
                return Err(RehabError::Scale(field));
            }
        }
        if (self.outcome == RehabOutcome::Skipped) != self.reason.is_some() {
            return Err(RehabError::Reason);
        }
        if self.at > now + TimeDelta::minutes(5) {
            return Err(RehabError::Future);
        }
        if today < on_plan.from {
            return Err(RehabError::TooEarly);
        }
        if on_plan.ended_at.is_some_and(|ended| self.at > ended) {
            return Err(RehabError::Ended);
        }
        Ok(())
    }
}

/// An exercise that was planned over some days.
#[derive(Debug, Clone, Copy)]
pub struct Planned {
    /// Which.
    pub exercise: RehabExerciseId,
    /// First day.
    pub from: NaiveDate,
    /// Last day; none: it goes on.
    pub to: Option<NaiveDate>,
    /// Times a day.
    pub times_per_day: i32,
}

/// What was told of an exercise, by its local day.
#[derive(Debug, Clone, Copy)]
pub struct Logged {
    /// Which.
    pub exercise: RehabExerciseId,
    /// On which day.
    pub day: NaiveDate,
    /// What came of it.
    pub outcome: RehabOutcome,
}

/// How much of a plan was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Adherence {
    /// First day counted.
    pub from: NaiveDate,
    /// Last day counted: yesterday, for today is not over.
    pub to: NaiveDate,
    /// Sessions planned in these days.
    pub planned: i64,
    /// Sessions done, on no day more than planned.
    pub done: i64,
    /// Sessions that were looked at and not said to be done. They do not count as done.
    pub opened: i64,
    /// Done of planned in per cent, rounded down; null: nothing was planned.
    pub percent: Option<i64>,
}

/// Done and planned of the seven days before today, in Asia/Shanghai.
pub fn adherence(planned: &[Planned], logged: &[Logged], today: NaiveDate) -> Adherence {
    let day = |back: u64| today.checked_sub_days(Days::new(back)).unwrap_or(today);
    let days: Vec<_> = (1..=ADHERENCE_DAYS).rev().map(day).collect();
    let mut told: BTreeMap<(RehabExerciseId, NaiveDate, RehabOutcome), i64> = BTreeMap::new();
    for one in logged {
        *told
            .entry((one.exercise, one.day, one.outcome))
            .or_default() += 1;
    }
    let (mut sum, mut done, mut opened) = (0, 0, 0);
    for exercise in planned {
        for day in &days {
            if *day < exercise.from || exercise.to.is_some_and(|to| *day > to) {
                continue;
            }
            let count = |outcome| {
                let key = (exercise.exercise, *day, outcome);
                told.get(&key).copied().unwrap_or(0)
            };
            let times = i64::from(exercise.times_per_day);
            let ticked = count(RehabOutcome::Done).min(times);
            sum += times;
            done += ticked;
            opened += count(RehabOutcome::Opened).min(times - ticked);
        }
    }
    Adherence {
        from: day(ADHERENCE_DAYS),
        to: day(1),
        planned: sum,
        done,
        opened,
        percent: (sum > 0).then(|| done * 100 / sum),
    }
}

/// Why a nurse has to look at somebody; the first is the most pressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Attention {
    /// A new symptom was told.
    NewSymptom {
        /// When.
        at: DateTime<Utc>,
    },
    /// Pain is strong, or much stronger after an exercise.
    Pain {
        /// When.
        at: DateTime<Utc>,
        /// Before.
        before: Option<i32>,
        /// After.
        after: i32,
    },
    /// Nothing was told for days.
    Silent {
        /// Whole days.
        days: i64,
    },
}

impl Attention {
    /// How pressing; smaller is more. A new symptom before pain before silence, what was told first before what was told
    /// later, stronger pain before weaker at the same moment, longer silence before shorter.
    pub fn pressing(self) -> (u8, i64) {
        match self {
            Self::NewSymptom { at } => (0, at.timestamp()),
            Self::Pain { after, at, .. } => (1, at.timestamp() - i64::from(after)),
            Self::Silent { days } => (2, -days),
        }
    }
}

/// What attention looks at of an entry.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// When.
    pub at: DateTime<Utc>,
    /// On which local day.
    pub day: NaiveDate,
    /// Pain before.
    pub pain_before: Option<i32>,
    /// Pain after.
    pub pain_after: Option<i32>,
    /// A new symptom.
    pub new_symptom: bool,
}

/// Since when somebody is watched.
#[derive(Debug, Clone, Copy)]
pub struct Watched {
    /// First day of the plan.
    pub from: NaiveDate,
    /// When a nurse last looked; what was told before is settled.
    pub seen: Option<(DateTime<Utc>, NaiveDate)>,
}

/// Why a nurse has to look at somebody, the most pressing first; the newest of each kind.
pub fn attention(
    limits: &Thresholds,
    watched: &Watched,
    told: &[Told],
    today: NaiveDate,
) -> Vec<Attention> {
    let unseen = |one: &&Told| watched.seen.is_none_or(|(seen, _)| one.at > seen);
    let newest = |wanted: &dyn Fn(&Told) -> Option<Attention>| {
        let mut fresh: Vec<_> = told.iter().filter(unseen).collect();
        fresh.sort_by_key(|one| std::cmp::Reverse(one.at));
        fresh.into_iter().find_map(wanted)
    };
    let symptom = newest(&|one| {
        one.new_symptom
            .then_some(Attention::NewSymptom { at: one.at })
    });
    let pain = newest(&|one| {
        let after = one.pain_after.or(one.pain_before)?;
        let rise = one.pain_before.map_or(0, |before| after - before);
        let high = after >= limits.pain_high || rise >= limits.pain_rise;
        high.then_some(Attention::Pain {
            at: one.at,
            before: one.pain_before,
            after,
        })
    });
    let last_word = told.iter().map(|one| one.day).max();
    let seen = watched.seen.map(|(_, day)| day);
    let since = [last_word, seen]
        .into_iter()
        .flatten()
        .fold(watched.from, NaiveDate::max);
    let days = (today - since).num_days();
    let silent = (days >= limits.silent_days).then_some(Attention::Silent { days });
    [symptom, pain, silent].into_iter().flatten().collect()
}

/// A score of one scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Measured {
    /// Sum of the points.
    pub total: i32,
    /// Code of its band.
    pub band: String,
    /// When.
    pub taken_at: DateTime<Utc>,
}

/// Whether a plan helped, by one scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The last score before `began`, else the first after it.
    pub before: Measured,
    /// The newest after that, until the end; none: it was not scored again.
    pub latest: Option<Measured>,
    /// How often it was scored since `began`.
    pub times: usize,
}

/// What scores of one scale, oldest first, say of a plan from `began` until `ended`. None: nothing was scored until then.
pub fn progress(
    scores: &[Measured],
    began: DateTime<Utc>,
    ended: Option<DateTime<Utc>>,
) -> Option<Progress> {
    let told = |one: &&Measured| ended.is_none_or(|ended| one.taken_at <= ended);
    let scores: Vec<_> = scores.iter().filter(told).collect();
    let first_within = scores.partition_point(|one| one.taken_at < began);
    let before = first_within.saturating_sub(1);
    let latest = scores.last().filter(|_| before + 1 < scores.len());
    Some(Progress {
        before: (*scores.get(before)?).clone(),
        latest: latest.map(|one| (*one).clone()),
        times: scores.len() - first_within,
    })
}

impl RuleFile for ExerciseLibrary {
    fn edition(&self) -> Edition<'_> {
        Edition {
            version: self.version,
            valid_from: self.valid_from,
            approved_by: self.approved_by.as_deref(),
            approved_on: self.approved_on,
            source: &self.source,
        }
    }

    fn check_rules(&self, at: &mut Problems) {
        at.within("attention", |at| {
            at.in_range("silent_days", self.attention.silent_days, 1..=30);
            at.in_range("pain_high", self.attention.pain_high, 1..=10);
            at.in_range("pain_rise", self.attention.pain_rise, 1..=10);
        });
        at.in_range("stop_always", self.stop_always.len(), 1..=10);
        at.each("stop_always", &self.stop_always, |at, rule| {
            at.text("", rule);
        });
        at.in_range("exercises", self.exercises.len(), 1..=300);
        at.unique("exercises", self.exercises.iter().map(|one| &one.code));
        at.each("exercises", &self.exercises, |at, exercise| {
            at.text("name", &exercise.name);
            at.text("how", &exercise.how);
            at.plain("picture", &exercise.picture);
            at.within("limits", |at| limits(at, &exercise.limits));
            at.in_range("stop_rules", exercise.stop_rules.len(), 1..=10);
            at.each("stop_rules", &exercise.stop_rules, |at, rule| {
                at.text("", rule);
            });
        });
    }
}

fn limits(at: &mut Problems, limits: &DoseLimits) {
    at.in_range("times_per_day", limits.times_per_day, 1..=10);
    for (field, most, highest) in [
        ("repetitions", limits.repetitions, 100),
        ("hold_s", limits.hold_s, 300),
        ("minutes", limits.minutes, 60),
    ] {
        if let Some(most) = most {
            at.in_range(field, most, 1..=highest);
        }
    }
    let counted = limits.repetitions.is_some() || limits.minutes.is_some();
    let detail = "counts repetitions or minutes";
    at.require(counted, "repetitions", Code::Inconsistent, detail);
}
