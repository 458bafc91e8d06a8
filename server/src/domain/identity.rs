//! Identity numbers: what they are allowed to be and what they tell (field guide §6.2).

use std::fmt;

use chrono::{Datelike, NaiveDate};
use thiserror::Error;

use super::text::fold_width;
pub use entity::enums::{IdKind, Sex};

/// Earliest birth year believed. Nobody older is a patient; the field guide's own test numbers
/// reach back to 1880.
const MIN_BIRTH_YEAR: i32 = 1850;
/// Length of the numbers that follow GB 11643.
const CITIZEN_LEN: usize = 18;

/// Why an identity number is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    /// Not the length of its kind (for "none": not empty).
    #[error("the number does not have the length of its kind")]
    Length,
    /// A character that the kind does not allow.
    #[error("the number holds a character that its kind does not allow")]
    Characters,
    /// The check character of GB 11643 does not fit.
    #[error("the check character does not fit the number")]
    Checksum,
    /// The birth date inside the number is no date.
    #[error("the birth date inside the number is no date")]
    BirthDate,
    /// The number belongs to another kind of document.
    #[error("the number belongs to another kind of document")]
    Prefix,
    /// The birth date given differs from the one inside the number.
    #[error("the birth date differs from the one inside the number")]
    BirthDateMismatch,
    /// The sex given differs from the one inside the number.
    #[error("the sex differs from the one inside the number")]
    SexMismatch,
}

impl IdError {
    /// The stable code of the problem document.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "id_number_length",
            Self::Characters => "id_number_characters",
            Self::Checksum => "id_number_checksum",
            Self::BirthDate => "id_number_birth_date",
            Self::Prefix => "id_number_prefix",
            Self::BirthDateMismatch => "id_birth_date_mismatch",
            Self::SexMismatch => "id_sex_mismatch",
        }
    }
}

/// A checked identity number. `Debug` and `Display` show the masked form only.
#[derive(Clone, PartialEq, Eq)]
pub struct IdNumber {
    kind: IdKind,
    text: String,
    told: Option<Told>,
}

/// What a GB 11643 number tells about its holder.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Told {
    birth_date: NaiveDate,
    sex: Sex,
}

impl IdNumber {
    /// Checks a number of the given kind. Spaces are dropped, letters become capitals and
    /// full-width characters ASCII, so that one document has one spelling.
    pub fn parse(kind: IdKind, text: &str) -> Result<Self, IdError> {
        let text: String = fold_width(text)
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let told = match kind {
            IdKind::ResidentId => Some(citizen(&text, is_resident_prefix)?),
            IdKind::HmtResidencePermit => Some(citizen(&text, is_hmt_prefix)?),
            IdKind::ForeignPermanentResident => foreign(&text)?,
            IdKind::Passport => passport(&text).map(|()| None)?,
            IdKind::NewbornNone if text.is_empty() => None,
            IdKind::NewbornNone => return Err(IdError::Length),
        };
        Ok(Self { kind, text, told })
    }

    /// Kind of document.
    pub const fn kind(&self) -> IdKind {
        self.kind
    }

    /// The whole number in its one spelling, for encryption and keyed hashing only.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Birth date inside the number; passports and 15-character permits tell none.
    pub fn birth_date(&self) -> Option<NaiveDate> {
        self.told.map(|told| told.birth_date)
    }

    /// Sex inside the number; passports and 15-character permits tell none.
    pub fn sex(&self) -> Option<Sex> {
        self.told.map(|told| told.sex)
    }

    /// The last four characters; of numbers below eight characters the last half, since four would
    /// tell most of them.
    pub fn last4(&self) -> &str {
        let kept = (self.text.len() / 2).min(4);
        &self.text[self.text.len() - kept..]
    }

    /// The number for lists: `110***********002X`.
    pub fn masked(&self) -> String {
        let tail = self.last4();
        let head = &self.text[..self.text.len() / 6];
        let hidden = self.text.len() - head.len() - tail.len();
        format!("{head}{}{tail}", "*".repeat(hidden))
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdNumber({}, {})", self.kind, self.masked())
    }
}

impl fmt::Display for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Compares what the number tells with what was entered. A number that tells nothing agrees.
pub fn check_consistent(id: &IdNumber, birth_date: NaiveDate, sex: Sex) -> Result<(), IdError> {
    if id.birth_date().is_some_and(|told| told != birth_date) {
        return Err(IdError::BirthDateMismatch);
    }
    if id.sex().is_some_and(|told| told != sex) {
        return Err(IdError::SexMismatch);
    }
    Ok(())
}

/// 9 is the permanent-resident card, 81 to 83 the residence permits: accepting them here would let
/// one person be registered twice.
fn is_resident_prefix(text: &str) -> bool {
    !text.starts_with('9') && !is_hmt_prefix(text)
}

fn is_hmt_prefix(text: &str) -> bool {
    ["81", "82", "83"]
        .iter()
        .any(|prefix| text.starts_with(prefix))
}

/// New cards: 18 characters from 9. Old cards, valid until they run out: three letters of the
/// nationality and twelve digits; their two-digit birth year tells no date.
fn foreign(text: &str) -> Result<Option<Told>, IdError> {
    const OLD_LEN: usize = 15;
    if text.chars().count() != OLD_LEN {
        return citizen(text, |text| text.starts_with('9')).map(Some);
    }
    let bytes = text.as_bytes();
    let fits = bytes.len() == OLD_LEN
        && bytes[..3].iter().all(u8::is_ascii_uppercase)
        && bytes[3..].iter().all(u8::is_ascii_digit);
    if fits {
        Ok(None)
    } else {
        Err(IdError::Characters)
    }
}

fn passport(text: &str) -> Result<(), IdError> {
    if !(5..=20).contains(&text.chars().count()) {
        return Err(IdError::Length);
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(IdError::Characters);
    }
    Ok(())
}

/// GB 11643: six digits of place, eight of birth date, three of sequence, one check character.
fn citizen(text: &str, prefix_fits: fn(&str) -> bool) -> Result<Told, IdError> {
    if text.chars().count() != CITIZEN_LEN {
        return Err(IdError::Length);
    }
    let bytes = text.as_bytes();
    let (digits, check) = match bytes {
        [digits @ .., check] if digits.len() == CITIZEN_LEN - 1 => (digits, *check),
        _ => return Err(IdError::Characters),
    };
    if !digits.iter().all(u8::is_ascii_digit) || !(check.is_ascii_digit() || check == b'X') {
        return Err(IdError::Characters);
    }
    if !prefix_fits(text) {
        return Err(IdError::Prefix);
    }
    if check_character(digits) != check {
        return Err(IdError::Checksum);
    }
    let birth_date = NaiveDate::parse_from_str(&text[6..14], "%Y%m%d")
        .ok()
        .filter(|date| date.year() >= MIN_BIRTH_YEAR)
        .ok_or(IdError::BirthDate)?;
    let sex = if digits[16] % 2 == 1 {
        Sex::Male
    } else {
        Sex::Female
    };
    Ok(Told { birth_date, sex })
}

/// The check character of 17 ASCII digits (GB 11643, ISO 7064 MOD 11-2).
fn check_character(digits: &[u8]) -> u8 {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| usize::from(d - b'0') * w)
        .sum();
    b"10X98765432"[sum % 11]
}

#[cfg(test)]
mod tests;
