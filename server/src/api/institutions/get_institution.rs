//! `GET /v1/institutions/{institution_id}`: one institution.

use axum::extract::State;
use entity::ids::InstitutionId;

use super::Institution;
use crate::app::App;
use crate::error::Result;
use crate::extract::{ETag, Id, Json, May, grants};
use crate::problem::Code;
use crate::store;

/// Read an institution.
#[utoipa::path(
    get, path = "/v1/institutions/{institution_id}", tag = "institutions",
    params(("institution_id" = InstitutionId, Path, description = "An institution of the community")),
    responses((status = 200, description = "The institution, with its ETag", body = Institution,
        headers(("ETag" = String, description = "Its version"))))
)]
pub async fn get_institution(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
    Id(id): Id<InstitutionId>,
) -> Result<(ETag, Json<Institution>)> {
    let row = store::institution::get(app.db.reader(), may.community, id)
        .await?
        .ok_or(Code::NotFound)?;
    Ok((ETag(row.version), Json(Institution::of(row))))
}
