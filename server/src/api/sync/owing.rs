//! What a nurse still owes of visits that were broken off: they stay on her phone until then.

use std::collections::BTreeSet;

use entity::enums::OrderState;
use entity::ids::{CommunityId, VisitId};

use crate::api::visits::Ordered;
use crate::app::App;
use crate::db::Tx;
use crate::domain::steps::{owes_record, owes_waste};
use crate::error::Result;
use crate::store;
use crate::store::visit_rows::Pair;

/// Those of these visits that were broken off after the begin, and whose record is not signed or whose waste is not back.
/// Three statements when there are such visits, else none.
pub(super) async fn owing(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    visits: &[Pair],
) -> Result<BTreeSet<VisitId>> {
    let broken_off =
        |(visit, order): &&Pair| order.state == OrderState::Aborted && visit.started_at.is_some();
    let visits: Vec<_> = visits.iter().filter(broken_off).collect();
    let mut owing = BTreeSet::new();
    if visits.is_empty() {
        return Ok(owing);
    }
    let db = &**tx;
    let ids: Vec<_> = visits.iter().map(|(visit, _)| visit.id).collect();
    let orders: Vec<_> = visits.iter().map(|(_, order)| order.id).collect();
    let signed = store::record::signed_of(db, community, &ids).await?;
    let returned = store::record::returned_of(db, community, &ids).await?;
    let items = store::order::items_of(db, community, &orders).await?;
    for (visit, order) in visits {
        let rows = items.get(&order.id).into_iter().flatten();
        let codes = rows.map(|row| row.item_code.clone()).collect();
        let makes_waste = Ordered::read(db, app, order, codes).await?.makes_waste();
        let (signed, returned) = (signed.contains(&visit.id), returned.contains(&visit.id));
        if owes_record(order.state, true, signed)
            || owes_waste(order.state, true, makes_waste, returned)
        {
            owing.insert(visit.id);
        }
    }
    Ok(owing)
}
