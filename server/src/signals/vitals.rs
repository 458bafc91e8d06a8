//! Vital signs that cannot be recorded, as a problem.

use crate::domain::vitals::{VitalProblem, VitalReading, VitalRules};
use crate::problem::{Code, Params, Problem};

/// The problem of readings that cannot be true; `at` is where they stand in the request.
pub(crate) fn refused(
    rules: &VitalRules,
    readings: &[VitalReading],
    problems: &[VitalProblem],
    at: &str,
) -> Problem {
    problems
        .iter()
        .fold(Problem::new(Code::InvalidRequest), |all, problem| {
            let code = Code::parse(problem.code()).unwrap_or(Code::FieldInvalid);
            let index = readings
                .iter()
                .rposition(|reading| reading.code == problem.sign)
                .unwrap_or(0);
            let mut params: Params = vec![("vital", problem.sign.clone())];
            if let Some(sign) = rules.sign(&problem.sign) {
                params.push(("min", sign.plausible.min.to_string()));
                params.push(("max", sign.plausible.max.to_string()));
            }
            all.field_with(format!("{at}[{index}].value"), code, params)
        })
}
