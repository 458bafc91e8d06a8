//! `POST /v1/answer-links/answer`: the family answers through its link.

use std::collections::BTreeMap;

use axum::extract::State;
use entity::enums::SheetSource;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::code::Key;
use crate::domain::screening::{Answers, AnswersSchema};
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::problem::Code;
use crate::rules::RuleBook;
use crate::signals::flags::RaisedFlag;
use crate::signals::link::{self, Opened};
use crate::signals::sheet::{self, NewSheet};
use crate::signals::task_scales::{NewScales, rater_of_link};
use crate::wire::Text;
use crate::{in_write, store};

/// The answers of a family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAnswers {
    /// What stands behind `#` in the link.
    #[schema(inline)]
    pub token: Text<40, 120>,
    /// The six digits of the other message.
    #[schema(inline, example = "123456")]
    pub code: Text<6, 6>,
    /// Somebody else answers for the patient.
    pub proxy: bool,
    /// Answers by the code of their question.
    #[schema(value_type = AnswersSchema)]
    pub answers: Answers,
    /// Scales that were filled in with it: answers by the code of the scale. Those of the form, no others: the rest takes
    /// somebody of the staff (`scale_staff_only`).
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, AnswersSchema>)]
    pub scales: BTreeMap<Key, Answers>,
}

/// What the family does now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WhatNow {
    /// Call 120 now.
    pub call_120: bool,
    /// Red flags that are up: what to do now, the most urgent first. Empty: nothing of the kind.
    pub red_flags: Vec<RaisedFlag>,
}

/// Answer through a link.
///
/// Tells at once what to do now. A link takes answers once; the same answers sent again are told the same, so that an answer
/// lost on its way can be asked for again. A refusal keeps nothing, and the link stays open.
#[utoipa::path(
    post, path = "/v1/answer-links/answer", tag = "answers", request_body = LinkAnswers,
    security(()),
    responses((status = 200, description = "What to do now", body = WhatNow))
)]
pub async fn answer_by_link(
    State(app): State<App>,
    Json(body): Json<LinkAnswers>,
) -> Result<Json<WhatNow>> {
    let community = link::community_of(body.token.as_str())?;
    let book = RuleBook::current(app.db.reader(), &app, community).await?;
    let (token, code) = (body.token.as_str(), body.code.as_str());
    let new = NewSheet {
        answers: &body.answers,
        scales: NewScales {
            filled: &body.scales,
            skipped: &BTreeMap::new(),
            rater: rater_of_link(body.proxy),
            by: None,
            visit: None,
        },
        source: SheetSource::Link,
        proxy: body.proxy,
        by: None,
        visit: None,
    };
    let request = store::answer::request_hash(&app, &(body.proxy, &body.answers, &body.scales))?;
    let outcome = in_write!(app.db, "answer_by_link", |tx| {
        let named = (community, token);
        // Sent twice at once, by a finger or by a line that came back, the second waits here for what the first is told.
        if let Some(told) = link::told_before(tx, &app, named, code, &request).await? {
            return Ok(Ok(told));
        }
        let (link, task) = match link::open(tx, &app, &book, named, code).await? {
            Opened::Right(right) => *right,
            Opened::Wrong(problem) => return Ok(Err(problem)),
        };
        if !store::answer::use_link(tx, &link, app.now()).await? {
            return Err(Code::AnswerLinkUsed.into());
        }
        let kept = sheet::keep(tx, &app, &book, &task, &new).await?;
        let told = WhatNow {
            call_120: kept.red_flags.iter().any(|flag| flag.call_120),
            red_flags: kept.red_flags,
        };
        store::answer::keep_reply(tx, &app, &link, &request, &told).await?;
        Ok::<_, Error>(Ok(told))
    })?;
    let told: WhatNow = outcome.map_err(|problem| Error::from(*problem))?;
    Ok(Json(told))
}
