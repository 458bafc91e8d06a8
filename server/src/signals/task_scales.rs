//! Scales of a follow-up task: filled in with its answers or later, or left out with a reason.

use std::collections::BTreeMap;

use entity::enums::{ScaleRater, ScaleSkip};
use entity::ids::{AccountId, VisitId};
use entity::{follow_task, follow_task_skip, patient};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::facts;
use super::flags::Told;
use super::score::{self, Filled};
use crate::app::App;
use crate::db::Tx;
use crate::domain::code::Key;
use crate::domain::event::EventKind;
use crate::domain::scale::{RatedBy, Scale};
use crate::domain::screening::Answers;
use crate::error::{Error, Result};
use crate::follow_up;
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;

/// What came of the scales of a task.
#[derive(Clone, Copy)]
pub(crate) struct NewScales<'a> {
    /// Filled in: answers by the code of the scale.
    pub filled: &'a BTreeMap<Key, Answers>,
    /// Left out, and why; only staff say so.
    pub skipped: &'a BTreeMap<Key, ScaleSkip>,
    /// Who filled them in.
    pub rater: ScaleRater,
    /// With which account; none: through a link.
    pub by: Option<AccountId>,
    /// On which visit.
    pub visit: Option<VisitId>,
}

/// What a scale came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetScore {
    /// Code of the scale.
    pub scale: Key,
    /// Sum of the points.
    pub total: i32,
    /// Code of the band.
    pub band: Key,
}

/// Who fills in what comes through a link.
pub(crate) const fn rater_of_link(proxy: bool) -> ScaleRater {
    if proxy {
        ScaleRater::Proxy
    } else {
        ScaleRater::Patient
    }
}

/// Keeps the scores and what is left out; what the scores say is told to the red flags.
pub(crate) async fn keep(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    (patient, task): (&patient::Model, &follow_task::Model),
    new: &NewScales<'_>,
    told: &mut Told,
) -> Result<Vec<SheetScore>> {
    let mut scores = Vec::new();
    for (code, form) in new.filled {
        let scale = scale_of(book, new, code)?;
        let filled = Filled {
            rater: new.rater,
            by: new.by,
            visit: new.visit,
            task: Some(task.id.0),
            at: app.now(),
        };
        let kept = score::keep(tx, app, book, patient, (scale, form), filled).await;
        let (_, score) = kept.map_err(|error| at_scale(error, code))?;
        told.numbers.extend(facts::numbers_of(book, scale, &score));
        scores.push(SheetScore {
            scale: scale.code.clone(),
            total: score.total,
            band: score.band.code,
        });
    }
    if let Some(by) = new.by {
        for (code, reason) in new.skipped {
            skip(tx, app, task, (code, *reason), by).await?;
        }
    }
    Ok(scores)
}

/// The scale, when whoever fills it in may.
fn scale_of<'a>(book: &'a RuleBook, new: &NewScales<'_>, code: &Key) -> Result<&'a Scale> {
    let refused = |problem: Code| Problem::new(problem).field(format!("scales.{code}"), problem);
    let scale = book.scales.scale(code.as_str());
    let scale = scale.ok_or_else(|| refused(Code::ScaleUnknown))?;
    if new.by.is_none() && scale.by == RatedBy::Staff {
        return Err(refused(Code::ScaleStaffOnly).into());
    }
    Ok(scale)
}

/// Leaves a scale of the task out, with its event.
async fn skip(
    tx: &Tx,
    app: &App,
    task: &follow_task::Model,
    (code, reason): (&Key, ScaleSkip),
    by: AccountId,
) -> Result<()> {
    if !store::follow_up::asked(task)?.contains(&code.to_string()) {
        let problem = Code::ScaleUnknown;
        let field = format!("scales_skipped.{code}");
        return Err(Problem::new(problem).field(field, problem).into());
    }
    let row = follow_task_skip::Model {
        community_id: task.community_id,
        task_id: task.id,
        scale: code.to_string(),
        reason,
        skipped_by: by,
        skipped_at: app.now(),
    };
    store::follow_up::skip(tx, row).await?;
    let payload = json!({ "task_id": task.id, "scale": code, "reason": reason });
    follow_up::event(tx, app, EventKind::ScaleSkipped, task, Some(by), payload).await
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
