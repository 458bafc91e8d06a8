//! What the service has to have kept of a nurse's day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entity::enums::SyncResult;
use entity::ids::VisitId;
use entity::{sos_alarm, sync_action, visit};
use jiahu::store;
use jiahu_tests::harness::Client;
use jiahu_tests::phone::{Heard, Kept};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::crew::{County, Player, Tally};

/// By how much the time of an act may be off: what counts as a right clock, and the delay of a late batch.
const OFF: TimeDelta = TimeDelta::minutes(10);

/// Which event an act leaves on the order.
const EVENTS: &[(&str, &str)] = &[
    ("depart", "visit.departed"),
    ("arrive", "visit.arrived"),
    ("identity", "visit.identity_checked"),
    ("consent", "consent.given"),
    ("screening", "visit.screened"),
    ("start", "visit.started"),
    ("record", "visit.recorded"),
    ("finish", "visit.finished"),
    ("sign", "visit.signed"),
    ("waste", "visit.waste_returned"),
    ("close", "visit.closed"),
    ("sos", "sos.raised"),
];

/// Holds what the service keeps of a nurse's day against what she did; gives what has to be seen in the work lists.
pub(super) async fn check(county: &County, player: &Player, tally: &mut Tally) -> BTreeSet<String> {
    let db = county.server.app.db.reader();
    let community = county.scene.town.community;
    let ids = player
        .visits
        .iter()
        .map(|(visit, _)| visit.parse::<VisitId>().expect("an id"));
    let rows = sync_action::Entity::find()
        .filter(sync_action::Column::CommunityId.eq(community))
        .filter(sync_action::Column::NurseId.eq(player.nurse.id))
        .filter(sync_action::Column::VisitId.is_in(ids))
        .all(db)
        .await
        .expect("the acts");
    let by_id: BTreeMap<String, &sync_action::Model> =
        rows.iter().map(|row| (row.id.to_string(), row)).collect();
    assert_eq!(
        rows.len(),
        player.phone.kept().len(),
        "as many acts are kept as were done"
    );
    let mut open = BTreeSet::new();
    for one in player.phone.kept() {
        let row = by_id.get(&one.id.to_string());
        let row = row.unwrap_or_else(|| panic!("{one:?} is lost"));
        let heard = match (&one.heard, row.result) {
            (Heard::Applied, SyncResult::Applied) | (Heard::Held, SyncResult::Held) => true,
            (Heard::Refused(code), SyncResult::Refused) => row.code.as_ref() == Some(code),
            _ => false,
        };
        assert!(heard, "the phone heard {:?}, kept is {row:?}", one.heard);
        tally.acts += 1;
        match row.result {
            SyncResult::Applied => tally.applied += 1,
            SyncResult::Held => tally.held += 1,
            _ => tally.refused += 1,
        }
        if row.result != SyncResult::Applied && row.settled_at.is_none() {
            open.insert(one.id.to_string());
        } else if row.result != SyncResult::Applied {
            let settled = player.settled.contains(&one.id.to_string());
            assert!(
                one.replaced || settled,
                "{one:?} left the work list by itself"
            );
        }
        if row.result == SyncResult::Applied && !player.clock_was_set {
            let off = (row.at - one.at).abs();
            assert!(off <= OFF, "{one:?} counts as of {}", row.at);
        }
    }
    for (visit, order) in &player.visits {
        let trail = store::event::of_order(db, community, *order)
            .await
            .expect("a trail");
        for (act, kind) in EVENTS {
            let mine = |one: &&Kept| one.visit == *visit && one.kind == *act;
            let applied = player.phone.kept().iter().filter(mine);
            let applied = applied.filter(|one| one.heard == Heard::Applied).count();
            let happened = trail.iter().filter(|event| event.kind == *kind).count();
            assert_eq!(happened, applied, "{act} of {visit}");
            assert!(
                happened <= county.consents.len().max(1),
                "{act} of {visit} happened twice"
            );
        }
        check_visit(county, player, visit).await;
        check_alarm(county, player, visit).await;
    }
    open
}

/// A visit that went through is whole; one that was taken away is untouched.
async fn check_visit(county: &County, player: &Player, id: &str) {
    let db = county.server.app.db.reader();
    let community = county.scene.town.community;
    let id: VisitId = id.parse().expect("an id");
    let row = visit::Entity::find_by_id((community, id)).one(db).await;
    let row = row.expect("a visit").expect("a visit");
    let taken = player.taken.contains(&id.to_string());
    assert_eq!(row.released_at.is_some(), taken);
    assert!(!taken || row.departed_at.is_none());
    let mine = player
        .phone
        .kept()
        .iter()
        .filter(|one| one.visit == id.to_string());
    let applied = |one: &&Kept| one.heard == Heard::Applied;
    let closed = mine.clone().filter(applied).any(|one| one.kind == "close");
    assert_eq!(row.closed_at.is_some(), closed);
    let whole = mine
        .clone()
        .all(|one| one.heard == Heard::Applied || one.replaced);
    assert!(!whole || closed, "{:?}", mine.collect::<Vec<_>>());
    // What a person settled did not take place, and nothing else is missing.
    let settled = |one: &Kept| player.settled.contains(&one.id.to_string());
    let whole = mine
        .clone()
        .all(|one| one.heard == Heard::Applied || one.replaced || settled(one));
    assert!(whole || !closed, "{:?}", mine.collect::<Vec<_>>());
}

/// A call for help is one alarm, whatever became of the acts around it.
async fn check_alarm(county: &County, player: &Player, visit: &str) {
    let id: VisitId = visit.parse().expect("an id");
    let alarms = sos_alarm::Entity::find()
        .filter(sos_alarm::Column::CommunityId.eq(county.scene.town.community))
        .filter(sos_alarm::Column::VisitId.eq(id))
        .all(county.server.app.db.reader())
        .await
        .expect("the alarms");
    let pressed: Vec<_> = alarms.iter().map(|alarm| alarm.pressed).collect();
    let expected = if player.pressed.contains(visit) {
        vec![1]
    } else {
        Vec::new()
    };
    assert_eq!(pressed, expected, "alarms of {visit}");
}

/// What a work list shows, all of its pages.
pub(super) async fn work_list(client: &Client) -> BTreeSet<String> {
    let (client, mut found, mut cursor) = (client.unchecked(), BTreeSet::new(), String::new());
    loop {
        let path = format!("/v1/work-items?limit=100{cursor}");
        let page = client.get(&path).await.expect(200);
        let items = page["items"].as_array().expect("a list");
        found.extend(
            items
                .iter()
                .filter_map(|item| item["id"].as_str().map(str::to_owned)),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}
