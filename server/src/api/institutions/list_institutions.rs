//! `GET /v1/institutions`: the institutions of the community, for whoever is logged in.

use axum::extract::State;
use entity::enums::InstitutionKind;
use entity::ids::InstitutionId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which institutions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InstitutionFilter {
    /// Closed ones too; only those that work when left out.
    pub closed_too: Option<bool>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// What everybody sees of an institution.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionSummary {
    /// The institution.
    pub id: InstitutionId,
    /// The institution above it; null for the lead hospital.
    pub parent_id: Option<InstitutionId>,
    /// Kind.
    pub kind: InstitutionKind,
    /// Its code.
    #[schema(example = "130431101")]
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Phone for the public.
    pub phone: String,
    /// Approved for nursing at home.
    pub home_care_approved: bool,
    /// Works.
    pub active: bool,
}

/// List institutions.
#[utoipa::path(
    get, path = "/v1/institutions", tag = "institutions",
    responses((status = 200, description = "Newest first", body = Page<InstitutionSummary>))
)]
pub async fn list_institutions(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
    Query(filter): Query<InstitutionFilter>,
) -> Result<Json<Page<InstitutionSummary>>> {
    let cursor = Cursor::new(filter.cursor.as_deref(), filter.limit)?;
    let closed_too = filter.closed_too.unwrap_or(false);
    let rows =
        store::institution::page(app.db.reader(), may.community, closed_too, &cursor).await?;
    let page = cursor.page(
        rows,
        |row| row.id.0,
        |row| InstitutionSummary {
            id: row.id,
            parent_id: row.parent_id,
            kind: row.kind,
            code: row.code,
            name_zh: row.name_zh,
            name_en: row.name_en,
            phone: row.phone,
            home_care_approved: row.home_care_approved,
            active: row.active,
        },
    );
    Ok(Json(page))
}
