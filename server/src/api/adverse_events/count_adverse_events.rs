//! `GET /v1/reports/adverse-events`: counts of a period.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::harm::{HarmCounts, count};
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::problem::{Code, Problem};
use crate::store;
use crate::wire::Moment;

/// Which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// That occurred at or after.
    #[param(value_type = String, format = DateTime, example = "2026-03-01T00:00:00Z")]
    pub from: Moment,
    /// That occurred before.
    #[param(value_type = String, format = DateTime, example = "2026-04-01T00:00:00Z")]
    pub to: Moment,
}

/// Adverse events of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdverseEventReport {
    /// Start of the period.
    pub from: DateTime<Utc>,
    /// End of the period, not included.
    pub to: DateTime<Utc>,
    /// The counts.
    pub counts: HarmCounts,
}

/// Count adverse events.
///
/// By the time they occurred, at the caller's institutions.
#[utoipa::path(
    get, path = "/v1/reports/adverse-events", tag = "safety",
    responses((status = 200, description = "The counts", body = AdverseEventReport))
)]
pub async fn count_adverse_events(
    State(app): State<App>,
    may: May<grants::HandleIncidents>,
    Query(period): Query<PeriodQuery>,
) -> Result<Json<AdverseEventReport>> {
    let (from, to) = (*period.from, *period.to);
    if to <= from {
        return Err(Problem::new(Code::InvalidRequest)
            .field("to", Code::DateOrder)
            .into());
    }
    let alike = store::safety_report::alike(app.db.reader(), &may.scope, from, to).await?;
    let counts = count(&alike);
    Ok(Json(AdverseEventReport { from, to, counts }))
}
