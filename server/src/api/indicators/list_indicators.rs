//! `GET /v1/indicators`: how well people are looked after once they are home.

use axum::extract::State;
use chrono::NaiveDate;
use entity::enums::Indicator;
use entity::ids::InstitutionId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cases::cases;
use super::cohort;
use crate::app::App;
use crate::domain::indicator::{Exclusion, IndicatorRules, IndicatorUnit, Sum, sum, unit};
use crate::domain::rulefile::Bilingual;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::rules::RuleBook;
use crate::wire::{Day, Text};

/// Whose numbers, and of which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IndicatorQuery {
    /// First day, in Asia/Shanghai.
    #[param(value_type = String, format = Date, example = "2026-03-01")]
    pub from: Day,
    /// The day after the last; at most 366 days later.
    #[param(value_type = String, format = Date, example = "2026-04-01")]
    pub to: Day,
    /// Only of this institution of the caller's.
    pub institution_id: Option<InstitutionId>,
    /// Only of this ward, as discharges name it.
    #[param(inline)]
    pub ward: Option<Text<1, 60>>,
}

/// Indicators of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Indicators {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// Version of the rules for indicators.
    pub version: u32,
    /// Every indicator.
    pub items: Vec<IndicatorValue>,
}

/// An indicator.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorValue {
    /// Its code.
    pub code: Indicator,
    /// Its name.
    pub name: Bilingual,
    /// What its value is.
    pub unit: IndicatorUnit,
    /// Sum of what its cases add to the numerator.
    pub numerator: i64,
    /// Sum of what its cases add to the denominator.
    pub denominator: i64,
    /// Numerator by denominator, to four decimals; null: nothing is counted.
    pub value: Option<f64>,
    /// Cases that are counted.
    pub counted: usize,
    /// Cases that are left out, by the reason.
    pub excluded: Vec<ExcludedCount>,
}

/// How many cases are left out for a reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExcludedCount {
    /// The reason.
    pub code: Exclusion,
    /// In words.
    pub text: Bilingual,
    /// How many.
    pub cases: usize,
}

/// Read the indicators of a period.
///
/// Of the caller's institutions. A case belongs to the period by its discharge, the due day of its contact, or the day on
/// which its red flag came up; rehabilitation is that of the last seven days. Nobody is counted before their time is
/// over. The list behind each number is `GET /v1/indicators/{indicator}/cases`.
#[utoipa::path(
    get, path = "/v1/indicators", tag = "indicators",
    responses((status = 200, description = "The indicators", body = Indicators))
)]
pub async fn list_indicators(
    State(app): State<App>,
    may: May<grants::SeeIndicators>,
    Query(query): Query<IndicatorQuery>,
) -> Result<Json<Indicators>> {
    let (period, ward) = ((query.from, query.to), query.ward.as_ref());
    let cohort = cohort(&may, period, query.institution_id, ward)?;
    let rules = RuleBook::current(app.db.reader(), &app, may.community)
        .await?
        .indicators;
    let mut found = cases(&app, &rules, &cohort, Indicator::ALL).await?;
    let value = |code: &Indicator| {
        let cases = found.remove(code).unwrap_or_default();
        let verdicts = cases.iter().map(|case| case.verdict);
        IndicatorValue::of(&rules, *code, &sum(verdicts))
    };
    let items = Indicator::ALL.iter().map(value).collect();
    Ok(Json(Indicators {
        from: cohort.from,
        to: cohort.to,
        version: rules.version,
        items,
    }))
}

impl IndicatorValue {
    pub(super) fn of(rules: &IndicatorRules, code: Indicator, sum: &Sum) -> Self {
        let excluded = sum.excluded.iter().map(|(why, cases)| ExcludedCount {
            code: *why,
            text: why.text(),
            cases: *cases,
        });
        Self {
            code,
            name: rules.name(code),
            unit: unit(code),
            numerator: sum.numerator,
            denominator: sum.denominator,
            value: sum.value(),
            counted: sum.counted,
            excluded: excluded.collect(),
        }
    }
}
