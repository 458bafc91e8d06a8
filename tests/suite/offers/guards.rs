//! The database itself takes no change of a row that brings two visits of one nurse, or two bookings of one patient and
//! item, into one time: not by moving one, not by handing it over, not by bringing back one that was over.

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::OrderId;
use jiahu::store::sql;
use jiahu_tests::harness::{NurseSpec, Scene, TestServer};
use jiahu_tests::on_both;
use sea_orm::sea_query::Value;

/// Changes rows behind the back of the rules; what the database said when it refused.
async fn change(server: &TestServer, text: &str, values: &[Value]) -> Option<String> {
    let changed = jiahu::in_write!(server.app.db, "test_change", |tx| {
        Ok(sql::change(tx, text, values.to_vec()).await?)
    });
    match changed {
        Ok(rows) => {
            assert_eq!(rows, 1, "{text}");
            None
        }
        Err(error) => Some(format!("{error:?}")),
    }
}

/// The second one starts a day after the first.
async fn two(server: &TestServer, scene: &Scene) -> [(OrderId, DateTime<Utc>); 2] {
    let start = server.now() + TimeDelta::hours(8);
    let next = start + TimeDelta::days(1);
    [
        (scene.order(server, "UC_CHG", start).await, start),
        (scene.order(server, "UC_CHG", next).await, next),
    ]
}

#[track_caller]
fn assert_refused(refusal: Option<&str>, guard: &str) {
    let refusal = refusal.expect("the database refuses");
    assert!(refusal.contains(guard), "{refusal}");
}

on_both! {
    async fn a_visit_cannot_be_brought_into_the_time_of_another(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurse = scene.nurse(&server, 1, NurseSpec::default()).await;
        let other = scene.nurse(&server, 2, NurseSpec::default()).await;
        let [(first, start), (second, next)] = two(&server, &scene).await;
        scene.accepted_visit(&server, &nurse, first).await;
        scene.accepted_visit(&server, &nurse, second).await;
        let community = scene.town.community;
        let moved = "UPDATE visit SET busy_from = $1, busy_to = $2 WHERE community_id = $3 AND order_id = $4";
        let to = |from: DateTime<Utc>| {
            [from.into(), (from + TimeDelta::minutes(30)).into(), community.into(), second.into()]
        };
        let refusal = change(&server, moved, &to(start)).await;
        assert_refused(refusal.as_deref(), "visit_no_overlap");
        assert_eq!(change(&server, moved, &to(next)).await, None, "its own time is no other's");
        let over = "UPDATE visit SET live = $1 WHERE community_id = $2 AND order_id = $3";
        let live = |live: bool| [live.into(), community.into(), second.into()];
        assert_eq!(change(&server, over, &live(false)).await, None);
        assert_eq!(change(&server, moved, &to(start)).await, None, "what is over takes no time");
        let refusal = change(&server, over, &live(true)).await;
        assert_refused(refusal.as_deref(), "visit_no_overlap");
        let handed = "UPDATE visit SET nurse_id = $1, live = $2 WHERE community_id = $3 AND order_id = $4";
        let hand = |to: &jiahu_tests::harness::SceneNurse| {
            [to.id.into(), true.into(), community.into(), second.into()]
        };
        assert_eq!(change(&server, handed, &hand(&other)).await, None, "another nurse has the time");
        let refusal = change(&server, handed, &hand(&nurse)).await;
        assert_refused(refusal.as_deref(), "visit_no_overlap");
    }

    async fn a_booking_cannot_be_brought_into_the_time_of_another(server: TestServer) {
        let scene = Scene::build(&server).await;
        let [(_, start), (second, _)] = two(&server, &scene).await;
        let community = scene.town.community;
        let moved = "UPDATE order_item SET window_start = $1, window_end = $2 WHERE community_id = $3 AND order_id = $4";
        let to = [start.into(), (start + TimeDelta::minutes(30)).into(), community.into(), second.into()];
        assert_refused(change(&server, moved, &to).await.as_deref(), "order_item_no_duplicate");
        let over = "UPDATE order_item SET live = $1 WHERE community_id = $2 AND order_id = $3";
        let live = |live: bool| [live.into(), community.into(), second.into()];
        assert_eq!(change(&server, over, &live(false)).await, None);
        assert_eq!(change(&server, moved, &to).await, None, "what is over blocks nothing");
        assert_refused(change(&server, over, &live(true)).await.as_deref(), "order_item_no_duplicate");
    }
}
