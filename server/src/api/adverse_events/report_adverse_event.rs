//! `POST /v1/adverse-events`: a patient came to harm, or nearly.

use axum::extract::State;
use entity::enums::{HarmSeverity, ReportSort};
use entity::ids::{InstitutionId, PatientId, VisitId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Filed, Filing, SafetyReport, file};
use crate::answer::Answer;
use crate::app::App;
use crate::error::Result;
use crate::extract::{IdempotencyKey, May, grants};
use crate::once;
use crate::problem::{Code, Problem};
use crate::wire::{Moment, Text};

/// What happened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportAdverseEvent {
    /// Code of its kind (`GET /v1/adverse-event-kinds`).
    #[schema(inline, example = "cauti")]
    pub kind: Text<1, 40>,
    /// Code of the tube; needed for an unplanned extubation, and for nothing else.
    #[schema(inline)]
    pub tube: Option<Text<1, 40>>,
    /// Level of injury; needed for a fall, and for nothing else.
    #[schema(minimum = 0, maximum = 3)]
    pub injury_level: Option<u8>,
    /// How bad it was.
    pub severity: HarmSeverity,
    /// It nearly happened. Welcome: nobody is blamed for telling.
    #[serde(default)]
    pub near_miss: bool,
    /// When it happened; not in the future. In a batch by the phone's clock, like the act.
    pub occurred_at: Moment,
    /// What happened.
    #[schema(inline, example = "更换体位时导管滑出")]
    pub what: Text<1, 2000>,
    /// What was done at once.
    #[schema(inline)]
    pub action: Option<Text<1, 2000>>,
    /// The visit, when it was on one.
    pub visit_id: Option<VisitId>,
    /// The patient; left out with a visit.
    pub patient_id: Option<PatientId>,
    /// The device of the register.
    pub device_id: Option<Uuid>,
    /// The institution; needed from staff when there is neither visit nor patient.
    pub institution_id: Option<InstitutionId>,
}

/// Report an adverse event.
///
/// Any member of staff and any nurse may. Told more than 24 hours later it is marked as late. Somebody has to look
/// into it within 24 hours, or supervisors are called; after harm that needs treatment they are called at once.
#[utoipa::path(
    post, path = "/v1/adverse-events", tag = "safety", request_body = ReportAdverseEvent,
    responses((status = 201, description = "Taken down", body = SafetyReport, headers(
        ("Location" = String, description = "The report"),
    )))
)]
pub async fn report_adverse_event(
    State(app): State<App>,
    may: May<grants::ReportHarm>,
    request: IdempotencyKey<ReportAdverseEvent>,
) -> Result<Answer> {
    once!(app, may, request.key, "report_adverse_event", |tx| {
        apply(&Filing::now(tx, &app, &may), &request.body).await
    })
}

/// Takes it down, as of when it was told.
pub(crate) async fn apply(filing: &Filing<'_>, report: &ReportAdverseEvent) -> Result<Answer> {
    check_level(report.injury_level)?;
    let filed = Filed {
        sort: ReportSort::AdverseEvent,
        kind: report.kind.as_str(),
        tube: report.tube.as_ref().map(Text::as_str),
        injury_level: report.injury_level.map(i32::from),
        severity: report.severity,
        near_miss: report.near_miss,
        occurred_at: *report.occurred_at,
        what: report.what.as_str(),
        action: report.action.as_ref().map(Text::as_str),
        visit: report.visit_id,
        patient: report.patient_id,
        device: report.device_id,
        institution: report.institution_id,
    };
    file(filing, &filed).await
}

fn check_level(level: Option<u8>) -> Result<()> {
    if level.is_none_or(|level| level <= 3) {
        return Ok(());
    }
    let params = vec![("min", "0".to_owned()), ("max", "3".to_owned())];
    Err(Problem::new(Code::InvalidRequest)
        .field_with("injury_level", Code::NumberRange, params)
        .into())
}
