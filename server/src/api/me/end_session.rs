//! `DELETE /v1/me/sessions/{session_id}`: log out another device.

use axum::extract::State;
use axum::http::StatusCode;
use entity::enums::SubjectKind;
use entity::ids::SessionId;

use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{Id, May, grants};
use crate::problem::Code;
use crate::store::event::NewEvent;
use crate::{in_write, store};

/// End one of my sessions.
#[utoipa::path(
    delete, path = "/v1/me/sessions/{session_id}", tag = "me",
    params(("session_id" = SessionId, Path, description = "A session of the caller")),
    responses((status = 204, description = "Ended"))
)]
pub async fn end_session(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
    Id(session): Id<SessionId>,
) -> Result<StatusCode> {
    in_write!(app.db, "end_session", |tx| {
        if !store::session::revoke(tx, may.community, may.account, session, "ended", app.now())
            .await?
        {
            return Err(Code::NotFound.into());
        }
        store::login::revoke_family(tx, may.community, session, app.now()).await?;
        let event = NewEvent::new(
            EventKind::SessionRevoked,
            SubjectKind::Account,
            may.account.0,
            Some(may.account),
        );
        store::event::append(tx, &app, may.community, event).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
