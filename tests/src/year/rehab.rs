//! People who do exercises at home, or do not (field guide §4.10: most do not log).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use jiahu::domain::calendar::{day_start, local_date};
use rand::RngExt;
use serde_json::{Value, json};
use uuid::{ContextV7, Timestamp, Uuid};

use super::people::Habit;
use super::ways::active_days;
use super::{Act, Year, text};
use crate::play::Call;

/// Weeks of a plan.
const WEEKS: u32 = 8;
/// Exercises that are planned, with how often a day.
const EXERCISES: &[(&str, i64)] = &[
    ("ankle_pump", 3),
    ("sit_to_stand", 2),
    ("arm_raise", 2),
    ("pursed_lip", 2),
];

/// A plan under way.
#[derive(Debug)]
struct Plan {
    id: String,
    exercises: Vec<(String, i64)>,
    week: u32,
}

/// What came of the exercises.
#[derive(Debug, Default)]
pub(super) struct Rehab {
    plans: BTreeMap<usize, Plan>,
    context: ContextV7Slot,
    /// Plans made.
    pub made: u64,
    /// Plans ended, by cause.
    pub ended: BTreeMap<String, u64>,
    /// By habit: sessions planned, done, only opened.
    pub by_habit: BTreeMap<&'static str, [i64; 3]>,
    /// Calls for a nurse, by reason.
    pub calls: BTreeMap<String, u64>,
    /// Weeks of plans by how much was done: nothing, below half, half or more.
    pub weeks: [u64; 3],
}

/// Ids as a phone makes them.
#[derive(Debug)]
struct ContextV7Slot(std::sync::Mutex<ContextV7>);

impl Default for ContextV7Slot {
    fn default() -> Self {
        Self(std::sync::Mutex::new(ContextV7::new()))
    }
}

impl ContextV7Slot {
    fn next(&self, at: DateTime<Utc>) -> Uuid {
        let context = self.0.lock().expect("not poisoned");
        let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, 0))
    }
}

impl Year<'_> {
    /// A doctor makes a plan; a nurse leads it.
    pub(super) async fn begin_rehab(&mut self, person: usize) -> Option<()> {
        let human = &self.people[person];
        if self.rehab.plans.contains_key(&person) || human.is_dead(self.now) {
            return Some(());
        }
        let patient = human.patient.clone()?;
        let count = self.random.random_range(2..=EXERCISES.len());
        let exercises: Vec<_> = EXERCISES[..count]
            .iter()
            .map(|(code, times)| match *code {
                "pursed_lip" => json!({ "exercise": code, "dose": { "times_per_day": times, "minutes": 5 } }),
                _ => json!({ "exercise": code, "dose": { "times_per_day": times, "repetitions": 10 } }),
            })
            .collect();
        let chosen = self.random.random_range(0..self.nurses.len().max(1));
        let nurse = self.nurses.keys().nth(chosen).cloned();
        let token = self.token(self.doctor).await?;
        let path = format!("/v1/patients/{patient}/rehab-plans");
        let body = json!({ "goal": "走到院门口", "nurse_id": nurse, "exercises": exercises });
        let made = self
            .api
            .send(Call::post("plan exercises", path, &token, body))
            .await
            .good()?;
        let exercise = |one: &Value| {
            let times = one["dose"]["times_per_day"].as_i64()?;
            Some((text(one, "id").to_owned(), times))
        };
        let exercises = made["exercises"]
            .as_array()?
            .iter()
            .filter_map(exercise)
            .collect();
        let id = text(&made, "id").to_owned();
        self.rehab.plans.insert(
            person,
            Plan {
                id,
                exercises,
                week: 0,
            },
        );
        self.rehab.made += 1;
        let evening = day_start(local_date(self.now) + TimeDelta::days(7)) + TimeDelta::hours(20);
        self.at(evening, Act::RehabWeek(person));
        Some(())
    }

    /// A week is over: what was done is told at once, then it is looked at.
    pub(super) async fn rehab_week(&mut self, person: usize) -> Option<()> {
        let now = self.now;
        let human = self.people[person].clone();
        let plan = self.rehab.plans.get(&person)?;
        let (id, week) = (plan.id.clone(), plan.week);
        if human.is_dead(now) || human.is_away(local_date(now)) {
            let cause = if human.is_dead(now) {
                "died"
            } else {
                "admitted"
            };
            return self.end_rehab(person, cause).await;
        }
        let (entries, done) = self.week_told(person, human.habit)?;
        let family = self.token(human.family?).await?;
        let path = format!("/v1/rehab-plans/{id}");
        for batch in entries.chunks(100) {
            let body = json!({ "sent_at": now, "entries": batch });
            let told = self
                .api
                .send(Call::post(
                    "log exercises",
                    format!("{path}/log"),
                    &family,
                    body,
                ))
                .await
                .good()?;
            let refused = told["results"]
                .as_array()?
                .iter()
                .filter(|one| one["result"] != "applied");
            for one in refused {
                self.wrong
                    .push(format!("an exercise of plan {id} was not taken: {one}"));
            }
            self.raised(&told["red_flags"]);
        }
        let shown = self
            .api
            .send(Call::get("get rehab plan", path, &family))
            .await
            .good()?;
        self.count(human.habit, &shown["adherence"], done, &id)?;
        self.rehab.plans.get_mut(&person)?.week += 1;
        if week + 1 < WEEKS {
            self.at(now + TimeDelta::days(7), Act::RehabWeek(person));
            return Some(());
        }
        let cause = if human.habit == Habit::Faithful {
            "goal_reached"
        } else {
            "other"
        };
        self.end_rehab(person, cause).await
    }

    /// What somebody tells of the last seven days, and how many sessions that are.
    fn week_told(&mut self, person: usize, habit: Habit) -> Option<(Vec<Value>, i64)> {
        let (now, random) = (self.now, &mut self.random);
        let plan = self.rehab.plans.get(&person)?;
        let first = day_start(local_date(now) - TimeDelta::days(7));
        let (mut entries, mut done) = (Vec::new(), 0);
        let mut tap = |exercise: &str, at: DateTime<Utc>, more: Value| {
            let mut entry = json!({ "id": self.rehab.context.next(at), "exercise_id": exercise, "device_at": at });
            if let (Some(entry), Value::Object(more)) = (entry.as_object_mut(), more) {
                entry.extend(more);
            }
            entries.push(entry);
        };
        if habit == Habit::Silent && plan.week == 0 {
            for (exercise, _) in &plan.exercises {
                tap(
                    exercise,
                    first + TimeDelta::hours(18),
                    json!({ "outcome": "opened" }),
                );
            }
        }
        for day in active_days(habit, plan.week) {
            for (exercise, times) in &plan.exercises {
                for time in 0..*times {
                    let at = first + TimeDelta::days(*day) + TimeDelta::hours(12 + 2 * time);
                    if random.random_bool(0.1) {
                        tap(
                            exercise,
                            at,
                            json!({ "outcome": "skipped", "reason": "tired" }),
                        );
                        continue;
                    }
                    let before = 1;
                    let after = match random.random_range(0..400) {
                        0 => 8,
                        n => before + i64::from(n % 4 == 0),
                    };
                    let body = json!({ "outcome": "done", "pain_before": before, "pain_after": after, "effort": 3 });
                    tap(exercise, at, body);
                    done += 1;
                }
            }
        }
        Some((entries, done))
    }

    fn count(&mut self, habit: Habit, adherence: &Value, done: i64, id: &str) -> Option<()> {
        let number = |name: &str| adherence[name].as_i64();
        let shown = [number("planned")?, number("done")?, number("opened")?];
        if shown[1] != done {
            self.wrong.push(format!(
                "plan {id} shows {} sessions done, not {done}",
                shown[1]
            ));
        }
        let name = match habit {
            Habit::Silent => "silent",
            Habit::Fading => "fading",
            Habit::Faithful => "faithful",
        };
        let sums = self.rehab.by_habit.entry(name).or_default();
        for (sum, one) in sums.iter_mut().zip(shown) {
            *sum += one;
        }
        let band = usize::from(done > 0) + usize::from(done * 2 >= shown[0]);
        self.rehab.weeks[band] += 1;
        Some(())
    }

    async fn end_rehab(&mut self, person: usize, cause: &str) -> Option<()> {
        let plan = self.rehab.plans.remove(&person)?;
        let token = self.token(self.doctor).await?;
        let path = format!("/v1/rehab-plans/{}/stop", plan.id);
        let body = json!({ "cause": cause });
        self.api
            .send(Call::post("end exercises", path, &token, body))
            .await
            .good()?;
        *self.rehab.ended.entry(cause.to_owned()).or_default() += 1;
        Some(())
    }

    /// Whoever has to be looked at is looked at once a week; nobody silent for long is missing in the list.
    pub(super) async fn attention(&mut self) -> Option<()> {
        let token = self.token(self.doctor).await?;
        let path = "/v1/rehab-attention";
        let shown = self
            .api
            .send(Call::get("rehab attention", path, &token))
            .await
            .good()?;
        let under_way = self.rehab.plans.len() as u64;
        if shown["active"].as_u64()? < under_way {
            self.wrong.push(format!(
                "{} plans are active, not {under_way}",
                shown["active"]
            ));
        }
        for call in shown["items"].as_array()?.iter().take(20) {
            for reason in call["reasons"].as_array()? {
                *self
                    .rehab
                    .calls
                    .entry(text(reason, "reason").to_owned())
                    .or_default() += 1;
            }
            let path = format!("/v1/rehab-plans/{}/seen", text(call, "plan_id"));
            self.api
                .send(Call::post("see exercises", path, &token, json!({})))
                .await;
        }
        Some(())
    }
}
