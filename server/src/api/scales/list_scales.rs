//! `GET /v1/scales`: which scales there are.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::code::Key;
use crate::domain::rulefile::Bilingual;
use crate::domain::scale::{Better, RatedBy, Scale};
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::rules::RuleBook;

/// The scales that hold today.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScaleList {
    /// Version of the scales.
    pub version: u32,
    /// The scales.
    pub items: Vec<ScaleHead>,
}

/// A scale without what it asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScaleHead {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// Which way a total gets better.
    pub better: Better,
    /// Who may fill it in.
    pub by: RatedBy,
    /// Lowest total.
    pub lowest: i32,
    /// Highest total.
    pub highest: i32,
    /// Who owns it, and what the hospital has to clear before it is used.
    pub licence: Bilingual,
}

impl ScaleHead {
    fn of(scale: &Scale) -> Self {
        Self {
            code: scale.code.clone(),
            name: scale.name.clone(),
            better: scale.better,
            by: scale.by,
            lowest: scale.lowest(),
            highest: scale.highest(),
            licence: scale.licence.clone(),
        }
    }
}

/// The scales that hold today, each with its licence note.
#[utoipa::path(
    get, path = "/v1/scales", tag = "scales",
    responses((status = 200, description = "The scales", body = ScaleList))
)]
pub async fn list_scales(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
) -> Result<Json<ScaleList>> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    Ok(Json(ScaleList {
        version: book.scales.version,
        items: book.scales.scales.iter().map(ScaleHead::of).collect(),
    }))
}
