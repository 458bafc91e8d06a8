//! The people a nurse follows: what each of them needs, and who needs her first.
//!
//! A person stands where the most pressing need stands; of two with an equal one, who has more needs comes first. So
//! another need never makes anybody wait longer.

use std::cmp::Reverse;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::enums::{AlertSeverity, FollowTaskState};
use entity::ids::{AlertId, DeviceId, FollowTaskId, PatientId, RehabPlanId};
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::minute_text;
use super::follow_up::{Held, is_worked_on};
use super::rehab::Attention;
use super::rulefile::Bilingual;

#[cfg(test)]
mod tests;

/// Why somebody needs the nurse; the earlier, the more pressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeedCode {
    /// A red flag is up and not closed; the sooner its deadline, the sooner.
    RedFlag,
    /// Another alert that has to be looked at at once.
    AlertCritical,
    /// Another alert that has to be looked at today.
    AlertWarning,
    /// A new symptom was told in rehabilitation.
    RehabNewSymptom,
    /// Pain is strong in rehabilitation, or much stronger after an exercise.
    RehabPain,
    /// A contact is about to be missed or lost: the last days of its window.
    TaskEnding,
    /// A contact is past its due day.
    TaskOverdue,
    /// A contact is due today.
    TaskDue,
    /// A device is past the day of its review.
    DeviceOverdue,
    /// Nothing was told of the exercises for days; the longer, the sooner.
    RehabSilent,
    /// The review of a device comes due.
    DeviceDue,
    /// A contact is due, but somebody was called today for another one: it waits for another day.
    TaskHeld,
}

/// What somebody needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// A red flag that is up.
    RedFlag {
        /// Its alert, when it names the nurse; else it is a doctor's.
        alert: Option<AlertId>,
        /// Its code.
        rule: String,
        /// What it is about.
        name: Bilingual,
        /// Until when it has to be dealt with.
        due_at: DateTime<Utc>,
        /// Somebody looks after it.
        taken: bool,
    },
    /// Another alert.
    Alert {
        /// The alert.
        alert: AlertId,
        /// How soon.
        severity: AlertSeverity,
        /// What it is about.
        what: Bilingual,
        /// Since when.
        opened_at: DateTime<Utc>,
    },
    /// Something about a rehabilitation plan.
    Rehab {
        /// The plan.
        plan: RehabPlanId,
        /// What.
        attention: Attention,
    },
    /// A contact to be made.
    Task {
        /// The task.
        task: FollowTaskId,
        /// How it stands.
        stage: TaskStage,
        /// Its due day.
        due_on: NaiveDate,
        /// The last day on which it counts.
        ends_on: NaiveDate,
    },
    /// A device to be looked at.
    Device {
        /// The device.
        device: DeviceId,
        /// What it is.
        name: Bilingual,
        /// The day of its review.
        due_on: NaiveDate,
        /// That day is over.
        overdue: bool,
    },
}

/// How a contact stands that has to be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskStage {
    /// In the last days of its window.
    Ending,
    /// Past its due day.
    Overdue,
    /// Due today.
    Due,
    /// Waits for another day, because the person was called today for another one.
    Held(Held),
}

/// How a contact stands on a day; none when nothing is to be done about it. `ending_days` before its last day it is
/// about to be lost.
pub fn task_stage(
    state: FollowTaskState,
    due_on: NaiveDate,
    ends_on: NaiveDate,
    today: NaiveDate,
    ending_days: u32,
) -> Option<TaskStage> {
    if !is_worked_on(state) || today < due_on {
        return None;
    }
    let ending = ends_on.checked_sub_days(Days::new(u64::from(ending_days)));
    if ending.is_some_and(|ending| today >= ending) {
        Some(TaskStage::Ending)
    } else if today > due_on {
        Some(TaskStage::Overdue)
    } else {
        Some(TaskStage::Due)
    }
}

/// Whether the review of a device is somebody's need: overdue, or within the days in which people are told of it.
pub fn device_need(due_on: NaiveDate, today: NaiveDate, remind_days: u32) -> Option<bool> {
    let from = due_on.checked_sub_days(Days::new(u64::from(remind_days)));
    from.is_none_or(|from| today >= from)
        .then_some(today > due_on)
}

/// Smaller is more pressing.
type Rank = (NeedCode, i64);

impl Need {
    /// The stable code.
    pub const fn code(&self) -> NeedCode {
        match self {
            Self::RedFlag { .. } => NeedCode::RedFlag,
            Self::Alert { severity, .. } => match severity {
                AlertSeverity::Critical => NeedCode::AlertCritical,
                AlertSeverity::Warning => NeedCode::AlertWarning,
            },
            Self::Rehab { attention, .. } => match attention {
                Attention::NewSymptom { .. } => NeedCode::RehabNewSymptom,
                Attention::Pain { .. } => NeedCode::RehabPain,
                Attention::Silent { .. } => NeedCode::RehabSilent,
            },
            Self::Task { stage, .. } => match stage {
                TaskStage::Ending => NeedCode::TaskEnding,
                TaskStage::Overdue => NeedCode::TaskOverdue,
                TaskStage::Due => NeedCode::TaskDue,
                TaskStage::Held(_) => NeedCode::TaskHeld,
            },
            Self::Device { overdue: true, .. } => NeedCode::DeviceOverdue,
            Self::Device { .. } => NeedCode::DeviceDue,
        }
    }

    fn rank(&self) -> Rank {
        let within = match self {
            Self::RedFlag { due_at, .. } => due_at.timestamp(),
            Self::Alert { opened_at, .. } => opened_at.timestamp(),
            Self::Rehab { attention, .. } => attention.pressing().1,
            Self::Task { ends_on, .. } => day_number(*ends_on),
            Self::Device { due_on, .. } => day_number(*due_on),
        };
        (self.code(), within)
    }

    /// In words, as of a moment.
    pub fn text(&self, now: DateTime<Utc>) -> Bilingual {
        match self {
            Self::RedFlag {
                rule,
                name,
                due_at,
                taken,
                ..
            } => {
                let due = minute_text(*due_at);
                let late = now > *due_at;
                let (zh, en) = (
                    if late {
                        "已超过时限"
                    } else {
                        "须在时限前处理"
                    },
                    if late {
                        "overdue since"
                    } else {
                        "deal with it by"
                    },
                );
                let (took, taking) = if *taken {
                    (",已接手", ", taken")
                } else {
                    ("", "")
                };
                Bilingual::new(
                    format!("红旗 {rule} {}:{zh} {due}{took}", name.zh),
                    format!("Red flag {rule}, {}: {en} {due}{taking}", name.en),
                )
            }
            Self::Alert {
                what, opened_at, ..
            } => {
                let at = minute_text(*opened_at);
                Bilingual::new(
                    format!("提醒:{}({at})", what.zh),
                    format!("Alert: {} ({at})", what.en),
                )
            }
            Self::Rehab { attention, .. } => rehab_text(*attention),
            Self::Task {
                stage,
                due_on,
                ends_on,
                ..
            } => match stage {
                TaskStage::Ending => Bilingual::new(
                    format!("随访即将失访或错过:最后一天 {ends_on}"),
                    format!("A contact is about to be lost: its last day is {ends_on}"),
                ),
                TaskStage::Overdue => Bilingual::new(
                    format!("随访已逾期:应于 {due_on} 完成"),
                    format!("A contact is overdue: it was due on {due_on}"),
                ),
                TaskStage::Due => Bilingual::new("随访今天到期", "A contact is due today"),
                TaskStage::Held(held) => held.text(),
            },
            Self::Device {
                name,
                due_on,
                overdue,
                ..
            } => {
                let (zh, en) = if *overdue {
                    ("复查已逾期,应于", "the review is overdue since")
                } else {
                    ("复查即将到期", "the review is due on")
                };
                Bilingual::new(
                    format!("{}{zh} {due_on}", name.zh),
                    format!("{}: {en} {due_on}", name.en),
                )
            }
        }
    }
}

fn rehab_text(attention: Attention) -> Bilingual {
    match attention {
        Attention::NewSymptom { at } => {
            let at = minute_text(at);
            Bilingual::new(
                format!("康复中出现新的不适({at})"),
                format!("A new symptom in rehabilitation ({at})"),
            )
        }
        Attention::Pain { at, before, after } => {
            let at = minute_text(at);
            let (zh, en) = match before {
                Some(before) => (
                    format!("由 {before} 到 {after}"),
                    format!("from {before} to {after}"),
                ),
                None => (format!("{after}"), format!("{after}")),
            };
            Bilingual::new(
                format!("康复中疼痛 {zh}({at})"),
                format!("Pain in rehabilitation: {en} ({at})"),
            )
        }
        Attention::Silent { days } => Bilingual::new(
            format!("康复已 {days} 天没有记录"),
            format!("No word of the exercises for {days} days"),
        ),
    }
}

fn day_number(day: NaiveDate) -> i64 {
    (day - NaiveDate::default()).num_days()
}

/// Somebody whom a nurse follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Who.
    pub patient: PatientId,
    /// What they need, the most pressing first.
    needs: Vec<Need>,
    /// The next day on which something is planned.
    pub next_on: Option<NaiveDate>,
}

impl Followed {
    /// Somebody of whom nothing is known yet.
    pub const fn new(patient: PatientId) -> Self {
        Self {
            patient,
            needs: Vec::new(),
            next_on: None,
        }
    }

    /// Adds what is needed; the list stays in order.
    pub fn need(&mut self, need: Need) {
        let place = self.needs.partition_point(|one| one.rank() <= need.rank());
        self.needs.insert(place, need);
    }

    /// Adds a day on which something is planned.
    pub fn plan(&mut self, day: NaiveDate) {
        self.next_on = Some(self.next_on.map_or(day, |known| known.min(day)));
    }

    /// What they need, the most pressing first.
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// Smaller stands first. Who needs nothing comes last, by the next day on which something is planned.
    fn key(&self) -> (bool, Option<Rank>, Reverse<usize>, NaiveDate, PatientId) {
        (
            self.needs.is_empty(),
            self.needs.first().map(Need::rank),
            Reverse(self.needs.len()),
            self.next_on.unwrap_or(NaiveDate::MAX),
            self.patient,
        )
    }
}

/// Who needs the nurse first stands first.
pub fn order(people: &mut [Followed]) {
    people.sort_by_cached_key(Followed::key);
}
