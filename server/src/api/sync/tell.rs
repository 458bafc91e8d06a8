//! One act that is told later: its turn and its try.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{ActKind, Language, SyncResult};
use entity::ids::{SyncActionId, VisitId};
use entity::sync_action;
use serde_json::Value;

use super::keep::{has_time, keep_held, keep_refused, standing, whose};
use super::perform::perform;
use crate::api::visits::step::Act;
use crate::app::App;
use crate::crypto::sha256_hex;
use crate::db::Tx;
use crate::domain::sync::{Chain, Turn, is_too_old, moment};
use crate::error::{Error, Result};
use crate::extract::{May, Telling, grants};
use crate::problem::Code;
use crate::store::sync_action::{About, Sealed};
use crate::{in_write, safety, store};

/// Refusals that say nothing about the act: the same try may succeed in a moment.
const AGAIN: &[Code] = &[
    Code::OrderChanged,
    Code::DeviceChanged,
    Code::Busy,
    Code::DatabaseUnavailable,
];

/// An act as the phone tells it.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) id: SyncActionId,
    pub(super) visit: VisitId,
    pub(super) device: String,
    pub(super) counter: Option<u32>,
    pub(super) kind: ActKind,
    pub(super) body: String,
    /// When, by the phone's clock; none when it cannot be read.
    pub(super) device_at: Option<DateTime<Utc>>,
    pub(super) skew: TimeDelta,
    pub(super) received_at: DateTime<Utc>,
    /// The act whose id it was told under, though that one says something else.
    pub(super) original: Option<SyncActionId>,
    /// She asked for another try of what was refused.
    pub(super) once_more: bool,
}

impl Told {
    pub(super) fn hash(&self) -> String {
        let what = format!("{} {}\n{}", self.kind, self.visit, self.body);
        sha256_hex(what.as_bytes())
    }

    /// What the phone's clock said; of an act whose own time cannot be read, what it said as it told us.
    pub(super) fn said_at(&self) -> DateTime<Utc> {
        self.device_at.unwrap_or(self.received_at + self.skew)
    }

    fn is_alarm(&self) -> bool {
        self.kind == ActKind::Sos
    }

    /// When it was, by our clock; one that follows others in a chain is not before them.
    fn moment(&self, chain: &Chain) -> Result<DateTime<Utc>> {
        let floor = chain.at.filter(|_| self.counter.is_some());
        let said = self.device_at;
        let at = said.map(|said| moment(said, self.skew, self.received_at, floor));
        match at {
            Some(at) if !is_too_old(at, self.received_at) => Ok(at),
            // A clock that is wrong by years, or shows no time at all, does not stop an alarm.
            _ if self.is_alarm() => Ok(self.received_at),
            Some(_) => Err(Code::SyncTooOld.into()),
            None => Err(Code::InvalidRequest.into()),
        }
    }

    /// Places on a way that she has not told of yet: the batch with her departure is still under way.
    async fn is_early(&self, may: &May<grants::DoVisits>, tx: &Tx) -> Result<bool> {
        if self.kind != ActKind::Positions || self.counter.is_some() {
            return Ok(false);
        }
        let about = whose(self, may, tx).await?.about;
        Ok(about.is_some_and(|about| about.visit.live && about.visit.departed_at.is_none()))
    }

    /// Her leaving of a visit that is over without it: nothing that waits before it can take effect any more, and who has
    /// left is not looked for.
    async fn is_way_out(&self, may: &May<grants::DoVisits>, tx: &Tx) -> Result<bool> {
        if self.kind != ActKind::Leave {
            return Ok(false);
        }
        let about = whose(self, may, tx).await?.about;
        Ok(about.is_some_and(|About { visit, .. }| store::visit::way(&visit).may_end(visit.live)))
    }
}

/// What came of it.
pub(in crate::api) struct Outcome {
    pub(in crate::api) result: SyncResult,
    /// The answer of the operation, or the problem document.
    pub(in crate::api) answer: Option<Value>,
}

impl Outcome {
    pub(super) fn bare(result: SyncResult) -> Self {
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
    let key = (may.community, may.nurse.ok_or(Code::NoNurseProfile)?);
    in_write!(app.db, "sync_action", |tx| {
        if let Some(outcome) = standing(tx, app, key, told).await? {
            return Ok(outcome);
        }
        let chain = store::sync_action::chain(&**tx, key, told.visit, &told.device).await?;
        if let Some((answer, at)) = sent_before(tx, app, may, told.id).await? {
            return keep_applied(tx, app, may, told, (chain.place(told.counter), at), answer).await;
        }
        if told.is_alarm() {
            // Somebody may need help, whoever she is by now and whatever else she did.
            return run(tx, app, may, told, &chain).await;
        }
        if telling.shut_out {
            return Err(Code::AccountDisabled.into());
        }
        let mut turn = chain.turn(told.counter);
        let may_depart = !chain.refused && !chain.settled;
        if turn == Turn::Now && may_depart && told.is_early(may, tx).await? {
            turn = Turn::Missing;
        }
        if matches!(turn, Turn::Held | Turn::Missing) && told.is_way_out(may, tx).await? {
            turn = Turn::Now;
        }
        match turn {
            Turn::Taken => Err(Code::SyncPlaceTaken.into()),
            // It has no time whenever its turn comes, and does not wait for it.
            _ if told.device_at.is_none() => Err(Code::InvalidRequest.into()),
            Turn::Now => run(tx, app, may, told, &chain).await,
            Turn::Missing => Ok(Outcome::bare(SyncResult::Missing)),
            Turn::Held => {
                keep_held(tx, app, may, told).await?;
                Ok(Outcome::bare(SyncResult::Held))
            }
        }
    })
}

/// Does it, as of its moment.
async fn run(
    tx: &Tx,
    app: &App,
    may: &May<grants::DoVisits>,
    told: &Told,
    chain: &Chain,
) -> Result<Outcome> {
    let at = told.moment(chain)?;
    let act = Act {
        tx,
        app,
        may,
        at,
        device_at: told.device_at,
        ahead: told.said_at() - at,
    };
    let answer = perform(&act, told.kind, told.visit, &told.body).await?;
    if matches!(
        told.kind,
        ActKind::Depart | ActKind::Finish | ActKind::Abort | ActKind::Leave
    ) {
        // An alarm may have been told before the step that it followed.
        safety::sos::judge_again(tx, may.community, told.visit).await?;
    }
    let place = (chain.place(told.counter), at);
    keep_applied(tx, app, may, told, place, answer.body().clone()).await
}

/// Keeps what took effect: the phone is told the same however often it asks, and the chain goes on from there.
async fn keep_applied(
    tx: &Tx,
    app: &App,
    may: &May<grants::DoVisits>,
    told: &Told,
    (place, at): (Option<u32>, DateTime<Utc>),
    answer: Value,
) -> Result<Outcome> {
    let whose = whose(told, may, tx).await?;
    let mut row = told.row(app, may, &whose, SyncResult::Applied, None, &answer);
    row.at = at;
    row.counter = place.and_then(|counter| i32::try_from(counter).ok());
    store::sync_action::put(tx, row.clone()).await?;
    store::sync_action::replaced(tx, &row).await?;
    Ok(Outcome {
        result: SyncResult::Applied,
        answer: (!answer.is_null()).then_some(answer),
    })
}

/// What was answered, and when, as the same act was told at once, with its id as `Idempotency-Key`, and the answer was
/// lost.
async fn sent_before(
    tx: &Tx,
    app: &App,
    may: &May<grants::DoVisits>,
    id: SyncActionId,
) -> Result<Option<(Value, DateTime<Utc>)>> {
    let (key, community, account) = (id.to_string(), may.community, may.account);
    let kept = store::idempotency::answered(&**tx, app, community, account, &key).await?;
    Ok(kept.map(|(answer, at)| (answer.body().clone(), at)))
}

/// Tries an act of the work list once more, as of the moment it was. What took effect or was settled meanwhile stays so. One
/// whose time could not be read has none now either: it is put right by another act with its number.
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
        device_at: has_time(app, kept)?.then_some(kept.device_at),
        skew: TimeDelta::seconds(kept.skew_s),
        received_at: kept.received_at,
        original: kept.original_id,
        once_more: true,
    };
    let telling = Telling {
        may: may.clone(),
        shut_out: false,
    };
    take_in(app, &telling, &told, language).await
}
