//! Certificates count when somebody else has verified them, within their days, until revoked.

use entity::enums::Role;
use jiahu::store;
use jiahu_tests::harness::{Town, fresh_key};
use jiahu_tests::on_both;
use serde_json::json;

use super::{Roster, certificate, events, id, reach, weight};

on_both! {
    async fn a_certificate_is_added_verified_and_revoked(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}/certifications", id(&nurse));
        let key = fresh_key();
        let paper = client.post_with_key(&path, certificate("IV", "IV-1"), &key).await.expect(201);
        assert_eq!(client.post_with_key(&path, certificate("IV", "IV-1"), &key).await.expect(201), paper);
        assert_eq!((&paper["state"], &paper["verified_by"]), (&json!("unverified"), &json!(null)));
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, ["N5"]);

        let verify = format!("/v1/certifications/{}/verify", id(&paper));
        let verified = client.post(&verify, json!({})).await.expect(200);
        assert_eq!(verified["state"], "in_force");
        assert_eq!(verified["verified_by"], json!(cast.supervisor.account));
        assert_eq!(verified["verified_at"], json!(server.now()));
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, ["IV", "N5"]);
        // Who verified first stays.
        let again = cast.centre_supervisor.client.post(&verify, json!({})).await.expect(200);
        assert_eq!(again, verified);

        let revoke = format!("/v1/certifications/{}/revoke", id(&paper));
        let problem = client.post(&revoke, json!({"reason": " "})).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "text_length");
        let revoked = client.post(&revoke, json!({"reason": "证书系伪造"})).await.expect(200);
        assert_eq!((&revoked["state"], &revoked["revoke_reason"]), (&json!("revoked"), &json!("证书系伪造")));
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, ["N5"]);
        client.post(&revoke, json!({"reason": "again"})).await.problem(409, "certificate_revoked");
        client.post(&verify, json!({})).await.problem(409, "certificate_revoked");
        let trail = events(&server, &cast.town, id(&nurse)).await;
        assert_eq!(trail, ["nurse.added", "certification.added", "certification.verified", "certification.revoked"]);
        let (_, broken) = store::event::verify_all(server.app.db.reader(), &server.app).await.expect("a walk");
        assert_eq!(broken, vec![]);
    }

    async fn bad_certificates_change_nothing(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}/certifications", id(&nurse));
        cast.paper(id(&nurse), "IV", "IV-1").await;
        let before = weight(&server, &cast.town).await;
        for (field, value, code) in [
            ("kind", "PICC", "certificate_unknown"),
            ("kind", "N5", "certificate_unknown"),
            ("valid_to", "2023-12-31", "date_order"),
            ("valid_to", "2126-12-31", "date_range"),
            ("valid_from", "2024-13-01", "date_invalid"),
            ("number", "", "text_length"),
            ("issuer", "a\u{0}b", "text_control_character"),
        ] {
            let mut body = certificate("IV", "IV-2");
            body[field] = json!(value);
            let problem = client.post(&path, body).await.problem(422, "invalid_request");
            let error = &problem["errors"][0];
            assert_eq!((error["field"].as_str(), error["code"].as_str()), (Some(field), Some(code)));
        }
        client.post(&path, certificate("IV", "IV-1")).await.problem(409, "code_taken");
        assert_eq!(weight(&server, &cast.town).await, before);
    }

    async fn a_renewal_stands_beside_the_old_one_and_a_revoked_one_can_be_entered_anew(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}/certifications", id(&nurse));
        let old = cast.paper(id(&nurse), "IV", "IV-1").await;
        cast.verify(&old).await;
        let mut renewal = certificate("IV", "IV-1");
        renewal["valid_from"] = json!("2027-01-01");
        renewal["valid_to"] = json!("2029-12-31");
        let renewal = client.post(&path, renewal).await.expect(201);
        assert_eq!(cast.verify(id(&renewal)).await["state"], "not_yet_valid");
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, ["IV", "N5"]);
        let revoke = format!("/v1/certifications/{old}/revoke");
        client.post(&revoke, json!({"reason": "typed wrongly"})).await.expect(200);
        client.post(&path, certificate("IV", "IV-1")).await.expect(201);
    }

    async fn days_decide_what_counts(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let path = format!("/v1/nurses/{}/certifications", id(&nurse));
        let mut body = certificate("IV", "IV-1");
        body["valid_to"] = json!("2026-03-02");
        let paper = client.post(&path, body).await.expect(201);
        cast.verify(id(&paper)).await;
        assert_eq!(client.get("/v1/nurses?certificate=IV").await.expect(200)["items"][0]["id"], nurse["id"]);
        // The last day ends at midnight in Shanghai: fifteen hours after the test's morning.
        server.advance(chrono::TimeDelta::hours(15)).await;
        assert_eq!(client.get("/v1/nurses?certificate=IV").await.expect(200)["items"], json!([]));
        let read = client.get(&format!("/v1/nurses/{}", id(&nurse))).await.expect(200);
        assert_eq!(read["certifications"][0]["state"], "expired");
    }

    async fn nobody_verifies_their_own(server: TestServer) {
        let cast = Roster::build(&server).await;
        let both = cast.town.person(&server, "13900000001", Role::Nurse, Some(cast.town.centre)).await;
        jiahu::in_write!(server.app.db, "test_grant", |tx| {
            let at = Some(cast.town.centre);
            store::account::grant(tx, &server.app, cast.town.community, both.account, Role::Supervisor, at, None).await
        })
        .expect("a second role");
        let nurse = cast.nurse(cast.town.centre, "N001").await;
        let link = json!({"account_id": both.account});
        cast.supervisor.client.patch(&format!("/v1/nurses/{}", id(&nurse)), "\"v1\"", link).await.expect(200);
        let own = cast.paper(id(&nurse), "IV", "IV-1").await;
        both.client.post(&format!("/v1/certifications/{own}/verify"), json!({})).await.problem(403, "certificate_own");
        assert_eq!(reach(&server, &cast.town, id(&nurse)).await, ["N5"]);
        let colleague = cast.nurse(cast.town.centre, "N002").await;
        let theirs = cast.paper(id(&colleague), "IV", "IV-2").await;
        both.client.post(&format!("/v1/certifications/{theirs}/verify"), json!({})).await.expect(200);
    }

    async fn certificates_of_others_are_out_of_sight(server: TestServer) {
        let cast = Roster::build(&server).await;
        let nurse = cast.nurse(cast.town.other_centre, "N001").await;
        let paper = cast.paper(id(&nurse), "IV", "IV-1").await;
        let add = format!("/v1/nurses/{}/certifications", id(&nurse));
        let (verify, revoke) = (format!("/v1/certifications/{paper}/verify"), format!("/v1/certifications/{paper}/revoke"));
        let other = Town::build(&server, "130999").await;
        let stranger = other.person(&server, "13800000001", Role::Supervisor, Some(other.hospital)).await;
        for client in [&cast.centre_supervisor.client, &stranger.client] {
            client.post(&add, certificate("UC", "UC-1")).await.problem(404, "not_found");
            client.post(&verify, json!({})).await.problem(404, "not_found");
            client.post(&revoke, json!({"reason": "no"})).await.problem(404, "not_found");
        }
        let client = &cast.coordinator.client;
        client.post(&add, certificate("UC", "UC-1")).await.problem(403, "forbidden");
        client.post(&verify, json!({})).await.problem(403, "forbidden");
        client.post(&revoke, json!({"reason": "no"})).await.problem(403, "forbidden");
    }
}
