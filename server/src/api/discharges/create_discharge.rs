//! `POST /v1/discharges`: a ward tells of a discharge.

use axum::extract::State;
use entity::discharge;
use entity::enums::DischargeSource;
use entity::ids::{InstitutionId, PatientId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::DischargeWhole;
use super::wire::{DischargeFacts, DischargedPerson};
use super::{by, check_nurse, institution};
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::error::Result;
use crate::extract::{IdempotencyKey, May, grants};
use crate::follow_up::{self, Who};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::{once, store};

/// A discharge to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDischarge {
    /// A patient that the caller may see; or `person`.
    pub patient_id: Option<PatientId>,
    /// Somebody, found by the id number, else registered; or `patient_id`.
    pub person: Option<DischargedPerson>,
    /// The institution that discharged. Left out: the only one the caller works for.
    pub institution_id: Option<InstitutionId>,
    /// The stay.
    pub stay: DischargeFacts,
}

/// Register a discharge.
///
/// It makes a follow-up plan for each schedule that its diagnosis and conditions ask for, and joins their contacts so
/// that nobody is called twice on a day. Plans of earlier discharges end. A patient has one discharge a day.
#[utoipa::path(
    post, path = "/v1/discharges", tag = "discharges", request_body = NewDischarge,
    params(("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _")),
    responses((status = 201, description = "Registered", body = DischargeWhole, headers(
        ("Location" = String, description = "Where the discharge can be read"),
        ("ETag" = String, description = "Version of the discharge"),
    )))
)]
pub async fn create_discharge(
    State(app): State<App>,
    may: May<grants::RegisterDischarges>,
    IdempotencyKey { key, body }: IdempotencyKey<NewDischarge>,
) -> Result<Answer> {
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    once!(app, may, key, "create_discharge", |tx| {
        let who = match (&body.person, body.patient_id) {
            (Some(person), None) => Who::Described(Box::new(person.check(local_date(app.now()))?)),
            (None, Some(id)) => {
                let found = store::patient::get_locked(tx, &may.scope, id).await?;
                Who::Known(Box::new(found))
            }
            _ => {
                let code = Code::DischargeWho;
                return Err(Problem::new(code).field("patient_id", code).into());
            }
        };
        let institution = institution(&**tx, &may, body.institution_id).await?;
        check_nurse(&**tx, may.community, body.stay.nurse_id).await?;
        let by = by(&may, institution, DischargeSource::Ward);
        let told = body.stay.told(who)?;
        let taken = follow_up::take(tx, &app, &book, &by, &told).await?;
        let shown = whole(tx, &app, &taken.row).await?;
        let operation = "create_discharge";
        let patient = taken.row.patient_id;
        store::patient_read::record(tx, &app, may.community, patient, may.account, operation)
            .await?;
        let location = format!("/v1/discharges/{}", taken.row.id);
        Ok(Answer::created(location, &shown)?.version(taken.row.version))
    })
}

/// A discharge with its plans.
pub(super) async fn whole(tx: &Tx, app: &App, row: &discharge::Model) -> Result<DischargeWhole> {
    let plans = store::follow_up::plans_of_discharge(&**tx, row.community_id, row.id).await?;
    DischargeWhole::of(app, row, &plans)
}
