//! `POST /v1/patients`: register a patient.

use axum::extract::State;
use chrono::NaiveDate;
use entity::enums::{CarerRelation, ConsentBasis, IdKind, Sex};
use entity::ids::{AccountId, InstitutionId, PatientId};
use entity::patient;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::address::NewAddress;
use super::{IdNumberShown, Patient, event_of, refused};
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::identity::IdNumber;
use crate::domain::patient::{
    MotherSent, Newborn, Papers, Registrar, check_registration, choose_institution, is_ward,
};
use crate::error::Result;
use crate::extract::{Caller, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::store::carer::NewCarer;
use crate::store::scope::Scope;
use crate::wire::{IdNumberText, NameText, PhoneText};
use crate::{once, store};

/// Somebody to be cared for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPatient {
    /// Name as in the document.
    #[schema(inline)]
    pub name: NameText,
    /// Kind of id document.
    pub id_kind: IdKind,
    /// Its number. Left out for newborns only, who must be under one year.
    #[schema(inline)]
    pub id_number: Option<IdNumberText>,
    /// Of a newborn without an id number: the number of the mother's document. With it the same child is not
    /// registered twice.
    #[schema(inline)]
    pub mother_id_number: Option<IdNumberText>,
    /// Kind of the mother's document; `resident_id` when left out.
    pub mother_id_kind: Option<IdKind>,
    /// Together with the mother's number: which of her children it is, all her births counted, 1 to 20. Twins have two
    /// numbers.
    #[schema(minimum = 1, maximum = 20)]
    pub birth_order: Option<i32>,
    /// Birth date; must agree with the id number.
    pub birth_date: NaiveDate,
    /// Sex; must agree with the id number.
    pub sex: Sex,
    /// The patient's own phone.
    #[schema(inline)]
    pub phone: Option<PhoneText>,
    /// An adult without the capacity to act: a parent or guardian books and decides.
    #[serde(default)]
    pub lacks_capacity: bool,
    /// Only a nurse of the same sex may come.
    #[serde(default)]
    pub same_sex_nurse: bool,
    /// The responsible institution. Staff choose within their own; left out, it is the lead hospital, or the
    /// only institution of the member of staff.
    pub institution_id: Option<InstitutionId>,
    /// What the first carer is to the patient. Families must say it: they become that carer. A patient
    /// under 18, or one without capacity, needs a parent or guardian.
    pub relation: Option<CarerRelation>,
    /// How the patient agreed; for a minor or somebody without capacity it is guardianship.
    pub consent: ConsentBasis,
    /// Staff only: phone of the account that becomes the first carer.
    #[schema(inline)]
    pub carer_phone: Option<PhoneText>,
    /// A first address.
    pub address: Option<NewAddress>,
}

/// What was found out about a new patient before anything is stored.
struct Checked {
    number: Option<IdNumber>,
    newborn: Option<Newborn>,
    relation: Option<CarerRelation>,
}

impl NewPatient {
    fn check(&self, today: NaiveDate, staff: bool) -> Result<Checked> {
        let papers = Papers {
            kind: self.id_kind,
            number: self.id_number.as_ref().map(|number| number.0.as_str()),
            birth_date: self.birth_date,
            sex: self.sex,
        };
        let number = papers.check(today).map_err(refused)?;
        let mother = MotherSent {
            kind: self.mother_id_kind,
            number: self.mother_id_number.as_ref().map(|text| text.0.as_str()),
            order: self.birth_order,
        };
        let newborn = mother.check(self.id_kind).map_err(refused)?;
        let registrar = Registrar::of(staff, self.carer_phone.is_some()).map_err(refused)?;
        let ward = is_ward(self.birth_date, self.lacks_capacity, today);
        let relation =
            check_registration(registrar, ward, self.relation, self.consent).map_err(refused)?;
        Ok(Checked {
            number,
            newborn,
            relation,
        })
    }
}

/// Register a patient.
///
/// A family becomes the first carer. Staff register within their institutions and are no carers; they may
/// name one by phone. An id number that is registered already, or a newborn by its mother's, is a conflict that tells
/// nothing of the person.
#[utoipa::path(
    post, path = "/v1/patients", tag = "patients", request_body = NewPatient,
    params(("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _")),
    responses((status = 201, description = "Registered", body = Patient, headers(
        ("Location" = String, description = "Where the patient can be read"),
        ("ETag" = String, description = "Version of the patient"),
    )))
)]
pub async fn create_patient(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    IdempotencyKey { key, body }: IdempotencyKey<NewPatient>,
) -> Result<Answer> {
    let staff = !may.scope.institutions.is_empty();
    let checked = body.check(local_date(app.now()), staff)?;
    once!(app, may, key, "create_patient", |tx| {
        let row = insert(tx, &app, &may.scope, may.account, &body, &checked).await?;
        if let Some(relation) = checked.relation {
            first_carer(tx, &app, &may, row.id, relation, &body).await?;
        }
        if let Some(address) = &body.address {
            address
                .store(tx, &app, may.community, row.id, "address.")
                .await?;
        }
        let payload = json!({
            "consent": body.consent,
            "relation": checked.relation,
            "with_address": body.address.is_some(),
        });
        let event = event_of(EventKind::PatientRegistered, &row, may.account).payload(payload);
        store::event::append(tx, &app, may.community, event).await?;
        store::patient_duplicate::look(tx, &app, &row, may.account).await?;
        let operation = "create_patient";
        store::patient_read::record(tx, &app, may.community, row.id, may.account, operation)
            .await?;
        let patient = Patient::of(&app, &row, true, IdNumberShown::Masked)?;
        let location = format!("/v1/patients/{}", row.id);
        Ok(Answer::created(location, &patient)?.version(row.version))
    })
}

async fn first_carer(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    patient: PatientId,
    relation: CarerRelation,
    body: &NewPatient,
) -> Result<()> {
    let community = caller.community;
    let account = match &body.carer_phone {
        Some(phone) => {
            store::carer::account_of(&**tx, app, community, &phone.0)
                .await?
                .id
        }
        None => caller.account,
    };
    let carer = NewCarer {
        community,
        patient,
        account,
        relation,
        consent: body.consent,
        may_book: true,
        added_by: caller.account,
    };
    store::carer::insert(tx, app, carer).await?;
    Ok(())
}

async fn insert(
    tx: &Tx,
    app: &App,
    scope: &Scope,
    by: AccountId,
    body: &NewPatient,
    checked: &Checked,
) -> Result<patient::Model> {
    let institution = responsible(tx, scope, body.institution_id).await?;
    let new = store::patient::NewPatient {
        community: scope.community,
        institution,
        name: &body.name.0,
        id_kind: body.id_kind,
        id_number: checked.number.as_ref(),
        newborn: checked.newborn.as_ref(),
        birth_date: body.birth_date,
        sex: body.sex,
        phone: body.phone.as_ref().map(|phone| &phone.0),
        lacks_capacity: body.lacks_capacity,
        same_sex_nurse: body.same_sex_nurse,
        created_by: by,
    };
    store::patient::insert(tx, app, new).await
}

/// The institution that is to be responsible, when the caller may choose it.
pub(super) async fn responsible(
    tx: &Tx,
    scope: &Scope,
    asked: Option<InstitutionId>,
) -> Result<InstitutionId> {
    let active = store::patient::responsible(&**tx, scope.community, asked).await?;
    choose_institution(asked, &active, &scope.institutions).ok_or_else(|| {
        Problem::new(Code::InstitutionUnknown)
            .field("institution_id", Code::InstitutionUnknown)
            .into()
    })
}
