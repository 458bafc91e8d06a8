//! `POST /v1/auth/logout`: end this session.

use axum::extract::State;
use axum::http::StatusCode;
use entity::enums::SubjectKind;

use crate::app::App;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{May, grants};
use crate::store::event::NewEvent;
use crate::{in_write, store};

/// Log out.
///
/// The session's access and refresh tokens stop working at once.
#[utoipa::path(
    post, path = "/v1/auth/logout", tag = "auth",
    responses((status = 204, description = "Logged out"))
)]
pub async fn logout(State(app): State<App>, may: May<grants::BeLoggedIn>) -> Result<StatusCode> {
    in_write!(app.db, "logout", |tx| {
        store::session::revoke(
            tx,
            may.community,
            may.account,
            may.session,
            "logout",
            app.now(),
        )
        .await?;
        store::login::revoke_family(tx, may.community, may.session, app.now()).await?;
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
