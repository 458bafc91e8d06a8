//! A roster from a CSV file: all of it or nothing.

use jiahu_tests::harness::{Client, Reply, fresh_key};
use jiahu_tests::on_both;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Roster, events, id, reach, weight};

const HEADINGS: &str = "机构编码,工号,姓名,性别,职称,执业证书编号,执业有效期起,执业有效期止,临床工作起始日期,专科证书,常驻点经度,常驻点纬度,坐标系";

/// A good line of the file, one nurse.
fn line(institution: &str, number: u32) -> String {
    format!(
        "{institution},N{number:03},李桂兰,女,主管护师,20140000{number:04},2024-05-01,2029/4/30,2010年7月1日,\
         IV:IV-{number}:省护理学会:2024-01-01:2026-12-31;UC:UC-{number}:市护理学会:2025-01-01:2027-12-31,114.88,36.92,wgs84"
    )
}

fn file(lines: &[String]) -> String {
    format!("{HEADINGS}\n{}\n", lines.join("\n"))
}

async fn send(client: &Client, query: &str, kind: &str, key: &str, body: Vec<u8>) -> Reply {
    let request = client
        .request(Method::POST, &format!("/v1/nurses/import{query}"))
        .header("content-type", kind)
        .header("idempotency-key", key)
        .body(body);
    client.send(request).await
}

async fn import(client: &Client, file: &str) -> Reply {
    send(
        client,
        "",
        "text/csv",
        &fresh_key(),
        file.as_bytes().to_vec(),
    )
    .await
}

fn counts(report: &Value) -> [u64; 3] {
    ["created", "updated", "unchanged"].map(|name| report[name].as_u64().expect("a count"))
}

/// Line, column and code of every mistake.
fn mistakes(problem: &Value) -> Vec<(u64, &str, &str)> {
    let rows = problem["rows"].as_array().expect("rows");
    assert_eq!(problem["count"], rows.len());
    rows.iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().expect("a text");
            (
                row["line"].as_u64().expect("a line"),
                text("column"),
                text("code"),
            )
        })
        .collect()
}

on_both! {
    async fn a_roster_is_imported_and_the_same_file_again_changes_nothing(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let roster = file(&[line("130431101", 1), line("130431100", 2)]);
        let roster = format!("\u{FEFF}{}", roster.replace('\n', "\r\n"));
        let before = weight(&server, &cast.town).await;

        let key = fresh_key();
        let dry = send(client, "?dry_run=true", "text/csv; charset=UTF-8", &key, roster.clone().into()).await.expect(200);
        assert_eq!((counts(&dry), &dry["dry_run"]), ([2, 0, 0], &json!(true)));
        assert_eq!(dry["rows"][0], json!({"line": 2, "staff_no": "N001", "nurse_id": null, "outcome": "created", "changed": []}));
        assert_eq!(weight(&server, &cast.town).await, before);

        let key = fresh_key();
        let report = send(client, "", "text/csv", &key, roster.clone().into()).await.expect(200);
        assert_eq!((counts(&report), &report["dry_run"]), ([2, 0, 0], &json!(false)));
        let nurse = report["rows"][0]["nurse_id"].as_str().expect("an id");
        assert_eq!(reach(&server, &cast.town, nurse).await, ["N5"]);
        let trail = events(&server, &cast.town, nurse).await;
        assert_eq!(trail, ["nurse.added", "certification.added", "certification.added"]);
        let read = client.get(&format!("/v1/nurses/{nurse}")).await.expect(200);
        assert_eq!(read["institution_id"], json!(cast.town.centre));
        assert_eq!((&read["licence_to"], &read["practice_since"]), (&json!("2029-04-30"), &json!("2010-07-01")));
        assert_eq!(read["certifications"][1]["state"], "unverified");

        // A retry gets the first answer, another request under the key is refused.
        assert_eq!(send(client, "", "text/csv", &key, roster.clone().into()).await.expect(200), report);
        send(client, "", "text/csv", &key, b"x".to_vec()).await.problem(422, "roster_empty");
        let two = roster.replace("N002", "N003");
        send(client, "", "text/csv", &key, two.into()).await.problem(422, "idempotency_key_reused");

        let after = weight(&server, &cast.town).await;
        let again = import(client, &roster).await.expect(200);
        assert_eq!(counts(&again), [0, 0, 2]);
        assert_eq!(again["rows"][1]["nurse_id"], report["rows"][1]["nurse_id"]);
        assert_eq!(weight(&server, &cast.town).await, after);
        assert_eq!(client.get(&format!("/v1/nurses/{nurse}")).await.etag(), "\"v1\"");
    }

    async fn headings_may_be_english_and_in_any_order_and_blank_cells_change_nothing(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        import(client, &file(&[line("130431101", 1)])).await.expect(200);
        let roster = "Title,Staff No.,Institution,Name,Sex,Licence No,Licence From,Licence To,Practice Since,Daily Cap,Active,base_lng,certificates,certificates_2\n\
                      chief_nurse,N001,130431101,李桂兰,F,201400000001,20240501,2029-04-30,2010-07-01,3,no,,IV:IV-1:省护理学会:2024-01-01:2026-12-31,ET:ET-9:省护理学会:2025-01-01:2027-12-31\n";
        let report = import(client, roster).await.expect(200);
        assert_eq!(counts(&report), [0, 1, 0]);
        assert_eq!(report["rows"][0]["changed"], json!(["title", "active", "daily_cap", "certificates"]));
        let nurse = report["rows"][0]["nurse_id"].as_str().expect("an id");
        let read = client.get(&format!("/v1/nurses/{nurse}")).await.expect(200);
        assert_eq!((&read["daily_cap"], &read["active"]), (&json!(3), &json!(false)));
        assert_eq!(read["base"]["lng"], 114.88);
        assert_eq!(read["certifications"].as_array().map(Vec::len), Some(3));
        assert_eq!(reach(&server, &cast.town, nurse).await, Vec::<String>::new());
    }

    async fn every_mistake_is_named_by_line_and_column_and_nothing_is_imported(server: TestServer) {
        let cast = Roster::build(&server).await;
        let before = weight(&server, &cast.town).await;
        let good = line("130431101", 1);
        let spoilt = [
            ("李桂兰", "=cmd|' /C calc'!A0", "姓名", "cell_formula"),
            ("李桂兰", "李", "姓名", "name_length"),
            ("李桂兰", "李\u{0}兰", "姓名", "text_control_character"),
            ("李桂兰", "", "姓名", "field_missing"),
            ("女", "未知", "性别", "sex_unknown"),
            ("主管护师", "医师", "职称", "title_unknown"),
            ("130431101", "999999999", "机构编码", "institution_unknown"),
            ("201400000001", "2.014E+11", "执业证书编号", "number_rounded"),
            ("201400000001", "20140000000120140000000120140000000120140000000120140000000120140000000", "执业证书编号", "text_length"),
            ("2029/4/30", "2029/4/31", "执业有效期止", "date_invalid"),
            ("2029/4/30", "2024-04-30", "执业有效期止", "date_order"),
            ("2029/4/30", "2229-04-30", "执业有效期止", "date_range"),
            ("2010年7月1日", "2026-03-03", "临床工作起始日期", "date_future"),
            ("IV:IV-1:", "PICC:IV-1:", "专科证书", "certificate_unknown"),
            ("IV:IV-1:", "IV-1:", "专科证书", "certificate_form"),
            ("2024-01-01:2026-12-31", "2027-01-01:2026-12-31", "专科证书", "date_order"),
            ("UC:UC-1:市护理学会:2025-01-01", "IV:IV-1:市护理学会:2024-01-01", "专科证书", "certificate_twice"),
            (",wgs84", ",", "坐标系", "field_missing"),
            (",wgs84", ",cgcs2000", "坐标系", "choice_unknown"),
            ("114.88,36.92", "36.92,114.88", "常驻点经度", "coordinates_swapped"),
            ("114.88,36.92", "116.40,39.90", "常驻点经度", "coordinates_too_far"),
            ("114.88,36.92", "east,36.92", "常驻点经度", "number_range"),
        ];
        let mut lines = vec![line("130431101", 500)];
        let mut expected = Vec::new();
        for (number, (from, to, column, code)) in (1_u32..).zip(spoilt) {
            // Every line is a nurse of its own, so that only the spoilt cell is wrong.
            let bad = good.replace(from, to).replace("N001", &format!("N{number:03}"));
            let bad = bad.replace("201400000001", &format!("20140000{number:04}"));
            assert!(good.contains(from), "{from}");
            lines.push(bad);
            expected.push((u64::from(number) + 2, column, code));
        }
        let reply = import(&cast.supervisor.client, &file(&lines)).await;
        let problem = reply.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), expected);
        assert_eq!(problem["rows"][5]["value"], "医师");
        assert_eq!(problem["rows"][1]["value"], "李*");
        assert!(!problem.to_string().contains("calc"), "masked");
        assert!(problem["detail"].as_str().expect("a text").contains("22 mistakes"));
        let zh = import(&cast.supervisor.client.speaking("zh-CN"), &file(&lines)).await;
        let zh = zh.problem(422, "roster_invalid");
        assert!(zh["rows"][5]["message"].as_str().expect("a text").contains("职称应为"));
        assert_eq!(weight(&server, &cast.town).await, before);
    }

    async fn doubles_within_the_file_and_with_the_roster_are_named(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let lines = [
            line("130431101", 1),
            String::new(),
            line("130431101", 2).replace("N002", "N001"),
            line("130431101", 3).replace("201400000003", "201400000001"),
        ];
        let problem = import(client, &file(&lines)).await.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), [(4, "工号", "row_duplicate"), (5, "执业证书编号", "row_duplicate")]);
        assert!(problem["rows"][0]["message"].as_str().expect("a text").contains("Line 2"));

        import(client, &file(&[line("130431101", 1), line("130431102", 7)])).await.expect(200);
        let after = weight(&server, &cast.town).await;
        let lines = [line("130431101", 5), line("130431101", 6).replace("201400000006", "201400000001")];
        let problem = import(client, &file(&lines)).await.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), [(3, "执业证书编号", "code_taken")]);
        // A nurse of another institution is not told about, nor taken over.
        let problem = import(&cast.centre_supervisor.client, &file(&[line("130431101", 7)])).await;
        assert_eq!(mistakes(&problem.problem(422, "roster_invalid")), [(2, "工号", "code_taken")]);
        let problem = import(&cast.centre_supervisor.client, &file(&[line("130431102", 8)])).await;
        assert_eq!(mistakes(&problem.problem(422, "roster_invalid")), [(2, "机构编码", "institution_unknown")]);
        assert_eq!(weight(&server, &cast.town).await, after);
    }

    async fn mistakes_and_conflicts_are_told_in_one_round(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        import(client, &file(&[line("130431101", 1), line("130431102", 7)])).await.expect(200);
        let after = weight(&server, &cast.town).await;
        let lines = [
            // Somebody's licence, and a title that is none, in one row.
            line("130431101", 2).replace("201400000002", "201400000001").replace("主管护师", "医师"),
            // A certificate that differs, and a date that is none.
            line("130431101", 1).replace("2024-01-01:2026-12-31", "2024-01-01:2028-12-31").replace("2029/4/30", "2029/4/31"),
            line("130431101", 3).replace("李桂兰", ""),
        ];
        let problem = import(client, &file(&lines)).await.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), [
            (2, "职称", "title_unknown"), (2, "执业证书编号", "code_taken"), (3, "执业证书编号", "row_duplicate"),
            (3, "执业有效期止", "date_invalid"), (3, "专科证书", "certificate_differs"),
            (4, "姓名", "field_missing"),
        ]);
        let dry = send(client, "?dry_run=true", "text/csv", &fresh_key(), file(&lines).into()).await;
        assert_eq!(mistakes(&dry.problem(422, "roster_invalid")).len(), 6);
        // What another institution has is not told, whatever else is wrong.
        let theirs = line("130431101", 7).replace("女", "未知");
        let problem = import(&cast.centre_supervisor.client, &file(&[theirs])).await.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), [(2, "工号", "code_taken"), (2, "性别", "sex_unknown")]);
        assert_eq!(weight(&server, &cast.town).await, after);
    }

    async fn duty_windows_come_with_the_roster(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let with_duty = |lines: &[(u32, &str)]| {
            let lines: Vec<_> = lines.iter().map(|(number, duty)| format!("{},{duty}", line("130431101", *number))).collect();
            format!("{HEADINGS},值班时段\n{}\n", lines.join("\n"))
        };
        let roster = with_duty(&[(1, "1-5 08:00-17:30; 6 08:00-12:00"), (2, "")]);
        let report = import(client, &roster).await.expect(200);
        assert_eq!(counts(&report), [2, 0, 0]);
        let nurse = report["rows"][0]["nurse_id"].as_str().expect("an id");
        let duty = async || {
            let read = client.get(&format!("/v1/nurses/{nurse}")).await.expect(200);
            read["duty"].as_array().expect("windows").clone()
        };
        let week = duty().await;
        assert_eq!(week.len(), 6);
        assert_eq!(week[0], json!({"weekday": 1, "from": "08:00", "to": "17:30"}));
        assert_eq!(week[5], json!({"weekday": 6, "from": "08:00", "to": "12:00"}));
        let trail = events(&server, &cast.town, nurse).await;
        assert_eq!(trail.iter().filter(|kind| *kind == "nurse.duty_changed").count(), 1, "{trail:?}");

        // The same file, the same week otherwise written, and a blank cell change nothing.
        let after = weight(&server, &cast.town).await;
        for same in [&*roster, &with_duty(&[(1, "6 08:00-12:00;1，2，3-5 08:00－17:30")]), &with_duty(&[(1, "")]), &file(&[line("130431101", 1)])] {
            let again = import(client, same).await.expect(200);
            assert_eq!((again["created"].as_u64(), again["updated"].as_u64()), (Some(0), Some(0)), "{same}");
        }
        assert_eq!(weight(&server, &cast.town).await, after);
        let shorter = import(client, &with_duty(&[(1, "7 20:00-24:00")])).await.expect(200);
        assert_eq!((counts(&shorter), &shorter["rows"][0]["changed"]), ([0, 1, 0], &json!(["duty"])));
        assert_eq!(duty().await, [json!({"weekday": 7, "from": "20:00", "to": "24:00"})]);

        let after = weight(&server, &cast.town).await;
        let wrong = with_duty(&[(1, "周一 08:00-17:30"), (2, "1 20:00-08:00"), (3, "1-5 08:00-12:00;3 11:00-13:00")]);
        let problem = import(client, &wrong).await.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), [
            (2, "值班时段", "duty_form"), (3, "值班时段", "date_order"), (4, "值班时段", "duty_overlap"),
        ]);
        assert!(problem["rows"][0]["message"].as_str().expect("a text").contains("1-5 08:00-17:30"));
        assert_eq!(weight(&server, &cast.town).await, after);
    }

    async fn a_file_never_alters_a_certificate(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let roster = file(&[line("130431101", 1)]);
        let report = import(client, &roster).await.expect(200);
        let nurse = report["rows"][0]["nurse_id"].as_str().expect("an id");
        let read = client.get(&format!("/v1/nurses/{nurse}")).await.expect(200);
        let papers = read["certifications"].as_array().expect("papers").clone();
        let iv = papers.iter().find(|paper| paper["kind"] == "IV").expect("one");
        cast.verify(id(iv)).await;
        assert_eq!(counts(&import(client, &roster).await.expect(200)), [0, 0, 1]);
        assert_eq!(reach(&server, &cast.town, nurse).await, ["IV", "N5"]);

        let longer = roster.replace("2024-01-01:2026-12-31", "2024-01-01:2028-12-31");
        let problem = import(client, &longer).await.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), [(2, "专科证书", "certificate_differs")]);
        let renewed = roster.replace("2024-01-01:2026-12-31", "2027-01-01:2028-12-31");
        assert_eq!(counts(&import(client, &renewed).await.expect(200)), [0, 1, 0]);
        // One that was revoked does not come back with the old file; corrected, it does.
        let revoke = format!("/v1/certifications/{}/revoke", id(iv));
        client.post(&revoke, json!({"reason": "typed wrongly"})).await.expect(200);
        assert_eq!(counts(&import(client, &roster).await.expect(200)), [0, 0, 1]);
        assert_eq!(counts(&import(client, &longer).await.expect(200)), [0, 1, 0]);
        assert_eq!(reach(&server, &cast.town, nurse).await, ["N5"]);
    }

    async fn wrong_headings_and_unreadable_files_are_told(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let before = weight(&server, &cast.town).await;
        let roster = file(&[line("130431101", 1)]);
        let renamed = roster.replace("性别", "电话").replace("坐标系", "姓名");
        let problem = import(client, &renamed).await.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), [(1, "电话", "column_unknown"), (1, "姓名", "column_duplicate"), (1, "sex", "column_missing")]);
        let stray = roster.replace(",wgs84\n", ",wgs84,more\n");
        let problem = import(client, &stray).await.problem(422, "roster_invalid");
        assert_eq!(mistakes(&problem), [(2, "N", "column_unknown")]);

        // 张 in GB18030.
        let gb = [roster.as_bytes(), b"\xD5\xC5"].concat();
        let reply = send(client, "", "text/csv", &fresh_key(), gb).await;
        let problem = reply.problem(422, "roster_not_utf8");
        assert!(problem["detail"].as_str().expect("a text").contains("CSV UTF-8"));
        let reply = send(client, "", "text/csv; charset=gb18030", &fresh_key(), roster.clone().into()).await;
        reply.problem(422, "roster_not_utf8");
        for empty in ["", HEADINGS, ",,,\n,,\n"] {
            import(client, empty).await.problem(422, "roster_empty");
        }
        let reply = send(client, "", "application/json", &fresh_key(), b"{}".to_vec()).await;
        reply.problem(415, "unsupported_media_type");
        let large = vec![b'a'; 5 * 1024 * 1024 + 1];
        send(client, "", "text/csv", &fresh_key(), large).await.problem(413, "body_too_large");
        let long = format!("{HEADINGS}\n{}", "1\n".repeat(5_001));
        let problem = import(client, &long).await.problem(422, "roster_too_long");
        assert!(problem["detail"].as_str().expect("a text").contains("5000"));
        let request = client.request(Method::POST, "/v1/nurses/import").header("content-type", "text/csv");
        client.send(request.body(roster.clone())).await.problem(400, "idempotency_key_missing");
        import(&cast.coordinator.client, &roster).await.problem(403, "forbidden");
        send(client, "?dryrun=1", "text/csv", &fresh_key(), roster.into()).await.problem(400, "query_invalid");
        assert_eq!(weight(&server, &cast.town).await, before);
    }

    async fn a_far_base_point_needs_confirmation(server: TestServer) {
        let cast = Roster::build(&server).await;
        let far = file(&[line("130431101", 1).replace("114.88,36.92", "116.40,39.90")]);
        let client = &cast.supervisor.client;
        import(client, &far).await.problem(422, "roster_invalid");
        send(client, "?confirm_far=true", "text/csv", &fresh_key(), far.into()).await.expect(200);
    }
}
