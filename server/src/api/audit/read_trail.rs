//! `GET /v1/audit/trail`: everything that happened to one thing.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::SubjectKind;
use entity::event::Model;
use entity::ids::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, Result};
use crate::extract::{Json, May, Query, grants};
use crate::problem::Code;
use crate::store;
use crate::wire::PlaceOut;

/// Most events in a page.
const MAX_LIMIT: u64 = 100;
/// Events in a page when the caller does not say.
const DEFAULT_LIMIT: u64 = 30;

/// Whose trail.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrailQuery {
    /// Kind of thing.
    #[param(inline)]
    pub subject_kind: SubjectKind,
    /// Its id.
    pub subject_id: Uuid,
    /// `next_cursor` of the page before.
    #[param(max_length = 20)]
    pub cursor: Option<String>,
    /// Events wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// A link of a trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Number within the trail, from 1.
    #[schema(minimum = 1)]
    pub no: i64,
    /// What happened.
    #[schema(example = "account.disabled")]
    pub kind: String,
    /// Who did it; null for the server itself.
    pub actor_id: Option<AccountId>,
    /// When, by the server's clock.
    pub at: DateTime<Utc>,
    /// When, by the device's clock, where a device reported it.
    pub device_at: Option<DateTime<Utc>>,
    /// Where, when known.
    pub place: Option<PlaceOut>,
    /// What else is to be known.
    #[schema(value_type = Object)]
    pub payload: Value,
    /// Keyed hash over this link and the one before; `jiahu audit verify` proves it.
    pub hash: String,
}

/// A page of a trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditTrail {
    /// Oldest first.
    pub items: Vec<AuditEvent>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// Read a trail.
///
/// A thing that does not exist has an empty trail.
#[utoipa::path(
    get, path = "/v1/audit/trail", tag = "audit",
    responses((status = 200, description = "Oldest first", body = AuditTrail))
)]
pub async fn read_trail(
    State(app): State<App>,
    may: May<grants::Audit>,
    Query(query): Query<TrailQuery>,
) -> Result<Json<AuditTrail>> {
    let after = match &query.cursor {
        Some(text) => text.parse().map_err(|_| Code::CursorInvalid)?,
        None => 0,
    };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let subject = (query.subject_kind, query.subject_id);
    let db = app.db.reader();
    let mut rows = store::audit::trail(db, may.community, subject, after, limit + 1).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = rows.last().filter(|_| more).map(|row| row.subject_no);
    Ok(Json(AuditTrail {
        items: rows.into_iter().map(event_of).collect::<Result<_>>()?,
        next_cursor: next.map(|no| no.to_string()),
    }))
}

fn event_of(row: Model) -> Result<AuditEvent> {
    Ok(AuditEvent {
        no: row.subject_no,
        kind: row.kind,
        actor_id: row.actor_id,
        at: row.at,
        device_at: row.device_at,
        place: PlaceOut::from_columns(row.lng, row.lat, row.accuracy_m),
        payload: serde_json::from_str(&row.payload).map_err(Error::internal)?,
        hash: row.hash,
    })
}
