//! Phone numbers of mainland China (field guide §6.3).

use std::fmt;

use thiserror::Error;

use super::text::fold_width;

/// The text is neither a mobile nor a landline number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("neither a mobile number nor a landline with its area code")]
pub struct PhoneError;

impl PhoneError {
    /// The stable code of the problem document.
    pub const fn code(self) -> &'static str {
        "phone_invalid"
    }
}

/// A phone number in its one spelling: digits only, no country code, landlines with the leading 0
/// of the area code. `Debug` and `Display` show the masked form only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

impl Phone {
    /// Checks a number as people write it: spaces, dashes, brackets, +86 or 0086 in front,
    /// full-width digits.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let mut written = String::with_capacity(text.len());
        for c in fold_width(text) {
            match c {
                '0'..='9' => written.push(c),
                '+' if written.is_empty() => written.push(c),
                '-' | '(' | ')' | '\u{2010}'..='\u{2015}' => {}
                c if c.is_whitespace() => {}
                _ => return Err(PhoneError),
            }
        }
        national(&written).map(Self).ok_or(PhoneError)
    }

    /// The whole number, for encryption, keyed hashing and the message gateway only.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it can receive a text message.
    pub fn is_mobile(&self) -> bool {
        is_mobile(&self.0)
    }

    /// The number for lists: `138****1234`, landlines `0310*****67`.
    pub fn masked(&self) -> String {
        let (head, tail) = if self.is_mobile() { (3, 4) } else { (4, 2) };
        let hidden = self.0.len() - head - tail;
        format!(
            "{}{}{}",
            &self.0[..head],
            "*".repeat(hidden),
            &self.0[self.0.len() - tail..]
        )
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// The number as dialled inside the country.
fn national(written: &str) -> Option<String> {
    let abroad = written
        .strip_prefix("+86")
        .or_else(|| written.strip_prefix("0086"));
    let digits = match abroad {
        // From abroad the 0 of the area code is left out.
        Some(rest) if !rest.starts_with('0') && !is_mobile(rest) => format!("0{rest}"),
        Some(rest) => rest.to_owned(),
        None => written.to_owned(),
    };
    // Two old habits: 86 without the plus, and 0 before a mobile number of another province.
    let mobile = ["86", "0"]
        .iter()
        .find_map(|extra| digits.strip_prefix(extra).filter(|rest| is_mobile(rest)));
    let digits = mobile.map_or(digits.clone(), str::to_owned);
    (is_mobile(&digits) || is_landline(&digits)).then_some(digits)
}

/// `1[3-9]` and nine digits.
fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11
        && bytes[0] == b'1'
        && (b'3'..=b'9').contains(&bytes[1])
        && bytes.iter().all(u8::is_ascii_digit)
}

/// `0`, two or three digits of the area, seven or eight of the line. A second 0 would be the
/// international prefix.
fn is_landline(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    (10..=12).contains(&bytes.len())
        && bytes[0] == b'0'
        && bytes[1] != b'0'
        && bytes.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("13812341234")]
    #[case(" 138 1234 1234 ")]
    #[case("138-1234-1234")]
    #[case("+86 138 1234 1234")]
    #[case("+86-13812341234")]
    #[case("0086 13812341234")]
    #[case("8613812341234")]
    #[case("013812341234")]
    #[case("＋８６１３８１２３４１２３４")]
    #[case("138\u{2013}1234\u{3000}1234")]
    fn one_mobile_has_one_spelling(#[case] text: &str) {
        let phone = Phone::parse(text).expect("valid");
        assert_eq!(phone.reveal(), "13812341234");
        assert!(phone.is_mobile());
        assert_eq!(phone.masked(), "138****1234");
    }

    #[rstest]
    #[case("0310-1234567", "03101234567", "0310*****67")]
    #[case("(0310) 12345678", "031012345678", "0310******78")]
    #[case("010-12345678", "01012345678", "0101*****78")]
    #[case("+86 10 1234 5678", "01012345678", "0101*****78")]
    #[case("+86 0310 1234567", "03101234567", "0310*****67")]
    #[case("021 1234567", "0211234567", "0211****67")]
    fn landlines(#[case] text: &str, #[case] stored: &str, #[case] masked: &str) {
        let phone = Phone::parse(text).expect("valid");
        assert_eq!(phone.reveal(), stored);
        assert!(!phone.is_mobile());
        assert_eq!(phone.masked(), masked);
    }

    #[rstest]
    #[case("")]
    #[case("+")]
    #[case("+86")]
    #[case("12812341234")] // 12… is no mobile network
    #[case("1381234123")]
    #[case("138123412345")]
    #[case("1234567")] // a landline without its area
    #[case("0310-12345678901")]
    #[case("00310123456")]
    #[case("+1 415 555 0100")]
    #[case("138+12341234")]
    #[case("1381234123a")]
    #[case("1381234\u{0}1234")]
    #[case("٠١٣٨١٢٣٤١٢٣")] // Arabic-Indic digits
    fn others_are_refused(#[case] text: &str) {
        assert_eq!(
            Phone::parse(text).expect_err("refused").code(),
            "phone_invalid"
        );
    }

    #[test]
    fn whole_numbers_are_never_printed() {
        let phone = Phone::parse("13812341234").expect("valid");
        assert_eq!(
            format!("{phone:?} {phone}"),
            "Phone(138****1234) 138****1234"
        );
    }

    proptest! {
        #[test]
        fn stored_spelling_parses_to_itself(text in "(\\+86 ?)?(1[3-9][0-9]{9}|0[1-9][0-9]{1,2}-?[0-9]{7,8})") {
            let phone = Phone::parse(&text).expect("valid");
            prop_assert_eq!(Phone::parse(phone.reveal()).expect("again"), phone);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert!(phone.masked().contains("***"));
            }
        }
    }
}
