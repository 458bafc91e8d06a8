//! Who was booked for what: read off the answers, not trusted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

/// From, to, and for which order.
type Stay<'a> = (DateTime<Utc>, DateTime<Utc>, &'a str);

/// Whether a nurse's time is, or was, taken by an order.
fn is_served(order: &Value) -> bool {
    matches!(
        order["state"].as_str(),
        Some("accepted" | "departed" | "arrived" | "in_procedure" | "finished" | "closed")
    )
}

pub(crate) fn served_by_two(order: &Value) -> bool {
    is_served(order) && order["visit"]["second"].is_object()
}

/// Nurses who have two visits at one time, the second ones of visits by two included; orders with one nurse on both seats,
/// and visits that serve two orders.
pub(crate) fn double_bookings(shown: &[Value]) -> Vec<String> {
    let mut by_nurse: BTreeMap<&str, Vec<Stay<'_>>> = BTreeMap::new();
    let mut visits = BTreeSet::new();
    let mut found = Vec::new();
    for order in shown.iter().filter(|order| is_served(order)) {
        let (lead, second) = (&order["visit"], &order["visit"]["second"]);
        let time = |name: &str| serde_json::from_value::<DateTime<Utc>>(lead[name].clone()).ok();
        let (Some(id), Some(from), Some(to)) =
            (order["id"].as_str(), time("starts_at"), time("ends_at"))
        else {
            continue;
        };
        if second.is_object() && lead["nurse_id"] == second["nurse_id"] {
            found.push(format!("order {id} has one nurse on both seats"));
        }
        for visit in [lead, second].into_iter().filter(|visit| visit.is_object()) {
            if !visits.insert(visit["visit_id"].as_str()) {
                found.push(format!("a visit of order {id} serves two orders"));
            }
            let nurse = visit["nurse_id"].as_str().unwrap_or_default();
            by_nurse.entry(nurse).or_default().push((from, to, id));
        }
    }
    for (nurse, mut visits) in by_nurse {
        visits.sort();
        for pair in visits.windows(2) {
            if pair[1].0 < pair[0].1 && pair[1].2 != pair[0].2 {
                found.push(format!(
                    "nurse {nurse} has {} and {} at one time",
                    pair[0].2, pair[1].2
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(id: &str, hour: u32, lead: &str, second: Option<&str>) -> Value {
        let second =
            second.map(|nurse| json!({ "visit_id": format!("{id}-2"), "nurse_id": nurse }));
        json!({
            "id": id, "state": "closed",
            "visit": {
                "visit_id": id, "nurse_id": lead, "second": second,
                "starts_at": format!("2026-03-02T0{hour}:00:00Z"), "ends_at": format!("2026-03-02T0{hour}:40:00Z"),
            },
        })
    }

    #[test]
    fn second_nurses_are_booked_once_too() {
        let good = [
            order("a", 1, "n1", Some("n2")),
            order("b", 2, "n2", Some("n1")),
        ];
        assert_eq!(double_bookings(&good), Vec::<String>::new());
        for bad in [
            vec![order("a", 1, "n1", Some("n1"))],
            vec![order("a", 1, "n1", Some("n2")), order("b", 1, "n2", None)],
            vec![
                order("a", 1, "n1", Some("n2")),
                order("b", 1, "n3", Some("n2")),
            ],
            vec![order("a", 1, "n1", None), order("b", 1, "n1", None)],
        ] {
            assert_eq!(double_bookings(&bad).len(), 1, "{bad:?}");
        }
    }

    #[test]
    fn a_visit_serves_one_order() {
        let mut other = order("b", 2, "n2", None);
        other["visit"]["visit_id"] = json!("a");
        assert_eq!(
            double_bookings(&[order("a", 1, "n1", None), other]).len(),
            1
        );
    }
}
