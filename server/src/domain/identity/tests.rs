use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// Completes 17 digits with their check character.
fn complete(digits: &str) -> String {
    format!("{digits}{}", char::from(check_character(digits.as_bytes())))
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

fn refused(kind: IdKind, text: &str) -> &'static str {
    IdNumber::parse(kind, text).expect_err("refused").code()
}

#[rstest]
#[case("11010519491231002X", date(1949, 12, 31), Sex::Female)]
#[case("440524188001010014", date(1880, 1, 1), Sex::Male)]
#[case("110101199003070011", date(1990, 3, 7), Sex::Male)]
#[case(" 110105 19491231 002x ", date(1949, 12, 31), Sex::Female)]
#[case(
    "１１０１０５１９４９１２３１００２ｘ",
    date(1949, 12, 31),
    Sex::Female
)]
fn vectors_hold(#[case] text: &str, #[case] birth: NaiveDate, #[case] sex: Sex) {
    let id = IdNumber::parse(IdKind::ResidentId, text).expect("valid");
    assert_eq!((id.birth_date(), id.sex()), (Some(birth), Some(sex)));
    assert_eq!(check_consistent(&id, birth, sex), Ok(()));
    assert_eq!(id.reveal().len(), 18);
}

#[rstest]
#[case("110105194912310021", "id_number_checksum")]
#[case("11010519491231002", "id_number_length")]
#[case("", "id_number_length")]
#[case("11010519491231002XX", "id_number_length")]
#[case("110105194912310O2X", "id_number_characters")]
#[case("1101051949123100张X", "id_number_characters")]
#[case("X1010519491231002X", "id_number_characters")]
fn bad_numbers_have_their_code(#[case] text: &str, #[case] code: &str) {
    assert_eq!(refused(IdKind::ResidentId, text), code);
}

#[rstest]
#[case("13043119990229001")]
#[case("13043119991301001")]
#[case("13043119990001001")]
#[case("13043118491231001")]
#[case("13043100000101001")]
fn impossible_birth_dates_are_refused(#[case] digits: &str) {
    assert_eq!(
        refused(IdKind::ResidentId, &complete(digits)),
        "id_number_birth_date"
    );
}

#[test]
fn a_leap_day_is_a_date() {
    let id = IdNumber::parse(IdKind::ResidentId, &complete("13043120000229001")).expect("valid");
    assert_eq!(id.birth_date(), Some(date(2000, 2, 29)));
}

#[test]
fn each_document_has_its_prefix() {
    for prefix in ["81", "82", "83"] {
        let permit = complete(&format!("{prefix}000019900307001"));
        assert!(IdNumber::parse(IdKind::HmtResidencePermit, &permit).is_ok());
        assert_eq!(refused(IdKind::ResidentId, &permit), "id_number_prefix");
        assert_eq!(
            refused(IdKind::ForeignPermanentResident, &permit),
            "id_number_prefix"
        );
    }
    let card = complete("91115619900307001");
    let parsed = IdNumber::parse(IdKind::ForeignPermanentResident, &card).expect("valid");
    assert_eq!(
        (parsed.birth_date(), parsed.sex()),
        (Some(date(1990, 3, 7)), Some(Sex::Male))
    );
    assert_eq!(refused(IdKind::ResidentId, &card), "id_number_prefix");
    assert_eq!(
        refused(IdKind::HmtResidencePermit, "11010519491231002X"),
        "id_number_prefix"
    );
}

#[test]
fn old_permanent_resident_cards_are_taken_by_shape() {
    let id = IdNumber::parse(IdKind::ForeignPermanentResident, "gbr310080070125").expect("valid");
    assert_eq!(
        (id.reveal(), id.birth_date(), id.sex()),
        ("GBR310080070125", None, None)
    );
    assert_eq!(check_consistent(&id, date(1950, 1, 1), Sex::Male), Ok(()));
    assert_eq!(
        refused(IdKind::ForeignPermanentResident, "GB1310080070125"),
        "id_number_characters"
    );
    assert_eq!(
        refused(IdKind::ForeignPermanentResident, "张ABC31008007012"),
        "id_number_characters"
    );
}

#[rstest]
#[case("e12345678", Ok("E12345678"))]
#[case("E1 234 5678", Ok("E12345678"))]
#[case("AB12", Err("id_number_length"))]
#[case("A12345678901234567890", Err("id_number_length"))]
#[case("E1234-678", Err("id_number_characters"))]
#[case("E1234张678", Err("id_number_characters"))]
#[case("E1234\u{0}678", Err("id_number_characters"))]
fn passports(#[case] text: &str, #[case] expected: Result<&str, &str>) {
    let parsed = IdNumber::parse(IdKind::Passport, text);
    assert_eq!(
        parsed.as_ref().map(IdNumber::reveal).map_err(|e| e.code()),
        expected
    );
}

#[test]
fn no_number_means_none() {
    let none = IdNumber::parse(IdKind::NewbornNone, "  ").expect("empty");
    assert_eq!(
        (none.reveal(), none.last4(), none.masked().as_str()),
        ("", "", "")
    );
    assert_eq!(refused(IdKind::NewbornNone, "1"), "id_number_length");
}

#[test]
fn contradictions_are_named() {
    let id = IdNumber::parse(IdKind::ResidentId, "11010519491231002X").expect("valid");
    let code = |birth, sex| {
        check_consistent(&id, birth, sex)
            .expect_err("refused")
            .code()
    };
    assert_eq!(
        code(date(1949, 12, 30), Sex::Female),
        "id_birth_date_mismatch"
    );
    assert_eq!(code(date(1949, 12, 31), Sex::Male), "id_sex_mismatch");
}

#[rstest]
#[case(IdKind::ResidentId, "11010519491231002X", "110***********002X")]
#[case(IdKind::ForeignPermanentResident, "GBR310080070125", "GB*********0125")]
#[case(IdKind::Passport, "E12345678", "E****5678")]
#[case(IdKind::Passport, "E1234", "***34")]
fn whole_numbers_are_never_printed(#[case] kind: IdKind, #[case] text: &str, #[case] masked: &str) {
    let id = IdNumber::parse(kind, text).expect("valid");
    assert_eq!(id.masked(), masked);
    for printed in [format!("{id}"), format!("{id:?}"), format!("{id:#?}")] {
        assert!(
            printed.contains(masked) && !printed.contains(text),
            "{printed}"
        );
    }
}

proptest! {
    #[test]
    fn every_single_wrong_digit_is_found(
        days in 0..55_000i64, place in 100_000..800_000u32, serial in 0..1000u32,
        at in 0..17usize, by in 1..10u8,
    ) {
        let birth = date(1880, 1, 1) + chrono::Duration::days(days);
        let good = complete(&format!("{place}{}{serial:03}", birth.format("%Y%m%d")));
        let id = IdNumber::parse(IdKind::ResidentId, &good).expect("valid");
        prop_assert_eq!(id.birth_date(), Some(birth));
        prop_assert_eq!(id.sex() == Some(Sex::Male), serial % 2 == 1);

        let mut bad = good.into_bytes();
        bad[at] = b'0' + (bad[at] - b'0' + by) % 10;
        let bad = String::from_utf8(bad).expect("ASCII");
        let error = IdNumber::parse(IdKind::ResidentId, &bad).expect_err("refused");
        prop_assert!(matches!(error, IdError::Checksum | IdError::Prefix));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,24}") {
        for kind in IdKind::ALL {
            if let Ok(id) = IdNumber::parse(*kind, &text) {
                let _ = (id.masked(), id.last4().len());
            }
        }
    }
}
