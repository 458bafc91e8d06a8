//! `GET /v1/indicators/{indicator}/cases`: the list behind a number. Recorded as a read of everybody shown.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::NaiveDate;
use entity::enums::Indicator;
use entity::ids::{InstitutionId, PatientId};
use entity::patient;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::cases::{Case, cases};
use super::cohort;
use super::list_indicators::IndicatorValue;
use crate::app::App;
use crate::domain::indicator::{CaseKind, Exclusion, Part, Verdict, case_kind, sum};
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, Query, grants};
use crate::rules::RuleBook;
use crate::wire::{Cursor, Day, Text};
use crate::{in_write, store};

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IndicatorCaseQuery {
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
    /// Only those that stand here.
    #[param(inline)]
    pub part: Option<Part>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// The cases behind a number.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorCases {
    /// The number, of all cases, also of those on other pages.
    pub indicator: IndicatorValue,
    /// What the cases are.
    pub kind: CaseKind,
    /// A page of the cases, newest first.
    pub items: Vec<IndicatorCase>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// A case of an indicator.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorCase {
    /// The discharge, contact, alert or rehabilitation plan.
    pub id: Uuid,
    /// The patient.
    pub patient_id: PatientId,
    /// Name of the patient, masked.
    pub patient_name: String,
    /// Whose it is.
    pub institution_id: InstitutionId,
    /// The day by which it belongs to the period: of the discharge, due, on which the flag came up; the first of a plan.
    pub on: NaiveDate,
    /// Where it stands.
    #[schema(inline)]
    pub part: Part,
    /// What it adds to the numerator; null: it is left out.
    pub numerator: Option<i64>,
    /// What it adds to the denominator; null: it is left out.
    pub denominator: Option<i64>,
    /// Why it is left out.
    pub excluded: Option<CaseExclusion>,
}

/// Why a case is left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseExclusion {
    /// The reason.
    pub code: Exclusion,
    /// In words.
    pub text: Bilingual,
}

/// List the cases behind an indicator, newest first.
///
/// Each says whether it is in the numerator, and why it is left out when it is. The number is the sum over this list. Who
/// read it is recorded for everybody shown.
#[utoipa::path(
    get, path = "/v1/indicators/{indicator}/cases", tag = "indicators",
    params(("indicator" = Indicator, Path, description = "Code of an indicator")),
    responses((status = 200, description = "A page of cases", body = IndicatorCases))
)]
pub async fn list_indicator_cases(
    State(app): State<App>,
    may: May<grants::SeeIndicators>,
    Id(code): Id<Indicator>,
    Query(query): Query<IndicatorCaseQuery>,
) -> Result<Json<IndicatorCases>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let (period, ward) = ((query.from, query.to), query.ward.as_ref());
    let cohort = cohort(&may, period, query.institution_id, ward)?;
    let rules = RuleBook::current(app.db.reader(), &app, may.community)
        .await?
        .indicators;
    let mut found = cases(&app, &rules, &cohort, &[code]).await?;
    let mut all = found.remove(&code).unwrap_or_default();
    let number = sum(all.iter().map(|case| case.verdict));
    all.retain(|case| {
        let asked = query.part.is_none_or(|part| part == case.verdict.part());
        asked && cursor.before.is_none_or(|before| case.id < before)
    });
    // Ids sort by the time of birth.
    all.sort_by_key(|case| std::cmp::Reverse(case.id));
    let page = cursor.page(all, |case| case.id, |case| case);
    let ids: Vec<_> = page.items.iter().map(|case| case.patient).collect();
    let (community, db) = (may.community, app.db.reader());
    let patients = store::patient::by_ids(db, community, ids.iter().copied()).await?;
    let patients: BTreeMap<_, _> = patients.into_iter().map(|row| (row.id, row)).collect();
    in_write!(app.db, "list_indicator_cases", |tx| {
        let (ids, operation) = (patients.keys().copied(), "list_indicator_cases");
        store::patient_read::record_all(tx, &app, community, ids, may.account, operation).await
    })?;
    let page = page.try_map(|case| IndicatorCase::of(&app, &case, &patients))?;
    Ok(Json(IndicatorCases {
        indicator: IndicatorValue::of(&rules, code, &number),
        kind: case_kind(code),
        items: page.items,
        next_cursor: page.next_cursor,
    }))
}

impl IndicatorCase {
    fn of(app: &App, case: &Case, patients: &BTreeMap<PatientId, patient::Model>) -> Result<Self> {
        let patient = patients
            .get(&case.patient)
            .ok_or_else(|| Error::internal("a case without its patient"))?;
        let (counted, excluded) = match case.verdict {
            Verdict::Counted { part, of } => (Some((part, of)), None),
            Verdict::Excluded(code) => {
                let text = code.text();
                (None, Some(CaseExclusion { code, text }))
            }
        };
        Ok(Self {
            id: case.id,
            patient_id: case.patient,
            patient_name: store::patient::name(app, patient)?.masked(),
            institution_id: case.institution,
            on: case.on,
            part: case.verdict.part(),
            numerator: counted.map(|(part, _)| part),
            denominator: counted.map(|(_, of)| of),
            excluded,
        })
    }
}
