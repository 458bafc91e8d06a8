//! `GET /v1/visits/{visit_id}/photos`: what was photographed. Recorded as a read.

use axum::extract::State;
use entity::ids::VisitId;
use serde::Serialize;
use utoipa::ToSchema;

use super::photo::{Photo, hidden, names, seen};
use crate::app::App;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::{in_write, store};

/// Photos of a visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Photos {
    /// Oldest first.
    pub items: Vec<Photo>,
    /// SHA-256 of photos that the record or an amendment names, and of images of signatures under consents and the return
    /// of waste, that have not come yet.
    pub awaited: Vec<String>,
}

/// List the photos of a visit.
///
/// Also of one that was taken from its nurse, by herself and by staff: what she told of it later and is kept may name photos.
#[utoipa::path(
    get, path = "/v1/visits/{visit_id}/photos", tag = "visits",
    params(("visit_id" = VisitId, Path, description = "A visit in scope")),
    responses((status = 200, description = "The photos", body = Photos))
)]
pub async fn list_photos(
    State(app): State<App>,
    may: May<grants::SeeVisits>,
    Id(id): Id<VisitId>,
) -> Result<Json<Photos>> {
    let found = in_write!(app.db, "list_photos", |tx| {
        let (visit, order) = seen(&**tx, &may, id).await?;
        let patient = visit.patient_id;
        store::patient_read::record(tx, &app, may.community, patient, may.account, "list_photos")
            .await?;
        let mut rows = store::photo::of_visit(&**tx, may.community, visit.id).await?;
        let mut awaited = names(&app, &**tx, &visit).await?;
        awaited.retain(|hash| rows.iter().all(|row| row.sha256 != *hash));
        if let Some(hidden) = hidden(&**tx, &may, (&visit, &order)).await? {
            awaited.remove(&hidden);
            rows.retain(|row| row.sha256 != hidden);
        }
        Ok(Photos {
            items: rows.iter().map(Photo::of).collect(),
            awaited: awaited.into_iter().collect(),
        })
    })?;
    Ok(Json(found))
}
