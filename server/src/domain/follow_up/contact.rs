//! What an attempt to reach somebody does, and when enough was tried.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use entity::enums::{
    CarerRelation, ContactChannel, ContactResult, FollowResolve, FollowStop, FollowTaskState,
};
use entity::ids::FollowTaskId;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::calendar::{local, local_date, minute_text};
use super::super::rulefile::Bilingual;
use super::AttemptRule;

/// States of a task that is not over.
pub const LIVE: [FollowTaskState; 3] = [
    FollowTaskState::Waiting,
    FollowTaskState::Open,
    FollowTaskState::Reached,
];

/// States in which attempts and answers are taken.
pub const WORKED_ON: [FollowTaskState; 2] = [FollowTaskState::Open, FollowTaskState::Reached];

/// Whether a task is not over.
pub fn is_live(state: FollowTaskState) -> bool {
    LIVE.contains(&state)
}

/// Whether attempts and answers of a task are taken.
pub fn is_worked_on(state: FollowTaskState) -> bool {
    WORKED_ON.contains(&state)
}

/// An attempt as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// When.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub result: ContactResult,
    /// Who answered for the person.
    pub proxy: Option<CarerRelation>,
}

/// Why an attempt is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// The task is over, or not open yet.
    #[error("the task is {0}")]
    TaskState(FollowTaskState),
    /// In the future.
    #[error("this has not happened yet")]
    Future,
    /// Before its task could be worked on.
    #[error("before the window of the task")]
    TooEarly,
    /// A proxy answer without its proxy, or a proxy without a proxy answer.
    #[error("a proxy answer names who gave it, and no other does")]
    Proxy,
}

impl ContactError {
    /// Stable problem code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TaskState(_) => "follow_task_state",
            Self::Future => "time_in_future",
            Self::TooEarly => "attempt_too_early",
            Self::Proxy => "attempt_proxy",
        }
    }
}

/// Whether an attempt can be taken: for a task that can be worked on, not in the future, not before its first day.
pub fn check_attempt(
    told: &Attempted,
    state: FollowTaskState,
    opens_on: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), ContactError> {
    if !is_worked_on(state) {
        return Err(ContactError::TaskState(state));
    }
    // A phone's clock may be ahead a little.
    if told.at > now + TimeDelta::minutes(5) {
        return Err(ContactError::Future);
    }
    if local_date(told.at) < opens_on {
        return Err(ContactError::TooEarly);
    }
    if (told.result == ContactResult::ReachedProxy) != told.proxy.is_some() {
        return Err(ContactError::Proxy);
    }
    Ok(())
}

/// What an attempt does to its task and to the plans of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nobody was reached.
    Tried,
    /// The task is done.
    Done,
    /// Reached; the answers or the visit are still to come.
    Reached,
    /// All plans of the person are stopped.
    Stop(FollowStop),
}

/// What an attempt does.
pub const fn effect_of(result: ContactResult, resolve_if: FollowResolve) -> Effect {
    match (result, resolve_if) {
        (ContactResult::NoAnswer | ContactResult::WrongNumber, _) => Effect::Tried,
        (ContactResult::Refused, _) => Effect::Stop(FollowStop::Refused),
        (ContactResult::Died, _) => Effect::Stop(FollowStop::Died),
        (ContactResult::Readmitted, _) => Effect::Stop(FollowStop::Readmitted),
        (ContactResult::Moved, _) => Effect::Stop(FollowStop::Moved),
        (ContactResult::ReachedSelf | ContactResult::ReachedProxy, FollowResolve::Reached) => {
            Effect::Done
        }
        (ContactResult::ReachedSelf | ContactResult::ReachedProxy, _) => Effect::Reached,
    }
}

/// How much was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Attempts that reached nobody.
    pub attempts: usize,
    /// On so many different days of Asia/Shanghai.
    pub days: usize,
    /// At so many different hours of the day.
    pub hours: usize,
}

impl Tried {
    /// Counts attempts that reached nobody.
    pub fn of(at: impl IntoIterator<Item = DateTime<Utc>>) -> Self {
        let (mut attempts, mut days, mut hours) = (0, BTreeSet::new(), BTreeSet::new());
        for at in at {
            attempts += 1;
            days.insert(local_date(at));
            hours.insert(local(at).hour());
        }
        Self {
            attempts,
            days: days.len(),
            hours: hours.len(),
        }
    }
}

/// Whether enough was tried before a person counts as lost.
pub fn tried_enough(tried: Tried, rule: AttemptRule) -> bool {
    let least = |count: usize, least: u32| u32::try_from(count).unwrap_or(u32::MAX) >= least;
    least(tried.attempts, rule.least)
        && least(tried.days, rule.days)
        && least(tried.hours, rule.hours)
}

/// Somebody was reached: the person, or somebody for them.
pub const fn is_reach(result: ContactResult) -> bool {
    matches!(
        result,
        ContactResult::ReachedSelf | ContactResult::ReachedProxy
    )
}

/// An attempt to reach a person, for whichever task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The task.
    pub task: FollowTaskId,
    /// When.
    pub at: DateTime<Utc>,
    /// Somebody was reached.
    pub reached: bool,
}

/// Why a contact waits for another day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldBy {
    /// The person was tried today for another contact, and not reached.
    Tried,
    /// The person was reached today for another contact.
    Reached,
}

/// A contact that waits for another day, because the person was called today for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Why.
    pub by: HeldBy,
    /// When that was.
    pub at: DateTime<Utc>,
}

/// Whether a task waits for another day: somebody was reached today for another task, or tried and there is a day
/// left to try for this one. `touches` are the attempts for the person.
pub fn held(
    (task, ends_on): (FollowTaskId, NaiveDate),
    touches: &[Touch],
    today: NaiveDate,
) -> Option<Held> {
    if let Some(at) = reached_on(today, task, touches) {
        let by = HeldBy::Reached;
        return Some(Held { by, at });
    }
    let tried = touches
        .iter()
        .filter(|one| one.task != task && local_date(one.at) == today)
        .map(|one| one.at)
        .max();
    let by = HeldBy::Tried;
    tried.filter(|_| today < ends_on).map(|at| Held { by, at })
}

/// When somebody was reached on a day for another task than this one.
pub fn reached_on(day: NaiveDate, task: FollowTaskId, touches: &[Touch]) -> Option<DateTime<Utc>> {
    touches
        .iter()
        .filter(|one| one.reached && one.task != task && local_date(one.at) == day)
        .map(|one| one.at)
        .max()
}

impl Held {
    /// In words.
    pub fn text(self) -> Bilingual {
        let at = minute_text(self.at);
        match self.by {
            HeldBy::Tried => Bilingual::new(
                format!("今天已为另一项随访联系过({at},未联系到),本项改日再联系"),
                format!("Tried today for another contact ({at}): this one waits for another day"),
            ),
            HeldBy::Reached => Bilingual::new(
                format!("今天已为另一项随访联系到({at}),本项改日再联系"),
                format!("Reached today for another contact ({at}): this one waits for another day"),
            ),
        }
    }
}

/// Ways that need nobody of the staff.
pub const fn is_automatic(channel: ContactChannel) -> bool {
    matches!(channel, ContactChannel::Wechat | ContactChannel::Sms)
}

/// Which way is next when one that needs nobody does not get there: the first from the present one on that somebody of the
/// staff goes, else the first such at all.
pub fn next_personal(order: &[ContactChannel], present: ContactChannel) -> ContactChannel {
    let from = order.iter().position(|one| *one == present).unwrap_or(0);
    let personal = |from: usize| {
        let mut rest = order.iter().skip(from).copied();
        rest.find(|channel| !is_automatic(*channel))
    };
    personal(from).or_else(|| personal(0)).unwrap_or(present)
}

/// Which way is to be tried next: the first in the order, from the present one on, that was not in vain `least` times
/// and has not turned out to be wrong; the last one when all were.
pub fn next_channel(
    order: &[ContactChannel],
    present: ContactChannel,
    tried: &[(ContactChannel, ContactResult)],
    least: u32,
) -> ContactChannel {
    let vain = |channel: ContactChannel| {
        let of = || tried.iter().filter(move |(one, _)| *one == channel);
        let wrong = of().any(|(_, result)| *result == ContactResult::WrongNumber);
        let failed = of().filter(|(_, result)| *result == ContactResult::NoAnswer);
        wrong || u32::try_from(failed.count()).unwrap_or(u32::MAX) >= least
    };
    let from = order.iter().position(|one| *one == present).unwrap_or(0);
    let rest = || order.iter().skip(from).copied();
    rest()
        .find(|channel| !vain(*channel))
        .or_else(|| rest().last())
        .unwrap_or(present)
}
