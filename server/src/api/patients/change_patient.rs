//! `PATCH /v1/patients/{patient_id}`: change a patient; identity is corrected by coordinators only.

use axum::extract::State;
use chrono::NaiveDate;
use entity::enums::{IdKind, Sex};
use entity::ids::{InstitutionId, PatientId};
use entity::patient;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::create_patient::responsible;
use super::{IdNumberShown, Patient, event_of, refused};
use crate::app::App;
use crate::db::Tx;
use crate::dispatch::{self, Standing};
use crate::domain::calendar::local_date;
use crate::domain::event::EventKind;
use crate::domain::identity::IdNumber;
use crate::domain::patient::{MotherSent, Papers};
use crate::error::Result;
use crate::extract::{ETag, Id, IfMatch, Json, May, grants};
use crate::store::scope::Scope;
use crate::wire::{IdNumberText, NameText, PhoneText, patch};
use crate::{in_write, store};

/// Fields to change; those left out stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePatient {
    /// The patient's own phone; null removes it.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<String>, max_length = 24, example = "13800000000")]
    pub phone: Option<Option<PhoneText>>,
    /// The responsible institution; staff choose within their own.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false)]
    pub institution_id: Option<InstitutionId>,
    /// Only a nurse of the same sex may come.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false)]
    pub same_sex_nurse: Option<bool>,
    /// Coordinators only: an adult without the capacity to act, for whom a parent or guardian decides.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false)]
    pub lacks_capacity: Option<bool>,
    /// Coordinators only: the name.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(inline, nullable = false)]
    pub name: Option<NameText>,
    /// Coordinators only: kind of id document.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false)]
    pub id_kind: Option<IdKind>,
    /// Coordinators only: its number; null for newborns.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<String>, max_length = 40)]
    pub id_number: Option<Option<IdNumberText>>,
    /// Coordinators only: the number of the mother's document, of a newborn without its own; with `birth_order`. Both
    /// stay when the child gets a number.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(inline, nullable = false)]
    pub mother_id_number: Option<IdNumberText>,
    /// Coordinators only: kind of the mother's document; `resident_id` when left out.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false)]
    pub mother_id_kind: Option<IdKind>,
    /// Coordinators only: which of the mother's children it is, 1 to 20.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false, minimum = 1, maximum = 20)]
    pub birth_order: Option<i32>,
    /// Coordinators only: birth date.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false)]
    pub birth_date: Option<NaiveDate>,
    /// Coordinators only: sex.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(nullable = false)]
    pub sex: Option<Sex>,
}

impl ChangePatient {
    fn corrects_papers(&self) -> bool {
        self.id_kind.is_some()
            || self.id_number.is_some()
            || self.names_mother()
            || self.birth_date.is_some()
            || self.sex.is_some()
    }

    fn names_mother(&self) -> bool {
        self.mother_id_number.is_some()
            || self.mother_id_kind.is_some()
            || self.birth_order.is_some()
    }

    /// How the orders of the patient stand before the change, when it may ask more of them.
    async fn before(&self, tx: &Tx, app: &App, row: &patient::Model) -> Result<Vec<Standing>> {
        let wishes = self
            .same_sex_nurse
            .is_some_and(|to| to != row.same_sex_nurse);
        let other_sex = self.sex.is_some_and(|to| to != row.sex);
        let other_age = self.birth_date.is_some_and(|to| to != row.birth_date);
        if wishes || other_sex || other_age {
            dispatch::standings(tx, app, row).await
        } else {
            Ok(Vec::new())
        }
    }

    /// The scope of the permission that these fields need.
    fn scope(&self, may: &May<grants::ChangePatients>) -> Result<Scope> {
        if self.name.is_some() || self.lacks_capacity.is_some() || self.corrects_papers() {
            may.scope_for::<grants::CorrectIdentity>()
        } else {
            Ok(may.scope.clone())
        }
    }

    /// Names of the fields sent, for the trail.
    fn fields(&self) -> Vec<&'static str> {
        let sent = [
            ("phone", self.phone.is_some()),
            ("institution_id", self.institution_id.is_some()),
            ("same_sex_nurse", self.same_sex_nurse.is_some()),
            ("lacks_capacity", self.lacks_capacity.is_some()),
            ("name", self.name.is_some()),
            ("id_kind", self.id_kind.is_some()),
            ("id_number", self.id_number.is_some()),
            ("mother_id_number", self.mother_id_number.is_some()),
            ("mother_id_kind", self.mother_id_kind.is_some()),
            ("birth_order", self.birth_order.is_some()),
            ("birth_date", self.birth_date.is_some()),
            ("sex", self.sex.is_some()),
        ];
        sent.iter()
            .filter(|(_, sent)| *sent)
            .map(|(name, _)| *name)
            .collect()
    }
}

/// Change a patient.
///
/// What the id number says, the birth date and the sex agree after every change. When more is asked now of an order whose procedure
/// has not begun, by wish, sex or age, an alert is opened (`gates_changed`).
#[utoipa::path(
    patch, path = "/v1/patients/{patient_id}", tag = "patients", request_body = ChangePatient,
    params(
        ("patient_id" = PatientId, Path, description = "A patient"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses((status = 200, description = "The patient as it is now", body = Patient, headers(
        ("ETag" = String, description = "Version of the patient"),
    )))
)]
pub async fn change_patient(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Id(id): Id<PatientId>,
    if_match: IfMatch,
    Json(body): Json<ChangePatient>,
) -> Result<(ETag, Json<Patient>)> {
    let scope = body.scope(&may)?;
    let row = in_write!(app.db, "change_patient", |tx| {
        let mut row = store::patient::get_to_change(tx, &app, &scope, id).await?;
        if_match.check(row.version)?;
        let fields = body.fields();
        if !fields.is_empty() {
            let before = body.before(tx, &app, &row).await?;
            apply(tx, &app, &scope, &mut row, &body).await?;
            row = store::patient::update(tx, row).await?;
            let event = event_of(EventKind::PatientChanged, &row, may.account)
                .payload(json!({ "fields": fields }));
            store::event::append(tx, &app, may.community, event).await?;
            dispatch::tell_changed(tx, &app, &row, &before, may.account).await?;
            if body.name.is_some() || body.phone.is_some() || body.corrects_papers() {
                store::patient_duplicate::look(tx, &app, &row, may.account).await?;
            }
        }
        let operation = "change_patient";
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await?;
        Ok(row)
    })?;
    let patient = Patient::of(&app, &row, true, IdNumberShown::Masked)?;
    Ok((ETag(row.version), Json(patient)))
}

async fn apply(
    tx: &Tx,
    app: &App,
    scope: &Scope,
    row: &mut patient::Model,
    body: &ChangePatient,
) -> Result<()> {
    if let Some(phone) = &body.phone {
        store::patient::set_phone(app, row, phone.as_ref().map(|phone| &phone.0));
    }
    if let Some(institution) = body.institution_id {
        row.institution_id = responsible(tx, scope, Some(institution)).await?;
    }
    if let Some(same_sex) = body.same_sex_nurse
        && same_sex != row.same_sex_nurse
    {
        row.same_sex_nurse = same_sex;
        row.same_sex_since = same_sex.then(|| app.now());
    }
    if let Some(lacks) = body.lacks_capacity {
        row.lacks_capacity = lacks;
    }
    if let Some(name) = &body.name {
        store::patient::set_name(app, row, &name.0);
    }
    if body.corrects_papers() {
        correct_papers(app, row, body)?;
    }
    Ok(())
}

/// Checks the papers as they will be, then takes them.
fn correct_papers(app: &App, row: &mut patient::Model, body: &ChangePatient) -> Result<()> {
    let stored = store::patient::id_number(app, row)?;
    let number = match &body.id_number {
        Some(sent) => sent.as_ref().map(|number| number.0.as_str()),
        None => stored.as_ref().map(IdNumber::reveal),
    };
    let papers = Papers {
        kind: body.id_kind.unwrap_or(row.id_kind),
        number,
        birth_date: body.birth_date.unwrap_or(row.birth_date),
        sex: body.sex.unwrap_or(row.sex),
    };
    let number = papers.check(local_date(app.now())).map_err(refused)?;
    let mother = MotherSent {
        kind: body.mother_id_kind,
        number: body.mother_id_number.as_ref().map(|text| text.0.as_str()),
        order: body.birth_order,
    };
    if let Some(newborn) = mother.check(papers.kind).map_err(refused)? {
        store::patient::set_newborn(app, row, Some(&newborn));
    }
    store::patient::set_id_number(app, row, number.as_ref());
    row.id_kind = papers.kind;
    row.birth_date = papers.birth_date;
    row.sex = papers.sex;
    Ok(())
}
