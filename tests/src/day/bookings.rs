//! Who was booked for what: read off the answers, not trusted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use jiahu::domain::travel::TravelRules;
use serde_json::Value;

/// A nurse's visit as planned.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Stay<'a> {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    order: &'a str,
    taken: Option<Taken>,
}

/// When a visit began and ceased to take her time. Of a second nurse the answers do not say it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    accepted: DateTime<Utc>,
    finished: Option<DateTime<Utc>>,
}

impl Stay<'_> {
    /// Whether both took her time when the later of them was accepted: then the buffers of both had to fit between them.
    fn taken_with(&self, other: &Self) -> bool {
        let (Some(one), Some(other)) = (self.taken, other.taken) else {
            return false;
        };
        let accepted = one.accepted.max(other.accepted);
        let still = |taken: Taken| taken.finished.is_none_or(|finished| finished > accepted);
        still(one) && still(other)
    }
}

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

/// Nurses who have two visits at one time, the second ones of visits by two included, or less than the two buffers between two;
/// orders with one nurse on both seats, and visits that serve two orders. The buffer is the shipped one, which the demo runs with.
pub(crate) fn double_bookings(shown: &[Value]) -> Vec<String> {
    let mut by_nurse: BTreeMap<&str, Vec<Stay<'_>>> = BTreeMap::new();
    let mut visits = BTreeSet::new();
    let mut found = Vec::new();
    for order in shown.iter().filter(|order| is_served(order)) {
        let (lead, second) = (&order["visit"], &order["visit"]["second"]);
        let time = |name: &str| serde_json::from_value::<DateTime<Utc>>(lead[name].clone()).ok();
        let taken = time("accepted_at").map(|accepted| Taken {
            accepted,
            finished: time("finished_at"),
        });
        let (Some(id), Some(from), Some(to)) =
            (order["id"].as_str(), time("starts_at"), time("ends_at"))
        else {
            continue;
        };
        if second.is_object() && lead["nurse_id"] == second["nurse_id"] {
            found.push(format!("order {id} has one nurse on both seats"));
        }
        let seats = [(lead, taken), (second, None)];
        for (visit, taken) in seats.into_iter().filter(|(visit, _)| visit.is_object()) {
            if !visits.insert(visit["visit_id"].as_str()) {
                found.push(format!("a visit of order {id} serves two orders"));
            }
            let nurse = visit["nurse_id"].as_str().unwrap_or_default();
            by_nurse.entry(nurse).or_default().push(Stay {
                from,
                to,
                order: id,
                taken,
            });
        }
    }
    let buffers = TimeDelta::minutes(2 * i64::from(TravelRules::default().buffer_min));
    for (nurse, mut visits) in by_nurse {
        visits.sort();
        for pair in visits.windows(2) {
            let (one, next) = (&pair[0], &pair[1]);
            let orders = format!("nurse {nurse} has {} and {}", one.order, next.order);
            if one.order == next.order {
                continue;
            }
            if next.from < one.to {
                found.push(format!("{orders} at one time"));
            } else if next.from < one.to + buffers && one.taken_with(next) {
                found.push(format!("{orders} without the buffers between them"));
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

    /// One at 1:00 to 1:40 and one after it, so many minutes later; the first accepted at midnight.
    fn pair(gap: i64, accepted: &str, finished: Option<&str>) -> [Value; 2] {
        let (mut one, mut next) = (order("a", 1, "n1", None), order("b", 2, "n1", None));
        let to: DateTime<Utc> = "2026-03-02T01:40:00Z".parse().expect("a time");
        one["visit"]["accepted_at"] = json!("2026-03-02T00:00:00Z");
        one["visit"]["finished_at"] = json!(finished);
        next["visit"]["accepted_at"] = json!(accepted);
        next["visit"]["starts_at"] = json!(to + TimeDelta::minutes(gap));
        [one, next]
    }

    #[test]
    fn the_buffers_lie_between_visits_that_were_taken_together() {
        let before = "2026-03-02T00:30:00Z";
        let (early, late) = ("2026-03-02T01:20:00Z", "2026-03-02T01:30:00Z");
        for (gap, accepted, finished, bad) in [
            (30, before, None, 0),
            (29, before, None, 1),
            (29, before, Some(early), 1),
            // Given to her when she was through with the one before, sooner than planned.
            (29, late, Some(early), 0),
            (-1, late, Some(early), 1),
        ] {
            let found = double_bookings(&pair(gap, accepted, finished));
            assert_eq!(found.len(), bad, "{gap} {accepted} {finished:?}: {found:?}");
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
