//! A list of discharges from an Excel workbook.

use jiahu_tests::harness::{Client, Reply, Scene, fresh_key};
use jiahu_tests::on_both;
use reqwest::Method;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use serde_json::json;

use super::{id_number, schedules, words};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const HEADINGS: [&str; 9] = [
    "姓名",
    "身份证号",
    "电话",
    "科室",
    "入院日期",
    "出院日期",
    "诊断编码",
    "随访情况",
    "计划再入院",
];

async fn import(client: &Client, path: &str, bytes: Vec<u8>) -> Reply {
    let request = client
        .request(Method::POST, path)
        .header("content-type", XLSX)
        .header("idempotency-key", fresh_key())
        .body(bytes);
    client.send(request).await
}

const TO: &str = "/v1/discharges/import";

fn date(sheet: &mut Worksheet, row: u32, column: u16, text: &str) {
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let date = ExcelDateTime::parse_from_str(text).expect("a date");
    sheet
        .write_with_format(row, column, date, &day)
        .expect("a cell");
}

/// Somebody in a row, with the days as a spreadsheet keeps them.
fn person(sheet: &mut Worksheet, row: u32, codes: &str) {
    let number = id_number("19520607", row);
    let cells = ["周桂芳", &number, "13822223333", "心内科"];
    for (column, text) in (0..).zip(cells) {
        sheet.write(row, column, text).expect("a cell");
    }
    date(sheet, row, 4, "2026-02-20");
    date(sheet, row, 5, "2026-03-01");
    sheet.write(row, 6, codes).expect("a cell");
}

/// A workbook whose first sheet is hidden, and whose second has headings in row 1.
fn workbook(change: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let notes = book.add_worksheet().set_name("notes").expect("a name");
    notes.write(0, 0, "hidden").expect("a cell");
    notes.set_hidden(true);
    let sheet = book.add_worksheet().set_name("出院").expect("a name");
    sheet.set_active(true);
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write(0, column, heading).expect("a heading");
    }
    change(sheet);
    book.save_to_buffer().expect("a workbook")
}

on_both! {
    async fn a_workbook_is_taken_once_with_its_own_dates(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let book = || workbook(|sheet| {
            // A blank row in between, and a day with its hour.
            person(sheet, 2, "I50.900");
            sheet.write(2, 7, "tube_at_home").expect("a cell");
            sheet.write(2, 8, true).expect("a cell");
            person(sheet, 3, "I21.9；I10");
            let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
            let at = ExcelDateTime::parse_from_str("2026-03-02T10:30:00").expect("a time");
            sheet.write_with_format(3, 5, at, &moment).expect("a cell");
            // As text, and as the number that somebody typed.
            person(sheet, 4, "???");
            sheet.write(4, 4, "2026年2月20日").expect("a cell");
            sheet.write(4, 5, 20_260_301).expect("a cell");
        });
        let dry = import(client, &format!("{TO}?dry_run=true"), book()).await.expect(200);
        assert_eq!((&dry["dry_run"], &dry["created"]), (&json!(true), &json!(3)));
        let report = import(client, TO, book()).await.expect(200);
        assert_eq!((&report["created"], &report["unchanged"]), (&json!(3), &json!(0)));
        let lines: Vec<_> = report["rows"].as_array().expect("rows").iter().map(|row| row["line"].as_u64()).collect();
        assert_eq!(lines, [Some(3), Some(4), Some(5)]);
        let shown = async |place: usize| {
            let id = report["rows"][place]["discharge_id"].as_str().expect("an id");
            client.get(&format!("/v1/discharges/{id}")).await.expect(200)
        };
        let (first, second, third) = (shown(0).await, shown(1).await, shown(2).await);
        assert_eq!((&first["admitted_on"], &first["discharged_on"]), (&json!("2026-02-20"), &json!("2026-03-01")));
        assert_eq!((&first["conditions"], &first["readmission_planned"]), (&json!(["tube_at_home"]), &json!(true)));
        assert_eq!(schedules(&first), words(&["heart_failure", "tube"]));
        assert_eq!((&second["discharged_on"], &second["diagnoses"]), (&json!("2026-03-02"), &json!(["I21.9", "I10"])));
        assert_eq!((&third["admitted_on"], &third["discharged_on"]), (&json!("2026-02-20"), &json!("2026-03-01")));
        assert_eq!(report["rows"][2]["diagnosis_known"], false);
        let again = import(client, TO, book()).await.expect(200);
        assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(3)));
    }

    async fn wrong_rows_of_a_workbook_are_named_by_line_and_column(server: TestServer) {
        let scene = Scene::build(&server).await;
        let client = &scene.coordinator.client;
        let book = workbook(|sheet| {
            person(sheet, 1, "I50.900");
            // A day number without a date's format, a formula, a number that lost its last digits.
            person(sheet, 2, "I50.900");
            sheet.write(2, 4, 46_073).expect("a cell");
            person(sheet, 3, "I50.900");
            sheet.write(3, 5, "=E4").expect("a cell");
            person(sheet, 4, "I50.900");
            sheet.write(4, 1, 130_499_195_206_070_048_i64).expect("a cell");
            // The days change places; a day that is to come.
            person(sheet, 6, "I50.900");
            date(sheet, 6, 5, "2026-02-19");
            person(sheet, 7, "I50.900");
            date(sheet, 7, 5, "2026-03-03");
            person(sheet, 8, "I50.900");
            sheet.write(8, 8, "perhaps").expect("a cell");
        });
        let named = |problem: &serde_json::Value| -> Vec<_> {
            let rows = problem["rows"].as_array().expect("rows").iter();
            rows.map(|row| {
                let word = |name: &str| row[name].as_str().expect("a word").to_owned();
                (row["line"].as_u64().expect("a line"), word("column"), word("code"))
            })
            .collect()
        };
        let at = |line: u64, column: &str, code: &str| (line, column.to_owned(), code.to_owned());
        let problem = import(client, TO, book.clone()).await.problem(422, "list_invalid");
        assert_eq!(named(&problem), [
            at(3, "admitted_on", "date_invalid"),
            at(4, "discharged_on", "cell_formula"),
            at(5, "id_number", "number_rounded"),
            at(9, "readmission_planned", "choice_unknown"),
        ]);
        let listed = client.get("/v1/discharges").await.expect(200);
        assert_eq!(listed["items"], json!([]));
        // What only the whole row shows is told once the cells are right.
        let book = workbook(|sheet| {
            person(sheet, 1, "I50.900");
            person(sheet, 6, "I50.900");
            date(sheet, 6, 5, "2026-02-19");
            person(sheet, 7, "I50.900");
            date(sheet, 7, 5, "2026-03-03");
        });
        for path in [TO, "/v1/discharges/import?dry_run=true"] {
            let problem = import(client, path, book.clone()).await.problem(422, "list_invalid");
            assert_eq!(named(&problem), [at(7, "", "discharge_before_admission"), at(8, "", "date_future")]);
        }
        let listed = client.get("/v1/discharges").await.expect(200);
        assert_eq!(listed["items"], json!([]));
        let other = workbook(|sheet| {
            person(sheet, 1, "I50.900");
            sheet.write(0, 5, "出院").expect("a cell");
        });
        let problem = import(client, TO, other).await.problem(422, "list_invalid");
        let codes = named(&problem);
        assert_eq!(codes, [at(1, "", "column_unknown"), at(1, "discharged_on", "column_missing")]);
        import(client, TO, b"PK\x03\x04 not a workbook".to_vec()).await.problem(422, "roster_unreadable");
    }
}
