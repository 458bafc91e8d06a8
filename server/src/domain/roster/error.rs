//! What can be wrong with an entry of the roster.

use chrono::NaiveDate;
use thiserror::Error;

use super::super::name::NameError;

/// Why an entry is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RosterError {
    /// Nothing where something is needed.
    #[error("missing")]
    Missing,
    /// Begins like a formula: a spreadsheet would run it when the roster is exported again.
    #[error("looks like a formula")]
    Formula,
    /// NUL or another control character.
    #[error("control character")]
    Control,
    /// Too short or too long, characters.
    #[error("must have {min} to {max} characters")]
    Length {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// A long number that a spreadsheet has rounded.
    #[error("digits were lost")]
    Rounded,
    /// Not acceptable as a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No such title.
    #[error("unknown title")]
    Title,
    /// No such sex.
    #[error("unknown sex")]
    Sex,
    /// Something else than the values that are known.
    #[error("must be one of {known}")]
    Choice {
        /// The values.
        known: &'static str,
    },
    /// Not a date of the calendar.
    #[error("not a date")]
    Date,
    /// A date that no paper bears.
    #[error("must be {min} to {max}")]
    DateRange {
        /// First day.
        min: NaiveDate,
        /// Last day.
        max: NaiveDate,
    },
    /// Ends before it begins.
    #[error("ends before it begins")]
    DateOrder,
    /// Lies in the future.
    #[error("lies in the future")]
    DateFuture,
    /// Not a whole number within bounds.
    #[error("must be {min} to {max}")]
    NumberRange {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// A certificate that is not written `kind:number:issuer:from:to`.
    #[error("not kind:number:issuer:from:to")]
    CertificateForm,
    /// The catalogue has no such kind.
    #[error("no certificate of kind {kind}")]
    CertificateKind {
        /// As sent.
        kind: String,
    },
    /// The same certificate twice.
    #[error("the same certificate twice")]
    CertificateTwice,
    /// Not a week of duty windows.
    #[error("not days and hours of a week")]
    DutyForm,
    /// Two windows of a day overlap.
    #[error("duty windows overlap")]
    DutyOverlap,
    /// A leave that is over, ends before it begins, or is too long.
    #[error("not a leave")]
    Leave,
}

impl RosterError {
    /// The stable code of the problem document.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "field_missing",
            Self::Formula => "cell_formula",
            Self::Control => "text_control_character",
            Self::Length { .. } => "text_length",
            Self::Rounded => "number_rounded",
            Self::Name(error) => error.code(),
            Self::Title => "title_unknown",
            Self::Sex => "sex_unknown",
            Self::Choice { .. } => "choice_unknown",
            Self::Date => "date_invalid",
            Self::DateRange { .. } => "date_range",
            Self::DateOrder => "date_order",
            Self::DateFuture => "date_future",
            Self::NumberRange { .. } => "number_range",
            Self::CertificateForm => "certificate_form",
            Self::CertificateKind { .. } => "certificate_unknown",
            Self::CertificateTwice => "certificate_twice",
            Self::DutyForm => "duty_form",
            Self::DutyOverlap => "duty_overlap",
            Self::Leave => "leave_invalid",
        }
    }

    /// Values for the places of the problem's text; `field` is how the reader knows the entry.
    pub fn params(&self, field: &str) -> Vec<(&'static str, String)> {
        match self {
            Self::Missing => vec![("name", field.to_owned())],
            Self::Length { min, max } => vec![("min", min.to_string()), ("max", max.to_string())],
            Self::DateRange { min, max } => {
                vec![("min", min.to_string()), ("max", max.to_string())]
            }
            Self::NumberRange { min, max } => {
                vec![("min", min.to_string()), ("max", max.to_string())]
            }
            Self::Choice { known } => vec![("known", (*known).to_owned())],
            Self::CertificateKind { kind } => vec![("kind", kind.clone())],
            Self::Leave => vec![("days", super::MAX_LEAVE_DAYS.to_string())],
            _ => Vec::new(),
        }
    }
}
