//! Consents. One row a signature; a withdrawal is noted on it, nothing else ever changes.

use chrono::{DateTime, Utc};
use entity::consent::{Column, Entity, Model};
use entity::enums::{CarerRelation, ConsentBasis, ConsentPurpose};
use entity::ids::{AccountId, CarerId, CommunityId, ConsentId, PatientId, VisitId};
use entity::{carer, patient};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};

use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::consent::{
    ConsentTexts, Given, Missing, Signer, Ward, missing_for_booked, missing_for_booking,
};
use crate::domain::name::PersonName;
use crate::domain::patient::age_on;
use crate::error::{Error, Result, violates};
use crate::problem::{Code, Problem};

/// The guards against a second valid consent to one text, and against a change of a withdrawn one.
const ONCE: &[&str] = &[
    "consent_once_a_visit",
    "consent_once_a_patient",
    "consent.text_version",
];

/// Stores a consent; a second valid one to the same text is a problem.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let stored = Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&**tx)
        .await;
    match stored {
        Err(error) if violates(&error, ONCE) => Err(Code::ConsentExists.into()),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

/// Consents for a visit, withdrawn ones too, oldest first.
pub async fn of_visit(
    db: &impl ConnectionTrait,
    community: CommunityId,
    visit: VisitId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::VisitId.eq(visit))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Consents of a patient, withdrawn ones too, oldest first.
pub async fn of_patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    patient: PatientId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::PatientId.eq(patient))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Where a consent is looked for.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// Signed for this visit.
    Visit(VisitId),
    /// Of this patient, for whatever.
    Patient(PatientId),
}

/// Takes a consent back, as of a moment.
pub async fn withdraw(
    tx: &Tx,
    app: &App,
    community: CommunityId,
    (of, id): (Of, ConsentId),
    (by, at): (AccountId, DateTime<Utc>),
    reason: Option<&str>,
) -> Result<Model> {
    let of = match of {
        Of::Visit(visit) => Column::VisitId.eq(visit),
        Of::Patient(patient) => Column::PatientId.eq(patient),
    };
    let found = Entity::find()
        .filter(
            Condition::all()
                .add(Column::CommunityId.eq(community))
                .add(of),
        )
        .filter(Column::Id.eq(id))
        .one(&**tx)
        .await?
        .ok_or(Code::NotFound)?;
    // What was signed later than it is taken back, by clocks that differ, is taken back at once.
    let at = at.max(found.signed_at);
    let sealed = reason.map(|text| app.cipher.seal(place("withdraw_reason_enc", id), text));
    let changed = sql::change(
        tx,
        "UPDATE consent SET withdrawn_at = $1, withdrawn_by = $2, withdraw_reason_enc = $3
         WHERE community_id = $4 AND id = $5 AND withdrawn_at IS NULL",
        [
            at.into(),
            by.into(),
            sealed.clone().into(),
            community.into(),
            id.into(),
        ],
    )
    .await?;
    if changed != 1 {
        return Err(Code::ConsentWithdrawn.into());
    }
    Ok(Model {
        withdrawn_at: Some(at),
        withdrawn_by: Some(by),
        withdraw_reason_enc: sealed,
        ..found
    })
}

/// What the rules ask of the rows.
pub fn given(rows: &[Model]) -> Vec<Given> {
    rows.iter()
        .map(|row| Given {
            visit: row.visit_id,
            text: row.text_code.clone(),
            version: u32::try_from(row.text_version).unwrap_or(0),
            signed_at: row.signed_at,
            withdrawn_at: row.withdrawn_at,
        })
        .collect()
}

/// Fails unless the patient's health data and location may be used (R24).
pub async fn check_for_booking(
    db: &impl ConnectionTrait,
    texts: &ConsentTexts,
    patient: &patient::Model,
    at: DateTime<Utc>,
) -> Result<()> {
    let rows = of_patient(db, patient.community_id, patient.id).await?;
    refuse(&missing_for_booking(texts, &given(&rows), at))
}

/// What of a patient may not be used on a visit that is booked (R24), as of a moment. One statement.
pub async fn missing_on_visit(
    db: &impl ConnectionTrait,
    texts: &ConsentTexts,
    (community, patient): (CommunityId, PatientId),
    at: DateTime<Utc>,
) -> Result<Vec<Missing>> {
    let rows = of_patient(db, community, patient).await?;
    Ok(missing_for_booked(texts, &given(&rows), at))
}

/// The problem of a visit whose patient's data may not be used.
pub fn unallowed(missing: &[Missing]) -> Error {
    let problem = Problem::new(Code::DataConsentMissing);
    problem.member("missing", missing).into()
}

/// The problem of consents that are missing.
pub fn refuse(missing: &[Missing]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let problem = Problem::new(Code::ConsentMissing);
    Err(problem.member("missing", missing).into())
}

/// A patient as one for whom somebody signs on that day.
pub fn ward(patient: &patient::Model, carers: &[carer::Model], at: DateTime<Utc>) -> Ward {
    Ward {
        age_years: age_on(patient.birth_date, local_date(at)),
        has_guardian: carers
            .iter()
            .any(|carer| carer.consent == ConsentBasis::Guardianship),
        lacks_capacity: patient.lacks_capacity,
    }
}

/// A carer as one who signs.
pub fn signer_of(carer: &carer::Model, of_age: bool) -> Signer {
    Signer {
        relation: carer.relation,
        of_age,
        authorised: carer.may_book,
        guardian: carer.consent == ConsentBasis::Guardianship,
    }
}

/// Seals the name of a signer.
pub fn seal_name(app: &App, id: ConsentId, name: &str) -> String {
    app.cipher.seal(place("signer_name_enc", id), name)
}

/// The name of a signer.
pub fn signer_name(app: &App, row: &Model) -> Result<PersonName> {
    let text = app
        .cipher
        .open(place("signer_name_enc", row.id), &row.signer_name_enc);
    PersonName::parse(&text.map_err(Error::internal)?).map_err(Error::internal)
}

/// A consent of a carer to something else than care, ready to be stored: for those who load whole counties.
pub fn of_carer(
    app: &App,
    carer: &carer::Model,
    name: &str,
    purpose: ConsentPurpose,
    (text_code, text_version): (&str, u32),
) -> Model {
    let id = app.new_id::<ConsentId>();
    Model {
        community_id: carer.community_id,
        id,
        patient_id: carer.patient_id,
        order_id: None,
        visit_id: None,
        purpose,
        text_code: text_code.to_owned(),
        text_version: i32::try_from(text_version).unwrap_or(i32::MAX),
        relation: carer.relation,
        carer_id: (carer.relation != CarerRelation::Oneself).then_some::<CarerId>(carer.id),
        account_id: Some(carer.account_id),
        signer_name_enc: seal_name(app, id, name),
        signature_sha256: None,
        signature_bytes: None,
        device: entity::enums::ConsentDevice::Family,
        signed_at: app.now(),
        device_at: None,
        recorded_by: carer.account_id,
        recorded_at: app.now(),
        withdrawn_at: None,
        withdrawn_by: None,
        withdraw_reason_enc: None,
    }
}

fn place(column: &'static str, id: ConsentId) -> FieldPlace {
    FieldPlace {
        table: "consent",
        column,
        row: id.0,
    }
}
