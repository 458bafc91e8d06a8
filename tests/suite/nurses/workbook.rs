//! A roster from an Excel workbook.

use jiahu_tests::harness::{Client, Reply, fresh_key};
use jiahu_tests::on_both;
use reqwest::Method;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use serde_json::json;

use super::{Roster, weight};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const HEADINGS: [&str; 12] = [
    "机构编码",
    "工号",
    "姓名",
    "性别",
    "职称",
    "执业证书编号",
    "执业有效期起",
    "执业有效期止",
    "临床工作起始日期",
    "在岗",
    "专科证书",
    "值班时段",
];

async fn import(client: &Client, bytes: Vec<u8>) -> Reply {
    let request = client
        .request(Method::POST, "/v1/nurses/import")
        .header("content-type", XLSX)
        .header("idempotency-key", fresh_key())
        .body(bytes);
    client.send(request).await
}

/// A workbook whose first visible sheet has headings in row 1 and a nurse in row 3.
fn workbook(change: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let notes = book.add_worksheet().set_name("notes").expect("a name");
    notes.write(0, 0, "hidden").expect("a cell");
    notes.set_hidden(true);
    let sheet = book.add_worksheet().set_name("护士").expect("a name");
    sheet.set_active(true);
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write(0, column, heading).expect("a heading");
    }
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let date = |text| ExcelDateTime::parse_from_str(text).expect("a date");
    // Numbers and dates as a spreadsheet keeps them.
    sheet.write(2, 0, 130_431_101).expect("a cell");
    sheet.write(2, 1, 10_023).expect("a cell");
    sheet.write(2, 2, "李桂兰").expect("a cell");
    sheet.write(2, 3, "女").expect("a cell");
    sheet.write(2, 4, "护师").expect("a cell");
    sheet.write(2, 5, 201_413_000_123_i64).expect("a cell");
    sheet
        .write_with_format(2, 6, date("2024-05-01"), &day)
        .expect("a cell");
    sheet
        .write_with_format(2, 7, date("2029-04-30"), &day)
        .expect("a cell");
    sheet.write(2, 8, "2010年7月1日").expect("a cell");
    sheet.write(2, 9, true).expect("a cell");
    sheet
        .write(2, 10, "IV：IV-1：省护理学会：2024-01-01：2026-12-31")
        .expect("a cell");
    sheet
        .write(2, 11, "1-5 08:00-17:30\u{FF1B}6 08:00-12:00")
        .expect("a cell");
    change(sheet);
    book.save_to_buffer().expect("a workbook")
}

on_both! {
    async fn the_first_visible_sheet_is_read_with_its_own_dates_and_numbers(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let report = import(client, workbook(|_| ())).await.expect(200);
        assert_eq!((&report["created"], &report["rows"][0]["line"]), (&json!(1), &json!(3)));
        let nurse = report["rows"][0]["nurse_id"].as_str().expect("an id");
        let read = client.get(&format!("/v1/nurses/{nurse}")).await.expect(200);
        assert_eq!((&read["staff_no"], &read["licence_no"]), (&json!("10023"), &json!("201413000123")));
        assert_eq!((&read["licence_from"], &read["licence_to"]), (&json!("2024-05-01"), &json!("2029-04-30")));
        assert_eq!(read["practice_since"], "2010-07-01");
        assert_eq!(read["certifications"][0]["number"], "IV-1");
        assert_eq!((read["duty"].as_array().map(Vec::len), &read["duty"][5]["to"]), (Some(6), &json!("12:00")));
        assert_eq!(import(client, workbook(|_| ())).await.expect(200)["unchanged"], 1);
    }

    async fn mistakes_are_named_by_the_line_a_person_sees(server: TestServer) {
        let cast = Roster::build(&server).await;
        let before = weight(&server, &cast.town).await;
        let book = workbook(|sheet| {
            sheet.write(2, 4, "医师").expect("a cell");
            sheet.write(2, 5, 201_413_000_123_000_456_i64).expect("a cell");
            sheet.write(2, 7, 47_238).expect("a number without a date's format");
            sheet.write(2, 9, "=A1").expect("a cell");
            sheet.write(2, 11, 45_000.5).expect("a cell");
        });
        let problem = import(&cast.supervisor.client, book).await.problem(422, "roster_invalid");
        let found: Vec<_> = problem["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| (row["line"].as_u64(), row["column"].as_str(), row["code"].as_str()))
            .collect();
        let at = |column, code| (Some(3), Some(column), Some(code));
        assert_eq!(found, [
            at("职称", "title_unknown"),
            at("执业证书编号", "number_rounded"),
            at("执业有效期止", "date_invalid"),
            at("在岗", "cell_formula"),
            at("值班时段", "duty_form"),
        ]);
        assert_eq!(weight(&server, &cast.town).await, before);
    }

    async fn hostile_workbooks_are_refused_without_harm(server: TestServer) {
        let cast = Roster::build(&server).await;
        let client = &cast.supervisor.client;
        let before = weight(&server, &cast.town).await;
        import(client, b"PK\x03\x04 not a workbook".to_vec()).await.problem(422, "roster_unreadable");
        import(client, b"a,b\n1,2\n".to_vec()).await.problem(422, "roster_unreadable");
        let mut broken = workbook(|_| ());
        broken.truncate(broken.len() / 2);
        import(client, broken).await.problem(422, "roster_unreadable");
        // One cell in the last corner must not make a table of sixteen thousand million cells.
        let corner = workbook(|sheet| {
            sheet.write(1_048_575, 16_383, "x").expect("a cell");
        });
        import(client, corner).await.problem(422, "roster_too_long");
        let low = workbook(|sheet| {
            sheet.write(1_048_575, 1, "x").expect("a cell");
        });
        let problem = import(client, low).await.problem(422, "roster_invalid");
        assert_eq!(problem["rows"][0]["line"], 1_048_576);
        let empty = Workbook::new().save_to_buffer();
        let empty = empty.unwrap_or_else(|_| {
            let mut book = Workbook::new();
            book.add_worksheet();
            book.save_to_buffer().expect("a workbook")
        });
        import(client, empty).await.problem(422, "roster_empty");
        import(client, bomb()).await.problem(422, "roster_too_large");
        assert_eq!(weight(&server, &cast.town).await, before);
    }
}

/// A small file that unpacks to 70 MB of the letter a.
fn bomb() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..2_200 {
        // Different texts, for equal ones are kept once.
        let text = format!("{row:04}{}", "a".repeat(32_000));
        sheet.write(row, 0, text).expect("a cell");
    }
    let bytes = book.save_to_buffer().expect("a workbook");
    assert!(
        bytes.len() < 5 * 1024 * 1024,
        "small enough to be read: {}",
        bytes.len()
    );
    bytes
}
