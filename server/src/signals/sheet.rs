//! Answers to a follow-up task: checked, kept, scored, judged, and what to do now told at once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::enums::{FollowTaskState, ReadingSource, SheetSource};
use entity::ids::{AccountId, AnswerSheetId, FollowTaskId, VisitId};
use entity::{answer_sheet, follow_task};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::flags::{self, RaisedFlag, Told};
use super::task_scales::{self, NewScales, SheetScore};
use crate::app::App;
use crate::db::Tx;
use crate::domain::catalogue::{Answer, AnswerKind};
use crate::domain::code::Key;
use crate::domain::event::EventKind;
use crate::domain::follow_up::is_worked_on;
use crate::domain::questionnaire::{Place, Questionnaires, Sheet};
use crate::domain::rulefile::Bilingual;
use crate::domain::scale::{RatedBy, Scale};
use crate::domain::screening::{AnswerProblem, AnswerProblemKind, Answers};
use crate::error::{Error, Result};
use crate::follow_up;
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;

/// What a follow-up task asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerForm {
    /// Version of the questionnaires.
    pub version: u32,
    /// Questions in order; `shown_if` says after which answers one is shown.
    pub questions: Vec<FormQuestion>,
    /// Scales that may be filled in with it.
    pub scales: Vec<Scale>,
}

/// A question of a form.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormQuestion {
    /// Its code.
    pub code: Key,
    /// What is asked.
    pub text: Bilingual,
    /// What an answer looks like.
    pub answer: AnswerKind,
    /// Where it stands: shown when one of these says so, needed when one of those that show it says so.
    pub places: Vec<Place>,
}

/// Answers as they come.
pub(crate) struct NewSheet<'a> {
    pub answers: &'a Answers,
    pub scales: NewScales<'a>,
    pub source: SheetSource,
    /// Somebody else answered for the patient.
    pub proxy: bool,
    pub by: Option<AccountId>,
    pub visit: Option<VisitId>,
}

/// What came of answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnswersKept {
    /// The answers.
    pub id: AnswerSheetId,
    /// The task.
    pub task_id: FollowTaskId,
    /// Its state now.
    pub state: FollowTaskState,
    /// What the scales came to.
    pub scores: Vec<SheetScore>,
    /// Scales that are still to be filled in, or left out with a reason: until then the task is not done.
    pub scales_missing: Vec<String>,
    /// Red flags that are up: what to do now, the most urgent first.
    pub red_flags: Vec<RaisedFlag>,
}

/// What a task asks. A questionnaire that the rules do not have any more is left out.
pub(crate) fn sheet<'a>(rules: &'a Questionnaires, task: &follow_task::Model) -> Result<Sheet<'a>> {
    let codes: Vec<String> =
        serde_json::from_value(task.questionnaires.clone()).map_err(Error::internal)?;
    let known = |code: &&str| {
        rules
            .questionnaires
            .iter()
            .any(|one| one.code.as_str() == *code)
    };
    let codes: Vec<_> = codes.iter().map(String::as_str).filter(known).collect();
    rules
        .sheet(&codes)
        .map_err(|unknown| Error::internal(unknown.0))
}

/// What a task asks, as it is sent. Through a link there are no scales that take somebody of the staff.
pub(crate) fn form(
    book: &RuleBook,
    task: &follow_task::Model,
    by_link: bool,
) -> Result<AnswerForm> {
    let sheet = sheet(&book.questionnaires, task)?;
    let scales = store::follow_up::asked(task)?;
    let known = scales.iter().filter_map(|code| book.scales.scale(code));
    Ok(AnswerForm {
        version: book.questionnaires.version,
        questions: sheet
            .asked()
            .map(|(question, places)| FormQuestion {
                code: question.code.clone(),
                text: question.text.clone(),
                answer: question.answer.clone(),
                places: places.iter().map(|place| (*place).clone()).collect(),
            })
            .collect(),
        scales: known
            .filter(|scale| !by_link || scale.by == RatedBy::Anyone)
            .cloned()
            .collect(),
    })
}

/// Fails for a task that takes no answers.
pub(crate) fn check_open(task: &follow_task::Model) -> Result<()> {
    if is_worked_on(task.state) {
        return Ok(());
    }
    let problem = Problem::new(Code::FollowTaskState);
    Err(problem.with("state", task.state).into())
}

/// Keeps answers with all that follows from them.
pub(crate) async fn keep(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    task: &follow_task::Model,
    new: &NewSheet<'_>,
) -> Result<AnswersKept> {
    check_open(task)?;
    let sheet = sheet(&book.questionnaires, task)?;
    let answers = sheet
        .check(new.answers)
        .map_err(|problems| refused(&problems))?;
    let patient = store::patient::in_community(&**tx, task.community_id, task.patient_id).await?;
    let patient = patient.ok_or_else(|| Error::internal("a task has no patient"))?;
    let id = app.new_id::<AnswerSheetId>();
    let mut told = Told::new((ReadingSource::Answers, id.0), app.now(), new.by);
    told.nurse = task.owner_nurse_id;
    told.visit = new.visit;
    said(&sheet, book, &answers, &mut told);
    let scores = task_scales::keep(tx, app, book, (&patient, task), &new.scales, &mut told).await?;
    leave_event(tx, app, task, id, new).await?;
    let red_flags = flags::judge(tx, app, book, &patient, &told).await?;
    let alerts: Vec<_> = red_flags.iter().map(|flag| flag.alert_id).collect();
    let row = answer_sheet::Model {
        answers_enc: store::answer::seal(app, id, &answers)?,
        alerts: json!(alerts),
        ..empty(book, task, (id, told.at), new)?
    };
    store::answer::insert(tx, row).await?;
    let task = follow_up::answered(tx, app, task, new.proxy).await?;
    let whose = (task.community_id, task.patient_id);
    follow_up::end_repeats(tx, app, whose, new.by, Some(task.id)).await?;
    Ok(AnswersKept {
        id,
        task_id: task.id,
        state: task.state,
        scores,
        scales_missing: store::follow_up::missing_scales(&**tx, &task).await?,
        red_flags,
    })
}

/// A sheet without its answers.
fn empty(
    book: &RuleBook,
    task: &follow_task::Model,
    (id, at): (AnswerSheetId, DateTime<Utc>),
    new: &NewSheet<'_>,
) -> Result<answer_sheet::Model> {
    Ok(answer_sheet::Model {
        community_id: task.community_id,
        id,
        task_id: task.id,
        patient_id: task.patient_id,
        rules_version: i32::try_from(book.questionnaires.version).map_err(Error::internal)?,
        answers_enc: String::new(),
        source: new.source,
        proxy: new.proxy,
        filled_by: new.by,
        visit_id: new.visit,
        at,
        alerts: json!([]),
    })
}

async fn leave_event(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    id: AnswerSheetId,
    new: &NewSheet<'_>,
) -> Result<()> {
    let payload =
        json!({ "task_id": task.id, "sheet_id": id, "source": new.source, "proxy": new.proxy });
    follow_up::event(tx, app, EventKind::AnswersGiven, task, new.by, payload).await
}

/// Answers are facts by their code, and a questionnaire may imply some.
fn said(sheet: &Sheet<'_>, book: &RuleBook, answers: &Answers, told: &mut Told) {
    let implied: BTreeSet<Key> = sheet.implied().cloned().collect();
    told.yes.extend(implied);
    for (code, answer) in answers {
        if let Some(question) = book.questionnaires.question(code) {
            told.yes.extend(question.implied_by(answer).cloned());
        }
        let Some(fact) = book.red_flags.fact(code) else {
            continue;
        };
        match answer {
            Answer::YesNo(true) => {
                told.yes.insert(fact.code.clone());
            }
            Answer::Number(number) => {
                told.numbers.insert(fact.code.clone(), *number);
            }
            Answer::YesNo(false) | Answer::Option(_) => {}
        }
    }
}

/// The problem of answers that cannot be kept.
fn refused(problems: &[AnswerProblem]) -> Error {
    let mut all = Problem::new(Code::InvalidRequest);
    for one in problems {
        let code = Code::parse(one.code()).unwrap_or(Code::FieldInvalid);
        let params = match one.kind {
            AnswerProblemKind::OutOfRange { min, max } => {
                vec![("min", min.to_string()), ("max", max.to_string())]
            }
            _ => Vec::new(),
        };
        all = all.field_with(format!("answers.{}", one.question), code, params);
    }
    all.into()
}
