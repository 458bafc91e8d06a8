//! `GET /v1/patients/{patient_id}/scales`: what was scored. Recorded as a read.

use axum::extract::State;
use entity::ids::PatientId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::ScaleScore;
use crate::app::App;
use crate::domain::code::Key;
use crate::error::Result;
use crate::extract::{Id, Json, May, Query, grants};
use crate::rules::RuleBook;
use crate::wire::{Cursor, Page};
use crate::{in_write, store};

/// Which scores.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScoreQuery {
    /// Only of this scale.
    #[param(example = "barthel")]
    pub scale: Option<Key>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List scores of a patient, newest first, each with the total before it and which way it went.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/scales", tag = "scales",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "A page of scores", body = Page<ScaleScore>))
)]
pub async fn list_scores(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
    Query(query): Query<ScoreQuery>,
) -> Result<Json<Page<ScaleScore>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let rows = in_write!(app.db, "list_scores", |tx| {
        let db = &**tx;
        store::patient::get(db, &may.scope, id).await?;
        let (community, operation) = (may.community, "list_scores");
        store::patient_read::record(tx, &app, community, id, may.account, operation).await?;
        let scale = query.scale.as_ref().map(Key::as_str);
        store::scale_score::page(db, community, id, scale, &cursor).await
    })?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    Ok(Json(
        page.try_map(|row| ScaleScore::of(&app, &book.scales, row))?,
    ))
}
