//! Red flags: somebody takes them in time or does not, deals with them and closes them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use jiahu::domain::calendar::{day_start, local_date};
use jiahu::domain::seed;
use rand::RngExt;
use serde_json::{Value, json};

use super::{Act, Year, text, time};
use crate::answers;
use crate::play::Call;

/// What is known of alerts.
#[derive(Debug, Default)]
pub(super) struct Flags {
    /// The deadlines that are watched, by alert.
    known: BTreeMap<String, BTreeSet<DateTime<Utc>>>,
    /// Looks at alerts that nobody had taken at half of their deadline, or at its end.
    pub looks: u64,
    /// Orders that came of alerts.
    pub orders: u64,
}

impl Year<'_> {
    /// Flags that are up: whoever told knows the alert and its deadline.
    pub(super) fn raised(&mut self, flags: &Value) {
        for flag in flags.as_array().into_iter().flatten() {
            let alert = text(flag, "alert_id").to_owned();
            let Some(due) = time(flag, "due_at") else {
                continue;
            };
            let deadlines = self.flags.known.entry(alert.clone()).or_default();
            let first = deadlines.is_empty();
            if !deadlines.insert(due) {
                continue;
            }
            let (now, left) = (self.now, due - self.now);
            self.at(now + left / 2, Act::Look(alert.clone()));
            self.at(due, Act::Look(alert.clone()));
            if first {
                let percent = match self.random.random_range(0..100) {
                    0..70 => self.random.random_range(5..45),
                    70..90 => self.random.random_range(55..95),
                    _ => self.random.random_range(110..200),
                };
                self.at(now + left * percent / 100, Act::Take(alert));
            }
        }
    }

    /// At half of its deadline an alert that nobody took has gone on once, at its end twice.
    pub(super) async fn look(&mut self, alert: &str) -> Option<()> {
        let token = self.token(self.doctor).await?;
        let path = format!("/v1/alerts/{alert}");
        let shown = self
            .api
            .send(Call::get("get alert", path, &token))
            .await
            .good()?;
        if shown["taken_at"].is_string() {
            return Some(());
        }
        self.flags.looks += 1;
        let (opened, due) = (time(&shown, "opened_at")?, time(&shown, "due_at")?);
        let owed = if self.now >= due {
            2
        } else {
            i64::from(self.now >= opened + (due - opened) / 2)
        };
        if shown["escalation"].as_i64()? < owed {
            let (rule, level) = (text(&shown, "rule"), &shown["escalation"]);
            self.wrong.push(format!(
                "alert {alert} of {rule} went on {level} times, not {owed}, at {}",
                self.now
            ));
        }
        Some(())
    }

    /// The doctor, or the nurse whose it is.
    async fn handler(&mut self, alert: &str) -> Option<(String, Value)> {
        let doctor = self.token(self.doctor).await?;
        let path = format!("/v1/alerts/{alert}");
        let shown = self
            .api
            .send(Call::get("get alert", path, &doctor))
            .await
            .good()?;
        let nurse = self.nurses.get(text(&shown, "nurse_id")).copied();
        let who = match (text(&shown, "owner"), nurse) {
            ("nurse", Some(nurse)) => nurse,
            ("nurse", None) => self.desk,
            _ => self.doctor,
        };
        Some((self.token(who).await?, shown))
    }

    /// Somebody takes it.
    pub(super) async fn take(&mut self, alert: &str) -> Option<()> {
        let (token, _) = self.handler(alert).await?;
        let path = format!("/v1/alerts/{alert}/take");
        self.api
            .send(Call::post("take alert", path, &token, json!({})))
            .await
            .good()?;
        let minutes = TimeDelta::minutes(self.random.random_range(5..30));
        self.about(self.now + minutes, Act::Handle(alert.to_owned()));
        Some(())
    }

    /// Something is done.
    pub(super) async fn handle(&mut self, alert: &str) -> Option<()> {
        let (token, _) = self.handler(alert).await?;
        let path = format!("/v1/alerts/{alert}/act");
        let body = json!({ "action": "已电话联系家属并指导处理" });
        self.api
            .send(Call::post("act on alert", path, &token, body))
            .await
            .good()?;
        let minutes = TimeDelta::minutes(self.random.random_range(20..300));
        self.about(self.now + minutes, Act::Close(alert.to_owned()));
        Some(())
    }

    /// It is closed: with an order where a nurse can go, else with a referral or advice.
    pub(super) async fn close(&mut self, alert: &str) -> Option<()> {
        let (token, shown) = self.handler(alert).await?;
        let order = self.order(alert).await;
        let critical = text(&shown, "severity") == "critical";
        let result = match &order {
            Some(_) => "order",
            None if critical && self.random.random_bool(0.4) => "referral",
            None => "advice",
        };
        self.flags.orders += u64::from(order.is_some());
        let body = json!({ "outcome": "已处理", "result": result, "order_id": order });
        let path = format!("/v1/alerts/{alert}/close");
        self.api
            .send(Call::post("close alert", path, &token, body))
            .await
            .good()?;
        Some(())
    }

    /// The order that an alert may become, where the home is known and something can be booked.
    async fn order(&mut self, alert: &str) -> Option<String> {
        let token = self.token(self.desk).await?;
        let path = format!("/v1/alerts/{alert}/order-draft");
        let draft = self
            .api
            .send(Call::get("order draft", path, &token))
            .await
            .good()?;
        let item = draft["items"][0].as_str()?;
        let address = draft["address_id"].as_str()?;
        let start = day_start(local_date(self.now) + TimeDelta::days(1)) + TimeDelta::hours(10);
        let wanted = json!({
            "patient_id": draft["patient_id"], "address_id": address, "items": [item], "window_start": start,
        });
        let quote = self
            .api
            .send(Call::post("quote", "/v1/quotes", &token, wanted))
            .await
            .good()?;
        if quote["problem"].is_string() {
            return None;
        }
        let questions = &quote["questions"];
        let answers = answers::answer(seed::catalogue(), questions, false, &mut self.random);
        let order = json!({
            "patient_id": draft["patient_id"], "address_id": address, "items": [item], "answers": answers,
            "window": { "start": start, "end": start + TimeDelta::hours(3) }, "note": "随访发现红旗信号",
        });
        let call = Call::post("book", "/v1/orders", &token, order);
        let booked = self.api.send(call.expecting(&[
            "screening_refused",
            "order_duplicate",
            "guardian_required",
        ]));
        Some(text(&booked.await.good()?, "id").to_owned())
    }
}
