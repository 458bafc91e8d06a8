//! `GET /v1/consent-texts`: what is read before signing.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::consent::ConsentText;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::rules::RuleBook;

/// The texts that hold today.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentTextList {
    /// Version of the file.
    pub version: u32,
    /// The texts.
    pub items: Vec<ConsentText>,
}

/// The texts that can be consented to.
#[utoipa::path(
    get, path = "/v1/consent-texts", tag = "consents",
    responses((status = 200, description = "The texts that hold today", body = ConsentTextList))
)]
pub async fn list_consent_texts(
    State(app): State<App>,
    may: May<grants::BeLoggedIn>,
) -> Result<Json<ConsentTextList>> {
    let texts = RuleBook::at(app.db.reader(), &app, may.community, app.now())
        .await?
        .consents;
    Ok(Json(ConsentTextList {
        version: texts.version,
        items: texts.texts.clone(),
    }))
}
