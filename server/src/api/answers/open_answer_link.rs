//! `POST /v1/answer-links/open`: the family opens its link.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::extract::Json;
use crate::in_write;
use crate::rules::RuleBook;
use crate::signals::link::{self, Opened};
use crate::signals::sheet::{self, AnswerForm};
use crate::wire::Text;

/// What opens a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenAnswerLink {
    /// What stands behind `#/answers/` in the link.
    #[schema(inline)]
    pub token: Text<40, 120>,
    /// The six digits of the other message.
    #[schema(inline, example = "123456")]
    pub code: Text<6, 6>,
}

/// Open a link with its code.
///
/// Gives the questions, and nothing about the patient. After five wrong codes the link is void.
#[utoipa::path(
    post, path = "/v1/answer-links/open", tag = "answers", request_body = OpenAnswerLink,
    security(()),
    responses((status = 200, description = "What is asked", body = AnswerForm))
)]
pub async fn open_answer_link(
    State(app): State<App>,
    Json(body): Json<OpenAnswerLink>,
) -> Result<Json<AnswerForm>> {
    let community = link::community_of(body.token.as_str())?;
    let book = RuleBook::current(&app, community).await?;
    let (token, code) = (body.token.as_str(), body.code.as_str());
    let opened = in_write!(app.db, "open_answer_link", |tx| {
        link::open(tx, &app, &book, (community, token), code).await
    })?;
    match opened {
        Opened::Wrong(problem) => Err((*problem).into()),
        Opened::Right(right) => {
            let (_, task) = *right;
            sheet::check_open(&task)?;
            Ok(Json(sheet::form(&book, &task)?))
        }
    }
}
