//! A nurse without signal: she takes her visits along, does them by what is on the phone, and tells later.

use std::collections::BTreeMap;

use crate::answers;
use crate::phone::{Channel, Faults, Heard, Phone};
use crate::play::{Api, Call, Reply};
use chrono::{DateTime, TimeDelta, Utc};
use jiahu::domain::seed;
use rand::RngExt;
use serde_json::{Value, json};

use super::bodies;
use super::nurses::{News, Nurse};
use super::shares::Shares;
use super::world::{Step, Task};

/// Tries to tell everything, until the channel let it through.
const MOST_TRIES: u32 = 200;

/// Hours without signal.
pub(crate) struct Offline {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    phone: Phone,
    channel: Channel,
    /// What she took along, by visit; none before she did.
    pack: Option<Pack>,
}

/// What is on the phone.
struct Pack {
    sheets: BTreeMap<String, Value>,
    institution: Value,
}

/// What came of acts that were told later.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    /// Took effect.
    pub applied: u64,
    /// Refused, or held behind a refused one: in the work list.
    pub in_work_list: u64,
}

impl Offline {
    /// From late morning to some time in the afternoon.
    pub(crate) fn new(
        morning: DateTime<Utc>,
        number: u64,
        random: &mut impl rand::Rng,
        shares: Shares,
    ) -> Self {
        let from = morning + TimeDelta::minutes(random.random_range(180..360));
        let faults = Faults {
            lost: shares.lost,
            ..Faults::default()
        };
        Self {
            from,
            to: from + TimeDelta::minutes(random.random_range(180..300)),
            phone: Phone::new(
                format!("phone-{number}"),
                TimeDelta::minutes(random.random_range(-90..90)),
            ),
            channel: Channel::new(faults, random.random()),
            pack: None,
        }
    }
}

/// What a nurse can do at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Everything.
    Good,
    /// What is on the phone.
    None,
    /// Tell what she did.
    Back,
}

impl Nurse {
    /// Whether she has signal now.
    pub(crate) fn signal(&self, now: DateTime<Utc>) -> Signal {
        match &self.offline {
            Some(offline) if now >= offline.to => Signal::Back,
            Some(offline) if now >= offline.from => Signal::None,
            _ => Signal::Good,
        }
    }

    /// Takes along what she needs, on the last bit of signal.
    async fn pack(&mut self, api: &Api, now: DateTime<Utc>) -> Option<()> {
        let token = self.account.token(api, now).await?.to_owned();
        let pack = api
            .send(Call::get("sync pack", "/v1/sync/pack", &token))
            .await
            .good()?;
        let me = api
            .send(Call::get("get my nurse", "/v1/nurses/me", &token))
            .await
            .good()?;
        let sheets = pack["visits"].as_array()?.iter();
        let by_id = sheets
            .filter_map(|sheet| Some((sheet["visit"]["id"].as_str()?.to_owned(), sheet.clone())));
        let pack = Pack {
            sheets: by_id.collect(),
            institution: me["nurse"]["institution_id"].clone(),
        };
        self.offline.as_mut()?.pack = Some(pack);
        Some(())
    }

    /// One step of simulated time without signal.
    pub(crate) async fn live_offline(&mut self, api: &Api, now: DateTime<Utc>) {
        let packed = self
            .offline
            .as_ref()
            .is_some_and(|offline| offline.pack.is_some());
        if !packed && self.pack(api, now).await.is_none() {
            self.offline = None;
            return;
        }
        for index in 0..self.tasks.len() {
            while self.tasks[index].due <= now {
                self.act_offline(index, now);
            }
            self.keep_places(index, now);
        }
    }

    /// Places of the way stay on the phone until there is signal.
    fn keep_places(&mut self, index: usize, now: DateTime<Utc>) {
        let (task, Some(offline)) = (self.tasks[index].clone(), &mut self.offline) else {
            return;
        };
        let known = offline.pack.as_ref();
        let known = known.is_some_and(|pack| pack.sheets.contains_key(&task.visit));
        if !known || task.step != Step::Arrive {
            return;
        }
        if let Some(body) = bodies::places(&task, now, offline.phone.ahead) {
            offline.phone.did_aside(&task.visit, "positions", now, body);
            self.here = task.on_the_way(now);
        }
    }

    /// Does what is due, on the phone alone.
    fn act_offline(&mut self, index: usize, now: DateTime<Utc>) {
        let task = self.tasks[index].clone();
        let Some(offline) = &mut self.offline else {
            return;
        };
        let back = offline.to;
        let Some(pack) = &offline.pack else { return };
        let sheet = pack.sheets.get(&task.visit).cloned();
        let (Some(sheet), true) = (sheet, task.due < back) else {
            // She does not know of it: it was given to her meanwhile.
            self.tasks[index].due = back;
            return;
        };
        let institution = pack.institution.clone();
        let (next, due) = match task.step {
            Step::Depart => {
                self.did(&task, "depart", now, json!({}));
                self.tasks[index].set_out = self.here.zip(Some(now));
                (
                    Step::Arrive,
                    task.window_start
                        .max(now + TimeDelta::minutes(task.travel_min)),
                )
            }
            Step::Arrive => {
                let body = self.arrival(&task, now);
                self.did(&task, "arrive", now, without_time(body));
                self.here = task.place.or(self.here);
                if task.seat == 1 {
                    (Step::Start, now + TimeDelta::minutes(3))
                } else {
                    (Step::Finish, now + TimeDelta::minutes(task.duration_min))
                }
            }
            Step::Start => self.start_offline(&task, &sheet, now),
            Step::Finish => {
                if task.seat == 1 {
                    self.did(&task, "record", now, bodies::record(&task.items));
                }
                let left = without_time(bodies::left(&task, now));
                self.did(&task, "finish", now, left);
                self.moved = true;
                let due = if task.seat == 1 {
                    now + TimeDelta::minutes(10)
                } else {
                    DateTime::<Utc>::MAX_UTC
                };
                (Step::Close, due)
            }
            Step::Leave => {
                let left = without_time(bodies::left(&task, now));
                self.did(&task, "leave", now, left);
                self.moved = true;
                (Step::Leave, DateTime::<Utc>::MAX_UTC)
            }
            Step::Close => {
                self.did(&task, "sign", now, json!({}));
                self.did(&task, "waste", now, bodies::waste(&institution));
                self.did(&task, "close", now, json!({}));
                (Step::Close, DateTime::<Utc>::MAX_UTC)
            }
        };
        let task = &mut self.tasks[index];
        (task.step, task.due) = (next, due);
    }

    /// At the door: screening, identity, consents, begin; or a hard answer, and that was it.
    fn start_offline(
        &mut self,
        task: &Task,
        sheet: &Value,
        now: DateTime<Utc>,
    ) -> (Step, DateTime<Utc>) {
        let questions = &sheet["screening"]["questions"];
        let random = &mut self.random;
        let hard = task
            .refused
            .then(|| answers::hard_answer(seed::catalogue(), questions, random));
        if let Some(hard) = hard.flatten() {
            self.did(task, "screening", now, json!({ "answers": hard }));
            return (Step::Leave, now + TimeDelta::minutes(5));
        }
        if task.sos {
            self.aside(task, "sos", now, json!({}));
        }
        let answers = answers::answer(seed::catalogue(), questions, false, &mut self.random);
        self.did(task, "screening", now, bodies::screening(&answers));
        self.did(task, "identity", now, bodies::identity());
        let consents = &sheet["consents"];
        let signer = &consents["signers"][0]["carer_id"];
        let needed = consents["needed"].as_array().cloned().unwrap_or_default();
        for text in needed.iter().filter(|text| text["given"] == false) {
            self.did(task, "consent", now, bodies::consent(text, signer));
        }
        self.did(task, "start", now, without_time(bodies::started(now)));
        (Step::Finish, now + TimeDelta::minutes(task.duration_min))
    }

    fn did(&mut self, task: &Task, kind: &str, now: DateTime<Utc>, body: Value) {
        if let Some(offline) = &mut self.offline {
            offline.phone.did(&task.visit, kind, now, body);
        }
    }

    fn aside(&mut self, task: &Task, kind: &str, now: DateTime<Utc>, body: Value) {
        if let Some(offline) = &mut self.offline {
            offline.phone.did_aside(&task.visit, kind, now, body);
        }
    }

    /// Signal again: tells everything over a bad channel, and goes on from there.
    pub(crate) async fn come_back(&mut self, api: &Api, now: DateTime<Utc>) -> Option<Vec<News>> {
        let token = self.account.token(api, now).await?.to_owned();
        let Offline {
            mut phone,
            mut channel,
            ..
        } = self.offline.take()?;
        for _ in 0..MOST_TRIES {
            let Some(batch) = phone.batch(now) else { break };
            let deliver = async |piece| {
                let call = Call::post("sync batch", "/v1/sync/batch", &token, piece);
                match api.send(call).await {
                    Reply::Good(answer) => Some(answer),
                    _ => None,
                }
            };
            for (sent, answer) in channel.send(now, batch, deliver).await {
                phone.hear(sent, &answer);
            }
        }
        let mut news = Vec::new();
        for act in phone.kept() {
            if act.heard == Heard::Applied {
                self.told.applied += 1;
            } else {
                self.told.in_work_list += 1;
            }
            let order = self.tasks.iter().find(|task| task.visit == act.visit);
            if let (Some(task), "close", Heard::Applied) = (order, act.kind.as_str(), &act.heard) {
                news.push(News::Closed(task.order.clone()));
            }
        }
        self.go_on(api, &phone, &token).await;
        Some(news)
    }

    /// Visits that are not over: as they stand now. What was refused is a matter of the work list.
    async fn go_on(&mut self, api: &Api, phone: &Phone, token: &str) {
        for task in &mut self.tasks {
            let refused = |one: &crate::phone::Kept| {
                one.visit == task.visit && one.counter.is_some() && one.heard != Heard::Applied
            };
            if phone.kept().iter().any(refused) {
                task.due = DateTime::<Utc>::MAX_UTC;
            }
            let told = phone.kept().iter().any(|one| one.visit == task.visit);
            if !told || task.due == DateTime::<Utc>::MAX_UTC {
                continue;
            }
            let path = format!("/v1/visits/{}", task.visit);
            let shown = api.send(Call::get("get visit", path, token)).await.good();
            match shown.and_then(|shown| shown["version"].as_i64()) {
                Some(version) => task.version = version,
                None => task.due = DateTime::<Utc>::MAX_UTC,
            }
        }
        self.tasks
            .retain(|task| task.due != DateTime::<Utc>::MAX_UTC);
    }
}

/// The time of the act stands beside it.
fn without_time(mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        body.remove("device_at");
    }
    body
}
