//! The append-only trail: every change leaves a link of its subject's hash chain, in the same transaction.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::enums::SubjectKind;
use entity::event::{ActiveModel, Column, Entity, Model};
use entity::ids::{AccountId, CommunityId, InstitutionId, NurseId, OrderId, PatientId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::sql;
use crate::app::App;
use crate::crypto::hex;
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::error::Result;

/// A change to be recorded.
#[derive(Clone, Debug)]
pub struct NewEvent {
    subject: (SubjectKind, Uuid),
    kind: EventKind,
    actor: Option<AccountId>,
    device_at: Option<DateTime<Utc>>,
    place: Option<(f64, f64, Option<f64>)>,
    institution: Option<InstitutionId>,
    patient: Option<PatientId>,
    nurse: Option<NurseId>,
    payload: Value,
}

impl NewEvent {
    /// An event about something, by somebody (`None`: the server itself).
    pub fn new(
        kind: EventKind,
        subject: SubjectKind,
        id: impl Into<Uuid>,
        actor: Option<AccountId>,
    ) -> Self {
        Self {
            subject: (subject, id.into()),
            kind,
            actor,
            device_at: None,
            place: None,
            institution: None,
            patient: None,
            nurse: None,
            payload: json!({}),
        }
    }

    /// An event of an order, seen by those whom its patient and institution concern.
    pub fn of_order(
        kind: EventKind,
        order: &entity::care_order::Model,
        actor: Option<AccountId>,
    ) -> Self {
        Self::new(kind, SubjectKind::Order, order.id.0, actor)
            .institution(order.institution_id)
            .patient(order.patient_id)
    }

    /// Concerns an institution.
    #[must_use]
    pub fn institution(mut self, id: InstitutionId) -> Self {
        self.institution = Some(id);
        self
    }

    /// Concerns a patient.
    #[must_use]
    pub fn patient(mut self, id: PatientId) -> Self {
        self.patient = Some(id);
        self
    }

    /// Concerns a nurse, who sees it in her live stream.
    #[must_use]
    pub fn nurse(mut self, id: NurseId) -> Self {
        self.nurse = Some(id);
        self
    }

    /// When the device says it happened.
    #[must_use]
    pub fn device_at(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.device_at = at;
        self
    }

    /// Where it happened: longitude, latitude (WGS-84), accuracy in metres.
    #[must_use]
    pub fn place(mut self, place: Option<(f64, f64, Option<f64>)>) -> Self {
        self.place = place;
        self
    }

    /// What else is to be known. Never personal data: the trail is kept in the clear.
    #[must_use]
    pub fn payload(mut self, payload: Value) -> Self {
        self.payload = payload;
        self
    }
}

#[derive(FromQueryResult)]
struct Head {
    subject_no: i64,
    hash: String,
}

/// Hash before the first link.
const GENESIS: &str = "";

/// Appends a link. A neighbour who appended to the same subject meanwhile makes the write run again.
pub async fn append(tx: &Tx, app: &App, community: CommunityId, event: NewEvent) -> Result<()> {
    append_all(tx, app, community, &[event]).await
}

/// Appends links of one subject, in their order. Two statements, however many.
pub async fn append_all(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    events: &[NewEvent],
) -> Result<()> {
    let Some(first) = events.first() else {
        return Ok(());
    };
    let (subject_kind, subject_id) = first.subject;
    let head = sql::one::<Head>(
        &**tx,
        "SELECT subject_no, hash FROM event WHERE community_id = $1 AND subject_kind = $2 AND subject_id = $3
         ORDER BY subject_no DESC LIMIT 1",
        [community.into(), subject_kind.as_str().into(), subject_id.into()],
    )
    .await?;
    let (mut last, mut prev_hash) =
        head.map_or((0, GENESIS.to_owned()), |head| (head.subject_no, head.hash));
    let mut links = Vec::with_capacity(events.len());
    for event in events {
        debug_assert_eq!(event.subject, first.subject, "a chain has one subject");
        let link = linked(app, community, event, last, prev_hash);
        (last, prev_hash) = (link.subject_no, link.hash.clone());
        links.push(link);
    }
    insert(tx, links).await
}

/// Appends the first links of subjects that have none yet, some hundred in a statement. For those who load many
/// subjects at once; a subject that has a link already makes the write fail.
pub async fn append_first(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    events: &[NewEvent],
) -> Result<()> {
    for chunk in events.chunks(sql::ROWS) {
        let links = chunk
            .iter()
            .map(|event| linked(app, community, event, 0, GENESIS.to_owned()));
        insert(tx, links.collect()).await?;
    }
    Ok(())
}

/// The link after number `last`, whose hash is `prev_hash`.
fn linked(
    app: &App,
    community: CommunityId,
    event: &NewEvent,
    last: i64,
    prev_hash: String,
) -> Model {
    let place = event.place;
    let mut model = Model {
        seq: 0,
        txid: 0,
        community_id: community,
        subject_kind: event.subject.0,
        subject_id: event.subject.1,
        subject_no: last + 1,
        kind: event.kind.as_str().to_owned(),
        actor_id: event.actor,
        at: app.now(),
        device_at: event.device_at,
        lng: place.map(|place| place.0),
        lat: place.map(|place| place.1),
        accuracy_m: place.and_then(|place| place.2),
        institution_id: event.institution,
        patient_id: event.patient,
        nurse_id: event.nurse,
        payload: event.payload.to_string(),
        prev_hash,
        hash: String::new(),
    };
    model.hash = link(app, &model);
    model
}

/// Stores links; the database gives them their place in the feed.
async fn insert(tx: &Tx, links: Vec<Model>) -> Result<()> {
    let rows = links.into_iter().map(|link| {
        let hash = link.hash.clone();
        let mut row = ActiveModel::from(link).reset_all();
        row.seq = sea_orm::ActiveValue::NotSet;
        row.txid = sea_orm::ActiveValue::NotSet;
        row.hash = Set(hash);
        row
    });
    Entity::insert_many(rows)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// When the newest link was written; `None` while there is none. The operator's own query.
pub async fn newest_at(db: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Newest {
        at: DateTime<Utc>,
    }
    let row = sql::one::<Newest>(
        db,
        "SELECT at FROM event ORDER BY txid DESC, seq DESC LIMIT 1",
        [],
    )
    .await?;
    Ok(row.map(|row| row.at))
}

/// Keyed hash over everything a link says and the link before it.
fn link(app: &App, event: &Model) -> String {
    let time = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let content = json!([
        event.prev_hash,
        event.community_id,
        event.subject_kind,
        event.subject_id,
        event.subject_no,
        event.kind,
        event.actor_id,
        time(&event.at),
        event.device_at.as_ref().map(time),
        event.lng,
        event.lat,
        event.accuracy_m,
        event.institution_id,
        event.patient_id,
        event.nurse_id,
        event.payload,
    ]);
    hex(aws_lc_rs::hmac::sign(&app.audit_key, content.to_string().as_bytes()).as_ref())
}

/// The trail of an order, oldest first.
pub async fn of_order(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
) -> Result<Vec<Model>> {
    let rows = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::SubjectKind.eq(SubjectKind::Order))
        .filter(Column::SubjectId.eq(order.0))
        .order_by_asc(Column::SubjectNo)
        .all(db)
        .await?;
    Ok(rows)
}

/// Whether an order has an event of this kind that says the same.
pub async fn is_there(
    db: &impl ConnectionTrait,
    order: &entity::care_order::Model,
    kind: EventKind,
    payload: &Value,
) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::CommunityId.eq(order.community_id))
        .filter(Column::SubjectKind.eq(SubjectKind::Order))
        .filter(Column::SubjectId.eq(order.id.0))
        .filter(Column::Kind.eq(kind.as_str()))
        .filter(Column::Payload.eq(payload.to_string()))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// A chain that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenChain {
    /// Tenant.
    pub community: CommunityId,
    /// Subject of the chain.
    pub subject: (SubjectKind, Uuid),
    /// First link that does not hold.
    pub subject_no: i64,
}

/// Walks every chain of every community. The operator's own query: it crosses communities.
pub async fn verify_all(db: &impl ConnectionTrait, app: &App) -> Result<(u64, Vec<BrokenChain>)> {
    const CHUNK: u64 = 5_000;
    let (mut checked, mut broken) = (0, Vec::new());
    let mut last: Option<Model> = None;
    loop {
        // Rows come chain by chain; (community, kind, subject, number) is the key of the next chunk.
        let key = last.as_ref().map(|last| {
            [
                last.community_id.into(),
                last.subject_kind.as_str().into(),
                last.subject_id.into(),
                last.subject_no.into(),
            ]
        });
        let after = if key.is_some() {
            "WHERE (community_id, subject_kind, subject_id, subject_no) > ($1, $2, $3, $4)"
        } else {
            ""
        };
        let sql = format!(
            "SELECT * FROM event {after} ORDER BY community_id, subject_kind, subject_id, subject_no LIMIT {CHUNK}"
        );
        let rows = sql::all::<Model>(db, sql, key.into_iter().flatten()).await?;
        if rows.is_empty() {
            return Ok((checked, broken));
        }
        for row in rows {
            let (no, prev) = match &last {
                Some(last) if same_subject(last, &row) => (last.subject_no + 1, last.hash.as_str()),
                _ => (1, GENESIS),
            };
            if row.subject_no != no || row.prev_hash != prev || row.hash != link(app, &row) {
                broken.push(BrokenChain {
                    community: row.community_id,
                    subject: (row.subject_kind, row.subject_id),
                    subject_no: row.subject_no,
                });
            }
            checked += 1;
            last = Some(row);
        }
    }
}

fn same_subject(one: &Model, other: &Model) -> bool {
    one.community_id == other.community_id
        && one.subject_kind == other.subject_kind
        && one.subject_id == other.subject_id
}
