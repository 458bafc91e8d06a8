//! `GET /v1/exceptions`: arrivals in question, newest first.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::ArrivalException;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::store::arrival::Filter;
use crate::wire::{Cursor, Page};

/// Which exceptions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExceptionQuery {
    /// True: waiting for a decision; false: decided.
    pub open: Option<bool>,
    /// True: with a proof; false: unproven.
    pub proven: Option<bool>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Exceptions wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List arrivals in question.
#[utoipa::path(
    get, path = "/v1/exceptions", tag = "exceptions",
    responses((status = 200, description = "Exceptions, newest first", body = Page<ArrivalException>))
)]
pub async fn list_exceptions(
    State(app): State<App>,
    may: May<grants::SeeExceptions>,
    Query(query): Query<ExceptionQuery>,
) -> Result<Json<Page<ArrivalException>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let filter = Filter {
        open: query.open,
        proven: query.proven,
    };
    let rows = store::arrival::list(app.db.reader(), &may.scope, filter, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    Ok(Json(page.try_map(|row| ArrivalException::of(&app, &row))?))
}
