//! `POST /v1/incidents`: something went wrong around a visit.

use axum::extract::State;
use entity::enums::{HarmSeverity, ReportSort};
use entity::ids::{InstitutionId, PatientId, VisitId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::api::adverse_events::{Filed, Filing, SafetyReport, file};
use crate::app::App;
use crate::error::Result;
use crate::extract::{IdempotencyKey, May, grants};
use crate::once;
use crate::wire::{Moment, Text};

/// What went wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportIncident {
    /// Code of its kind (`incidents` of `GET /v1/adverse-event-kinds`).
    #[schema(inline, example = "wrong_address")]
    pub kind: Text<1, 40>,
    /// How bad it was for whoever it happened to; `none` when left out.
    pub severity: Option<HarmSeverity>,
    /// When it happened; not in the future. In a batch by the phone's clock, like the act.
    pub occurred_at: Moment,
    /// What happened.
    #[schema(inline, example = "地址门牌不存在")]
    pub what: Text<1, 2000>,
    /// What was done at once.
    #[schema(inline)]
    pub action: Option<Text<1, 2000>>,
    /// The visit, when it was on one.
    pub visit_id: Option<VisitId>,
    /// The patient; left out with a visit.
    pub patient_id: Option<PatientId>,
    /// The institution; needed from staff when there is neither visit nor patient.
    pub institution_id: Option<InstitutionId>,
}

/// Report an incident.
///
/// The same clock runs as for adverse events.
#[utoipa::path(
    post, path = "/v1/incidents", tag = "safety", request_body = ReportIncident,
    responses((status = 201, description = "Taken down", body = SafetyReport, headers(
        ("Location" = String, description = "The report"),
    )))
)]
pub async fn report_incident(
    State(app): State<App>,
    may: May<grants::ReportHarm>,
    request: IdempotencyKey<ReportIncident>,
) -> Result<Answer> {
    once!(app, may, request.key, "report_incident", |tx| {
        apply(&Filing::now(tx, &app, &may), &request.body).await
    })
}

/// Takes it down, as of when it was told.
pub(crate) async fn apply(filing: &Filing<'_>, report: &ReportIncident) -> Result<Answer> {
    let filed = Filed {
        sort: ReportSort::Incident,
        kind: report.kind.as_str(),
        tube: None,
        injury_level: None,
        severity: report.severity.unwrap_or(HarmSeverity::None),
        near_miss: false,
        occurred_at: *report.occurred_at,
        what: report.what.as_str(),
        action: report.action.as_ref().map(Text::as_str),
        visit: report.visit_id,
        patient: report.patient_id,
        device: None,
        institution: report.institution_id,
    };
    file(filing, &filed).await
}
