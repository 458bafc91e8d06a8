//! What is kept of an act that did not take effect, where nurse and coordinator find it.

use entity::enums::{ActKind, Language, SyncResult};
use entity::ids::{CommunityId, InstitutionId, NurseId};
use entity::{care_order, sync_action, visit};
use serde_json::{Value, json};

use super::tell::{Outcome, Told};
use crate::api::visits::critical;
use crate::api::visits::refused::call_desk;
use crate::app::App;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::sync::moment;
use crate::error::{Error, Result};
use crate::extract::{May, grants};
use crate::problem::{Code, Problem};
use crate::store::event::NewEvent;
use crate::store::sync_action::{About, Sealed};
use crate::{in_write, store};

/// What the answer says of an act whose time cannot be read.
const NO_TIME: (&str, Code) = ("device_at", Code::DateTimeInvalid);

/// Whose act it is, and what it is about.
pub(super) struct Whose {
    nurse: NurseId,
    institution: InstitutionId,
    pub(super) about: Option<About>,
}

/// Looks up whose act it is.
pub(super) async fn whose(told: &Told, may: &May<grants::DoVisits>, tx: &Tx) -> Result<Whose> {
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    let (db, community) = (&**tx, may.community);
    let about = store::sync_action::about(db, community, nurse, told.visit).await?;
    let institution = match &about {
        Some(about) => about.order.institution_id,
        None => store::sync_action::institution_of(db, community, nurse).await?,
    };
    Ok(Whose {
        nurse,
        institution,
        about,
    })
}

impl Told {
    /// The row of an act with its outcome.
    pub(super) fn row(
        &self,
        app: &App,
        may: &May<grants::DoVisits>,
        whose: &Whose,
        result: SyncResult,
        code: Option<Code>,
        answer: &Value,
    ) -> sync_action::Model {
        let about = whose.about.as_ref();
        sync_action::Model {
            community_id: may.community,
            nurse_id: whose.nurse,
            id: self.id,
            account_id: may.account,
            institution_id: whose.institution,
            visit_id: self.visit,
            order_id: about.map(|about| about.order.id),
            patient_id: about.map(|about| about.order.patient_id),
            device: self.device.clone(),
            counter: self.counter.and_then(|counter| i32::try_from(counter).ok()),
            kind: self.kind,
            body_hash: self.hash(),
            body_enc: Sealed::Body.seal(app, self.id, &self.body),
            device_at: self.said_at(),
            at: moment(self.said_at(), self.skew, self.received_at, None),
            skew_s: self.skew.num_seconds(),
            received_at: self.received_at,
            result,
            code: code.map(|code| code.as_str().to_owned()),
            answer_enc: Sealed::Answer.seal(app, self.id, &answer.to_string()),
            duplicate_visit_id: about.and_then(|about| about.other),
            settled_by: None,
            settled_at: None,
            settle_note_enc: None,
            original_id: self.original,
        }
    }
}

/// What was answered to an act whose outcome stands: it took effect, somebody settled it, or a rule refused it and nobody
/// asked for another try. Another text under its id is a problem.
pub(super) async fn standing(
    tx: &Tx,
    app: &App,
    (community, nurse): (CommunityId, NurseId),
    told: &Told,
) -> Result<Option<Outcome>> {
    let known = store::sync_action::find(&**tx, community, nurse, told.id).await?;
    let Some(known) = known else { return Ok(None) };
    if known.body_hash != told.hash() {
        return Err(Code::IdempotencyKeyReused.into());
    }
    let may_be_tried = match known.result {
        SyncResult::Applied => false,
        SyncResult::Held => known.settled_at.is_none(),
        _ => known.settled_at.is_none() && told.once_more,
    };
    (!may_be_tried).then(|| replay(app, &known)).transpose()
}

/// What was answered to an act that is kept.
fn replay(app: &App, known: &sync_action::Model) -> Result<Outcome> {
    let answer = answer_to(app, known)?;
    Ok(Outcome {
        result: known.result,
        answer: (!answer.is_null()).then_some(answer),
    })
}

fn answer_to(app: &App, known: &sync_action::Model) -> Result<Value> {
    let text = Sealed::Answer.open(app, known.id, &known.answer_enc)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// Whether the time of a kept act could be read: its answer says so when it could not, and what stands in its place
/// (`Told::said_at`) is no time of the act.
pub(super) fn has_time(app: &App, kept: &sync_action::Model) -> Result<bool> {
    let answer = answer_to(app, kept)?;
    let (field, code) = NO_TIME;
    let no_time = |error: &Value| error["field"] == field && error["code"] == code.as_str();
    let errors = answer["errors"].as_array();
    Ok(!errors.is_some_and(|errors| errors.iter().any(no_time)))
}

/// Keeps an act that waits behind a refused one.
pub(super) async fn keep_held(
    tx: &Tx,
    app: &App,
    may: &May<grants::DoVisits>,
    told: &Told,
) -> Result<()> {
    let whose = whose(told, may, tx).await?;
    let row = told.row(app, may, &whose, SyncResult::Held, None, &Value::Null);
    keep(tx, app, told, &whose, row).await
}

/// Keeps what a rule refused. What was told under the id of another act gets an id of its own, once.
pub(super) async fn keep_refused(
    app: &App,
    may: &May<grants::DoVisits>,
    told: &Told,
    problem: &Problem,
    language: Language,
) -> Result<Outcome> {
    let key = (may.community, may.nurse.ok_or(Code::NoNurseProfile)?);
    if problem.code() != Code::IdempotencyKeyReused {
        return in_write!(app.db, "sync_refused", |tx| {
            // Told twice at once, it may have been refused only because the other one has won.
            match standing(tx, app, key, told).await {
                Ok(Some(outcome)) => Ok(outcome),
                Ok(None) => refuse(tx, app, may, told, problem, language).await,
                // Another text has won its id: told once more, it is seen as such.
                Err(Error::Problem(_)) => Ok(Outcome::bare(SyncResult::Again)),
                Err(error) => Err(error),
            }
        });
    }
    in_write!(app.db, "sync_other_text", |tx| {
        let known = store::sync_action::other_text(&**tx, key, told.id, &told.hash()).await?;
        if let Some(known) = known {
            return replay(app, &known);
        }
        let own = Told {
            id: app.new_id(),
            original: Some(told.id),
            ..told.clone()
        };
        let problem = problem.clone().member("kept_as", own.id);
        refuse(tx, app, may, &own, &problem, language).await
    })
}

async fn refuse(
    tx: &Tx,
    app: &App,
    may: &May<grants::DoVisits>,
    told: &Told,
    problem: &Problem,
    language: Language,
) -> Result<Outcome> {
    let mut problem = problem.clone();
    if told.device_at.is_none() {
        // Whatever it is refused for: no other try makes up a time for it.
        let (field, code) = NO_TIME;
        problem = problem.field(field, code);
    }
    let document = problem.document(language, &told.id.to_string());
    let shown = serde_json::to_value(&document).map_err(Error::internal)?;
    let (code, result) = (problem.code(), SyncResult::Refused);
    let whose = whose(told, may, tx).await?;
    if let Some(About { visit, order, .. }) = &whose.about {
        tell_refused(tx, app, may, told, (visit, order), code).await?;
    }
    let row = told.row(app, may, &whose, result, Some(code), &shown);
    keep(tx, app, told, &whose, row).await?;
    Ok(Outcome {
        result,
        answer: Some(shown),
    })
}

/// Keeps an act without effect. What it says of a patient in danger is heard all the same.
async fn keep(
    tx: &Tx,
    app: &App,
    told: &Told,
    whose: &Whose,
    row: sync_action::Model,
) -> Result<()> {
    if let (ActKind::Record, Some(about)) = (told.kind, &whose.about) {
        let of = (&about.visit, &about.order);
        critical::call_for_kept(tx, app, of, (row.account_id, row.at), &told.body).await?;
    }
    store::sync_action::put(tx, row).await
}

async fn tell_refused(
    tx: &Tx,
    app: &App,
    may: &May<grants::DoVisits>,
    told: &Told,
    (visit, order): (&visit::Model, &care_order::Model),
    code: Code,
) -> Result<()> {
    let payload = json!({
        "action_id": told.id, "visit_id": visit.id, "act": told.kind, "code": code.as_str(),
    });
    let event = NewEvent::of_order(EventKind::SyncRefused, order, Some(may.account))
        .nurse(visit.nurse_id)
        .device_at(told.device_at)
        .payload(payload);
    let at = moment(told.said_at(), told.skew, told.received_at, None);
    // First, for it locks the order, as every other writer does before its event.
    call_desk(tx, app, order, code, (may.account, at)).await?;
    store::event::append(tx, app, order.community_id, event).await
}
