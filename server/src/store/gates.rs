//! What the table of visit rules asks of an order.

use chrono::{DateTime, Utc};
use entity::care_order;

use super::{address, health_fact, matching};
use crate::app::App;
use crate::db::Tx;
use crate::domain::catalogue::Catalogue;
use crate::domain::visit_rules::{Case, Gates, VisitRules, planned};
use crate::error::{Error, Result};

/// What an order needs by the table of visit rules when it begins at `start`, by the record as it stood at `at`. Four
/// statements.
pub async fn judge(
    tx: &Tx,
    app: &App,
    (catalogue, rules): (&Catalogue, &VisitRules),
    order: &care_order::Model,
    (start, at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Gates> {
    let db = &**tx;
    let codes = matching::item_codes(db, order.community_id, order.id).await?;
    let items: Vec<_> = codes
        .iter()
        .filter_map(|code| catalogue.item(code))
        .collect();
    let patient = matching::patient(db, order.community_id, order.patient_id).await?;
    let address = address::of_order(db, order).await?;
    let of = (order.community_id, order.patient_id);
    let conditions = health_fact::condition_codes(db, app, of, at).await?;
    Ok(rules.judge(&Case {
        items: &items,
        conditions: &conditions,
        wants_same_sex: patient.wants_same_sex(at),
        span: planned(start, order.duration_min.unsigned_abs()),
        area: address.township_code.as_deref(),
    }))
}

/// What an order needs, as it was found when it was booked or moved.
pub fn of(order: &care_order::Model) -> Result<Gates> {
    serde_json::from_value(order.gates.clone()).map_err(Error::internal)
}
