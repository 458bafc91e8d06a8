//! `POST /v1/exercise-pictures`: a community's own picture of an exercise.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::SubjectKind;
use entity::exercise_picture;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::picture::{KEPT_SIDE, PictureId};
use crate::error::{Error, Result};
use crate::extract::{May, PhotoUpload, grants};
use crate::photos::Cleansed;
use crate::store::event::NewEvent;
use crate::{once, pictures, store};

/// A community's own picture of an exercise.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExercisePicture {
    /// What a file of exercises gives as `picture`.
    pub id: PictureId,
    /// Where it can be read.
    #[schema(
        example = "/v1/exercise-pictures/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub path: String,
    /// Size of the picture that is kept.
    pub bytes: usize,
    /// Pixels across.
    pub width: i32,
    /// Pixels down.
    pub height: i32,
    /// When it came.
    pub added_at: DateTime<Utc>,
}

/// Add a picture of an exercise.
///
/// Publish a file of exercises that gives the `id` as `picture`; from then on plans show it. JPEG, PNG and WebP are taken,
/// whatever `Content-Type` says, up to `photos.max_bytes`; no SVG, which could hold a script. Kept is a JPEG without
/// metadata, the right way up, on white, its longer side at most 1280 pixels. It never changes; the same file sent again is
/// the same picture.
#[utoipa::path(
    post, path = "/v1/exercise-pictures", tag = "rehabilitation",
    request_body(description = "The picture", content(
        (String = "image/jpeg"), (String = "image/png"), (String = "image/webp"),
    )),
    params(("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _")),
    responses((
        status = 201, description = "Kept", body = ExercisePicture,
        headers(("Location" = String, description = "Where it can be read"))
    ))
)]
pub async fn add_exercise_picture(
    State(app): State<App>,
    may: May<grants::PublishRules>,
    upload: PhotoUpload,
) -> Result<Answer> {
    let (db, key) = (app.db.reader(), &upload.key);
    let told = store::idempotency::find(db, &app, may.community, may.account, key).await?;
    if let Some(answer) = told {
        return Ok(answer);
    }
    let made = app
        .photos
        .cleanse_to(upload.bytes.clone(), KEPT_SIDE)
        .await?;
    let id = pictures::id(&made.jpeg);
    once!(app, may, upload.key, "add_exercise_picture", |tx| {
        let row = kept(tx, &app, &may, (&id, &made)).await?;
        let shown = ExercisePicture {
            path: pictures::path(&id),
            id: id.clone(),
            bytes: row.jpeg.len(),
            width: row.width,
            height: row.height,
            added_at: row.created_at,
        };
        Answer::created(shown.path.clone(), &shown)
    })
}

/// Keeps the picture, unless the community has it.
async fn kept(
    tx: &Tx,
    app: &App,
    may: &May<grants::PublishRules>,
    (id, made): (&PictureId, &Cleansed),
) -> Result<exercise_picture::Model> {
    let number = |value: u32| i32::try_from(value).map_err(Error::internal);
    let (community, by) = (may.community, Some(may.account));
    let row = exercise_picture::Model {
        community_id: community,
        sha256: id.to_string(),
        jpeg: made.jpeg.clone(),
        width: number(made.width)?,
        height: number(made.height)?,
        created_by: may.account,
        created_at: app.now(),
    };
    if !store::exercise_picture::insert(tx, row.clone()).await? {
        let known = store::exercise_picture::get(&**tx, community, id).await?;
        return known.ok_or_else(|| Error::internal("a picture is gone that was there"));
    }
    let (kind, subject) = (EventKind::PictureAdded, SubjectKind::Community);
    let event = NewEvent::new(kind, subject, community.0, by).payload(json!({ "sha256": id }));
    store::event::append(tx, app, community, event).await?;
    Ok(row)
}
