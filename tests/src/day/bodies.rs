//! What nurses tell, with signal or later.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::world::Task;
use crate::harness::filled_forms;

/// A place as a phone tells it.
pub(crate) fn at(place: Option<(f64, f64)>) -> Option<Value> {
    place.map(|(lng, lat)| json!({ "lng": lng, "lat": lat, "crs": "wgs84", "accuracy_m": 25 }))
}

/// How she leaves: at the door, or without a fix.
pub(crate) fn left(task: &Task, now: DateTime<Utc>) -> Value {
    match at(task.place) {
        Some(place) => json!({ "device_at": now, "place": place }),
        None => json!({ "device_at": now, "no_fix_reason": "timeout" }),
    }
}

/// Where she was in the last minutes of her way, by a clock that is ahead by so much; none when it is not known.
pub(crate) fn places(task: &Task, now: DateTime<Utc>, ahead: TimeDelta) -> Option<Value> {
    let noted = [2, 1, 0].map(|minutes| {
        let when = now - TimeDelta::minutes(minutes);
        let place = at(Some(task.on_the_way(when)?));
        Some(json!({ "at": when + ahead, "place": place }))
    });
    let noted: Option<Vec<Value>> = noted.into_iter().collect();
    Some(json!({ "positions": noted? }))
}

/// At the door, two identifiers.
pub(crate) fn identity() -> Value {
    json!({ "identifiers": ["name", "birth_date"], "nurse_not_verified": "家属没有智能手机" })
}

/// Answers of the screening, with her word for what is soft.
pub(crate) fn screening(answers: &Value) -> Value {
    json!({ "answers": answers, "acknowledgement": { "reason": "与预约时一致,可以进行" } })
}

/// A signature under a text.
pub(crate) fn consent(text: &Value, signer: &Value) -> Value {
    json!({
        "text": text["text"],
        "version": text["version"],
        "signer": { "name": "张大明", "carer_id": signer, "of_age": true },
        "signature": { "sha256": "0".repeat(64), "bytes": 4000 },
        "device": "nurse",
    })
}

/// A record in which all is well.
pub(crate) fn record(items: &[String]) -> Value {
    json!({
        "items_done": items,
        "vitals": [
            { "code": "temperature", "value": 36.6 },
            { "code": "pulse", "value": 76 },
        ],
        "note": "操作顺利,患者无不适。",
        "consumables": [{ "code": "dressing_pack", "quantity": 1 }],
        "forms": filled_forms(items),
    })
}

/// A bag, brought back to her institution.
pub(crate) fn waste(institution: &Value) -> Value {
    json!({ "bags": 1, "weight_g": 300, "handed_to": "医废暂存点", "returned_to": institution, "signature_hash": "5".repeat(64) })
}

/// The procedure begins, with somebody of the family there, and the second nurse where two go.
pub(crate) fn started(now: DateTime<Utc>) -> Value {
    json!({
        "device_at": now,
        "present": [{ "name": "张小明", "relation": "child", "of_age": true }],
        "second_nurse_present": true,
    })
}
