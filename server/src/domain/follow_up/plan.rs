//! When contacts are due, and how those of several plans become tasks: nobody is called twice on a day.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::super::calendar::{Calendar, day_start, local_date, local_minutes};
use super::{FollowUpRules, Form, Point, Schedule};

/// A contact that a plan asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Days after the discharge.
    pub day: u32,
    /// First day on which it may be made.
    pub opens_on: NaiveDate,
    /// The day the schedule asks for.
    pub due_on: NaiveDate,
    /// Last day on which it counts.
    pub ends_on: NaiveDate,
    /// From afar, or at home.
    pub form: Form,
    /// What is asked.
    pub questionnaires: BTreeSet<String>,
    /// What is scored.
    pub scales: BTreeSet<String>,
}

/// A task of a person, made or to be made; `K` says which one it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot<K> {
    /// The task it is already.
    pub task: Option<K>,
    /// False: somebody was reached already; nothing joins it.
    pub open: bool,
    /// First day.
    pub opens_on: NaiveDate,
    /// Due day.
    pub due_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// From afar, or at home.
    pub form: Form,
    /// What is asked.
    pub questionnaires: BTreeSet<String>,
    /// What is scored.
    pub scales: BTreeSet<String>,
    /// The points of the plans that joined now: plan by its place in the call, day, day asked for.
    pub joined: Vec<(usize, u32, NaiveDate)>,
}

/// First and last day of a point, after the discharge.
pub(super) fn window_of(rules: &FollowUpRules, point: &Point) -> (u32, u32) {
    let (opens, ends) = usual_window(rules, point.day);
    (
        point.opens_day.unwrap_or(opens),
        point.ends_day.unwrap_or(ends),
    )
}

/// First and last day of a contact that says nothing of them.
pub(super) fn usual_window(rules: &FollowUpRules, day: u32) -> (u32, u32) {
    (
        day.saturating_sub(rules.opens_before_days),
        day.saturating_add(rules.grace_days),
    )
}

impl Schedule {
    /// The contacts of a discharge that are due after one day and up to another, both local dates.
    pub fn wanted(
        &self,
        rules: &FollowUpRules,
        discharged_on: NaiveDate,
        conditions: &BTreeSet<String>,
        (after, to): (Option<NaiveDate>, NaiveDate),
    ) -> Vec<Wanted> {
        let says = |code: &super::Key| conditions.contains(code.as_str());
        let fixed = self
            .points
            .iter()
            .filter(|point| point.if_condition.as_ref().is_none_or(says))
            .filter(|point| !point.unless_condition.as_ref().is_some_and(says))
            .map(|point| {
                let (opens, ends) = window_of(rules, point);
                let (asks, scores) = (&point.questionnaires, &point.scales);
                (point.day, opens, ends, point.form, asks, scores)
            });
        let span = (to - discharged_on).num_days();
        let last = u32::try_from(span).unwrap_or(0);
        let repeated = self.repeats.iter().flat_map(|repeat| {
            repeat.days(last).map(|day| {
                let (opens, ends) = usual_window(rules, day);
                let (asks, scores) = (&repeat.questionnaires, &repeat.scales);
                (day, opens, ends, repeat.form, asks, scores)
            })
        });
        let texts = |keys: &Vec<super::Key>| keys.iter().map(ToString::to_string).collect();
        let mut all: Vec<_> = fixed
            .chain(repeated)
            .map(|(day, opens, ends, form, asks, scores)| Wanted {
                day,
                opens_on: later(discharged_on, opens),
                due_on: later(discharged_on, day),
                ends_on: later(discharged_on, ends),
                form,
                questionnaires: texts(asks),
                scales: texts(scores),
            })
            .filter(|one| one.due_on <= to && after.is_none_or(|after| one.due_on > after))
            .collect();
        all.sort_by_key(|one| one.day);
        all
    }

    /// Whether it goes on without an end.
    pub fn repeats(&self) -> bool {
        !self.repeats.is_empty()
    }
}

/// Joins what plans want to the tasks that a person has: a contact joins the task whose due day lies in its window,
/// the nearest one; else it becomes a task on the best day of its window. So no two tasks fall on one day. What is
/// over already is left out.
pub fn join<K>(
    mut slots: Vec<Slot<K>>,
    wanted: Vec<(usize, Wanted)>,
    today: NaiveDate,
    calendar: &Calendar,
) -> Vec<Slot<K>> {
    let mut wanted: Vec<_> = wanted
        .into_iter()
        .filter(|(_, one)| one.ends_on >= today)
        .collect();
    // Narrow windows first: the wide ones can follow them.
    wanted.sort_by_key(|(_, one)| (one.ends_on - one.opens_on, one.due_on));
    for (plan, one) in wanted {
        let first = one.opens_on.max(today);
        let near = |slot: &Slot<K>| (slot.due_on - one.due_on).num_days().unsigned_abs();
        let fitting = slots
            .iter_mut()
            .filter(|slot| slot.open && (first..=one.ends_on).contains(&slot.due_on))
            .filter(|slot| slot.joined.iter().all(|(known, ..)| *known != plan))
            .min_by_key(|slot| (near(slot), slot.due_on));
        if let Some(slot) = fitting {
            slot.take(plan, one);
            continue;
        }
        let taken: BTreeSet<_> = slots.iter().map(|slot| slot.due_on).collect();
        if let Some(due_on) = best_day(&one, first, &taken, calendar) {
            slots.push(Slot::of(plan, one, due_on));
        }
    }
    slots
}

/// The day of a window nearest to the one asked for, a working day where there is one, and none that is taken.
fn best_day(
    one: &Wanted,
    first: NaiveDate,
    taken: &BTreeSet<NaiveDate>,
    calendar: &Calendar,
) -> Option<NaiveDate> {
    let days = || {
        first
            .iter_days()
            .take_while(|day| *day <= one.ends_on)
            .filter(|day| !taken.contains(day))
    };
    // A day later is as good as a day earlier, and the earlier one finds people sooner.
    let far = |day: &NaiveDate| ((*day - one.due_on).num_days().abs(), *day);
    days()
        .filter(|day| calendar.is_workday(*day))
        .min_by_key(far)
        .or_else(|| days().min_by_key(far))
}

impl<K> Slot<K> {
    fn of(plan: usize, one: Wanted, due_on: NaiveDate) -> Self {
        Self {
            task: None,
            open: true,
            opens_on: one.opens_on.min(due_on),
            due_on,
            ends_on: one.ends_on,
            form: one.form,
            questionnaires: one.questionnaires,
            scales: one.scales,
            joined: vec![(plan, one.day, one.due_on)],
        }
    }

    /// Serves one more contact; its window narrows to what both allow.
    fn take(&mut self, plan: usize, one: Wanted) {
        self.opens_on = self.opens_on.max(one.opens_on).min(self.due_on);
        self.ends_on = self.ends_on.min(one.ends_on);
        self.form = self.form.max(one.form);
        self.questionnaires.extend(one.questionnaires);
        self.scales.extend(one.scales);
        self.joined.push((plan, one.day, one.due_on));
    }
}

/// The next moment, from one on, at which people may be contacted: within the hours, on a working day; on any day
/// when there is no working day up to `until`.
pub fn next_hour(
    rules: &FollowUpRules,
    calendar: &Calendar,
    from: DateTime<Utc>,
    until: NaiveDate,
) -> DateTime<Utc> {
    let begin = |day| day_start(day) + TimeDelta::minutes(i64::from(rules.contact_from.minutes()));
    let today = local_date(from);
    // After the hours of a day its next one is the first to come.
    let first = if local_minutes(from) < rules.contact_to.minutes() {
        today
    } else {
        later(today, 1)
    };
    let workday = first
        .iter_days()
        .take_while(|day| *day <= until)
        .find(|day| calendar.is_workday(*day));
    begin(workday.unwrap_or(first)).max(from)
}

/// When a link goes out to a family: at the next moment at which people may be contacted, if that is not after the last
/// day of its task.
pub fn link_hour(
    rules: &FollowUpRules,
    calendar: &Calendar,
    from: DateTime<Utc>,
    ends_on: NaiveDate,
) -> Option<DateTime<Utc>> {
    let at = next_hour(rules, calendar, from, ends_on);
    (local_date(at) <= ends_on).then_some(at)
}

pub(super) fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}
