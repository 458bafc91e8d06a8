//! `GET /v1/follow-tasks/{follow_task_id}/answers`: what was answered. Recorded as a read.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::{ScaleRater, SheetSource};
use entity::ids::{AccountId, AnswerSheetId, FollowTaskId, PatientId, ScaleScoreId, VisitId};
use entity::{answer_sheet, follow_task, scale_score};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::alerts::Alert;
use crate::api::follow_tasks::sight;
use crate::app::App;
use crate::domain::catalogue::{Answer, AnswerKind};
use crate::domain::questionnaire::Questionnaires;
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, grants};
use crate::signals::sheet;
use crate::{in_write, rules, store};

/// What was answered to a follow-up task.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskAnswerList {
    /// The task.
    pub task_id: FollowTaskId,
    /// The patient.
    pub patient_id: PatientId,
    /// The newest first; it is the one that counts.
    pub items: Vec<GivenSheet>,
    /// Scales that were filled in with it, oldest first.
    pub scores: Vec<GivenScore>,
}

/// Answers that were given at one time.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenSheet {
    /// The answers.
    pub id: AnswerSheetId,
    /// How they came: by the family through a link, to a nurse on the phone, or at home.
    pub source: SheetSource,
    /// Somebody else answered for the patient.
    pub proxy: bool,
    /// Who wrote them down; null: they came through a link.
    pub filled_by: Option<AccountId>,
    /// The visit on which they were given.
    pub visit_id: Option<VisitId>,
    /// When.
    pub at: DateTime<Utc>,
    /// Version of the questionnaires they were given by.
    pub version: i32,
    /// What was answered, in the order in which it was asked.
    pub answers: Vec<GivenAnswer>,
    /// Red flags that were up with them, as they stand now, the oldest first.
    pub red_flags: Vec<Alert>,
}

/// An answer with its question.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenAnswer {
    /// Code of the question.
    #[schema(example = "fever")]
    pub question: String,
    /// What was asked; null when its questionnaires do not have it any more.
    pub text: Option<Bilingual>,
    /// What was answered: true or false, a number, or the code of an option.
    pub answer: Answer,
    /// What was answered, in words: the option that was chosen.
    pub answer_text: Option<Bilingual>,
    /// Unit of a number.
    pub unit: Option<String>,
}

/// What a scale came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenScore {
    /// The score.
    pub id: ScaleScoreId,
    /// Code of the scale.
    pub scale: String,
    /// Sum of the points.
    pub total: i32,
    /// Code of the band.
    pub band: String,
    /// Who filled it in.
    pub rater: ScaleRater,
    /// When.
    pub taken_at: DateTime<Utc>,
}

/// Read what was answered to a follow-up task.
///
/// Each answer with its question, who gave it and how, and the red flags that were up. Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/follow-tasks/{follow_task_id}/answers", tag = "answers",
    params(("follow_task_id" = FollowTaskId, Path, description = "A follow-up task")),
    responses((status = 200, description = "What was answered", body = TaskAnswerList))
)]
pub async fn list_answers(
    State(app): State<App>,
    may: May<grants::SeeFollowUp>,
    Id(id): Id<FollowTaskId>,
) -> Result<Json<TaskAnswerList>> {
    let community = may.community;
    let (task, sheets, scores, alerts) = in_write!(app.db, "list_answers", |tx| {
        let db = &**tx;
        let task = store::follow_up::get(db, &sight(&app, &may), id).await?;
        let (patient, operation) = (task.patient_id, "list_answers");
        store::patient_read::record(tx, &app, community, patient, may.account, operation).await?;
        let sheets = store::answer::of_task(db, community, id).await?;
        let scores = store::scale_score::of_task(db, community, patient, id).await?;
        let mut raised = Vec::new();
        for row in &sheets {
            raised.extend(store::answer::alerts(row)?);
        }
        let alerts = store::alert::by_ids(db, community, &raised).await?;
        Ok::<_, Error>((task, sheets, scores, alerts))
    })?;
    let versions: BTreeSet<_> = sheets.iter().map(|row| row.rules_version).collect();
    let mut editions = BTreeMap::new();
    for version in versions {
        let edition = rules::questionnaires(app.db.reader(), &app, community, version).await?;
        editions.insert(version, edition);
    }
    let mut items = Vec::new();
    for row in &sheets {
        let raised = store::answer::alerts(row)?;
        let flags = alerts.iter().filter(|alert| raised.contains(&alert.id));
        items.push(GivenSheet {
            red_flags: flags.map(Alert::of).collect(),
            ..GivenSheet::of(&app, &task, row, &editions[&row.rules_version])?
        });
    }
    Ok(Json(TaskAnswerList {
        task_id: task.id,
        patient_id: task.patient_id,
        items,
        scores: scores.iter().map(GivenScore::of).collect(),
    }))
}

impl GivenSheet {
    fn of(
        app: &App,
        task: &follow_task::Model,
        row: &answer_sheet::Model,
        rules: &Questionnaires,
    ) -> Result<Self> {
        let mut given = store::answer::open(app, row.id, &row.answers_enc)?;
        let asked = sheet::sheet(rules, task)?;
        let order: Vec<_> = asked.asked().map(|(one, _)| one.code.to_string()).collect();
        let mut answers: Vec<_> = order
            .into_iter()
            .filter_map(|code| given.remove(&code).map(|answer| (code, answer)))
            .collect();
        // The task may ask other things since: another plan was joined to it.
        answers.extend(given);
        Ok(Self {
            id: row.id,
            source: row.source,
            proxy: row.proxy,
            filled_by: row.filled_by,
            visit_id: row.visit_id,
            at: row.at,
            version: row.rules_version,
            answers: answers
                .into_iter()
                .map(|(code, answer)| GivenAnswer::of(rules, code, answer))
                .collect(),
            red_flags: Vec::new(),
        })
    }
}

impl GivenAnswer {
    fn of(rules: &Questionnaires, code: String, answer: Answer) -> Self {
        let question = rules.question(&code);
        let (answer_text, unit) = match (question.map(|one| &one.answer), &answer) {
            (Some(AnswerKind::Choice { options }), Answer::Option(chosen)) => {
                let mut options = options.iter();
                let option = options.find(|option| option.code.as_str() == chosen);
                (option.map(|option| option.text.clone()), None)
            }
            (Some(AnswerKind::Number { unit, .. }), _) => (None, Some(unit.clone())),
            (_, Answer::YesNo(yes)) => (Some(yes_or_no(*yes)), None),
            _ => (None, None),
        };
        Self {
            text: question.map(|one| one.text.clone()),
            question: code,
            answer,
            answer_text,
            unit,
        }
    }
}

fn yes_or_no(yes: bool) -> Bilingual {
    if yes {
        Bilingual::new("是", "yes")
    } else {
        Bilingual::new("否", "no")
    }
}

impl GivenScore {
    fn of(row: &scale_score::Model) -> Self {
        Self {
            id: row.id,
            scale: row.scale.clone(),
            total: row.total,
            band: row.band.clone(),
            rater: row.rater,
            taken_at: row.taken_at,
        }
    }
}
