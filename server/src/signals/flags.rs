//! Red flags of what was told: judged with what is known of the patient, opened as alerts with a deadline and an owner,
//! and passed on to the next person when nobody takes them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{AlertKind, FlagOwner, ReadingSource, Role};
use entity::ids::{AccountId, AlertId, NurseId, VisitId};
use entity::{account, alert, job, patient};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::facts;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local;
use crate::domain::code::{Key, QuestionCode};
use crate::domain::red_flag::{Raised, escalation_at};
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::jobs::kind::ALERT_ESCALATION;
use crate::message::Message;
use crate::rules::RuleBook;
use crate::store::alert::{Flag, NewAlert};
use crate::store::reading::Reading;
use crate::{in_write, store};

/// What was told of a patient at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// What told it: told again it replaces itself.
    pub source: Uuid,
    /// What sort of thing that is.
    pub kind: ReadingSource,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom; none: through a link.
    pub by: Option<AccountId>,
    /// The nurse whose task it is; none: the one who came last.
    pub nurse: Option<NurseId>,
    /// The visit on which it was told.
    pub visit: Option<VisitId>,
    /// Numbers by their fact.
    pub numbers: BTreeMap<Key, f64>,
    /// Numbers told together with these, of a moment just before.
    pub before: BTreeMap<Key, f64>,
    /// What is so.
    pub yes: BTreeSet<Key>,
}

impl Told {
    /// Nothing yet, of a source at a moment.
    pub(crate) fn new(
        (kind, source): (ReadingSource, Uuid),
        at: DateTime<Utc>,
        by: Option<AccountId>,
    ) -> Self {
        Self {
            source,
            kind,
            at,
            by,
            nurse: None,
            visit: None,
            numbers: BTreeMap::new(),
            before: BTreeMap::new(),
            yes: BTreeSet::new(),
        }
    }
}

/// A red flag that is up, for whoever told of it: what to do now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RaisedFlag {
    /// Its code.
    pub code: QuestionCode,
    /// What it is about.
    pub name: Bilingual,
    /// Call 120 now.
    pub call_120: bool,
    /// What the family does now.
    pub now: Bilingual,
    /// Until when staff deal with it.
    pub due_at: DateTime<Utc>,
    /// The alert; it may be one that was open already.
    pub alert_id: AlertId,
}

/// Keeps the numbers, judges, and opens an alert for each flag that is up. The shortest deadline comes first.
pub(crate) async fn judge(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    told: &Told,
) -> Result<Vec<RaisedFlag>> {
    let facts = facts::known(tx, app, book, patient, told).await?;
    let (community, id) = (patient.community_id, patient.id);
    for (fact, value) in facts.numbers() {
        let reading = Reading {
            fact: fact.to_string(),
            at: told.at,
            value: *value,
            source: told.source,
            kind: told.kind,
            told_by: told.by,
        };
        store::reading::put(tx, app, community, id, &reading).await?;
    }
    let up = book.red_flags.judge(&facts, told.at);
    raise(tx, app, book, patient, told, &up).await
}

/// Judges anew what was told after a number that came late: only now it shows how that one changed.
pub(crate) async fn look_again(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    told: &Told,
) -> Result<Vec<RaisedFlag>> {
    let of = (patient.community_id, patient.id);
    let later = store::reading::since(&**tx, app, of, told.at, told.source).await?;
    let mut raised: Vec<RaisedFlag> = Vec::new();
    for one in later {
        let Some(fact) = told.numbers.keys().find(|key| key.as_str() == one.fact) else {
            continue;
        };
        let mut then = Told::new((told.kind, one.source), one.at, told.by);
        then.nurse = told.nurse;
        then.numbers.insert(fact.clone(), one.value);
        let facts = facts::known(tx, app, book, patient, &then).await?;
        let mut without = facts.clone();
        without.forget(fact, told.at);
        // What was up without it was told of then.
        let before = book.red_flags.judge(&without, then.at);
        let mut up = book.red_flags.judge(&facts, then.at);
        up.retain(|one| !before.contains(one));
        raised.extend(raise(tx, app, book, patient, &then, &up).await?);
    }
    Ok(raised)
}

/// Opens an alert for each flag that is up.
async fn raise(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    told: &Told,
    up: &[Raised<'_>],
) -> Result<Vec<RaisedFlag>> {
    let mut raised = Vec::new();
    for one in up {
        raised.push(open(tx, app, book, patient, told, one).await?);
    }
    Ok(raised)
}

/// Opens the alert of a flag, or hastens the one that is open.
async fn open(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    patient: &patient::Model,
    told: &Told,
    raised: &Raised<'_>,
) -> Result<RaisedFlag> {
    let (community, rule) = (patient.community_id, raised.flag.code.to_string());
    let level = raised.level;
    let due_at = app.now() + TimeDelta::minutes(i64::from(level.deadline_min));
    let nurse = match (level.owner, told.nurse) {
        (FlagOwner::Doctor, _) => None,
        (FlagOwner::Nurse, Some(nurse)) => Some(nurse),
        (FlagOwner::Nurse, None) => {
            store::device::responsible_nurse(&**tx, community, patient.id).await?
        }
    };
    let detail = format!(
        "{} {}:{}",
        raised.flag.code, raised.flag.name.zh, level.staff.zh
    );
    let kind = AlertKind::RedFlag;
    let new = NewAlert::of_patient(app, kind, level.severity, patient, told.at)
        .detail(&detail)
        .flag(Flag {
            rule: &rule,
            version: i32::try_from(book.red_flags.version).map_err(Error::internal)?,
            owner: level.owner,
            nurse,
            due_at,
        });
    let new = match told.by {
        Some(by) => new.by(by),
        None => new,
    };
    let new = match told.visit {
        Some(visit) => new.on_visit(visit),
        None => new,
    };
    let row = match store::alert::keep(tx, app, new).await? {
        Some(row) => {
            tell(tx, app, book, &row, patient, false).await?;
            enqueue(tx, app, &row).await?;
            row
        }
        None => again(tx, app, patient, &rule, (level.severity, due_at)).await?,
    };
    Ok(RaisedFlag {
        code: raised.flag.code.clone(),
        name: raised.flag.name.clone(),
        call_120: level.call_120,
        now: level.family.clone(),
        due_at: row.due_at.unwrap_or(due_at),
        alert_id: row.id,
    })
}

/// The alert that is open already; sooner due when the flag is worse now.
async fn again(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    rule: &str,
    (severity, due_at): (entity::enums::AlertSeverity, DateTime<Utc>),
) -> Result<alert::Model> {
    let found = store::alert::open_of_rule(&**tx, patient.community_id, patient.id, rule).await?;
    let mut row = found.ok_or_else(|| Error::internal("an open alert is not there"))?;
    if row.due_at.is_some_and(|due| due_at < due) {
        store::alert::hasten(tx, app, &mut row, severity, due_at).await?;
        enqueue(tx, app, &row).await?;
    }
    Ok(row)
}

/// Queues the moment at which an alert that nobody took goes on.
async fn enqueue(tx: &Tx, app: &App, row: &alert::Model) -> Result<()> {
    let Some(due_at) = row.due_at else {
        return Ok(());
    };
    // Half of the time there is from now: a hastened alert begins anew.
    let from = if row.escalation == 0 {
        app.now()
    } else {
        row.opened_at
    };
    let Some(at) = escalation_at(from, due_at, row.escalation) else {
        return Ok(());
    };
    let payload = json!({ "escalation": row.escalation, "due_at": due_at });
    let (community, id) = (row.community_id, row.id.0);
    store::job::enqueue(tx, app, community, ALERT_ESCALATION, id, payload, at).await
}

/// Passes an alert that nobody took on to further people. The job ends in the transaction of its effect.
pub(crate) async fn escalate(app: &App, job: &job::Model) -> Result<()> {
    let (community, id) = (job.community_id, AlertId(job.subject_id));
    let book = RuleBook::current(app.db.reader(), app, community).await?;
    in_write!(app.db, "escalate_alert", |tx| {
        store::job::finish(tx, job).await?;
        let Some(mut row) = store::alert::in_community(&**tx, community, id).await? else {
            return Ok(());
        };
        // A job of an older look does nothing.
        let planned = json!({ "escalation": row.escalation, "due_at": row.due_at });
        if job.payload != planned || !store::alert::note_escalation(tx, app, &mut row).await? {
            return Ok(());
        }
        let patient = store::patient::in_community(&**tx, community, row.patient_id).await?;
        let patient = patient.ok_or_else(|| Error::internal("an alert has no patient"))?;
        tell(tx, app, &book, &row, &patient, true).await?;
        enqueue(tx, app, &row).await
    })
}

/// Tells the people whose turn it is; an empty circle is passed over.
async fn tell(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    row: &alert::Model,
    patient: &patient::Model,
    again: bool,
) -> Result<()> {
    let due = row.due_at.unwrap_or(row.opened_at);
    let rule = row.rule.as_deref().unwrap_or_default();
    let flag = book.red_flags.rule(rule);
    let message = Message::RedFlag {
        flag: flag.map_or_else(|| Bilingual::new(rule, rule), |flag| flag.name.clone()),
        patient: store::patient::name(app, patient)?.masked(),
        due: local(due).format("%m-%d %H:%M").to_string(),
        again,
    };
    let mut circle = circle(tx, row).await?;
    if circle.is_empty() {
        let (community, institution) = (row.community_id, row.institution_id);
        circle = store::account::coordinators_of(&**tx, community, institution).await?;
    }
    store::message::to_all(tx, app, &circle, &message).await
}

/// First whose it is, at half of the deadline the next ones, at its end everybody who answers for the institution.
async fn circle(tx: &Tx, row: &alert::Model) -> Result<Vec<account::Model>> {
    let (db, community, institution) = (&**tx, row.community_id, row.institution_id);
    let mut people = match (row.escalation, row.owner) {
        (0, Some(FlagOwner::Nurse)) => nurse(tx, row).await?,
        (0, _) => store::account::reaching(db, community, institution, Role::Doctor).await?,
        (1, _) => {
            let mut next = store::account::coordinators_of(db, community, institution).await?;
            next.extend(store::account::reaching(db, community, institution, Role::Doctor).await?);
            next
        }
        _ => {
            let mut all = store::account::supervisors_of(db, community, institution).await?;
            all.extend(store::account::coordinators_of(db, community, institution).await?);
            all.extend(store::account::reaching(db, community, institution, Role::Doctor).await?);
            all
        }
    };
    people.sort_by_key(|one| one.id);
    people.dedup_by_key(|one| one.id);
    Ok(people)
}

/// The account of the nurse whose alert it is.
async fn nurse(tx: &Tx, row: &alert::Model) -> Result<Vec<account::Model>> {
    let Some(id) = row.nurse_id else {
        return Ok(Vec::new());
    };
    let nurse = store::nurse::get(&**tx, row.community_id, id).await?;
    let Some(account) = nurse.and_then(|nurse| nurse.account_id) else {
        return Ok(Vec::new());
    };
    let account = store::account::get(&**tx, row.community_id, account).await?;
    Ok(account.into_iter().collect())
}
