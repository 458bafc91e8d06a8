//! The coordinator's desk: reviews what screening sent, assigns what nobody took, and finds out why nobody could.

use std::collections::{BTreeMap, BTreeSet};

use crate::play::{Account, Api, Call};
use chrono::{DateTime, Utc};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// Share of reviews that say yes.
const APPROVED: f64 = 0.8;

/// Reviews every order that waits for it.
pub(crate) async fn review(
    api: &Api,
    desk: &mut Account,
    now: DateTime<Utc>,
    random: &mut ChaCha8Rng,
) -> Option<usize> {
    let orders = list(api, desk, now, "in_review").await?;
    for order in &orders {
        let body = if random.random_bool(APPROVED) {
            json!({ "decision": "approve" })
        } else {
            json!({ "decision": "refuse", "reason": "建议先到医院检查" })
        };
        let token = desk.token(api, now).await?;
        let path = format!("/v1/orders/{}/review", order["id"].as_str()?);
        let mut call = Call::post("review", path, token, body)
            .expecting(&["order_wrong_state", "order_changed"]);
        call.etag = Some(format!("\"v{}\"", order["version"]));
        api.send(call).await;
    }
    Some(orders.len())
}

/// Assigns an order by hand to the first nurse who may take it.
pub(crate) async fn assign(
    api: &Api,
    desk: &mut Account,
    order: &str,
    now: DateTime<Utc>,
) -> Option<Value> {
    let found = candidates(api, desk, order, now).await?;
    let nurse = found["ranked"][0]["nurse_id"]
        .as_str()
        .or_else(|| without_place(&found))?;
    let token = desk.token(api, now).await?;
    let call = Call::post(
        "assign",
        format!("/v1/orders/{order}/assign"),
        token,
        json!({ "nurse_id": nurse }),
    )
    .expecting(&[
        "order_wrong_state",
        "order_changed",
        "order_gone",
        "nurse_double_booked",
        "nurse_not_eligible",
    ]);
    api.send(call).await.good()
}

/// A nurse whose only hindrance is that the place is not known: a coordinator knows the way.
fn without_place(found: &Value) -> Option<&str> {
    let excluded = found["excluded"].as_array()?;
    let only_place = |one: &&Value| {
        let reasons = one["reasons"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        reasons.len() == 1 && reasons[0]["code"] == "no_place"
    };
    excluded.iter().find(only_place)?["nurse_id"].as_str()
}

/// Why nobody can take an order: what stands in the way of those who come closest, that is with the fewest reasons.
pub(crate) async fn why(
    api: &Api,
    desk: &mut Account,
    order: &str,
    now: DateTime<Utc>,
) -> Option<String> {
    let found = candidates(api, desk, order, now).await?;
    if !found["ranked"].as_array()?.is_empty() {
        return Some("eligible nurses did not accept".to_owned());
    }
    let excluded = found["excluded"].as_array()?;
    let reasons = excluded.iter().filter_map(|one| one["reasons"].as_array());
    let fewest = reasons.clone().map(Vec::len).min()?;
    let mut counts = BTreeMap::new();
    for reason in reasons.filter(|reasons| reasons.len() == fewest).flatten() {
        *counts.entry(reason["code"].as_str()?).or_insert(0_u32) += 1;
    }
    let (code, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Some(code.to_owned())
}

async fn candidates(
    api: &Api,
    desk: &mut Account,
    order: &str,
    now: DateTime<Utc>,
) -> Option<Value> {
    let token = desk.token(api, now).await?;
    api.send(Call::get(
        "candidates",
        format!("/v1/orders/{order}/candidates"),
        token,
    ))
    .await
    .good()
}

/// Every order of a state that the desk sees.
pub(crate) async fn list(
    api: &Api,
    desk: &mut Account,
    now: DateTime<Utc>,
    state: &str,
) -> Option<Vec<Value>> {
    let mut orders = Vec::new();
    let mut cursor = String::new();
    loop {
        let token = desk.token(api, now).await?;
        let state = if state.is_empty() {
            String::new()
        } else {
            format!("&state={state}")
        };
        let path = format!("/v1/orders?limit=100{state}{cursor}");
        let page = api
            .send(Call::get("list orders", path, token))
            .await
            .good()?;
        orders.extend(page["items"].as_array()?.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Some(orders),
        }
    }
}

/// Everything of a list that the desk sees.
pub(crate) async fn all(
    api: &Api,
    desk: &mut Account,
    now: DateTime<Utc>,
    (name, list): (&'static str, &str),
) -> Option<Vec<Value>> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let token = desk.token(api, now).await?;
        let path = format!("/v1/{list}limit=100{cursor}");
        let page = api.send(Call::get(name, path, token)).await.good()?;
        found.extend(page["items"].as_array()?.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Some(found),
        }
    }
}

/// Takes every alarm and closes it.
pub(crate) async fn answer_alarms(
    api: &Api,
    desk: &mut Account,
    now: DateTime<Utc>,
) -> Option<usize> {
    let open = all(api, desk, now, ("list alarms", "sos?state=open&")).await?;
    for alarm in &open {
        let id = alarm["id"].as_str()?;
        let token = desk.token(api, now).await?.to_owned();
        let call = Call::post(
            "take alarm",
            format!("/v1/sos/{id}/take"),
            &token,
            json!({}),
        );
        api.send(call.expecting(&["already_settled"])).await;
        let body = json!({ "outcome": "false_alarm", "note": "已电话确认安全" });
        api.send(Call::post(
            "close alarm",
            format!("/v1/sos/{id}/close"),
            &token,
            body,
        ))
        .await;
    }
    Some(open.len())
}

/// Decides on every arrival in question: she was there.
pub(crate) async fn decide_arrivals(
    api: &Api,
    desk: &mut Account,
    now: DateTime<Utc>,
) -> Option<usize> {
    let open = all(api, desk, now, ("list arrivals", "exceptions?open=true&")).await?;
    for arrival in &open {
        let id = arrival["id"].as_str()?;
        let token = desk.token(api, now).await?;
        let body = json!({ "decision": "accepted", "note": "家属确认已到" });
        let path = format!("/v1/exceptions/{id}/resolve");
        api.send(Call::post("decide arrival", path, token, body))
            .await;
    }
    Some(open.len())
}

/// Orders with a record that nobody has signed, read from the visits.
pub(crate) async fn unsigned(
    api: &Api,
    desk: &mut Account,
    now: DateTime<Utc>,
    orders: &[Value],
) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for order in orders {
        let Some(visit) = order["visit"]["visit_id"].as_str() else {
            continue;
        };
        let token = desk.token(api, now).await?;
        let path = format!("/v1/visits/{visit}");
        let shown = api.send(Call::get("get visit", path, token)).await.good()?;
        if !shown["record"].is_null() && shown["signature"].is_null() {
            found.insert(order["id"].as_str()?.to_owned());
        }
    }
    Some(found)
}
