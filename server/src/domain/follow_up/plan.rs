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

/// What one contact is about, of all the points that it serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// From afar, or at home; none when it serves no point.
    pub form: Option<Form>,
    /// What is asked.
    pub questionnaires: BTreeSet<String>,
    /// What is scored.
    pub scales: BTreeSet<String>,
}

impl Content {
    fn add(&mut self, form: Form, questionnaires: &[super::Key], scales: &[super::Key]) {
        self.form = self.form.max(Some(form));
        self.questionnaires.extend(texts(questionnaires));
        self.scales.extend(texts(scales));
    }
}

fn texts(keys: &[super::Key]) -> BTreeSet<String> {
    keys.iter().map(ToString::to_string).collect()
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
        let fixed = self.points_for(conditions).map(|point| {
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

    /// The points that a discharge with these conditions has.
    fn points_for(&self, conditions: &BTreeSet<String>) -> impl Iterator<Item = &Point> {
        let says = |code: &super::Key| conditions.contains(code.as_str());
        self.points
            .iter()
            .filter(move |point| point.if_condition.as_ref().is_none_or(says))
            .filter(move |point| !point.unless_condition.as_ref().is_some_and(says))
    }

    /// Adds to `asked` what the contacts of a day ask of a discharge with these conditions.
    pub fn ask_on(&self, day: u32, conditions: &BTreeSet<String>, asked: &mut Content) {
        for point in self.points_for(conditions).filter(|one| one.day == day) {
            asked.add(point.form, &point.questionnaires, &point.scales);
        }
        for repeat in self.repeats.iter().filter(|one| one.falls_on(day)) {
            asked.add(repeat.form, &repeat.questionnaires, &repeat.scales);
        }
    }

    /// Whether contacts come again and again.
    pub fn repeats(&self) -> bool {
        !self.repeats.is_empty()
    }

    /// Whether the contact of a day is one that comes again and again.
    pub fn repeats_on(&self, day: u32) -> bool {
        self.repeats.iter().any(|repeat| repeat.falls_on(day))
    }

    /// How many days ahead its contacts are planned: to the horizon, those that repeat as far as needed.
    pub fn ahead(&self, rules: &FollowUpRules) -> u32 {
        let shortest = self.repeats.iter().map(|repeat| repeat.every_days).min();
        let needed = shortest.map(|days| days.saturating_mul(rules.repeats_ahead));
        needed.map_or(rules.horizon_days, |days| days.min(rules.horizon_days))
    }

    /// Whether a discharge that says one of these, or no longer says it, asks for other contacts.
    pub fn depends_on(&self, conditions: &BTreeSet<&str>) -> bool {
        let told = |code: &Option<super::Key>| {
            code.as_ref()
                .is_some_and(|code| conditions.contains(code.as_str()))
        };
        self.points
            .iter()
            .any(|point| told(&point.if_condition) || told(&point.unless_condition))
    }
}

/// What came of joining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined<K> {
    /// Tasks, known and new.
    pub slots: Vec<Slot<K>>,
    /// Contacts for which no day of their window is free, with their plans.
    pub crowded: Vec<(usize, Wanted)>,
}

/// Joins what plans want to the tasks that a person has: a contact joins the task whose due day lies in its window,
/// the nearest one; else it becomes a task on the best day of its window, but for the days that are `taken` besides,
/// because somebody was called. So no two tasks fall on one day. What is over already is left out.
pub fn join<K>(
    mut slots: Vec<Slot<K>>,
    wanted: Vec<(usize, Wanted)>,
    (today, taken): (NaiveDate, &BTreeSet<NaiveDate>),
    calendar: &Calendar,
) -> Joined<K> {
    let mut crowded = Vec::new();
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
        let planned = slots.iter().map(|slot| slot.due_on);
        let taken: BTreeSet<_> = planned.chain(taken.iter().copied()).collect();
        match best_day(&one, first, &taken, calendar) {
            Some(due_on) => slots.push(Slot::of(plan, one, due_on)),
            None => crowded.push((plan, one)),
        }
    }
    Joined { slots, crowded }
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
    /// A new task for one contact, on a day.
    pub fn of(plan: usize, one: Wanted, due_on: NaiveDate) -> Self {
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

pub(super) fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}
