//! `DELETE /v1/discharge-feeds/{feed_id}`: a system tells of nothing any more.

use axum::extract::State;
use axum::http::StatusCode;
use entity::ids::DischargeFeedId;

use super::event_of;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, May, grants};
use crate::problem::Code;
use crate::{in_write, store};

/// End a feed. Its secret is worth nothing from then on; what it told of stays.
#[utoipa::path(
    delete, path = "/v1/discharge-feeds/{feed_id}", tag = "discharges",
    params(("feed_id" = DischargeFeedId, Path, description = "A feed in use")),
    responses((status = 204, description = "Ended"))
)]
pub async fn end_discharge_feed(
    State(app): State<App>,
    may: May<grants::ManageFeeds>,
    Id(id): Id<DischargeFeedId>,
) -> Result<StatusCode> {
    in_write!(app.db, "end_discharge_feed", |tx| {
        let found = store::discharge::feed(&**tx, id).await?;
        let row = found
            .filter(|row| row.community_id == may.community)
            .filter(|row| may.scope.reaches(row.institution_id))
            .ok_or(Code::NotFound)?;
        if !store::discharge::end_feed(tx, &app, &row, may.account).await? {
            return Err(Code::NotFound.into());
        }
        let event = event_of(EventKind::FeedEnded, &row, may.account);
        store::event::append(tx, &app, may.community, event).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
