//! First assessments, and the admissions that void them. Assessments are never changed: a newer one supersedes.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::assessment::{Column, Entity, Model};
use entity::enums::{AdmissionKind, AssessmentMode, AssessmentResult};
use entity::ids::{AccountId, AdmissionId, AssessmentId, CommunityId, PatientId, VisitId};
use entity::{admission, patient};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use serde::{Deserialize, Serialize};

use super::page::newest;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::assessment::{Admitted, Assessed, deciding};
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::wire::Cursor;

/// The texts of an assessment, sealed as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessmentTexts {
    /// Under which conditions.
    pub conditions: Option<String>,
    /// Why not.
    pub reason: Option<String>,
    /// Where to go instead.
    pub advice: Option<String>,
}

/// An assessment to be kept.
#[derive(Clone, Debug)]
pub struct NewAssessment {
    /// The visit it was made on; none: from the record.
    pub visit: Option<VisitId>,
    /// Its result.
    pub result: AssessmentResult,
    /// Codes of the items.
    pub items: Vec<String>,
    /// Its texts.
    pub texts: AssessmentTexts,
    /// Who made it.
    pub by: AccountId,
    /// When it was made.
    pub at: DateTime<Utc>,
}

/// Keeps an assessment.
pub async fn insert(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    new: NewAssessment,
) -> Result<Model> {
    let id = app.new_id::<AssessmentId>();
    let texts = (new.texts != AssessmentTexts::default())
        .then(|| serde_json::to_string(&new.texts))
        .transpose()
        .map_err(Error::internal)?;
    let row = Model {
        community_id: patient.community_id,
        id,
        patient_id: patient.id,
        visit_id: new.visit,
        mode: match new.visit {
            Some(_) => AssessmentMode::Visit,
            None => AssessmentMode::Remote,
        },
        result: new.result,
        items: serde_json::to_value(&new.items).map_err(Error::internal)?,
        text_enc: texts.map(|text| app.cipher.seal(place(id), &text)),
        assessed_by: new.by,
        assessed_at: new.at,
        recorded_at: app.now(),
    };
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(row)
}

/// Assessments of a patient, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let query = of_patient(community, patient);
    newest(db, query, Column::Id, cursor).await
}

/// One assessment of a patient.
pub async fn get(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    id: AssessmentId,
) -> Result<Model> {
    of_patient(community, patient)
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

fn of_patient(community: CommunityId, patient: PatientId) -> sea_orm::Select<Entity> {
    Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
}

/// What is known at a moment: assessments made until then, and admissions registered until then. Two
/// statements.
pub async fn known(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
    at: DateTime<Utc>,
) -> Result<(Vec<Assessed>, Vec<Admitted>)> {
    let rows = of_patient(community, patient)
        .filter(Column::AssessedAt.lte(at))
        .all(db)
        .await?;
    let assessed = rows.iter().map(assessed).collect::<Result<_>>()?;
    let admissions = admissions_of(community, patient)
        .filter(admission::Column::RecordedAt.lte(at))
        .all(db)
        .await?;
    let admitted = admissions.into_iter().map(|row| Admitted {
        on: row.admitted_on,
        known_at: row.recorded_at,
    });
    Ok((assessed, admitted.collect()))
}

fn assessed(row: &Model) -> Result<Assessed> {
    Ok(Assessed {
        at: row.assessed_at,
        result: row.result,
        items: items(row)?,
    })
}

/// Of the assessments of a patient those that approve some of these items under conditions and decide about them, each with
/// these items.
pub fn conditional<'a>(
    rows: &'a [Model],
    codes: &[String],
) -> Result<Vec<(&'a Model, Vec<String>)>> {
    let known = rows.iter().map(assessed).collect::<Result<Vec<_>>>()?;
    let mut by_row: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for code in codes {
        if let Some(index) = deciding(code, &known) {
            by_row.entry(index).or_default().push(code.clone());
        }
    }
    let found = by_row
        .into_iter()
        .map(|(index, codes)| (&rows[index], codes));
    let conditional = |row: &Model| row.result == AssessmentResult::ApprovedWithConditions;
    Ok(found.filter(|(row, _)| conditional(row)).collect())
}

/// Codes of the items of an assessment.
pub fn items(row: &Model) -> Result<Vec<String>> {
    serde_json::from_value(row.items.clone()).map_err(Error::internal)
}

/// The texts of an assessment.
pub fn texts(app: &App, row: &Model) -> Result<AssessmentTexts> {
    let Some(sealed) = &row.text_enc else {
        return Ok(AssessmentTexts::default());
    };
    let text = app
        .cipher
        .open(place(row.id), sealed)
        .map_err(Error::internal)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

fn place(id: AssessmentId) -> FieldPlace {
    FieldPlace {
        table: "assessment",
        column: "text_enc",
        row: id.0,
    }
}

/// A stay to be registered.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// First day.
    pub admitted_on: NaiveDate,
    /// Last day, when it is over.
    pub discharged_on: Option<NaiveDate>,
    /// Whether it was planned, when it is told.
    pub kind: Option<AdmissionKind>,
    /// Who registers it.
    pub by: AccountId,
}

/// Registers a stay; told again with its end or its kind, it is completed. A stay that says otherwise, or nothing new,
/// is a problem.
pub async fn admit(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
    stay: Stay,
) -> Result<admission::Model> {
    let (community, id) = (patient.community_id, patient.id);
    let known = admissions_of(community, id)
        .filter(admission::Column::AdmittedOn.eq(stay.admitted_on))
        .one(&**tx)
        .await?;
    if let Some(mut row) = known {
        let ends = adds(row.discharged_on, stay.discharged_on);
        let says = adds(row.kind, stay.kind);
        let (Some(ends), Some(says)) = (ends, says) else {
            return Err(Code::AdmissionExists.into());
        };
        if !ends && !says {
            return Err(Code::AdmissionExists.into());
        }
        row.discharged_on = row.discharged_on.or(stay.discharged_on);
        row.kind = row.kind.or(stay.kind);
        sql::change(
            tx,
            "UPDATE admission SET discharged_on = $1, kind = $2 WHERE community_id = $3 AND id = $4",
            [
                row.discharged_on.into(),
                row.kind.map(AdmissionKind::as_str).into(),
                row.community_id.into(),
                row.id.into(),
            ],
        )
        .await?;
        return Ok(row);
    }
    let row = admission::Model {
        community_id: community,
        id: app.new_id::<AdmissionId>(),
        patient_id: id,
        admitted_on: stay.admitted_on,
        discharged_on: stay.discharged_on,
        kind: stay.kind,
        recorded_by: stay.by,
        recorded_at: app.now(),
    };
    admission::Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await?;
    Ok(row)
}

/// Whether what is told adds to what is known; none when it says otherwise.
fn adds<T: PartialEq>(known: Option<T>, told: Option<T>) -> Option<bool> {
    match (known, told) {
        (_, None) => Some(false),
        (None, Some(_)) => Some(true),
        (Some(known), Some(told)) => (known == told).then_some(false),
    }
}

/// Stays of a patient, the latest first.
pub async fn admissions(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<admission::Model>> {
    Ok(admissions_of(community, patient)
        .order_by_desc(admission::Column::AdmittedOn)
        .all(db)
        .await?)
}

fn admissions_of(community: CommunityId, patient: PatientId) -> sea_orm::Select<admission::Entity> {
    admission::Entity::find()
        .filter(admission::Column::CommunityId.eq(community))
        .filter(admission::Column::PatientId.eq(patient))
}
