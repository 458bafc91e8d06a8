//! Discharges, and the systems that tell of them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::discharge::{ActiveModel, Column, Entity, Model};
use entity::discharge_feed;
use entity::enums::{DischargeState, FollowPlanState};
use entity::ids::{
    AccountId, CommunityId, DischargeFeedId, DischargeId, InstitutionId, NurseId, PatientId,
};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};

use super::page::newest;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::follow_up::{IcdCode, Word};
use crate::error::{Error, Result, violates};
use crate::problem::Code;
use crate::wire::Cursor;

/// Guards of the schema, by constraint, or the columns that SQLite names.
const ONCE: &[&str] = &[
    "discharge_told_once",
    "discharge_once",
    "discharge.system_ref",
    "discharge.discharged_on",
];
const ORDER: &[&str] = &["discharge_after_admission"];

/// What a discharge says in words and codes; sealed as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Diagnosis codes, the first one first.
    pub diagnoses: Vec<IcdCode>,
    /// The diagnosis in words.
    pub text: Option<String>,
    /// The responsible doctor.
    pub doctor: Option<String>,
    /// What else is to be known.
    pub note: Option<String>,
    /// What was said besides the diagnoses, without what they imply; older rows do not say.
    #[serde(default)]
    pub conditions: Option<BTreeSet<String>>,
    /// The last word of the system that tells of it.
    #[serde(default)]
    pub word: Option<Word>,
}

/// What a caller may see of discharges.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The tenant.
    pub community: CommunityId,
    /// Sees those of these institutions.
    pub institutions: BTreeSet<InstitutionId>,
    /// Sees those that name this nurse.
    pub nurse: Option<NurseId>,
    /// A nurse sees those that she told of.
    pub teller: Option<AccountId>,
}

impl Sight {
    fn condition(&self) -> Condition {
        let mut any =
            Condition::any().add(Column::InstitutionId.is_in(self.institutions.iter().copied()));
        if let Some(nurse) = self.nurse {
            any = any.add(Column::NurseId.eq(nurse));
        }
        if let Some(account) = self.teller {
            any = any.add(Column::RecordedBy.eq(account));
        }
        Condition::all()
            .add(Column::CommunityId.eq(self.community))
            .add(any)
    }
}

/// Seals the detail of a discharge.
pub fn seal_detail(app: &App, id: DischargeId, detail: &Detail) -> Result<String> {
    let text = serde_json::to_string(detail).map_err(Error::internal)?;
    Ok(app.cipher.seal(place(id), &text))
}

/// The detail of a discharge.
pub fn detail(app: &App, row: &Model) -> Result<Detail> {
    let text = app
        .cipher
        .open(place(row.id), &row.detail_enc)
        .map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// What a discharge says besides its diagnoses.
pub fn conditions(row: &Model) -> Result<BTreeSet<String>> {
    serde_json::from_value(row.conditions.clone()).map_err(Error::internal)
}

fn place(id: DischargeId) -> FieldPlace {
    FieldPlace {
        table: "discharge",
        column: "detail_enc",
        row: id.0,
    }
}

fn guarded(error: DbErr) -> Error {
    if violates(&error, ORDER) {
        Code::DischargeBeforeAdmission.into()
    } else if violates(&error, ONCE) {
        Code::DischargeExists.into()
    } else {
        error.into()
    }
}

/// Keeps a discharge.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let stored = Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    stored.map(|_| ()).map_err(guarded)
}

/// Changes a discharge upon the version read; another version meanwhile is a problem.
pub async fn update(
    tx: &Tx,
    discharge: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let changed = sql::change_read_version!(tx, discharge, change, Id id).map_err(guarded)?;
    changed.ok_or_else(|| Code::PreconditionFailed.into())
}

/// A discharge within sight.
pub async fn get(db: &impl ConnectionTrait, sight: &Sight, id: DischargeId) -> Result<Model> {
    Entity::find()
        .filter(sight.condition())
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// A discharge of the community, for what acts by itself.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: DischargeId,
) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((community, id)).one(db).await?)
}

/// The discharge that a system told of by its own id.
pub async fn told_by(
    db: &impl ConnectionTrait,
    community: CommunityId,
    (system, system_ref): (&str, &str),
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::System.eq(system))
        .filter(Column::SystemRef.eq(system_ref))
        .one(db)
        .await?)
}

/// The discharge of a patient on a day that counts.
pub async fn on_day(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    discharged_on: NaiveDate,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::DischargedOn.eq(discharged_on))
        .filter(Column::State.ne(DischargeState::Cancelled))
        .one(db)
        .await?)
}

/// The discharge that a plan follows up.
pub async fn of_plan(
    db: &impl ConnectionTrait,
    plan: &entity::follow_plan::Model,
) -> Result<Model> {
    let found = in_community(db, plan.community_id, plan.discharge_id).await?;
    found.ok_or_else(|| Error::internal("a plan without its discharge"))
}

/// Discharges of a patient that count.
pub async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .filter(Column::State.ne(DischargeState::Cancelled))
        .all(db)
        .await?)
}

/// Which discharges.
#[derive(Clone, Debug, Default)]
pub struct DischargeFilter {
    /// Of this patient.
    pub patient: Option<PatientId>,
    /// In this state.
    pub state: Option<DischargeState>,
    /// Those whose diagnosis no group has.
    pub unknown_diagnosis: bool,
}

/// Discharges within sight, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    sight: &Sight,
    wanted: &DischargeFilter,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let unknown = wanted
        .unknown_diagnosis
        .then(|| Column::DiagnosisKnown.eq(false));
    let condition = sight
        .condition()
        .add_option(wanted.patient.map(|id| Column::PatientId.eq(id)))
        .add_option(wanted.state.map(|state| Column::State.eq(state)))
        .add_option(unknown);
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

/// Discharges of a patient until a day whose plans still run.
pub async fn followed_until(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    day: NaiveDate,
) -> Result<Vec<entity::follow_plan::Model>> {
    use entity::follow_plan::Column as P;
    Ok(entity::follow_plan::Entity::find()
        .filter(P::CommunityId.eq(community))
        .filter(P::PatientId.eq(patient))
        .filter(P::State.eq(FollowPlanState::Active))
        .filter(P::StartsOn.lte(day))
        .all(db)
        .await?)
}

/// Registers a feed; a system that has one is a problem.
pub async fn insert_feed(tx: &Tx, row: discharge_feed::Model) -> Result<()> {
    let stored = discharge_feed::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    stored.map(|_| ()).map_err(|error| {
        if violates(&error, &["discharge_feed_once", "discharge_feed.system"]) {
            Code::FeedExists.into()
        } else {
            error.into()
        }
    })
}

/// A feed in use, by its id: it says who it is before its community is known.
pub async fn feed(
    db: &impl ConnectionTrait,
    id: DischargeFeedId,
) -> Result<Option<discharge_feed::Model>> {
    use discharge_feed::Column as F;
    Ok(discharge_feed::Entity::find()
        .filter(F::Id.eq(id))
        .filter(F::EndedAt.is_null())
        .one(db)
        .await?)
}

/// A feed in use, by the hash of its token.
pub async fn feed_by_token(
    db: &impl ConnectionTrait,
    hash: &str,
) -> Result<Option<discharge_feed::Model>> {
    use discharge_feed::Column as F;
    Ok(discharge_feed::Entity::find()
        .filter(F::TokenHash.eq(hash))
        .filter(F::EndedAt.is_null())
        .one(db)
        .await?)
}

/// Feeds of institutions, newest first.
pub async fn feeds(
    db: &impl ConnectionTrait,
    community: CommunityId,
    institutions: &BTreeSet<InstitutionId>,
) -> Result<Vec<discharge_feed::Model>> {
    use discharge_feed::Column as F;
    Ok(discharge_feed::Entity::find()
        .filter(F::CommunityId.eq(community))
        .filter(F::InstitutionId.is_in(institutions.iter().copied()))
        .order_by_desc(F::Id)
        .all(db)
        .await?)
}

/// Ends a feed in use; false when there is none.
pub async fn end_feed(
    tx: &Tx,
    app: &App,
    feed: &discharge_feed::Model,
    by: AccountId,
) -> Result<bool> {
    let changed = sql::change(
        tx,
        "UPDATE discharge_feed SET ended_by = $1, ended_at = $2
         WHERE community_id = $3 AND id = $4 AND ended_at IS NULL",
        [
            by.into(),
            app.now().into(),
            feed.community_id.into(),
            feed.id.into(),
        ],
    )
    .await?;
    Ok(changed == 1)
}

/// Seals the secret of a feed.
pub fn seal_secret(app: &App, id: DischargeFeedId, secret: &str) -> String {
    app.cipher.seal(secret_place(id), secret)
}

/// The secret of a feed.
pub fn secret(app: &App, row: &discharge_feed::Model) -> Result<String> {
    app.cipher
        .open(secret_place(row.id), &row.secret_enc)
        .map_err(Error::internal)
}

fn secret_place(id: DischargeFeedId) -> FieldPlace {
    FieldPlace {
        table: "discharge_feed",
        column: "secret_enc",
        row: id.0,
    }
}
