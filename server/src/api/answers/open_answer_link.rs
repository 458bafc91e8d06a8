//! `POST /v1/answer-links/open`: the family opens its link.

use axum::extract::State;
use entity::follow_task;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::rules::RuleBook;
use crate::signals::link::{self, Opened};
use crate::signals::sheet::{self, AnswerForm};
use crate::wire::Text;
use crate::{in_write, store};

/// What opens a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenAnswerLink {
    /// What stands behind `#` in the link.
    #[schema(inline)]
    pub token: Text<40, 120>,
    /// The six digits of the other message.
    #[schema(inline, example = "123456")]
    pub code: Text<6, 6>,
}

/// What a link opens.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedLink {
    /// Name of the patient, masked: whoever answers has to know whom it is about.
    #[schema(example = "张*明")]
    pub patient_name: String,
    /// Who asks.
    pub institution: LinkInstitution,
    /// What is asked.
    #[serde(flatten)]
    pub form: AnswerForm,
}

/// The institution that asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkInstitution {
    /// Its name.
    pub name: Bilingual,
    /// Its number for the public.
    pub phone: String,
}

/// Open a link with its code.
///
/// Gives the questions, whom they are about (masked) and who asks. After five wrong codes the link is void.
#[utoipa::path(
    post, path = "/v1/answer-links/open", tag = "answers", request_body = OpenAnswerLink,
    security(()),
    responses((status = 200, description = "What is asked, and of whom", body = OpenedLink))
)]
pub async fn open_answer_link(
    State(app): State<App>,
    Json(body): Json<OpenAnswerLink>,
) -> Result<Json<OpenedLink>> {
    let community = link::community_of(body.token.as_str())?;
    let book = RuleBook::current(app.db.reader(), &app, community).await?;
    let (token, code) = (body.token.as_str(), body.code.as_str());
    let opened = in_write!(app.db, "open_answer_link", |tx| {
        link::open(tx, &app, &book, (community, token), code).await
    })?;
    match opened {
        Opened::Wrong(problem) => Err((*problem).into()),
        Opened::Right(right) => {
            let (_, task) = *right;
            sheet::check_open(&task)?;
            let (patient_name, institution) = about(&app, &task).await?;
            Ok(Json(OpenedLink {
                patient_name,
                institution,
                form: sheet::form(&book, &task, true)?,
            }))
        }
    }
}

/// Whom a task is about, and who asks. Two statements.
async fn about(app: &App, task: &follow_task::Model) -> Result<(String, LinkInstitution)> {
    let (db, community) = (app.db.reader(), task.community_id);
    let patient = store::patient::in_community(db, community, task.patient_id).await?;
    let patient = patient.ok_or_else(|| Error::internal("a task has no patient"))?;
    let asks = store::institution::get(db, community, task.institution_id).await?;
    let asks = asks.ok_or_else(|| Error::internal("a task has no institution"))?;
    let institution = LinkInstitution {
        name: Bilingual {
            zh: asks.name_zh,
            en: asks.name_en,
        },
        phone: asks.phone,
    };
    Ok((store::patient::name(app, &patient)?.masked(), institution))
}
