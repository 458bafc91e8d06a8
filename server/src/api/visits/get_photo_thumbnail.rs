//! `GET /v1/visits/{visit_id}/photos/{photo_id}/thumbnail`: a small picture for lists. Recorded as a read.

use axum::extract::State;
use entity::ids::{PhotoId, VisitId};

use super::photo::{Picture, read};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, May, grants};
use crate::photos::Part;

/// Read the small picture of a photo.
///
/// Its longer side has at most 320 pixels.
#[utoipa::path(
    get, path = "/v1/visits/{visit_id}/photos/{photo_id}/thumbnail", tag = "visits",
    params(
        ("visit_id" = VisitId, Path, description = "A visit in scope"),
        ("photo_id" = PhotoId, Path, description = "A photo of the visit"),
    ),
    responses((status = 200, description = "The picture", body = String, content_type = "image/jpeg"))
)]
pub async fn get_photo_thumbnail(
    State(app): State<App>,
    may: May<grants::SeeVisits>,
    Id(ids): Id<(VisitId, PhotoId)>,
) -> Result<Picture> {
    read(&app, &may, ids, Part::Small, "get_photo_thumbnail").await
}
