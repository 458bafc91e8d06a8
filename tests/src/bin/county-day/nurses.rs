//! Nurses: they look at their offers now and then, accept or decline, and do their visits step by step.

use chrono::{DateTime, TimeDelta, Utc};
use jiahu_tests::harness::filled_forms;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::account::Account;
use crate::api::{Api, Call, Reply};
use crate::world::{Step, Task};

/// Chance that a nurse looks at her phone in a step.
const LOOKS: f64 = 0.4;
/// Share of offers she declines.
const DECLINES: f64 = 0.15;
/// Share of arrivals outside the fence, and without a fix.
const OUTSIDE: f64 = 0.04;
const NO_FIX: f64 = 0.03;

/// A nurse with the visits she has.
pub(crate) struct Nurse {
    /// Her login.
    pub account: Account,
    /// Her visits to come.
    pub tasks: Vec<Task>,
    /// Her own dice, so that the order of answers does not change the day.
    pub random: ChaCha8Rng,
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
        for index in 0..self.tasks.len() {
            while self.tasks[index].due <= now && self.tasks[index].step != Step::Close {
                if self.act(api, index, now).await.is_none() {
                    // Called off meanwhile, or refused: she does not try again.
                    self.tasks[index].due = DateTime::<Utc>::MAX_UTC;
                }
            }
            if self.tasks[index].due <= now && self.tasks[index].step == Step::Close {
                if self.close(api, index, now).await.is_some() {
                    news.push(News::Closed(self.tasks[index].order.clone()));
                }
                self.tasks[index].due = DateTime::<Utc>::MAX_UTC;
            }
        }
        self.tasks
            .retain(|task| task.due != DateTime::<Utc>::MAX_UTC);
        if self.random.random_bool(LOOKS) {
            news.extend(self.look(api, now).await.unwrap_or_default());
        }
        news
    }

    async fn look(&mut self, api: &Api, now: DateTime<Utc>) -> Option<Vec<News>> {
        let token = self.account.token(api, now).await?.to_owned();
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
            step: Step::Depart,
            due: window_start - TimeDelta::minutes(travel_min),
            duration_min: sheet["duration_min"].as_i64()?,
            travel_min,
            window_start,
            version: sheet["version"].as_i64()?,
        });
        Some(())
    }

    /// Takes the step that is due and plans the next.
    async fn act(&mut self, api: &Api, index: usize, now: DateTime<Utc>) -> Option<()> {
        let token = self.account.token(api, now).await?.to_owned();
        let task = self.tasks[index].clone();
        let (next, due) = match task.step {
            Step::Depart => {
                self.post(api, &token, index, "depart", json!({ "device_at": now }))
                    .await?;
                (
                    Step::Arrive,
                    task.window_start
                        .max(now + TimeDelta::minutes(task.travel_min)),
                )
            }
            Step::Arrive => {
                let body = self.arrival(&task, now);
                self.post(api, &token, index, "arrive", body).await?;
                (Step::Start, now + TimeDelta::minutes(3))
            }
            Step::Start => {
                self.post(api, &token, index, "start", json!({ "device_at": now }))
                    .await?;
                (Step::Finish, now + TimeDelta::minutes(task.duration_min))
            }
            Step::Finish => {
                self.record(api, &token, index).await?;
                self.post(api, &token, index, "finish", json!({ "device_at": now }))
                    .await?;
                (Step::Close, now + TimeDelta::minutes(10))
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
    ) -> Option<()> {
        let path = format!("/v1/visits/{}/{step}", self.tasks[index].visit);
        let call = Call::post(step, path, token, body).expecting(&[
            "order_wrong_state",
            "not_found",
            "nurse_not_eligible",
            "order_changed",
        ]);
        let visit = api.send(call).await.good()?;
        self.tasks[index].version = visit["version"].as_i64()?;
        Some(())
    }

    /// Where she says she is: at the door, sometimes a kilometre off, sometimes without a fix.
    fn arrival(&mut self, task: &Task, now: DateTime<Utc>) -> Value {
        let dice: f64 = self.random.random();
        match task.place {
            Some((lng, lat)) if dice >= NO_FIX => {
                let off = if dice < NO_FIX + OUTSIDE {
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
        let body = json!({
            "items_done": task.items,
            "vitals": [
                { "code": "temperature", "value": 36.6 },
                { "code": "pulse", "value": 76 },
            ],
            "note": "操作顺利,患者无不适。",
            "consumables": [{ "code": "dressing_pack", "quantity": 1 }],
            "forms": filled_forms(&task.items),
        });
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
        let body = json!({
            "bags": 1, "weight_g": 300, "handed_to": "医废暂存点", "returned_to": me.good()?["institution_id"],
        });
        let path = format!("/v1/visits/{visit}/waste");
        api.send(Call::post("waste", path, token, body))
            .await
            .good()?;
        Some(())
    }

    async fn close(&mut self, api: &Api, index: usize, now: DateTime<Utc>) -> Option<()> {
        let token = self.account.token(api, now).await?.to_owned();
        self.sign_and_return(api, &token, index).await?;
        let path = format!("/v1/visits/{}/close", self.tasks[index].visit);
        api.send(Call::post("close", path, &token, json!({})))
            .await
            .good()?;
        Some(())
    }
}
