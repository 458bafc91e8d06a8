//! Nurses: they look at their offers now and then, accept or decline, and do their visits step by step.

use crate::answers;
use crate::play::{Account, Api, Call, Reply};
use chrono::{DateTime, TimeDelta, Utc};
use jiahu::domain::seed;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::bodies::{self, at, places};
use super::offline::{Offline, Signal, Told};
use super::shares::Shares;
use super::world::{Step, Task};

/// Chance that a nurse looks at her phone in a step.
const LOOKS: f64 = 0.25;
/// Share of offers she declines.
const DECLINES: f64 = 0.15;
/// Minutes by which a visit that takes too long runs over before she answers, and until she leaves then.
const OVER_MIN: i64 = 40;
const MORE_MIN: i64 = 20;
/// Times that one of two nurses waits ten minutes for the other.
const MOST_WAITS: u32 = 30;

/// Refusals that a nurse meets when the visit was called off meanwhile.
const GONE: &[&str] = &["order_wrong_state", "not_found", "consent_exists"];

/// A nurse with the visits she has.
pub(crate) struct Nurse {
    /// Her login.
    pub account: Account,
    /// Where she is: her base point first, then where she was last.
    pub here: Option<(f64, f64)>,
    /// She came from a visit and has not told where she is.
    pub moved: bool,
    /// Her visits to come.
    pub tasks: Vec<Task>,
    /// Her own dice, so that the order of answers does not change the day.
    pub random: ChaCha8Rng,
    /// How often what happens to her.
    pub shares: Shares,
    /// Hours without signal, until she has told of them.
    pub offline: Option<Offline>,
    /// What came of it.
    pub told: Told,
}

/// Something that the day's book-keeping wants to know.
pub(crate) enum News {
    /// Accepted, with the distance of the offer in metres.
    Accepted(String, f64),
    /// Closed.
    Closed(String),
}

impl Nurse {
    /// One step of simulated time: what is due of her visits, then her offers.
    pub(crate) async fn live(&mut self, api: &Api, now: DateTime<Utc>) -> Vec<News> {
        let mut news = Vec::new();
        match self.signal(now) {
            Signal::None => {
                self.live_offline(api, now).await;
                return news;
            }
            Signal::Back => news.extend(self.come_back(api, now).await.unwrap_or_default()),
            Signal::Good => {}
        }
        for index in 0..self.tasks.len() {
            while self.tasks[index].due <= now && self.tasks[index].step != Step::Close {
                if self.act(api, index, now).await.is_none() {
                    self.wait_or_leave(api, index, now).await;
                }
            }
            self.tell_places(api, index, now).await;
            if self.tasks[index].due <= now && self.tasks[index].step == Step::Close {
                if self.close(api, index, now).await.is_some() {
                    news.push(News::Closed(self.tasks[index].order.clone()));
                    self.tasks[index].due = DateTime::<Utc>::MAX_UTC;
                } else {
                    self.wait_or_give_up(index, now);
                }
            }
        }
        self.tasks
            .retain(|task| task.due != DateTime::<Utc>::MAX_UTC);
        if self.random.random_bool(LOOKS) {
            news.extend(self.look(api, now).await.unwrap_or_default());
        }
        news
    }

    /// Called off meanwhile, or refused: she does not try again, unless the other nurse has to come first.
    fn wait_or_give_up(&mut self, index: usize, now: DateTime<Utc>) {
        let task = &mut self.tasks[index];
        task.waited += 1;
        task.due = if task.persons > 1 && task.waited <= MOST_WAITS {
            now + TimeDelta::minutes(10)
        } else {
            DateTime::<Utc>::MAX_UTC
        };
    }

    /// The same; but who is in a home where the other one broke it off says that she leaves.
    async fn wait_or_leave(&mut self, api: &Api, index: usize, now: DateTime<Utc>) {
        let task = self.tasks[index].clone();
        if task.seat != 1
            && task.step == Step::Finish
            && self.leave(api, &task, now).await.is_some()
        {
            self.tasks[index].due = DateTime::<Utc>::MAX_UTC;
        } else {
            self.wait_or_give_up(index, now);
        }
    }

    /// Says that she has left a visit that was broken off.
    async fn leave(&mut self, api: &Api, task: &Task, now: DateTime<Utc>) -> Option<()> {
        let token = self.account.token(api, now).await?.to_owned();
        self.post_aside(api, &token, task, "leave", bodies::left(task, now))
            .await?;
        self.moved = true;
        Some(())
    }

    /// On the way her phone tells where she is, some places at a time.
    async fn tell_places(&mut self, api: &Api, index: usize, now: DateTime<Utc>) -> Option<()> {
        let task = self.tasks[index].clone();
        if task.step != Step::Arrive {
            return None;
        }
        let body = places(&task, now, TimeDelta::zero())?;
        self.here = task.on_the_way(now);
        let token = self.account.token(api, now).await?.to_owned();
        self.post_aside(api, &token, &task, "positions", body).await
    }

    /// Says where she is, before she looks what is offered near her.
    async fn tell_place(&mut self, api: &Api, token: &str) -> Option<()> {
        let (lng, lat) = self.here?;
        let body = json!({ "lng": lng, "lat": lat, "crs": "wgs84", "accuracy_m": 30 });
        let call = Call {
            method: reqwest::Method::PUT,
            ..Call::post("put my place", "/v1/nurses/me/place", token, body)
        };
        api.send(call).await.good()?;
        self.moved = false;
        Some(())
    }

    async fn look(&mut self, api: &Api, now: DateTime<Utc>) -> Option<Vec<News>> {
        let token = self.account.token(api, now).await?.to_owned();
        if self.moved {
            self.tell_place(api, &token).await;
        }
        let offers = api
            .send(Call::get("list offers", "/v1/offers", &token))
            .await
            .good()?;
        let mut news = Vec::new();
        for offer in offers["items"].as_array()? {
            let id = offer["id"].as_str()?;
            if self.random.random_bool(DECLINES) {
                let path = format!("/v1/offers/{id}/decline");
                let call = Call::post("decline", path, &token, json!({ "reason": "今天不方便" }));
                api.send(call.expecting(&["order_gone"])).await;
                continue;
            }
            let call = Call::post(
                "accept",
                format!("/v1/offers/{id}/accept"),
                &token,
                json!({}),
            )
            .expecting(&["order_gone", "nurse_double_booked", "nurse_not_eligible"]);
            if let Reply::Good(accepted) = api.send(call).await {
                self.take(api, &accepted, now).await;
                let order = accepted["order_id"].as_str()?.to_owned();
                news.push(News::Accepted(
                    order,
                    offer["distance_m"].as_f64().unwrap_or(0.0),
                ));
            }
        }
        Some(news)
    }

    /// Reads the visit she got and plans her way.
    pub(crate) async fn take(
        &mut self,
        api: &Api,
        accepted: &Value,
        now: DateTime<Utc>,
    ) -> Option<()> {
        let visit = accepted["visit_id"].as_str()?.to_owned();
        let token = self.account.token(api, now).await?;
        let sheet = api
            .send(Call::get("get visit", format!("/v1/visits/{visit}"), token))
            .await
            .good()?;
        let window_start: DateTime<Utc> =
            serde_json::from_value(sheet["window_start"].clone()).ok()?;
        let place = sheet["address"]["place"]["lng"]
            .as_f64()
            .zip(sheet["address"]["place"]["lat"].as_f64());
        let items = sheet["items"]
            .as_array()?
            .iter()
            .filter_map(|item| item["code"].as_str().map(str::to_owned));
        let travel_min = self.random.random_range(5..40);
        self.tasks.push(Task {
            visit,
            order: accepted["order_id"].as_str()?.to_owned(),
            items: items.collect(),
            place,
            set_out: None,
            step: Step::Depart,
            due: window_start - TimeDelta::minutes(travel_min),
            duration_min: sheet["duration_min"].as_i64()?,
            travel_min,
            window_start,
            version: sheet["version"].as_i64()?,
            seat: sheet["seat"].as_i64()?,
            persons: sheet["persons"].as_i64()?,
            waited: 0,
            refused: self.random.random_bool(self.shares.refused_at_door),
            sos: self.random.random_bool(self.shares.sos),
            overdue: self.random.random_bool(self.shares.overdue),
            adverse: self.random.random_bool(self.shares.adverse),
            signed: false,
        });
        Some(())
    }

    /// Takes the step that is due and plans the next.
    async fn act(&mut self, api: &Api, index: usize, now: DateTime<Utc>) -> Option<()> {
        let token = self.account.token(api, now).await?.to_owned();
        let task = self.tasks[index].clone();
        let (next, due) = match task.step {
            Step::Depart => {
                let body = json!({ "device_at": now, "place": at(self.here) });
                self.post(api, &token, index, "depart", body).await?;
                self.tasks[index].set_out = self.here.zip(Some(now));
                (
                    Step::Arrive,
                    task.window_start
                        .max(now + TimeDelta::minutes(task.travel_min)),
                )
            }
            Step::Arrive => {
                let body = self.arrival(&task, now);
                self.post(api, &token, index, "arrive", body).await?;
                self.here = task.place.or(self.here);
                if task.seat != 1 {
                    // The first one leads; she helps, and leaves.
                    let over = now + TimeDelta::minutes(task.duration_min);
                    let task = &mut self.tasks[index];
                    (task.step, task.due) = (Step::Finish, over);
                    return Some(());
                }
                (Step::Start, now + TimeDelta::minutes(3))
            }
            Step::Start => {
                if task.sos {
                    self.post_aside(api, &token, &task, "sos", json!({ "device_at": now }))
                        .await?;
                }
                if self.screen(api, &token, index).await? == "aborted" {
                    let task = &mut self.tasks[index];
                    (task.step, task.due) = (Step::Leave, now + TimeDelta::minutes(5));
                    return Some(());
                }
                self.prepare(api, &token, &task.visit).await?;
                self.post(api, &token, index, "start", bodies::started(now))
                    .await?;
                let over = if task.overdue { OVER_MIN } else { 0 };
                (
                    Step::Finish,
                    now + TimeDelta::minutes(task.duration_min + over),
                )
            }
            Step::Finish if task.overdue && task.seat == 1 => {
                let body = json!({ "minutes": 60, "device_at": now });
                self.post_aside(api, &token, &task, "still-fine", body)
                    .await?;
                self.tasks[index].overdue = false;
                (Step::Finish, now + TimeDelta::minutes(MORE_MIN))
            }
            Step::Finish if task.seat != 1 => {
                self.post(api, &token, index, "finish", bodies::left(&task, now))
                    .await?;
                self.moved = true;
                self.tasks[index].due = DateTime::<Utc>::MAX_UTC;
                return Some(());
            }
            Step::Finish => {
                self.record(api, &token, index).await?;
                self.post(api, &token, index, "finish", bodies::left(&task, now))
                    .await?;
                self.moved = true;
                (Step::Close, now + TimeDelta::minutes(10))
            }
            Step::Leave => {
                self.leave(api, &task, now).await?;
                self.tasks[index].due = DateTime::<Utc>::MAX_UTC;
                return Some(());
            }
            Step::Close => return None,
        };
        let task = &mut self.tasks[index];
        (task.step, task.due) = (next, due);
        Some(())
    }

    async fn post(
        &mut self,
        api: &Api,
        token: &str,
        index: usize,
        step: &'static str,
        body: Value,
    ) -> Option<String> {
        let path = format!("/v1/visits/{}/{step}", self.tasks[index].visit);
        let call = Call::post(step, path, token, body).expecting(&[
            "order_wrong_state",
            "not_found",
            "nurse_not_eligible",
            "order_changed",
            "second_nurse_missing",
            "more_nurses_needed",
        ]);
        let visit = api.send(call).await.good()?;
        // The answer of the screening holds the visit.
        let visit = if visit["visit"].is_object() {
            &visit["visit"]
        } else {
            &visit
        };
        self.tasks[index].version = visit["version"].as_i64()?;
        Some(visit["state"].as_str()?.to_owned())
    }

    /// Something beside the steps.
    async fn post_aside(
        &self,
        api: &Api,
        token: &str,
        task: &Task,
        name: &'static str,
        body: Value,
    ) -> Option<()> {
        let path = format!("/v1/visits/{}/{name}", task.visit);
        let call = Call::post(name, path, token, body);
        api.send(call.expecting(GONE)).await.good()?;
        Some(())
    }

    /// Asks the screening again at the door, where something hard breaks the visit off; gives the state after it.
    async fn screen(&mut self, api: &Api, token: &str, index: usize) -> Option<String> {
        let path = format!("/v1/visits/{}/screening", self.tasks[index].visit);
        let asked = api
            .send(Call::get("screening asked", path, token))
            .await
            .good()?;
        let questions = &asked["questions"];
        let random = &mut self.random;
        let hard = self.tasks[index]
            .refused
            .then(|| answers::hard_answer(seed::catalogue(), questions, random));
        let answers = match hard.flatten() {
            Some(hard) => hard,
            None => answers::answer(seed::catalogue(), questions, false, &mut self.random),
        };
        self.post(api, token, index, "screening", bodies::screening(&answers))
            .await
    }

    /// Recognises the patient and has the consents signed.
    async fn prepare(&self, api: &Api, token: &str, visit: &str) -> Option<()> {
        let body = bodies::identity();
        let path = format!("/v1/visits/{visit}/identity");
        let call = Call::post("identity", path, token, body);
        api.send(call.expecting(GONE)).await.good()?;
        let path = format!("/v1/visits/{visit}/consents");
        let call = Call::get("list consents", path.clone(), token);
        let sheet = api.send(call).await.good()?;
        let signer = &sheet["signers"][0]["carer_id"];
        let needed = sheet["needed"].as_array()?;
        for text in needed.iter().filter(|text| text["given"] == false) {
            let body = bodies::consent(text, signer);
            let call = Call::post("consent", path.clone(), token, body);
            api.send(call.expecting(GONE)).await.good()?;
        }
        Some(())
    }

    /// Where she says she is: at the door, sometimes a kilometre off, sometimes without a fix.
    pub(crate) fn arrival(&mut self, task: &Task, now: DateTime<Utc>) -> Value {
        let dice: f64 = self.random.random();
        match task.place {
            Some((lng, lat)) if dice >= self.shares.no_fix => {
                let off = if dice < self.shares.no_fix + self.shares.outside {
                    0.012
                } else {
                    0.0003
                };
                let place =
                    json!({ "lng": lng, "lat": lat + off, "crs": "wgs84", "accuracy_m": 25 });
                json!({ "device_at": now, "place": place })
            }
            _ => json!({ "device_at": now, "no_fix_reason": "timeout" }),
        }
    }

    async fn record(&mut self, api: &Api, token: &str, index: usize) -> Option<()> {
        let task = &self.tasks[index];
        let body = bodies::record(&task.items);
        let call = Call {
            method: reqwest::Method::PUT,
            etag: Some(format!("\"v{}\"", task.version)),
            ..Call::post(
                "record",
                format!("/v1/visits/{}/record", task.visit),
                token,
                body,
            )
        };
        let kept = api.send(call).await.good()?;
        self.tasks[index].version = kept["visit"]["version"].as_i64()?;
        Some(())
    }

    /// Signs the record and brings the waste back to her institution.
    async fn sign_and_return(&self, api: &Api, token: &str, index: usize) -> Option<()> {
        let visit = &self.tasks[index].visit;
        let path = format!("/v1/visits/{visit}/sign");
        api.send(Call::post("sign", path, token, json!({})))
            .await
            .good()?;
        let me = api
            .send(Call::get("get my nurse", "/v1/nurses/me", token))
            .await;
        let body = bodies::waste(&me.good()?["nurse"]["institution_id"]);
        let path = format!("/v1/visits/{visit}/waste");
        api.send(Call::post("waste", path, token, body))
            .await
            .good()?;
        Some(())
    }

    /// Something went wrong, or nearly, and she tells.
    async fn report_harm(
        &mut self,
        api: &Api,
        token: &str,
        index: usize,
        now: DateTime<Utc>,
    ) -> Option<()> {
        let visit = &self.tasks[index].visit;
        let (name, body) = if self.random.random_bool(0.5) {
            let body = json!({
                "kind": "fall", "injury_level": 0, "severity": "none", "near_miss": true, "occurred_at": now,
                "what": "起身时险些滑倒,已扶住。", "visit_id": visit,
            });
            ("near miss", body)
        } else {
            let body = json!({
                "kind": "needle_stick", "severity": "moderate", "occurred_at": now, "visit_id": visit,
                "what": "拔针时刺伤手指。", "action": "挤出血液,流动水冲洗,消毒。",
            });
            ("adverse event", body)
        };
        let call = Call::post(name, "/v1/adverse-events", token, body);
        api.send(call).await.good()?;
        self.tasks[index].adverse = false;
        Some(())
    }

    async fn close(&mut self, api: &Api, index: usize, now: DateTime<Utc>) -> Option<()> {
        let token = self.account.token(api, now).await?.to_owned();
        if self.tasks[index].adverse {
            self.report_harm(api, &token, index, now).await?;
        }
        if !self.tasks[index].signed {
            self.sign_and_return(api, &token, index).await?;
            self.tasks[index].signed = true;
        }
        let path = format!("/v1/visits/{}/close", self.tasks[index].visit);
        let call = Call::post("close", path, &token, json!({}));
        api.send(call.expecting(&["second_nurse_not_left"]))
            .await
            .good()?;
        Some(())
    }
}
