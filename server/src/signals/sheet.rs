//! Answers to a follow-up task: checked, kept, scored, judged, and what to do now told at once.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{FollowTaskState, ScaleRater, SheetSource, SubjectKind};
use entity::ids::{AccountId, AnswerSheetId, FollowTaskId, VisitId};
use entity::{answer_sheet, follow_task};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::flags::{self, RaisedFlag, Told};
use super::score::{self, Filled};
use crate::app::App;
use crate::db::Tx;
use crate::domain::catalogue::{Answer, AnswerKind};
use crate::domain::code::Key;
use crate::domain::event::EventKind;
use crate::domain::follow_up::is_worked_on;
use crate::domain::questionnaire::{Place, Questionnaires, Sheet};
use crate::domain::rulefile::Bilingual;
use crate::domain::scale::Scale;
use crate::domain::screening::{AnswerProblem, AnswerProblemKind, Answers};
use crate::error::{Error, Result};
use crate::follow_up;
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;

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
    pub scales: &'a BTreeMap<Key, Answers>,
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
    /// Red flags that are up: what to do now, the most urgent first.
    pub red_flags: Vec<RaisedFlag>,
}

/// What a scale came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SheetScore {
    /// Code of the scale.
    pub scale: Key,
    /// Sum of the points.
    pub total: i32,
    /// Code of the band.
    pub band: Key,
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

/// What a task asks, as it is sent.
pub(crate) fn form(book: &RuleBook, task: &follow_task::Model) -> Result<AnswerForm> {
    let sheet = sheet(&book.questionnaires, task)?;
    let scales: Vec<String> =
        serde_json::from_value(task.scales.clone()).map_err(Error::internal)?;
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
        scales: scales
            .iter()
            .filter_map(|code| book.scales.scale(code).cloned())
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
    let mut told = Told::new(id.0, app.now(), new.by);
    told.nurse = task.owner_nurse_id;
    said(&sheet, book, &answers, &mut told);
    let mut scores = Vec::new();
    for (code, form) in new.scales {
        let field = format!("scales.{code}");
        let unknown = || Problem::new(Code::ScaleUnknown).field(field.as_str(), Code::ScaleUnknown);
        let scale = book.scales.scale(code.as_str()).ok_or_else(unknown)?;
        let filled = Filled {
            rater: rater(new),
            by: new.by,
            visit: new.visit,
            task: Some(task.id.0),
            at: app.now(),
        };
        let kept = score::keep(tx, app, book, &patient, (scale, form), filled).await;
        let (_, score) = kept.map_err(|error| at_scale(error, code))?;
        told.numbers.extend(flags::numbers_of(book, scale, &score));
        scores.push(SheetScore {
            scale: scale.code.clone(),
            total: score.total,
            band: score.band.code,
        });
    }
    let mut event = NewEvent::new(
        EventKind::AnswersGiven,
        SubjectKind::Patient,
        patient.id.0,
        new.by,
    )
    .institution(task.institution_id)
    .patient(patient.id)
    .payload(
        json!({ "task_id": task.id, "sheet_id": id, "source": new.source, "proxy": new.proxy }),
    );
    if let Some(nurse) = task.owner_nurse_id {
        event = event.nurse(nurse);
    }
    store::event::append(tx, app, task.community_id, event).await?;
    let red_flags = flags::judge(tx, app, book, &patient, &told).await?;
    let alerts: Vec<_> = red_flags.iter().map(|flag| flag.alert_id).collect();
    let row = answer_sheet::Model {
        community_id: task.community_id,
        id,
        task_id: task.id,
        patient_id: task.patient_id,
        rules_version: i32::try_from(book.questionnaires.version).map_err(Error::internal)?,
        answers_enc: store::answer::seal(app, id, &answers)?,
        source: new.source,
        proxy: new.proxy,
        filled_by: new.by,
        visit_id: new.visit,
        at: told.at,
        alerts: json!(alerts),
    };
    store::answer::insert(tx, row).await?;
    let task = follow_up::answered(tx, app, task, new.proxy).await?;
    Ok(AnswersKept {
        id,
        task_id: task.id,
        state: task.state,
        scores,
        red_flags,
    })
}

/// Answers are facts by their code, and a questionnaire may imply some.
fn said(sheet: &Sheet<'_>, book: &RuleBook, answers: &Answers, told: &mut Told) {
    let implied: BTreeSet<Key> = sheet.implied().cloned().collect();
    told.yes.extend(implied);
    for (code, answer) in answers {
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

fn rater(new: &NewSheet<'_>) -> ScaleRater {
    match (new.source, new.proxy) {
        (SheetSource::Call | SheetSource::Visit, _) => ScaleRater::Nurse,
        (SheetSource::Link, false) => ScaleRater::Patient,
        (SheetSource::Link, true) => ScaleRater::Proxy,
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

/// A form of several: names which one is wrong.
fn at_scale(error: Error, code: &Key) -> Error {
    match error {
        Error::Problem(problem) if problem.code() == Code::InvalidRequest => {
            problem.member("scale", code).into()
        }
        other => other,
    }
}
