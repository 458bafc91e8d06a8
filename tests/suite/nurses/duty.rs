//! Duty windows and leave.

use jiahu_tests::harness::fresh_key;
use jiahu_tests::on_both;
use serde_json::json;

use super::{Roster, events, id, weight};

on_both! {
    async fn duty_windows_are_replaced_as_a_whole(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}/duty", id(&nurse));
        let week = json!({"windows": [
            {"weekday": 2, "from": "18:00", "to": "24:00"},
            {"weekday": 1, "from": "13:00", "to": "17:30"},
            {"weekday": 1, "from": "08:00", "to": "13:00"},
        ]});
        client.put(&path, week.clone()).await.problem(428, "precondition_required");
        let set = client.put_if(&path, "\"v1\"", week.clone()).await;
        assert_eq!(set.etag(), "\"v2\"");
        assert_eq!(set.expect(200)["duty"], json!([
            {"weekday": 1, "from": "08:00", "to": "13:00"},
            {"weekday": 1, "from": "13:00", "to": "17:30"},
            {"weekday": 2, "from": "18:00", "to": "24:00"},
        ]));
        client.put_if(&path, "\"v1\"", week).await.problem(412, "precondition_failed");
        let set = client.put_if(&path, "\"v2\"", json!({"windows": []})).await.expect(200);
        assert_eq!(set["duty"], json!([]));
        let trail = events(&server, &cast.town, id(&nurse)).await;
        assert_eq!(trail, ["nurse.added", "nurse.duty_changed", "nurse.duty_changed"]);
    }

    async fn bad_duty_windows_change_nothing(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}/duty", id(&nurse));
        let before = weight(&server, &cast.town).await;
        let good = json!({"weekday": 1, "from": "08:00", "to": "12:00"});
        for (second, field, code) in [
            (json!({"weekday": 1, "from": "11:59", "to": "13:00"}), "windows[1]", "duty_overlap"),
            (json!({"weekday": 1, "from": "14:00", "to": "13:00"}), "windows[1]", "date_order"),
            (json!({"weekday": 8, "from": "08:00", "to": "13:00"}), "windows[1]", "number_range"),
            (json!({"weekday": 2, "from": "08:00", "to": "24:30"}), "windows[1].to", "field_invalid"),
            (json!({"weekday": 2, "from": "8:00", "to": "12:00"}), "windows[1].from", "text_length"),
        ] {
            let week = json!({"windows": [good.clone(), second]});
            let problem = client.put_if(&path, "\"v1\"", week).await.problem(422, "invalid_request");
            let error = &problem["errors"][0];
            assert_eq!((error["field"].as_str(), error["code"].as_str()), (Some(field), Some(code)), "{problem:#}");
        }
        cast.coordinator.client.put_if(&path, "\"v1\"", json!({"windows": []})).await.problem(403, "forbidden");
        assert_eq!(weight(&server, &cast.town).await, before);
    }

    async fn leave_is_added_once_listed_and_removed(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}/leave", id(&nurse));
        let leave = json!({"kind": "night_shift", "starts_at": "2026-03-05T12:00:00Z", "ends_at": "2026-03-06T00:00:00Z", "note": "外科"});
        let key = fresh_key();
        let added = client.post_with_key(&path, leave.clone(), &key).await;
        let location = added.headers["location"].to_str().expect("ASCII").to_owned();
        let added = added.expect(201);
        assert_eq!(client.post_with_key(&path, leave.clone(), &key).await.expect(201), added);
        client.post(&path, json!({"kind": "leave", "starts_at": "2026-04-01T00:00:00Z", "ends_at": "2026-04-03T00:00:00Z"})).await.expect(201);

        let page = cast.coordinator.client.get(&path).await.expect(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(page["items"][1], added);
        assert_eq!(page["items"][0]["note"], json!(null));
        let page = client.get(&format!("{path}?limit=1")).await.expect(200);
        let cursor = page["next_cursor"].as_str().expect("more");
        let page = client.get(&format!("{path}?limit=1&cursor={cursor}")).await.expect(200);
        assert_eq!((&page["items"][0], &page["next_cursor"]), (&added, &json!(null)));

        client.delete(&location).await.expect(204);
        client.delete(&location).await.problem(404, "not_found");
        cast.coordinator.client.delete(&location).await.problem(403, "forbidden");
        let trail = events(&server, &cast.town, id(&nurse)).await;
        assert_eq!(trail, ["nurse.added", "nurse.leave_added", "nurse.leave_added", "nurse.leave_removed"]);
    }

    async fn impossible_leave_is_refused(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}/leave", id(&nurse));
        let before = weight(&server, &cast.town).await;
        for (from, to) in [
            ("2026-03-05T12:00:00Z", "2026-03-05T12:00:00Z"),
            ("2026-03-06T12:00:00Z", "2026-03-05T12:00:00Z"),
            ("2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"),
            ("2026-04-01T00:00:00Z", "2028-04-01T00:00:00Z"),
        ] {
            let leave = json!({"kind": "leave", "starts_at": from, "ends_at": to});
            let problem = client.post(&path, leave).await.problem(422, "invalid_request");
            assert_eq!(problem["errors"][0]["code"], "leave_invalid");
        }
        let leave = json!({"kind": "holiday", "starts_at": "2026-04-01T00:00:00Z", "ends_at": "2026-04-02T00:00:00Z"});
        client.post(&path, leave).await.problem(422, "invalid_request");
        assert_eq!(weight(&server, &cast.town).await, before);
    }
}
