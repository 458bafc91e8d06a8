//! Reads everything at the end and holds it against what was promised.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures::{StreamExt, stream};
use jiahu::domain::calendar::{local_date, local_minutes};
use jiahu::domain::follow_up::{Tried, tried_enough};
use jiahu::domain::seed;
use serde_json::Value;

use super::{Year, date, text, time};
use crate::play::{Call, Failure};

/// Ways in which somebody is called or met.
const IN_PERSON: &[&str] = &["phone", "visit", "village_doctor"];

/// What the server shows at the end.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Discharges by way and state.
    pub discharges: BTreeMap<String, u64>,
    /// Plans by schedule.
    pub plans: BTreeMap<String, u64>,
    /// Plans by state.
    pub plan_states: BTreeMap<String, u64>,
    /// Tasks by how they stand, explained.
    pub tasks: BTreeMap<String, u64>,
    /// Attempts by result.
    pub attempts: BTreeMap<String, u64>,
    /// Those confirmed on a day on which somebody was reached for another task.
    pub confirmed: u64,
    /// Calls and visits by hour of Shanghai.
    pub calls_by_hour: BTreeMap<u32, u64>,
    /// Tasks that were due, tried or answered, and reached.
    pub due: u64,
    pub tried: u64,
    pub reached: u64,
    pub lost: u64,
    /// Alerts by rule: all, taken before half, taken in time, taken late, not taken yet.
    pub alerts: BTreeMap<String, [u64; 5]>,
    /// What became of alerts.
    pub results: BTreeMap<String, u64>,
}

/// Reads discharges, plans, tasks, attempts and alerts.
pub(super) async fn read(year: &mut Year<'_>) -> Result<Found, Failure> {
    let mut found = Found::default();
    let token = year
        .token(year.desk)
        .await
        .ok_or("the desk cannot log in")?;
    discharges(year, &token, &mut found)
        .await
        .ok_or("the discharges cannot be read")?;
    let tasks = year.all("list tasks", "follow-tasks?", &token).await;
    let tasks = tasks.ok_or("the tasks cannot be read")?;
    for task in &tasks {
        judge(year, task, &mut found);
    }
    attempts(year, &tasks, &token, &mut found).await;
    let alerts = year.all("list alerts", "alerts?", &token).await;
    for alert in alerts.ok_or("the alerts cannot be read")? {
        alerted(year, &alert, &mut found);
    }
    Ok(found)
}

/// Every discharge that was told is there, and has a plan.
async fn discharges(year: &mut Year<'_>, token: &str, found: &mut Found) -> Option<()> {
    let listed = year.all("list discharges", "discharges?", token).await?;
    let ids: BTreeSet<_> = listed
        .iter()
        .map(|one| text(one, "id").to_owned())
        .collect();
    for (index, stay) in year.stays.iter().enumerate() {
        if !stay.discharge.as_ref().is_some_and(|id| ids.contains(id)) {
            year.wrong.push(format!(
                "stay {index} ({:?}, {:?}) is not there",
                stay.way, stay.diagnoses
            ));
        }
    }
    let api = &year.api;
    let whole: Vec<Option<Value>> = stream::iter(&ids)
        .map(async |id| {
            let path = format!("/v1/discharges/{id}");
            api.send(Call::get("get discharge", path, token))
                .await
                .good()
        })
        .buffer_unordered(year.settings.concurrency)
        .collect()
        .await;
    for shown in whole.into_iter().flatten() {
        let way = format!("{} {}", text(&shown, "source"), text(&shown, "state"));
        *found.discharges.entry(way).or_default() += 1;
        let plans = shown["plans"].as_array()?;
        if plans.is_empty() {
            year.wrong
                .push(format!("discharge {} has no plan", text(&shown, "id")));
        }
        for plan in plans {
            *found
                .plans
                .entry(text(plan, "schedule").to_owned())
                .or_default() += 1;
            let cause = plan["stop_cause"]
                .as_str()
                .map(|cause| format!(": {cause}"));
            let state = format!("{}{}", text(plan, "state"), cause.unwrap_or_default());
            *found.plan_states.entry(state).or_default() += 1;
        }
    }
    Some(())
}

/// Every task is over or explained, and every one that is due was tried.
fn judge(year: &mut Year<'_>, task: &Value, found: &mut Found) {
    let today = local_date(year.now);
    let (state, how) = (text(task, "state"), text(task, "resolved_by"));
    let attempts = task["attempts"].as_u64().unwrap_or(0);
    let days = |name: &str| date(task, name).unwrap_or_default();
    let (opens, due, ends) = (days("opens_on"), days("due_on"), days("ends_on"));
    let explained = match state {
        "done" if how == "answers" => Some("done: answered".to_owned()),
        "done" if attempts > 0 => Some(format!("done: {how}")),
        "lost" if attempts >= 3 => Some("lost: three attempts".to_owned()),
        "missed" if attempts > 0 => Some("missed: tried, window over".to_owned()),
        "stopped" => task["stop_cause"]
            .as_str()
            .map(|cause| format!("stopped: {cause}")),
        "waiting" if opens > today || opens_later(opens, due, today) => {
            Some("not open yet".to_owned())
        }
        "open" | "reached" if ends >= today => Some(format!("under way: {state}")),
        _ => None,
    };
    let Some(explained) = explained else {
        let id = text(task, "id");
        year.wrong.push(format!(
            "task {id} is {state} by {how} after {attempts} attempts, due {due} to {ends}"
        ));
        return;
    };
    *found.tasks.entry(explained).or_default() += 1;
    let over = matches!(state, "done" | "lost" | "missed");
    if over && due <= today {
        found.due += 1;
        found.tried += u64::from(attempts > 0 || how == "answers");
        found.reached += u64::from(task["reached_at"].is_string());
        found.lost += u64::from(state == "lost");
    }
}

/// Nobody is written to on a day off or before the hours: such a task opens later in its window.
fn opens_later(opens: NaiveDate, due: NaiveDate, today: NaiveDate) -> bool {
    let calendar = seed::calendar();
    let mut since = opens.iter_days().take_while(|day| *day < today);
    opens <= today && today <= due && !since.any(|day| calendar.is_workday(day))
}

/// Nobody was called outside the hours, or again on a day on which somebody was reached, unless that was confirmed; and
/// nobody is lost who was not tried often enough.
async fn attempts(year: &mut Year<'_>, tasks: &[Value], token: &str, found: &mut Found) {
    let api = &year.api;
    let tried = tasks.iter().filter(|task| task["attempts"] != 0);
    let whole: Vec<Option<Value>> = stream::iter(tried)
        .map(async |task| {
            let path = format!("/v1/follow-tasks/{}", text(task, "id"));
            api.send(Call::get("get task", path, token)).await.good()
        })
        .buffer_unordered(year.settings.concurrency)
        .collect()
        .await;
    let rules = seed::follow_up();
    let hours = rules.contact_from.minutes()..rules.contact_to.minutes();
    let mut days: BTreeMap<(String, NaiveDate), Vec<Attempt>> = BTreeMap::new();
    for task in whole.iter().flatten() {
        let (id, patient) = (text(task, "id"), text(task, "patient_id"));
        let attempts: Vec<_> = task["tried"].as_array().into_iter().flatten().collect();
        let in_vain = attempts.iter().filter(|one| !is_reached(one));
        let in_vain = Tried::of(in_vain.filter_map(|one| time(one, "at")));
        if text(task, "state") == "lost" && !tried_enough(in_vain, rules.attempts) {
            let wrong = format!("task {id} is lost after {in_vain:?}");
            year.wrong.push(wrong);
        }
        for attempt in attempts {
            let Some(at) = time(attempt, "at") else {
                continue;
            };
            let result = text(attempt, "result");
            *found.attempts.entry(result.to_owned()).or_default() += 1;
            let minute = local_minutes(at);
            *found.calls_by_hour.entry(minute / 60).or_default() += 1;
            if !hours.contains(&minute) {
                year.wrong
                    .push(format!("patient {patient} was called at {at}"));
            }
            let confirmed = attempt["confirmed"] == true;
            found.confirmed += u64::from(confirmed);
            if IN_PERSON.contains(&text(attempt, "channel")) {
                let day = (patient.to_owned(), local_date(at));
                days.entry(day).or_default().push(Attempt {
                    at,
                    reached: is_reached(attempt),
                    confirmed,
                });
            }
        }
    }
    for ((patient, day), calls) in days {
        // What two nurses tried at one moment has no order; reached both ways it is wrong all the same.
        let again = |one: &Attempt| {
            let before = |other: &&Attempt| other.reached && other.at < one.at;
            !one.confirmed && calls.iter().any(|other| before(&other))
        };
        let reached = calls.iter().filter(|one| one.reached && !one.confirmed);
        if reached.count() > 1 || calls.iter().any(again) {
            year.wrong.push(format!(
                "patient {patient} was called again on {day} after somebody was reached"
            ));
        }
    }
}

fn is_reached(attempt: &Value) -> bool {
    text(attempt, "result").starts_with("reached")
}

/// A call or a visit.
struct Attempt {
    at: DateTime<Utc>,
    reached: bool,
    /// Made knowingly on a day on which somebody was reached.
    confirmed: bool,
}

/// Every red flag was taken in time, or went on to others at half of its deadline and at its end.
fn alerted(year: &mut Year<'_>, alert: &Value, found: &mut Found) {
    let (Some(rule), Some(due), Some(opened)) = (
        alert["rule"].as_str(),
        time(alert, "due_at"),
        time(alert, "opened_at"),
    ) else {
        *found
            .results
            .entry(format!("{} (no red flag)", text(alert, "kind")))
            .or_default() += 1;
        return;
    };
    let taken = time(alert, "taken_at");
    let level = alert["escalation"].as_i64().unwrap_or(0);
    // A flag that came up again, and worse, has less time from then on; its look was checked on the day.
    let half = opened + (due - opened) / 2;
    let (place, owed) = match taken {
        Some(at) if at < half => (1, 0),
        Some(at) if at < due => (2, 1),
        Some(_) => (3, 2),
        None if year.now < half => (4, 0),
        None if year.now < due => (4, 1),
        None => (4, 2),
    };
    if level < owed {
        year.wrong.push(format!(
            "alert {} of {rule} went on {level} times, not {owed}",
            text(alert, "id")
        ));
    }
    if taken.is_none() && year.now > due + TimeDelta::days(2) {
        year.wrong.push(format!(
            "alert {} of {rule} was never taken",
            text(alert, "id")
        ));
    }
    let counts = found.alerts.entry(rule.to_owned()).or_default();
    counts[0] += 1;
    counts[place] += 1;
    let result = alert["result"].as_str().unwrap_or("open");
    *found.results.entry(result.to_owned()).or_default() += 1;
}
