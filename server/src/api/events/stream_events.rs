//! `GET /v1/events`: what happens, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::SubjectKind;
use entity::ids::{NurseId, OrderId};
use futures::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, Result};
use crate::extract::{May, Query, grants};
use crate::live::{Heard, Listener};
use crate::problem::Code;
use crate::store;
use crate::store::feed::FeedCursor;

/// Time after which a client that lost the stream comes back.
const RETRY: Duration = Duration::from_secs(3);
/// What was missed longer ago than this is not read again.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Id of the last event received, for clients that cannot send `Last-Event-ID`; the header goes before.
    #[param(max_length = 48, example = "0-17")]
    pub after: Option<String>,
}

/// The `data` of one event. It says that something changed; what it is now is read from its resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveEvent {
    /// Place in the stream, as in the `id` line.
    #[schema(example = "0-17")]
    id: String,
    /// What happened.
    #[schema(example = "order.accepted")]
    kind: &'static str,
    /// What it happened to.
    subject: LiveSubject,
    /// The order, when it is about one.
    order_id: Option<OrderId>,
    /// The nurse, when it is about one and the caller may know her: staff and herself.
    nurse_id: Option<NurseId>,
    /// When, by the server's clock.
    at: DateTime<Utc>,
}

/// What an event happened to.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveSubject {
    /// Kind of thing.
    kind: SubjectKind,
    /// Its id.
    id: Uuid,
}

/// Listen to what happens.
///
/// Server-sent events of the caller's patients, of the caller as a nurse, or of the caller's institutions. Connect
/// first, then read the lists: nothing is missed in between. Resume with the last `id` received; nothing is
/// missed or told twice. A comment comes every 15 seconds, with the `id` to resume from; when none comes for
/// 30 seconds, connect again. The stream ends with its session.
#[utoipa::path(
    get, path = "/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<String>, Header, description = "Id of the last event received")),
    responses((status = 200, description = "A stream that does not end", body = LiveEvent, content_type = "text/event-stream"))
)]
pub async fn stream_events(
    State(app): State<App>,
    may: May<grants::Listen>,
    Query(query): Query<EventQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let after = resume_from(&headers, &query)?;
    if let Some(after) = after {
        check_place(&app, &may, after).await?;
    }
    let listener = Listener::start(app, may, after).await?;
    let events = stream::unfold(listener, async |mut listener| {
        let heard = listener.next().await?;
        Some((Ok::<_, Infallible>(event(heard)), listener))
    });
    let headers = [
        (CACHE_CONTROL, "no-store"),
        // A proxy that gathers answers would hold events back.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Sse::new(events)).into_response())
}

/// `Last-Event-ID`, or `after`.
fn resume_from(headers: &HeaderMap, query: &EventQuery) -> Result<Option<FeedCursor>> {
    let header = headers.get("last-event-id").map(|value| value.to_str());
    let text = match header {
        Some(text) => Some(text.map_err(|_| Code::CursorInvalid)?),
        None => query.after.as_deref(),
    };
    let cursor = text.filter(|text| !text.is_empty()).map(str::parse);
    cursor
        .transpose()
        .map_err(|()| Error::from(Code::CursorInvalid))
}

/// Refuses a place that lies weeks back, and one that this database never reached.
async fn check_place(app: &App, may: &May<grants::Listen>, after: FeedCursor) -> Result<()> {
    let db = app.db.reader();
    let missed = store::feed::of_community_after(db, may.community, after, 1).await?;
    let known = match missed.first() {
        Some(first) => first.at + KEPT >= app.now(),
        None => after <= store::feed::end(db).await?,
    };
    if known {
        Ok(())
    } else {
        Err(Code::EventsGone.into())
    }
}

fn event(heard: Heard) -> Event {
    match heard {
        Heard::Beat(cursor) => Event::default()
            .comment("alive")
            .id(cursor.to_string())
            .retry(RETRY),
        Heard::Event {
            row,
            kind,
            names_nurse,
        } => {
            let id = row.cursor().to_string();
            let data = LiveEvent {
                id: id.clone(),
                kind: kind.as_str(),
                subject: LiveSubject {
                    kind: row.subject_kind,
                    id: row.subject_id,
                },
                order_id: (row.subject_kind == SubjectKind::Order)
                    .then_some(OrderId(row.subject_id)),
                nurse_id: row.nurse_id.filter(|_| names_nurse),
                at: row.at,
            };
            let text = serde_json::to_string(&data).unwrap_or_default();
            Event::default().id(id).data(text)
        }
    }
}
