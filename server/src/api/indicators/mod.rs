//! Indicators of follow-up, and the cases behind each number.

mod cases;
pub mod list_indicator_cases;
pub mod list_indicators;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::ids::InstitutionId;

use crate::error::Result;
use crate::extract::{May, grants};
use crate::problem::{Code, Problem};
use crate::store::indicator::Cohort;
use crate::wire::{Day, Text};

/// Longest period, in days.
const MOST_DAYS: i64 = 366;

/// Whose numbers are asked for: of the caller's institutions, or of one of them; of a ward, when one is named.
fn cohort(
    may: &May<grants::SeeIndicators>,
    (from, to): (Day, Day),
    institution: Option<InstitutionId>,
    ward: Option<&Text<1, 60>>,
) -> Result<Cohort> {
    let (from, to): (NaiveDate, NaiveDate) = (from.0, to.0);
    if !(1..=MOST_DAYS).contains(&(to - from).num_days()) {
        let problem = Problem::new(Code::PeriodInvalid).with("days", MOST_DAYS);
        let params = vec![("days", MOST_DAYS.to_string())];
        return Err(problem.field_with("to", Code::PeriodInvalid, params).into());
    }
    let institutions = match institution {
        None => may.scope.institutions.clone(),
        Some(one) if may.scope.reaches(one) => BTreeSet::from([one]),
        Some(_) => return Err(Code::NotFound.into()),
    };
    Ok(Cohort {
        community: may.community,
        institutions,
        ward: ward.map(|ward| ward.as_str().to_owned()),
        from,
        to,
    })
}
