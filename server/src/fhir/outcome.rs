//! What is told of a bundle that was not taken.

use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};
use entity::enums::Language;

/// A FHIR `OperationOutcome`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationOutcome {
    /// Always `OperationOutcome`.
    resource_type: &'static str,
    /// What is wrong; never empty.
    issue: Vec<Issue>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Issue {
    /// Always `error`.
    severity: &'static str,
    /// Its sort, of the standard's list.
    code: IssueCode,
    /// What exactly.
    details: IssueDetails,
    /// The full text.
    diagnostics: String,
    /// Where, as FHIRPath.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expression: Vec<String>,
}

/// What exactly is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct IssueDetails {
    /// The problem code of this service.
    text: String,
}

/// Sorts of issues, of the standard's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IssueCode {
    /// Not FHIR in JSON.
    Structure,
    /// Something that is needed is missing.
    Required,
    /// A value that cannot be.
    Value,
    /// Against a rule.
    BusinessRule,
    /// Too much.
    TooLong,
    /// No valid token.
    Login,
    /// Not there.
    NotFound,
    /// Known already.
    Duplicate,
    /// Not of a sort that is taken.
    NotSupported,
    /// Try again.
    Transient,
    /// Our fault.
    Exception,
}

impl Issue {
    /// An issue of a sort at a place.
    pub fn new(code: IssueCode, detail: &str, text: impl Into<String>) -> Self {
        Self {
            severity: "error",
            code,
            details: IssueDetails {
                text: detail.to_owned(),
            },
            diagnostics: text.into(),
            expression: Vec::new(),
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, expression: impl Into<String>) -> Self {
        self.expression.push(expression.into());
        self
    }

    /// The issue of a problem, in a language.
    pub fn of(problem: &Problem, language: Language) -> Self {
        let (code, params) = problem.first();
        Self::new(sort_of(code), code.as_str(), code.text(language, &params))
    }
}

impl OperationOutcome {
    /// What is wrong.
    pub fn new(issue: Vec<Issue>) -> Self {
        Self {
            resource_type: "OperationOutcome",
            issue,
        }
    }
}

fn sort_of(code: Code) -> IssueCode {
    match code {
        Code::FeedUnknown | Code::FeedSignature | Code::FeedTimestamp => IssueCode::Login,
        Code::BodyTooLarge | Code::TooMany => IssueCode::TooLong,
        Code::UnsupportedMediaType => IssueCode::NotSupported,
        Code::MalformedJson => IssueCode::Structure,
        Code::FieldMissing => IssueCode::Required,
        Code::DischargeUnknown => IssueCode::NotFound,
        Code::DischargeExists => IssueCode::Duplicate,
        Code::Busy | Code::DatabaseUnavailable => IssueCode::Transient,
        Code::Internal => IssueCode::Exception,
        Code::FieldInvalid
        | Code::ValueInvalid
        | Code::ChoiceUnknown
        | Code::DateTimeInvalid
        | Code::FlagExpected
        | Code::ListExpected
        | Code::NumberExpected
        | Code::ObjectExpected
        | Code::TextExpected
        | Code::IdNumberLength
        | Code::IdNumberCharacters
        | Code::IdNumberChecksum
        | Code::IdNumberBirthDate => IssueCode::Value,
        _ => IssueCode::BusinessRule,
    }
}

/// Something that has to be there.
pub(super) fn required(at: &str, field: &str) -> Issue {
    let text = format!("{field} is missing");
    Issue::new(IssueCode::Required, "field_missing", text).at(format!("{at}.{field}"))
}

/// Something that cannot be read, or not be kept.
pub(super) fn wrong(at: &str, field: &str, value: &str) -> Issue {
    let value: String = value.chars().take(40).collect();
    let text = format!("{value:?} cannot be read");
    Issue::new(IssueCode::Value, "field_invalid", text).at(format!("{at}.{field}"))
}
