//! What the rules of a booking refuse, as problems.

use crate::domain::booking::{ItemsError, MAX_ITEMS, MAX_WINDOW_H, NoProvider, WindowError};
use crate::domain::prescription::MissingPrescription;
use crate::domain::price::PriceError;
use crate::domain::screening::{AnswerProblem, Finding, Screening};
use crate::error::Error;
use crate::problem::{Code, Problem};

fn code_of(text: &str) -> Code {
    Code::parse(text).unwrap_or(Code::Internal)
}

/// A window that cannot be booked; `field` is where it stands in the request.
pub(crate) fn window(error: WindowError, field: &str) -> Error {
    let code = code_of(error.code());
    let params = match error {
        WindowError::Past { minutes } => vec![("minutes", minutes.to_string())],
        WindowError::TooFar { days } => vec![("days", days.to_string())],
        WindowError::Invalid { minutes } => vec![
            ("minutes", minutes.to_string()),
            ("max_hours", MAX_WINDOW_H.to_string()),
        ],
    };
    let mut problem = Problem::new(code).field_with(field, code, params.clone());
    for (name, value) in params {
        problem = problem.with(name, value);
    }
    problem.into()
}

/// What stands hard against the care by the record (R6).
pub(crate) fn contraindicated(findings: &[Finding]) -> Error {
    Problem::new(Code::Contraindicated)
        .member("findings", findings)
        .into()
}

/// Items that cannot be booked as a list.
pub(crate) fn items(error: ItemsError) -> Error {
    let code = code_of(error.code());
    let problem = Problem::new(code);
    match error {
        ItemsError::Count => {
            let params = vec![("min", "1".to_owned()), ("max", MAX_ITEMS.to_string())];
            problem
                .with("min", 1)
                .with("max", MAX_ITEMS)
                .field_with("items", code, params)
                .into()
        }
        ItemsError::Unknown { at, item } | ItemsError::Twice { at, item } => {
            let params = vec![("item", item.to_string())];
            problem
                .with("item", &item)
                .field_with(format!("items[{at}]"), code, params)
                .into()
        }
    }
}

/// Items that no institution provides.
pub(crate) fn provider(error: &NoProvider) -> Error {
    let problem = Problem::new(code_of(error.code()));
    match error {
        NoProvider::Item { item, .. } => problem.with("item", item).into(),
        NoProvider::Nobody => problem.into(),
    }
}

/// A visit without a price. An item that has none yet is not open yet: a catalogue is published before its prices.
pub(crate) fn price(error: PriceError) -> Error {
    match error {
        PriceError::Unpriced(item) => Problem::new(Code::ItemClosed).with("item", item).into(),
        PriceError::TooFar {
            distance_m,
            limit_m,
        } => Problem::new(Code::DistanceTooFar)
            .with("metres", distance_m)
            .with("limit", limit_m)
            .into(),
        other => Error::internal(other),
    }
}

/// Answers that cannot be judged, each named.
pub(crate) fn answers(problems: Vec<AnswerProblem>) -> Error {
    let mut document = Problem::new(Code::ScreeningIncomplete);
    for problem in problems {
        let code = code_of(problem.code());
        document = document.field(format!("answers.{}", problem.question), code);
    }
    document.into()
}

/// What may not be done at home, with the advice where to go.
pub(crate) fn refused(screening: &Screening) -> Error {
    Problem::new(Code::ScreeningRefused)
        .member("findings", &screening.findings)
        .into()
}

/// Items without a prescription that holds.
pub(crate) fn prescriptions(missing: &[MissingPrescription]) -> Error {
    Problem::new(Code::PrescriptionMissing)
        .member("missing", missing)
        .into()
}
