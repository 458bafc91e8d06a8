//! `PUT /v1/nurses/me/place`: a nurse's phone says where it is.

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::problem::Code;
use crate::wire::PlaceIn;
use crate::{in_write, store};

/// Say where I am.
///
/// Only the last place is kept, with the server's time. Send it when the list of offers is opened.
#[utoipa::path(
    put, path = "/v1/nurses/me/place", tag = "nurses", request_body = PlaceIn,
    responses((status = 204, description = "Kept"))
)]
pub async fn put_my_place(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Json(place): Json<PlaceIn>,
) -> Result<StatusCode> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    let place = place.convert("lng")?;
    in_write!(app.db, "put_my_place", |tx| {
        store::nurse::set_place(tx, may.community, nurse, &place, app.now()).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}
