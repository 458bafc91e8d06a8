//! `GET /v1/exercise-pictures/{picture_id}`: a picture of an exercise.

use std::borrow::Cow;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::picture::PictureId;
use crate::error::Result;
use crate::extract::{Id, IfNoneMatch, May, grants};
use crate::problem::Code;
use crate::{pictures, store};

/// It is the caller's phone that may keep it, and for good: another picture has another address.
const KEEP: &str = "private, max-age=31536000, immutable";

/// Whatever stands in it, it runs nothing and loads nothing, also when somebody opens it as a page.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Read a picture of an exercise.
///
/// The address stands in `picture_path` of an exercise. What it shows never changes, so read it once and keep it; ask again
/// with `If-None-Match` only when in doubt. A drawing that comes with the program is an SVG, the community's own pictures are
/// JPEG. Show it as an image; do not put it into a page as markup.
#[utoipa::path(
    get, path = "/v1/exercise-pictures/{picture_id}", tag = "rehabilitation",
    params(
        ("picture_id" = PictureId, Path, description = "A picture that comes with the program, or one of the community's own"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of the picture that the caller has"),
    ),
    responses(
        (
            status = 200, description = "The picture",
            content((String = "image/svg+xml"), (String = "image/jpeg")),
            headers(("ETag" = String, description = "SHA-256 of the picture, in hex, in quotes"))
        ),
        (status = 304, description = "The caller has it"),
    )
)]
pub async fn get_exercise_picture(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PictureId>,
    known: IfNoneMatch,
) -> Result<Response> {
    let (content_type, content): (_, Cow<'static, [u8]>) = if let Some(one) = pictures::shipped(&id)
    {
        ("image/svg+xml", one.svg.as_bytes().into())
    } else {
        let own = store::exercise_picture::get(app.db.reader(), may.community, &id).await?;
        ("image/jpeg", own.ok_or(Code::NotFound)?.jpeg.into())
    };
    let tag = format!("\"{id}\"");
    let head = [
        (CACHE_CONTROL, KEEP),
        (CONTENT_SECURITY_POLICY, POLICY),
        (ETAG, tag.as_str()),
    ];
    if known.names(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, [(CONTENT_TYPE, content_type)], content).into_response())
}
