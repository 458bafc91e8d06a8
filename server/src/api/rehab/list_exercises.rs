//! `GET /v1/exercises`: the library of exercises.

use axum::extract::State;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::code::Key;
use crate::domain::rehab::{DoseLimits, Exercise, Thresholds};
use crate::domain::rulefile::Bilingual;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::pictures;
use crate::rules::RuleBook;

/// The library of exercises.
#[derive(Debug, Serialize, ToSchema)]
pub struct Exercises {
    /// Version of the file.
    #[schema(minimum = 1)]
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the values come from.
    pub source: String,
    /// When a nurse has to look.
    pub attention: Thresholds,
    /// Stop rules that stand on every card.
    pub stop_always: Vec<Bilingual>,
    /// The exercises.
    pub exercises: Vec<ExerciseCard>,
}

/// An exercise of the library.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExerciseCard {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// How it is done.
    pub how: Bilingual,
    /// What the library names as its picture.
    pub picture: String,
    /// Where the picture is; null when there is none. What is there never changes: a changed picture has another address.
    #[schema(
        example = "/v1/exercise-pictures/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub picture_path: Option<String>,
    /// The most that may be planned.
    pub limits: DoseLimits,
    /// When to stop; those of every card come with it.
    pub stop_rules: Vec<Bilingual>,
}

impl From<&Exercise> for ExerciseCard {
    fn from(one: &Exercise) -> Self {
        Self {
            code: one.code.clone(),
            name: one.name.clone(),
            how: one.how.clone(),
            picture: one.picture.clone(),
            picture_path: pictures::path_of(&one.picture),
            limits: one.limits,
            stop_rules: one.stop_rules.clone(),
        }
    }
}

/// The library of exercises that holds today, with the picture and the stop rules of each card.
#[utoipa::path(
    get, path = "/v1/exercises", tag = "rehabilitation",
    responses((status = 200, description = "The library", body = Exercises))
)]
pub async fn list_exercises(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
) -> Result<Json<Exercises>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let library = &book.exercises;
    Ok(Json(Exercises {
        version: library.version,
        valid_from: library.valid_from,
        approved_by: library.approved_by.clone(),
        approved_on: library.approved_on,
        source: library.source.clone(),
        attention: library.attention,
        stop_always: library.stop_always.clone(),
        exercises: library.exercises.iter().map(ExerciseCard::from).collect(),
    }))
}
