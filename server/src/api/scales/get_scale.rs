//! `GET /v1/scales/{scale}`: what a scale asks.

use axum::extract::State;

use crate::app::App;
use crate::domain::code::Key;
use crate::domain::scale::Scale;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::problem::Code;
use crate::rules::RuleBook;

/// What a scale asks: its items, their points, its bands.
#[utoipa::path(
    get, path = "/v1/scales/{scale}", tag = "scales",
    params(("scale" = Key, Path, description = "Code of a scale", example = "barthel")),
    responses((status = 200, description = "The scale as it holds today", body = Scale))
)]
pub async fn get_scale(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
    Id(code): Id<Key>,
) -> Result<Json<Scale>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let scale = book.scales.scale(code.as_str()).ok_or(Code::NotFound)?;
    Ok(Json(scale.clone()))
}
