use chrono::TimeDelta;
use entity::enums::Crs;
use proptest::prelude::*;
use rstest::rstest;

use super::super::test_times::{at, day};
use super::*;

fn known(kind: &str) -> bool {
    ["IV", "UC"].contains(&kind)
}

fn written(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn profile() -> Profile {
    Profile {
        institution: uuid::Uuid::nil().into(),
        account: None,
        staff_no: "N001".to_owned(),
        name: PersonName::parse("李桂兰").expect("a name"),
        sex: Sex::Female,
        title: NurseTitle::SeniorNurse,
        licence_no: "201413000123".to_owned(),
        licence_from: day("2024-05-01"),
        licence_to: day("2029-04-30"),
        practice_since: day("2010-07-01"),
        training_passed_on: Some(day("2025-11-01")),
        health_cert_to: None,
        accident_insurance_no: None,
        accident_insurance_to: None,
        liability_insurance_no: None,
        liability_insurance_to: None,
        active: true,
        base: None,
        service_radius_m: DEFAULT_RADIUS_M,
        daily_cap: DEFAULT_DAILY_CAP,
    }
}

type Spoil = fn(&mut Profile);

#[rstest]
#[case(|p: &mut Profile| p.licence_to = p.licence_from - TimeDelta::days(1), "licence_to", "date_order")]
#[case(|p: &mut Profile| p.licence_to = day("2209-04-30"), "licence_to", "date_range")]
#[case(|p: &mut Profile| p.practice_since = day("2026-03-03"), "practice_since", "date_future")]
#[case(|p: &mut Profile| p.training_passed_on = Some(day("2026-03-03")), "training_passed_on", "date_future")]
#[case(|p: &mut Profile| p.service_radius_m = 499, "service_radius_m", "number_range")]
#[case(|p: &mut Profile| p.service_radius_m = 100_001, "service_radius_m", "number_range")]
#[case(|p: &mut Profile| p.daily_cap = 0, "daily_cap", "number_range")]
#[case(|p: &mut Profile| p.daily_cap = 21, "daily_cap", "number_range")]
fn a_profile_names_the_field_that_is_wrong(
    #[case] spoil: Spoil,
    #[case] field: &str,
    #[case] code: &str,
) {
    let today = day("2026-03-02");
    let mut nurse = profile();
    assert_eq!(nurse.check(today), vec![]);
    spoil(&mut nurse);
    let flaws = nurse.check(today);
    assert_eq!(flaws.len(), 1, "{flaws:?}");
    assert_eq!((flaws[0].0, flaws[0].1.code()), (field, code));
    assert_eq!(nurse.changes(&profile()), vec![field]);
}

#[test]
fn the_last_day_may_be_the_first_and_today_is_not_the_future() {
    let mut nurse = profile();
    nurse.licence_to = nurse.licence_from;
    nurse.practice_since = day("2026-03-02");
    assert_eq!(nurse.check(day("2026-03-02")), vec![]);
}

#[rstest]
#[case("2026-03-31")]
#[case("2026/3/31")]
#[case("2026.03.31")]
#[case("2026年3月31日")]
#[case("20260331")]
#[case(" ２０２６－３－３１ ")]
#[case("2026-03-31 00:00:00")]
#[case("2026-03-31T00:00:00")]
fn one_date_is_written_in_many_ways(#[case] text: &str) {
    assert_eq!(cell::date(&written(text)), Ok(Some(day("2026-03-31"))));
}

#[rstest]
#[case("2026-02-30", "date_invalid")]
#[case("31/03/2026", "date_invalid")]
#[case("26-03-31", "date_invalid")]
#[case("2026-3", "date_invalid")]
#[case("46112", "date_invalid")] // a spreadsheet's own number without its format
#[case("长期", "date_invalid")]
#[case("1926-03-31", "date_range")]
#[case("2226-03-31", "date_range")]
#[case("=TODAY()", "cell_formula")]
#[case("2026\u{0}", "text_control_character")]
fn others_are_no_dates(#[case] text: &str, #[case] code: &str) {
    assert_eq!(
        cell::date(&written(text)).expect_err("refused").code(),
        code
    );
}

#[rstest]
#[case(Cell::Empty, "field_missing")]
#[case(written("  "), "field_missing")]
#[case(written("=1+1"), "cell_formula")]
#[case(written("@SUM(A1)"), "cell_formula")]
#[case(written("+86"), "cell_formula")]
#[case(written("＝A1"), "cell_formula")]
#[case(written("a\tb"), "text_control_character")]
#[case(written("a\u{202E}b"), "text_control_character")]
#[case(written("12345678901"), "text_length")]
#[case(written("2.01413E+11"), "number_rounded")]
#[case(Cell::Number(2.014_130_001_23e17), "number_rounded")]
fn text_is_bounded_and_plain(#[case] cell: Cell, #[case] code: &str) {
    assert_eq!(cell::text(&cell, 1, 10).expect_err("refused").code(), code);
}

#[test]
fn numbers_of_a_spreadsheet_read_as_text_without_a_point() {
    assert_eq!(
        cell::text(&Cell::Number(201_413_000_123.0), 1, 20),
        Ok("201413000123".to_owned())
    );
    assert_eq!(cell::text(&written("E+11"), 1, 20), Ok("E+11".to_owned()));
}

#[test]
fn words_are_read_in_both_languages() {
    for (text, title) in [
        ("主管护师", NurseTitle::SeniorNurse),
        ("senior_nurse", NurseTitle::SeniorNurse),
        (" Chief Nurse ", NurseTitle::ChiefNurse),
    ] {
        assert_eq!(cell::title(&written(text)), Ok(Some(title)));
    }
    assert_eq!(cell::title(&written("医师")), Err(RosterError::Title));
    assert_eq!(cell::sex(&written("女")), Ok(Some(Sex::Female)));
    assert_eq!(cell::sex(&written("M")), Ok(Some(Sex::Male)));
    assert_eq!(cell::sex(&written("未知")), Err(RosterError::Sex));
    assert_eq!(cell::flag(&written("否")), Ok(Some(false)));
    assert_eq!(cell::flag(&Cell::Flag(true)), Ok(Some(true)));
    assert_eq!(
        cell::flag(&written("maybe")).expect_err("refused").code(),
        "choice_unknown"
    );
    assert_eq!(cell::crs(&written("GCJ-02")), Ok(Some(Crs::Gcj02)));
    assert_eq!(
        cell::crs(&written("cgcs2000")).expect_err("refused").code(),
        "choice_unknown"
    );
}

#[rstest]
#[case(written("12"), Ok(Some(12)))]
#[case(written("１２"), Ok(Some(12)))]
#[case(Cell::Number(12.0), Ok(Some(12)))]
#[case(Cell::Empty, Ok(None))]
#[case(written("12.5"), Err("number_range"))]
#[case(written("21"), Err("number_range"))]
#[case(written("-1"), Err("number_range"))]
#[case(written("many"), Err("number_range"))]
#[case(written("nan"), Err("number_range"))]
#[case(written("=6"), Err("cell_formula"))]
fn whole_numbers(#[case] cell: Cell, #[case] read: Result<Option<i64>, &str>) {
    assert_eq!(
        cell::whole(&cell, (1, 20)).map_err(|error| error.code()),
        read
    );
}

#[test]
fn a_cell_holds_several_certificates() {
    let cell = written(
        "iv:IV-001:省护理学会:2024-01-01:2026-12-31；UC：UC-7：市护理学会：2023/5/1：2026/4/30;",
    );
    let found = certificates_of(&cell, known).expect("good");
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].kind.as_str(), found[0].number.as_str()),
        ("IV", "IV-001")
    );
    assert_eq!(found[1].valid_to, day("2026-04-30"));
    assert_eq!(certificates_of(&Cell::Empty, known), Ok(vec![]));
}

#[rstest]
#[case("IV:1:x:2024-01-01", "certificate_form")]
#[case("IV::x:2024-01-01:2025-01-01", "certificate_form")]
#[case("PICC:1:x:2024-01-01:2025-01-01", "certificate_unknown")]
#[case("IV:1:x:2025-01-01:2024-01-01", "date_order")]
#[case("IV:1:x:2025-01-01:", "date_invalid")]
#[case(
    "IV:1:x:2024-01-01:2025-01-01;IV:1:y:2024-01-01:2026-01-01",
    "certificate_twice"
)]
#[case("IV:=1:x:2024-01-01:2025-01-01", "cell_formula")]
fn bad_certificates_are_named(#[case] text: &str, #[case] code: &str) {
    assert_eq!(
        certificates_of(&written(text), known)
            .expect_err("refused")
            .code(),
        code
    );
}

#[test]
fn a_certificate_counts_when_verified_and_within_its_days() {
    let dates = (day("2026-01-01"), day("2026-03-31"));
    let seen = Some(at("2026-01-05 10:00"));
    let state = |verified, revoked, today| certificate_state(dates, verified, revoked, day(today));
    assert_eq!(state(seen, None, "2026-03-31"), CertificateState::InForce);
    assert_eq!(state(seen, None, "2026-01-01"), CertificateState::InForce);
    assert_eq!(
        state(seen, None, "2025-12-31"),
        CertificateState::NotYetValid
    );
    assert_eq!(state(seen, None, "2026-04-01"), CertificateState::Expired);
    assert_eq!(
        state(None, None, "2026-02-01"),
        CertificateState::Unverified
    );
    assert_eq!(state(seen, seen, "2026-02-01"), CertificateState::Revoked);
}

#[rstest]
#[case("机构编码", Some(Column::Institution))]
#[case("Staff No.", Some(Column::StaffNo))]
#[case("姓名（必填）", Some(Column::Name))]
#[case("*职称", Some(Column::Title))]
#[case("Licence-To", Some(Column::LicenceTo))]
#[case("服务半径(米)", Some(Column::ServiceRadius))]
#[case("certificates_2", Some(Column::Certificates))]
#[case("证书 3", Some(Column::Certificates))]
#[case("phone", None)]
#[case("", None)]
fn headings_are_known(#[case] text: &str, #[case] column: Option<Column>) {
    assert_eq!(Column::of_heading(text), column);
}

#[test]
fn every_column_knows_its_own_names_and_every_field_its_column() {
    for column in Column::ALL {
        assert_eq!(Column::of_heading(column.name()), Some(*column));
        assert_eq!(Column::of_heading(column.name_zh()), Some(*column));
    }
    let mut other = profile();
    other.staff_no = "N002".to_owned();
    other.base = Some(Point::new(114.9, 36.9).expect("a point"));
    for field in profile().changes(&other) {
        assert!(Column::of_field(field).is_some(), "{field}");
    }
}

fn window(weekday: i32, from: &str, to: &str) -> DutySpan {
    DutySpan {
        weekday,
        start_min: minute_of_day(from).expect("a time"),
        end_min: minute_of_day(to).expect("a time"),
    }
}

#[rstest]
#[case(&[window(1, "08:00", "12:00"), window(1, "12:00", "17:00"), window(2, "08:00", "24:00")], None)]
#[case(&[window(1, "08:00", "12:00"), window(1, "11:59", "17:00")], Some((1, "duty_overlap")))]
#[case(&[window(1, "08:00", "17:00"), window(2, "08:00", "17:00"), window(1, "09:00", "10:00")], Some((2, "duty_overlap")))]
#[case(&[window(1, "12:00", "08:00")], Some((0, "date_order")))]
#[case(&[window(1, "08:00", "08:00")], Some((0, "date_order")))]
#[case(&[window(0, "08:00", "12:00")], Some((0, "number_range")))]
#[case(&[window(8, "08:00", "12:00")], Some((0, "number_range")))]
fn duty_windows(#[case] windows: &[DutySpan], #[case] flaw: Option<(usize, &str)>) {
    let found = check_duty(windows)
        .err()
        .map(|(index, error)| (index, error.code()));
    assert_eq!(found, flaw);
}

#[test]
fn clock_times() {
    for (text, minutes) in [
        ("00:00", Some(0)),
        ("24:00", Some(1440)),
        ("24:01", None),
        ("8:00", None),
        ("08:60", None),
        ("+8:00", None),
        ("0800", None),
    ] {
        assert_eq!(minute_of_day(text), minutes, "{text}");
    }
    assert_eq!(clock_text(1439), "23:59");
}

#[rstest]
#[case("2026-03-02 08:00", "2026-03-03 08:00", true)]
#[case("2026-03-01 08:00", "2026-03-02 09:01", true)] // began yesterday, still runs
#[case("2026-03-01 08:00", "2026-03-02 09:00", false)] // over
#[case("2026-03-03 08:00", "2026-03-03 08:00", false)]
#[case("2026-03-04 08:00", "2026-03-03 08:00", false)]
#[case("2026-03-03 00:00", "2027-04-07 00:00", true)]
#[case("2026-03-03 00:00", "2027-04-07 00:01", false)]
#[case("2028-06-01 00:00", "2028-06-02 00:00", false)]
fn leave_ends_after_it_begins_and_is_not_over(
    #[case] from: &str,
    #[case] to: &str,
    #[case] sound: bool,
) {
    let verdict = check_leave(at(from), at(to), at("2026-03-02 09:00"));
    assert_eq!(verdict.is_ok(), sound);
}

proptest! {
    #[test]
    fn no_cell_panics(text in "\\PC{0,60}") {
        let cell = Cell::Text(text);
        let _ = (cell::date(&cell), cell::title(&cell), cell::sex(&cell), cell::flag(&cell));
        let _ = (cell::crs(&cell), cell::whole(&cell, (0, 9)), certificates_of(&cell, |_| true));
    }

    #[test]
    fn a_written_date_reads_as_itself(days in 0_i64..50_000) {
        let date = day("1950-01-01") + TimeDelta::days(days);
        prop_assert_eq!(cell::date(&written(&date.to_string())), Ok(Some(date)));
        prop_assert_eq!(cell::date(&Cell::Date(date)), Ok(Some(date)));
    }
}
