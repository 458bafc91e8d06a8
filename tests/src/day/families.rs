//! Families: they ask the price, answer the questions, book, and now and then cancel.

use crate::answers;
use crate::play::{Account, Api, Call, Reply};
use chrono::{DateTime, TimeDelta, Utc};
use jiahu::domain::seed;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// Share of families whose answers send the order to review.
const TROUBLED: f64 = 0.04;

/// Minutes from a booking to its window; four hours is the least that is taken.
const EARLIEST_MIN: i64 = 250;
/// Minutes from seven in the morning to the last window's start: five in the afternoon.
const LATEST_MIN: i64 = 600;

/// A booking that a family means to make.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// When, simulated time.
    pub at: DateTime<Utc>,
    /// Index of the family.
    pub family: usize,
    /// The patient.
    pub patient: String,
    /// What is wanted.
    pub item: String,
    /// From when.
    pub window_start: DateTime<Utc>,
    /// Whether it will be cancelled, and when.
    pub cancel_at: Option<DateTime<Utc>>,
}

/// What came of a booking.
pub(crate) enum Booked {
    /// The order's id and state.
    Order(String, String),
    /// Refused by a rule, by its code.
    Refused(String),
    /// Failed.
    Failed,
}

/// Draws the bookings of a day: each patient that may be booked for and has something to be done, `scale` times.
pub(crate) fn plan(
    families: &[Account],
    morning: DateTime<Utc>,
    scale: f64,
    random: &mut ChaCha8Rng,
) -> Vec<Plan> {
    let mut plans = Vec::new();
    for (family, account) in families.iter().enumerate() {
        for patient in account
            .login
            .patients
            .iter()
            .filter(|patient| patient.may_book)
        {
            let whole = scale.floor();
            let more = f64::from(u8::from(random.random_bool(scale - whole)));
            for _ in 0..times(whole + more) {
                let Some(item) = choose(&patient.usual_items, random) else {
                    continue;
                };
                // Booked in the morning, wanted four hours or more later but in working hours: 11:10 to 17:00.
                let booked_min = random.random_range(0..300);
                let earliest_min = booked_min + EARLIEST_MIN;
                let wanted_min = random.random_range(earliest_min..=LATEST_MIN.max(earliest_min));
                let at = morning + TimeDelta::minutes(booked_min);
                let window_start = morning + TimeDelta::minutes(wanted_min - wanted_min % 5);
                let cancels = random.random_bool(0.03);
                plans.push(Plan {
                    at,
                    family,
                    patient: patient.patient_id.to_string(),
                    item,
                    window_start,
                    cancel_at: cancels
                        .then(|| at + TimeDelta::minutes(random.random_range(10..200))),
                });
            }
        }
    }
    plans.sort_by_key(|plan| plan.at);
    plans
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a handful of orders"
)]
fn times(count: f64) -> u32 {
    count as u32
}

fn choose(items: &[String], random: &mut ChaCha8Rng) -> Option<String> {
    if items.is_empty() {
        return None;
    }
    items.get(random.random_range(0..items.len())).cloned()
}

/// Books: address, price and questions, order.
pub(crate) async fn book(
    api: &Api,
    account: &mut Account,
    plan: &Plan,
    now: DateTime<Utc>,
    random: &mut ChaCha8Rng,
) -> Booked {
    match try_book(api, account, plan, now, random).await {
        Some(Reply::Good(order)) => {
            let text = |name: &str| order[name].as_str().unwrap_or_default().to_owned();
            Booked::Order(text("id"), text("state"))
        }
        Some(Reply::Refused(code)) => Booked::Refused(code),
        Some(Reply::Bad) | None => Booked::Failed,
    }
}

async fn try_book(
    api: &Api,
    account: &mut Account,
    plan: &Plan,
    now: DateTime<Utc>,
    random: &mut ChaCha8Rng,
) -> Option<Reply> {
    let token = account.token(api, now).await?;
    let path = format!("/v1/patients/{}/addresses", plan.patient);
    let addresses = api
        .send(Call::get("list addresses", path, token))
        .await
        .good()?;
    let address = addresses["items"][0]["id"].clone();
    let wanted = json!({
        "patient_id": plan.patient,
        "address_id": address,
        "items": [plan.item],
        "window_start": plan.window_start,
    });
    let quote = api
        .send(Call::post("quote", "/v1/quotes", token, wanted))
        .await
        .good()?;
    if let Some(problem) = quote["problem"].as_str() {
        return Some(Reply::Refused(problem.to_owned()));
    }
    let trouble = random.random_bool(TROUBLED);
    let answers = answers::answer(seed::catalogue(), &quote["questions"], trouble, random);
    let order = json!({
        "patient_id": plan.patient,
        "address_id": address,
        "items": [plan.item],
        "window": { "start": plan.window_start, "end": plan.window_start + TimeDelta::hours(3) },
        "answers": answers,
        "note": "请提前电话联系",
    });
    let call = Call::post("book", "/v1/orders", token, order);
    Some(
        api.send(call.expecting(&["screening_refused", "order_duplicate"]))
            .await,
    )
}

/// Cancels, if it still can.
pub(crate) async fn cancel(
    api: &Api,
    account: &mut Account,
    order: &str,
    now: DateTime<Utc>,
) -> Option<Value> {
    let token = account.token(api, now).await?;
    let current = api
        .send(Call::get("get order", format!("/v1/orders/{order}"), token))
        .await
        .good()?;
    let body = json!({ "reason": "家人已带去医院" });
    let mut call = Call::post("cancel", format!("/v1/orders/{order}/cancel"), token, body)
        .expecting(&["order_wrong_state", "order_changed", "precondition_failed"]);
    call.etag = Some(format!("\"v{}\"", current["version"]));
    api.send(call).await.good()
}
