//! Nurses who work off their lists: calls and visits to those who are due. Links to families go out by themselves.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use futures::{StreamExt, stream};
use jiahu::domain::calendar::{local, local_date};
use jiahu::domain::seed;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::people::Temper;
use super::{Year, date, family, forms, text};
use crate::play::{Api, Call, Reply};

/// Ways that need nobody of the staff.
const AUTOMATIC: &[&str] = &["wechat", "sms"];
/// Problems that belong to work side by side: the family answered meanwhile, or another plan stopped the task.
const MEANWHILE: &[&str] = &["follow_task_state", "follow_task_changed"];
/// Somebody was reached today for another contact: the server asks whether this one is meant.
const REACHED_TODAY: &str = "person_reached_today";
/// What an attempt may be answered.
const AT_AN_ATTEMPT: &[&str] = &["follow_task_state", "follow_task_changed", REACHED_TODAY];
/// Share of calls that are made although the list says to wait for another day.
const CARELESS: f64 = 0.1;

/// A contact that a nurse is going to make.
struct Work {
    task: Value,
    form: Option<Value>,
    found: Found,
    weight: f64,
    enough: bool,
    random: ChaCha8Rng,
}

/// What a nurse will find when she tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Nobody,
    WrongNumber,
    Oneself,
    Proxy,
    Refused,
    Moved,
    Dead,
    InHospital,
}

/// What came of it.
struct Done {
    patient: String,
    found: Found,
    flags: Vec<Value>,
}

impl Year<'_> {
    /// One round: what is open is looked through, and each nurse makes the contacts that are due.
    pub(super) async fn round(&mut self) -> Option<()> {
        let desk = self.token(self.desk).await?;
        let open = self
            .all("list tasks", "follow-tasks?state=open&", &desk)
            .await?;
        let today = local_date(self.now);
        let calendar = seed::calendar();
        let works = |task: &Value| {
            let last = date(task, "ends_on").unwrap_or(today);
            let mut rest = today.iter_days().skip(1).take_while(|day| *day <= last);
            calendar.is_workday(today) || !rest.any(|day| calendar.is_workday(day))
        };
        let open: Vec<_> = open.into_iter().filter(works).collect();
        // What the family answered may lack a scale.
        let reached = self
            .all("list tasks", "follow-tasks?state=reached&", &desk)
            .await?;
        let lacks = |task: &Value| task["scales_missing"] != json!([]) && works(task);
        let open = open.into_iter().chain(reached.into_iter().filter(lacks));
        let open: Vec<_> = open.collect();
        let due = |task: &&Value| date(task, "due_on").is_some_and(|day| day <= today);
        let mut by_nurse: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for task in open.iter().filter(due) {
            if AUTOMATIC.contains(&text(task, "channel")) {
                self.wrong.push(format!(
                    "task {} is due and nobody is asked to call",
                    text(task, "id")
                ));
            }
            let owner = self.nurses.get(text(task, "owner_nurse_id")).copied();
            if let Some(nurse) = owner {
                let mine = by_nurse.entry(nurse).or_default();
                mine.insert(text(task, "id").to_owned());
            } else {
                self.give(task, &desk).await?;
            }
        }
        self.make_contacts(by_nurse).await
    }

    /// A task that nobody has is given to some nurse.
    async fn give(&mut self, task: &Value, desk: &str) -> Option<()> {
        let chosen = self.random.random_range(0..self.nurses.len().max(1));
        let nurse = self.nurses.keys().nth(chosen)?;
        let path = format!("/v1/follow-tasks/{}/assign", text(task, "id"));
        let body = json!({ "nurse_id": nurse });
        self.api
            .send(Call::post("assign task", path, desk, body))
            .await;
        Some(())
    }

    /// Each nurse reads her own list, where all of hers has to be, and tries whom she has not tried.
    async fn make_contacts(&mut self, by_nurse: BTreeMap<usize, BTreeSet<String>>) -> Option<()> {
        let tokens = self.tokens(&by_nurse.keys().copied().collect()).await;
        let today = local_date(self.now);
        let mut work: Vec<(String, Vec<Work>)> = Vec::new();
        for (nurse, mine) in &by_nurse {
            let Some(token) = tokens.get(nurse) else {
                continue;
            };
            let own = &self.accounts[*nurse].login.nurse_id;
            let id = own.map(|id| id.to_string()).unwrap_or_default();
            let mut listed = Vec::new();
            for state in ["open", "reached"] {
                let list = format!("follow-tasks?state={state}&nurse_id={id}&due_until={today}&");
                listed.extend(self.all("my tasks", &list, token).await?);
            }
            listed.retain(|task| task["state"] == "open" || task["scales_missing"] != json!([]));
            for missing in mine
                .iter()
                .filter(|id| !listed.iter().any(|one| text(one, "id") == **id))
            {
                self.wrong
                    .push(format!("task {missing} is not on the list of its nurse"));
            }
            let mut own = Vec::new();
            for task in listed {
                if self.tries(&task, today, nurse % 2) {
                    own.extend(self.prepare_contact(task, token).await);
                }
            }
            work.push((token.clone(), own));
        }
        let (api, now) = (&self.api, self.now);
        let done: Vec<_> = stream::iter(work)
            .map(async |(token, own)| {
                let mut done = Vec::new();
                for one in own {
                    done.push(contact(api, &token, one, now).await);
                }
                done
            })
            .buffer_unordered(self.settings.concurrency)
            .collect()
            .await;
        for one in done.into_iter().flatten() {
            self.note(&one);
        }
        Some(())
    }

    /// Whom the list does not hold back, whose last day it is, and some others; twice a day at most for one task. Each nurse has hours of her
    /// own: one `shift` at nine and two, the other at eleven and four.
    fn tries(&mut self, task: &Value, today: NaiveDate, shift: usize) -> bool {
        let hour = local(self.now).hour();
        let (first, second) = if shift == 0 { (9, 14) } else { (11, 16) };
        let last = date(task, "ends_on") <= Some(today);
        if task["held"].is_object() && !last && !self.random.random_bool(CARELESS) {
            return false;
        }
        match self.tried_at.get(text(task, "id")) {
            Some(at) if local_date(*at) == today => local(*at).hour() < 12 && hour >= second,
            _ => hour >= first,
        }
    }

    /// What she will find, and the questions that she will ask.
    async fn prepare_contact(&mut self, task: Value, token: &str) -> Option<Work> {
        let person = *self.by_patient.get(text(&task, "patient_id"))?;
        let key = format!("{}{}", task["questionnaires"], task["scales"]);
        if !self.forms.contains_key(&key) {
            let path = format!("/v1/follow-tasks/{}/form", text(&task, "id"));
            let form = self
                .api
                .send(Call::get("get form", path, token))
                .await
                .good()?;
            self.forms.insert(key.clone(), form);
        }
        let attempts = task["attempts"].as_i64().unwrap_or(0);
        self.tried_at.insert(text(&task, "id").to_owned(), self.now);
        let found = self.find(person, text(&task, "channel"));
        let random = ChaCha8Rng::from_rng(&mut self.random);
        Some(Work {
            enough: attempts >= 2 && self.random.random_bool(0.5),
            form: self.forms.get(&key).cloned(),
            found,
            weight: self.people[person].weight,
            task,
            random,
        })
    }

    fn find(&mut self, person: usize, channel: &str) -> Found {
        let (now, random) = (self.now, &mut self.random);
        let human = &self.people[person];
        let home = channel != "phone";
        let chance = match human.temper {
            _ if home => 0.9,
            Temper::Prompt | Temper::Phone => 0.8,
            Temper::Late => 0.6,
            Temper::Afternoon if local(now).hour() >= 14 => 0.8,
            Temper::Afternoon => 0.1,
            Temper::Never | Temper::WrongNumber => 0.0,
        };
        let dice: f64 = random.random();
        if !home
            && (human.temper == Temper::WrongNumber
                || (human.phone.is_none() && human.family.is_none()))
        {
            Found::WrongNumber
        } else if human.temper == Temper::Never || dice >= chance {
            Found::Nobody
        } else if human.is_dead(now) {
            Found::Dead
        } else if human.is_away(local_date(now)) {
            Found::InHospital
        } else if dice < 0.005 {
            Found::Refused
        } else if dice < 0.007 {
            Found::Moved
        } else if dice < 0.3 || human.birth.year() + 1 >= local(now).year() {
            Found::Proxy
        } else {
            Found::Oneself
        }
    }

    fn note(&mut self, done: &Done) {
        if matches!(done.found, Found::Dead | Found::Refused | Found::Moved)
            && let Some(person) = self.by_patient.get(&done.patient)
        {
            self.people[*person].quiet_since = Some(self.now);
        }
        for flags in &done.flags {
            self.raised(flags);
        }
    }
}

/// Tries, and asks when somebody is there.
async fn contact(api: &Api, token: &str, mut work: Work, now: DateTime<Utc>) -> Done {
    let id = text(&work.task, "id").to_owned();
    let mut done = Done {
        patient: text(&work.task, "patient_id").to_owned(),
        found: work.found,
        flags: Vec::new(),
    };
    let there = matches!(work.found, Found::Oneself | Found::Proxy);
    let visit = text(&work.task, "channel") == "visit";
    // At home she asks first: the visit itself ends the task.
    if there && visit {
        done.flags.extend(ask(api, token, &id, &mut work).await);
    }
    let (result, proxy) = match work.found {
        Found::Nobody => ("no_answer", None),
        Found::WrongNumber => ("wrong_number", None),
        Found::Oneself => ("reached_self", None),
        Found::Proxy => ("reached_proxy", Some("child")),
        Found::Refused => ("refused", None),
        Found::Moved => ("moved", None),
        Found::Dead => ("died", None),
        Found::InHospital => ("readmitted", None),
    };
    let mut body =
        json!({ "at": now, "channel": work.task["channel"], "result": result, "proxy": proxy });
    let path = format!("/v1/follow-tasks/{id}/attempts");
    let call = Call::post("record attempt", &path, token, body.clone());
    let mut reply = api.send(call.expecting(AT_AN_ATTEMPT)).await;
    // At the door, or on the last day, the same call serves it; else it waits for another day.
    let last = date(&work.task, "ends_on") <= Some(local_date(now));
    if (visit || last) && matches!(&reply, Reply::Refused(code) if code == REACHED_TODAY) {
        body["confirm"] = json!(true);
        let call = Call::post("confirm attempt", &path, token, body).expecting(MEANWHILE);
        reply = api.send(call).await;
    }
    let Reply::Good(_) = reply else {
        done.found = Found::Nobody;
        return done;
    };
    if there && !visit {
        done.flags.extend(ask(api, token, &id, &mut work).await);
    }
    if work.enough && work.found == Found::Nobody {
        let path = format!("/v1/follow-tasks/{id}/give-up");
        let call = Call::post("give up", path, token, json!({}));
        api.send(call.expecting(&["attempts_too_few", "follow_task_state"]))
            .await;
    }
    done
}

/// Asks what was not answered yet; of a task that was answered only its scales are missing.
async fn ask(api: &Api, token: &str, id: &str, work: &mut Work) -> Option<Value> {
    if work.task["state"] == "reached" {
        let scales = forms::missing(work.form.as_ref()?, &work.task, &mut work.random);
        let (scales, skipped) = forms::leave_out(scales, &mut work.random);
        let body = json!({ "scales": scales, "scales_skipped": skipped });
        let path = format!("/v1/follow-tasks/{id}/scales");
        let call = Call::post("settle scales", path, token, body).expecting(MEANWHILE);
        let kept = api.send(call).await.good()?;
        return Some(kept["red_flags"].clone());
    }
    let worse = work.random.random_bool(family::WORSE);
    let form = work.form.as_ref()?;
    let (answers, scales) = forms::fill(form, work.weight, worse, &mut work.random);
    let (scales, skipped) = forms::leave_out(scales, &mut work.random);
    let body = json!({
        "answers": answers, "scales": scales, "scales_skipped": skipped, "proxy": work.found == Found::Proxy,
    });
    let path = format!("/v1/follow-tasks/{id}/answers");
    let call = Call::post("write answers", path, token, body).expecting(MEANWHILE);
    let kept = api.send(call).await.good()?;
    Some(kept["red_flags"].clone())
}
