//! A form that is scored and kept. What its band says goes to a person.

use chrono::{DateTime, Utc};
use entity::enums::{AlertKind, AlertSeverity, ScaleRater, SubjectKind};
use entity::ids::{AccountId, ScaleScoreId, VisitId};
use entity::{patient, scale_score};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::patient::age_on;
use crate::domain::scale::{Scale, Score, ScoreProblem, ScoreProblemKind};
use crate::domain::screening::Answers;
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;
use crate::store::alert::NewAlert;
use crate::store::event::NewEvent;
use crate::store::scale_score::Form;

/// Who filled a form in, where and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled {
    pub rater: ScaleRater,
    pub by: Option<AccountId>,
    pub visit: Option<VisitId>,
    pub task: Option<Uuid>,
    pub at: DateTime<Utc>,
}

/// Scores a form, keeps it with its event, and opens an alert when its band needs a person.
pub(crate) async fn keep(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    (scale, answers): (&Scale, &Answers),
    filled: Filled,
) -> Result<(scale_score::Model, Score)> {
    let age = age_on(patient.birth_date, local_date(filled.at));
    let score = scale
        .score(answers, age)
        .map_err(|problems| refused(&problems, "answers"))?;
    let row = scale_score::Model {
        community_id: patient.community_id,
        id: app.new_id::<ScaleScoreId>(),
        patient_id: patient.id,
        scale: scale.code.to_string(),
        scale_version: i32::try_from(book.scales.version).map_err(Error::internal)?,
        total: score.total,
        band: score.band.code.to_string(),
        needs_person: score.band.needs_person.is_some(),
        answers_enc: String::new(),
        rater: filled.rater,
        rated_by: filled.by,
        visit_id: filled.visit,
        task_id: filled.task,
        taken_at: filled.at,
        recorded_at: app.now(),
    };
    let form = Form {
        answers: answers.clone(),
        points: score.points.clone(),
    };
    let row = store::scale_score::insert(tx, app, row, &form).await?;
    let subject = (SubjectKind::Patient, patient.id.0);
    let event = NewEvent::new(EventKind::ScaleScored, subject.0, subject.1, filled.by)
        .institution(patient.institution_id)
        .patient(patient.id)
        .payload(json!({ "score_id": row.id, "scale": row.scale, "visit_id": row.visit_id }));
    store::event::append(tx, app, patient.community_id, event).await?;
    if let Some(person) = &score.band.needs_person {
        let detail = format!(
            "{} {}({}):{}",
            scale.name.zh, score.total, score.band.text.zh, person.zh
        );
        let (kind, severity) = (AlertKind::ScaleBand, AlertSeverity::Warning);
        let mut alert =
            NewAlert::of_patient(app, kind, severity, patient, filled.at).detail(&detail);
        if let Some(by) = filled.by {
            alert = alert.by(by);
        }
        store::alert::open(tx, app, alert).await?;
    }
    Ok((row, score))
}

/// The problem of a form that cannot be scored; `at` is where its answers stand in the request.
pub(crate) fn refused(problems: &[ScoreProblem], at: &str) -> Error {
    let mut problem = Problem::new(Code::InvalidRequest);
    for one in problems {
        let code = Code::parse(one.problem()).unwrap_or(Code::FieldInvalid);
        let params = match one.kind {
            ScoreProblemKind::OutOfRange { min, max } => {
                vec![("min", min.to_string()), ("max", max.to_string())]
            }
            _ => Vec::new(),
        };
        problem = problem.field_with(format!("{at}.{}", one.code), code, params);
    }
    problem.into()
}
