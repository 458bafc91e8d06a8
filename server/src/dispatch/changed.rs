//! What a change of a patient's record asks of the orders whose procedure has not begun (R6, R10, R11). They were judged as
//! they were booked; when more is asked now, the desk decides: it moves the order, which judges it anew, or calls it off.

use chrono::{DateTime, Utc};
use entity::care_order;
use entity::enums::{AlertKind, Sex};
use entity::ids::AccountId;
use entity::patient;

use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::screening::{Finding, hard_on_record};
use crate::domain::visit_rules::Gates;
use crate::error::Result;
use crate::rules::RuleBook;
use crate::store;

/// What is said when the patient has another sex than was known, and only nurses of it may come.
const OTHER_SEX: &str = "患者性别已更正,须由同性护士上门";

/// What an order hangs on, as the record stands.
#[derive(Debug)]
pub struct Standing {
    order: care_order::Model,
    gates: Gates,
    /// Of which the nurse has to be, where that is asked.
    sex: Option<Sex>,
    against: Vec<Finding>,
}

impl Standing {
    /// What is asked of it that was not asked before, in words; none when nothing is.
    fn more_than(&self, before: &Self) -> Option<String> {
        let new = |one: &&Finding| !before.against.contains(one);
        let against: Vec<_> = self.against.iter().filter(new).collect();
        let more = self.gates.asks_more_than(&before.gates);
        let other_sex = matches!((before.sex, self.sex), (Some(was), Some(is)) if was != is);
        if against.is_empty() && !more && !other_sex {
            return None;
        }
        let known = &before.gates.reasons;
        let reasons = self.gates.reasons.iter();
        let reasons = reasons.filter(|one| more && !known.contains(one));
        let reasons = reasons.map(|one| one.name.zh.as_str());
        let reasons = reasons.chain(other_sex.then_some(OTHER_SEX));
        let advice = against.iter().map(|one| one.advice.zh.as_str());
        Some(reasons.chain(advice).collect::<Vec<_>>().join("\n"))
    }
}

/// How the orders of a patient stand whose procedure has not begun.
pub async fn standings(tx: &Tx, app: &App, patient: &patient::Model) -> Result<Vec<Standing>> {
    let (community, now) = (patient.community_id, app.now());
    let mut standings = Vec::new();
    for order in store::order::unbegun_of_patient(&**tx, community, patient.id).await? {
        standings.push(standing(tx, app, patient, order, now).await?);
    }
    Ok(standings)
}

async fn standing(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    order: care_order::Model,
    now: DateTime<Utc>,
) -> Result<Standing> {
    let (db, community) = (&**tx, order.community_id);
    let start = order.window_start.max(now);
    let rules = RuleBook::at(db, app, community, now).await?.visit_rules;
    let catalogue = crate::rules::catalogue(db, app, community, order.catalogue_version).await?;
    let codes = store::matching::item_codes(db, community, order.id).await?;
    let items: Vec<_> = codes
        .iter()
        .filter_map(|code| catalogue.item(code))
        .collect();
    let by = (&*catalogue, &*rules);
    let gates = store::gates::judge(tx, app, by, &order, (start, now)).await?;
    let facts = store::patient::screening_facts(db, app, patient, local_date(start)).await?;
    let same_sex = gates.requires_same_sex() || store::gates::of(&order)?.requires_same_sex();
    Ok(Standing {
        against: hard_on_record(&catalogue, &items, &facts),
        sex: same_sex.then_some(patient.sex),
        order,
        gates,
    })
}

/// Calls the desk for each order of which more is asked than before the change, and its nurse.
pub async fn tell_changed(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    before: &[Standing],
    by: AccountId,
) -> Result<()> {
    if before.is_empty() {
        return Ok(());
    }
    for now in standings(tx, app, patient).await? {
        let earlier = before.iter().find(|one| one.order.id == now.order.id);
        let Some(detail) = earlier.and_then(|earlier| now.more_than(earlier)) else {
            continue;
        };
        let severity = store::alert::urgency(&now.order);
        let what = (AlertKind::GatesChanged, severity, detail.as_str());
        store::alert::call(tx, app, &now.order, what, (Some(by), app.now())).await?;
    }
    Ok(())
}
