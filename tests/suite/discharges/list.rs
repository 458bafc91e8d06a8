//! A list of discharges: all of it or nothing.

use jiahu_tests::harness::{Client, Reply, Scene, fresh_key};
use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::json;

use super::id_number;

const HEADINGS: &str = "姓名,身份证号,电话,科室,入院日期,出院日期,诊断编码,随访情况";

fn line(sequence: u32, days: &str, codes: &str) -> String {
    let number = id_number("19520607", sequence);
    format!("周桂芳,{number},13822223333,心内科,{days},{codes},")
}

async fn import(client: &Client, lines: &[String]) -> Reply {
    send(client, "/v1/discharges/import", lines).await
}

async fn send(client: &Client, path: &str, lines: &[String]) -> Reply {
    let request = client
        .request(Method::POST, path)
        .header("content-type", "text/csv")
        .header("idempotency-key", fresh_key())
        .body(format!("{HEADINGS}\n{}\n", lines.join("\n")));
    client.send(request).await
}

on_both! {
    async fn a_list_is_taken_once(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let lines = [
            line(1, "2026-02-20,2026-03-01", "I50.900"),
            line(2, "2026/2/21,2026年3月2日", "I21.9；I10"),
            line(3, "20260222,20260302", "???"),
        ];
        let report = import(client, &lines).await.expect(200);
        assert_eq!((&report["created"], &report["unchanged"]), (&json!(3), &json!(0)));
        assert_eq!(report["rows"][2]["diagnosis_known"], false);
        assert_eq!(report["rows"][2]["line"], 4);
        let again = import(client, &lines).await.expect(200);
        assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(3)));
    }

    async fn a_dry_run_tells_the_same_and_writes_nothing(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let dry = "/v1/discharges/import?dry_run=true";
        let mut lines = vec![
            line(1, "2026-02-20,2026-03-01", "I50.900"),
            line(2, "2026/2/21,2026年3月2日", "I21.9；I10"),
        ];
        import(client, &lines[..1]).await.expect(200);
        let report = send(client, dry, &lines).await.expect(200);
        assert_eq!((&report["dry_run"], &report["created"], &report["unchanged"]), (&json!(true), &json!(1), &json!(1)));
        assert!(report["rows"][0]["discharge_id"].is_string() && report["rows"][1]["discharge_id"].is_null());
        let listed = client.get("/v1/discharges").await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
        // Mistakes are the same ones.
        lines.push(line(3, "2026-03-01,2026-02-20", "I21.9"));
        lines.push(line(1, "2026-02-20,2026-03-01", "I50.900").replace("周桂芳", "周桂兰").replace("2026-03-01", "2026-03-02"));
        let expected = import(client, &lines).await.problem(422, "list_invalid");
        let problem = send(client, dry, &lines).await.problem(422, "list_invalid");
        assert_eq!(problem["rows"], expected["rows"]);
        assert_eq!(problem["count"], 2);
    }

    async fn a_list_with_a_wrong_row_is_refused_as_a_whole(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let lines = [
            line(1, "2026-02-20,2026-03-01", "I50.900"),
            line(2, "2026-03-01,2026-02-20", "I21.9"),
            line(3, "2026-02-20,2026-03-09", "I21.9"),
        ];
        let problem = import(client, &lines).await.problem(422, "list_invalid");
        let told: Vec<_> = problem["rows"].as_array().expect("rows").iter().map(|row| (&row["line"], &row["code"])).collect();
        assert_eq!(told, [(&json!(3), &json!("discharge_before_admission")), (&json!(4), &json!("date_future"))]);
        let wrong = [
            line(1, "soon,2026-03-01", "I50.900"),
            line(1, "2026-02-20,2026-03-01", "I50.900").replace("130499", "130498"),
            line(4, "2026-02-20,2026-03-01", "I50.900"),
            line(4, "2026-02-20,2026-03-01", "I50.900"),
        ];
        let problem = import(client, &wrong).await.problem(422, "list_invalid");
        let told: Vec<_> = problem["rows"].as_array().expect("rows").iter().map(|row| (&row["line"], &row["code"])).collect();
        let expected = [(2, "date_invalid"), (3, "id_number_checksum"), (5, "discharge_exists")];
        let expected: Vec<_> = expected.iter().map(|(line, code)| (json!(line), json!(code))).collect();
        assert_eq!(told, expected.iter().map(|(line, code)| (line, code)).collect::<Vec<_>>());
        let listed = client.get("/v1/discharges").await.expect(200);
        assert_eq!(listed["items"], json!([]));
    }
}
