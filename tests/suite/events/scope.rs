//! Everybody hears of what is theirs, and of nothing else.

use entity::enums::Role;
use jiahu::domain::event::EventKind;
use jiahu::{in_write, store};
use jiahu_tests::harness::Town;
use jiahu_tests::on_both;
use serde_json::Value;

use super::helpers::{Order, Scene, account_event, care_for, nurse, patient};

on_both! {
    async fn a_family_hears_of_its_patient_only_and_never_of_offers(server: TestServer) {
        let scene = Scene::build(&server).await;
        let mut mine = scene.family.client.listen(None).await;
        let mut theirs = scene.stranger.client.listen(None).await;
        scene.happen(&server, &[EventKind::OrderSubmitted, EventKind::OfferMade]).await;
        scene.other_order.happens(&server, &scene.town, EventKind::OrderCancelled).await;
        scene.happen(&server, &[EventKind::OrderAccepted]).await;
        assert_eq!(mine.kinds(2).await, ["order.submitted", "order.accepted"]);
        let event = theirs.next().await;
        assert_eq!(event["kind"], "order.cancelled");
        assert!(scene.other_order.is_subject(&event));
    }

    async fn staff_hear_of_their_institutions(server: TestServer) {
        let scene = Scene::build(&server).await;
        let town = &scene.town;
        let elsewhere = town.person(&server, "13800000004", Role::Coordinator, Some(town.other_centre)).await;
        let lead = town.person(&server, "13800000005", Role::Supervisor, Some(town.hospital)).await;
        let far = patient(&server, town, town.other_centre, &scene.stranger).await;
        let far = Order::of(&server, far, town.other_centre);
        let mut here = scene.coordinator.client.listen(None).await;
        let mut there = elsewhere.client.listen(None).await;
        let mut both = lead.client.listen(None).await;
        scene.happen(&server, &[EventKind::OrderSubmitted, EventKind::DispatchWidened]).await;
        far.happens(&server, town, EventKind::OrderExpired).await;
        assert_eq!(here.kinds(2).await, ["order.submitted", "dispatch.widened"]);
        assert_eq!(there.kinds(1).await, ["order.expired"]);
        assert_eq!(both.kinds(3).await, ["order.submitted", "dispatch.widened", "order.expired"]);
    }

    async fn a_nurse_hears_of_what_names_her_and_families_do_not_learn_who_she_is(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (anna, id) = nurse(&server, &scene.town, "13800000006").await;
        let (bea, other) = nurse(&server, &scene.town, "13800000007").await;
        let named = Order { nurse: Some(id), ..scene.order };
        let mut hers = anna.client.listen(None).await;
        let mut not_hers = bea.client.listen(None).await;
        let mut family = scene.family.client.listen(None).await;
        let mut desk = scene.coordinator.client.listen(None).await;
        scene.happen(&server, &[EventKind::OrderSubmitted]).await;
        named.happens(&server, &scene.town, EventKind::OfferMade).await;
        named.happens(&server, &scene.town, EventKind::OrderAccepted).await;
        let sign = Order { nurse: Some(other), ..scene.other_order };
        sign.happens(&server, &scene.town, EventKind::OfferMade).await;
        assert_eq!(hers.kinds(2).await, ["offer.made", "order.accepted"]);
        let event = not_hers.next().await;
        assert!(sign.is_subject(&event), "{event:#}");
        assert_eq!(event["nurse_id"], other.to_string());
        assert_eq!(family.next().await["kind"], "order.submitted");
        let accepted = family.next().await;
        assert_eq!(accepted["kind"], "order.accepted");
        assert!(accepted["nurse_id"].is_null(), "{accepted:#}");
        assert_eq!(desk.kinds(2).await, ["order.submitted", "offer.made"]);
        assert_eq!(desk.next().await["nurse_id"], id.to_string());
    }

    async fn nothing_crosses_communities(server: TestServer) {
        let scene = Scene::build(&server).await;
        let away = Town::build(&server, "130432").await;
        let lead = away.person(&server, "13800000001", Role::Supervisor, Some(away.hospital)).await;
        let family = away.person(&server, "13800000002", Role::Family, None).await;
        let their_patient = patient(&server, &away, away.centre, &family).await;
        let sign = Order::of(&server, their_patient, away.centre);
        let mut desk = lead.client.listen(None).await;
        let mut theirs = family.client.listen(None).await;
        scene.happen(&server, &[EventKind::OrderSubmitted, EventKind::OrderAccepted]).await;
        sign.happens(&server, &away, EventKind::OrderCancelled).await;
        assert!(sign.is_subject(&desk.next().await));
        assert!(sign.is_subject(&theirs.next().await));
    }

    async fn a_new_carer_hears_at_once_and_a_former_one_no_more(server: TestServer) {
        let scene = Scene::build(&server).await;
        let (town, order) = (&scene.town, scene.order);
        let mut old = scene.family.client.listen(None).await;
        let mut new = scene.stranger.client.listen(None).await;
        scene.happen(&server, &[EventKind::OrderSubmitted]).await;
        assert_eq!(old.kinds(1).await, ["order.submitted"]);
        // Her stream is past what happened before she cared for him.
        scene.other_order.happens(&server, town, EventKind::OrderCancelled).await;
        assert_eq!(new.kinds(1).await, ["order.cancelled"]);
        care_for(&server, town, order.patient, scene.stranger.account).await;
        scene.happen(&server, &[EventKind::CarerAdded, EventKind::OrderApproved]).await;
        assert_eq!(new.kinds(1).await, ["order.approved"]);
        assert_eq!(old.kinds(1).await, ["order.approved"]);
        in_write!(server.app.db, "test_carer", |tx| {
            let sql = "UPDATE carer SET ended_at = $1 WHERE account_id = $2";
            let values = [server.now().into(), scene.family.account.into()];
            Ok(store::sql::change(tx, sql, values).await?)
        }).expect("ended");
        scene.happen(&server, &[EventKind::CarerEnded, EventKind::OrderAccepted]).await;
        assert_eq!(new.kinds(1).await, ["order.accepted"]);
        let theirs = patient(&server, town, town.centre, &scene.family).await;
        let sign = Order::of(&server, theirs, town.centre);
        sign.happens(&server, town, EventKind::PatientRegistered).await;
        sign.happens(&server, town, EventKind::OrderCancelled).await;
        assert!(sign.is_subject(&old.next().await));
    }

    async fn a_stream_ends_with_its_session_and_with_its_role(server: TestServer) {
        let scene = Scene::build(&server).await;
        let listening = scene.family.client.listen(None).await;
        let sessions = scene.family.client.get("/v1/me/sessions").await.expect(200);
        let session = sessions["items"][0]["id"].as_str().expect("an id");
        scene.family.client.delete(&format!("/v1/me/sessions/{session}")).await.expect(204);
        listening.end().await;
        scene.family.client.get("/v1/events").await.problem(401, "session_ended");

        let listening = scene.stranger.client.listen(None).await;
        scene.stranger.client.post("/v1/auth/logout", Value::Null).await.expect(204);
        listening.end().await;

        let desk = scene.coordinator.client.listen(None).await;
        let account = scene.coordinator.account;
        in_write!(server.app.db, "test_roles", |tx| {
            let sql = "DELETE FROM role_grant WHERE account_id = $1";
            Ok(store::sql::change(tx, sql, [account.into()]).await?)
        }).expect("taken");
        account_event(&server, &scene.town, account, EventKind::RolesChanged).await;
        desk.end().await;
        scene.coordinator.client.get("/v1/events").await.problem(403, "forbidden");
    }
}
