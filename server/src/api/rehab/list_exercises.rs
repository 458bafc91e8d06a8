//! `GET /v1/exercises`: the library of exercises.

use axum::extract::State;

use crate::app::App;
use crate::domain::rehab::ExerciseLibrary;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::rules::RuleBook;

/// The library of exercises that holds today, with the stop rules of each card.
#[utoipa::path(
    get, path = "/v1/exercises", tag = "rehabilitation",
    responses((status = 200, description = "The library", body = ExerciseLibrary))
)]
pub async fn list_exercises(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
) -> Result<Json<ExerciseLibrary>> {
    let book = RuleBook::current(&app, may.community).await?;
    Ok(Json(ExerciseLibrary::clone(&book.exercises)))
}
