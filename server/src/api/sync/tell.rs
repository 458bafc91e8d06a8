//! One act that is told later: its turn, its try, and what is kept of it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{ActKind, Language, SyncResult};
use entity::ids::{InstitutionId, NurseId, SyncActionId, VisitId};
use entity::{care_order, sync_action, visit};
use serde_json::{Value, json};

use super::perform::perform;
use crate::answer::Answer;
use crate::api::visits::step::Act;
use crate::app::App;
use crate::crypto::sha256_hex;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::sync::{Turn, is_too_old, moment, turn};
use crate::error::{Error, Result};
use crate::extract::{May, Telling, grants};
use crate::problem::{Code, Problem};
use crate::store::event::NewEvent;
use crate::store::sync_action::{About, Sealed};
use crate::{in_write, store};

/// Refusals that say nothing about the act: the same try may succeed in a moment.
const AGAIN: &[Code] = &[Code::OrderChanged, Code::Busy, Code::DatabaseUnavailable];

/// An act as the phone tells it.
pub(super) struct Told {
    pub(super) id: SyncActionId,
    pub(super) visit: VisitId,
    pub(super) device: String,
    pub(super) counter: Option<u32>,
    pub(super) kind: ActKind,
    pub(super) body: String,
    pub(super) device_at: DateTime<Utc>,
    pub(super) skew: TimeDelta,
    pub(super) received_at: DateTime<Utc>,
}

/// What came of it.
pub(in crate::api) struct Outcome {
    pub(in crate::api) result: SyncResult,
    /// The answer of the operation, or the problem document.
    pub(in crate::api) answer: Option<Value>,
}

impl Outcome {
    fn bare(result: SyncResult) -> Self {
        Self {
            result,
            answer: None,
        }
    }
}

/// Takes an act in: once, in its turn, and kept whatever becomes of it.
pub(super) async fn take_in(
    app: &App,
    telling: &Telling,
    told: &Told,
    language: Language,
) -> Result<Outcome> {
    let may = &telling.may;
    let tried = attempt(app, telling, told).await;
    match tried {
        Ok(outcome) => Ok(outcome),
        Err(Error::Problem(problem)) => {
            if AGAIN.contains(&problem.code()) {
                return Ok(Outcome::bare(SyncResult::Again));
            }
            keep_refused(app, may, told, &problem, language).await
        }
        Err(other) => Err(other),
    }
}

/// One try, in one transaction: a replay gets what was answered, else the operation runs as of the act.
async fn attempt(app: &App, telling: &Telling, told: &Told) -> Result<Outcome> {
    let may = &telling.may;
    let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
    in_write!(app.db, "sync_action", |tx| {
        let key = (may.community, nurse);
        let known = store::sync_action::find(&**tx, key.0, key.1, told.id).await?;
        if let Some(known) = &known {
            if known.body_hash != told.hash() {
                return Err(Code::IdempotencyKeyReused.into());
            }
            if known.result != SyncResult::Held || known.settled_at.is_some() {
                return replay(app, known);
            }
        } else if let Some(answer) = sent_before(tx, app, may, told.id).await? {
            return Ok(Outcome {
                result: SyncResult::Applied,
                answer: Some(answer),
            });
        }
        if telling.shut_out {
            return Err(Code::AccountDisabled.into());
        }
        let chain = store::sync_action::chain(&**tx, key, told.visit, &told.device).await?;
        match turn(told.counter, chain.applied, chain.refused) {
            Turn::Now => {}
            Turn::Missing => return Ok(Outcome::bare(SyncResult::Missing)),
            Turn::Held => {
                let whose = told.whose(may, tx).await?;
                let row = told.row(app, may, &whose, SyncResult::Held, None, &Value::Null);
                store::sync_action::put(tx, row).await?;
                return Ok(Outcome::bare(SyncResult::Held));
            }
            Turn::Taken => return Err(Code::SyncPlaceTaken.into()),
        }
        if !chain.refused && told.is_early(may, tx).await? {
            return Ok(Outcome::bare(SyncResult::Missing));
        }
        let floor = chain.at.filter(|_| told.counter.is_some());
        let at = moment(told.device_at, told.skew, told.received_at, floor);
        if is_too_old(at, told.received_at) {
            return Err(Code::SyncTooOld.into());
        }
        let act = Act {
            tx,
            app,
            may,
            at,
            device_at: Some(told.device_at),
        };
        let answer = perform(&act, told.kind, told.visit, &told.body).await?;
        let shown = answer.body().clone();
        let whose = told.whose(may, tx).await?;
        let mut row = told.row(app, may, &whose, SyncResult::Applied, None, &shown);
        row.at = at;
        store::sync_action::replaced(tx, &row).await?;
        store::sync_action::put(tx, row).await?;
        Ok(Outcome {
            result: SyncResult::Applied,
            answer: Some(shown),
        })
    })
}

fn replay(app: &App, known: &sync_action::Model) -> Result<Outcome> {
    let text = Sealed::Answer.open(app, known.id, &known.answer_enc)?;
    let answer: Value = serde_json::from_str(&text).map_err(Error::internal)?;
    Ok(Outcome {
        result: known.result,
        answer: (!answer.is_null()).then_some(answer),
    })
}

/// What was answered when the same act was told at once, with its id as `Idempotency-Key`, and the answer was lost.
async fn sent_before(
    tx: &Tx,
    app: &App,
    may: &May<grants::DoVisits>,
    id: SyncActionId,
) -> Result<Option<Value>> {
    let key = id.to_string();
    let kept: Option<Answer> =
        store::idempotency::answered(&**tx, app, may.community, may.account, &key).await?;
    Ok(kept.map(|answer| answer.body().clone()))
}

/// Keeps what a rule refused where nurse and coordinator find it.
async fn keep_refused(
    app: &App,
    may: &May<grants::DoVisits>,
    told: &Told,
    problem: &Problem,
    language: Language,
) -> Result<Outcome> {
    let document = problem.document(language, &told.id.to_string());
    let shown = serde_json::to_value(&document).map_err(Error::internal)?;
    let code = problem.code();
    // The id belongs to another act already: its row is the trace, and this answer tells of it.
    if code != Code::IdempotencyKeyReused {
        in_write!(app.db, "sync_refused", |tx| {
            let whose = told.whose(may, tx).await?;
            let row = told.row(app, may, &whose, SyncResult::Refused, Some(code), &shown);
            if let Some(About { visit, order, .. }) = &whose.about {
                tell_refused(tx, app, may, told, (visit, order), code).await?;
            }
            store::sync_action::put(tx, row).await
        })?;
    }
    Ok(Outcome {
        result: SyncResult::Refused,
        answer: Some(shown),
    })
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
        .device_at(Some(told.device_at))
        .payload(payload);
    store::event::append(tx, app, order.community_id, event).await
}

/// Whose act it is, and what it is about.
struct Whose {
    nurse: NurseId,
    institution: InstitutionId,
    about: Option<About>,
}

impl Told {
    fn hash(&self) -> String {
        let what = format!("{} {}\n{}", self.kind, self.visit, self.body);
        sha256_hex(what.as_bytes())
    }

    /// Places on a way that she has not told of yet: the batch with her departure is still under way.
    async fn is_early(&self, may: &May<grants::DoVisits>, tx: &Tx) -> Result<bool> {
        if self.kind != ActKind::Positions || self.counter.is_some() {
            return Ok(false);
        }
        let about = self.whose(may, tx).await?.about;
        Ok(about.is_some_and(|about| about.visit.live && about.visit.departed_at.is_none()))
    }

    async fn whose(&self, may: &May<grants::DoVisits>, tx: &Tx) -> Result<Whose> {
        let nurse = may.nurse.ok_or(Code::NoNurseProfile)?;
        let (db, community) = (&**tx, may.community);
        let about = store::sync_action::about(db, community, nurse, self.visit).await?;
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

    /// The row of an act with its outcome.
    fn row(
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
            device_at: self.device_at,
            at: moment(self.device_at, self.skew, self.received_at, None),
            skew_s: self.skew.num_seconds(),
            received_at: self.received_at,
            result,
            code: code.map(|code| code.as_str().to_owned()),
            answer_enc: Sealed::Answer.seal(app, self.id, &answer.to_string()),
            duplicate_visit_id: about.and_then(|about| about.other),
            settled_by: None,
            settled_at: None,
            settle_note_enc: None,
        }
    }
}

/// Tries an act of the work list once more, as of the moment it was.
pub(in crate::api) async fn retry(
    app: &App,
    may: &May<grants::DoVisits>,
    kept: &sync_action::Model,
    language: Language,
) -> Result<Outcome> {
    let told = Told {
        id: kept.id,
        visit: kept.visit_id,
        device: kept.device.clone(),
        counter: kept.counter.and_then(|counter| u32::try_from(counter).ok()),
        kind: kept.kind,
        body: Sealed::Body.open(app, kept.id, &kept.body_enc)?,
        device_at: kept.device_at,
        skew: TimeDelta::seconds(kept.skew_s),
        received_at: kept.received_at,
    };
    let held = sync_action::Model {
        result: SyncResult::Held,
        ..kept.clone()
    };
    in_write!(app.db, "sync_retry", |tx| {
        store::sync_action::put(tx, held.clone()).await
    })?;
    let telling = Telling {
        may: may.clone(),
        shut_out: false,
    };
    take_in(app, &telling, &told, language).await
}
