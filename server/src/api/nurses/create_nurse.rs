//! `POST /v1/nurses`: a nurse comes onto the roster.

use axum::extract::State;
use entity::enums::{NurseTitle, Sex};
use entity::ids::{AccountId, InstitutionId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Nurse, PaperNo, StaffNo, base_point, check_account, check_institution, date, refuse};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::place::Point;
use crate::domain::roster::{DEFAULT_DAILY_CAP, DEFAULT_RADIUS_M, Profile};
use crate::error::Result;
use crate::extract::{IdempotencyKey, May, grants};
use crate::wire::{Day, NameText, PlaceIn};
use crate::{once, store};

/// A nurse to be put on the roster.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNurse {
    /// Where she is employed.
    pub institution_id: InstitutionId,
    /// An account with the role nurse.
    pub account_id: Option<AccountId>,
    /// Staff number, unique within the community.
    #[schema(inline)]
    pub staff_no: StaffNo,
    /// Her name.
    pub name: NameText,
    /// Her sex.
    pub sex: Sex,
    /// Her title.
    pub title: NurseTitle,
    /// Number of her registration, unique within the community.
    #[schema(inline)]
    pub licence_no: PaperNo,
    /// First day of her registration.
    pub licence_from: Day,
    /// Last day of her registration.
    pub licence_to: Day,
    /// First day of clinical practice.
    pub practice_since: Day,
    /// When she passed the training for home visits.
    pub training_passed_on: Option<Day>,
    /// Last day of her health certificate.
    pub health_cert_to: Option<Day>,
    /// Policy of her accident insurance.
    #[schema(inline)]
    pub accident_insurance_no: Option<PaperNo>,
    /// Last day of her accident insurance.
    pub accident_insurance_to: Option<Day>,
    /// Policy of her liability insurance.
    #[schema(inline)]
    pub liability_insurance_no: Option<PaperNo>,
    /// Last day of her liability insurance.
    pub liability_insurance_to: Option<Day>,
    /// Takes home visits; true when left out.
    pub active: Option<bool>,
    /// Where she sets out from.
    pub base: Option<PlaceIn>,
    /// The base point is right although it is far from the community.
    #[serde(default)]
    pub confirm_far: bool,
    /// Metres she is ready to go; 10,000 when left out.
    #[schema(minimum = 500, maximum = 100_000)]
    pub service_radius_m: Option<i64>,
    /// Visits a day she is ready to make; 6 when left out.
    #[schema(minimum = 1, maximum = 20)]
    pub daily_cap: Option<i32>,
}

/// Put a nurse on the roster.
///
/// Her certificates are added one by one afterwards; import a file for many nurses.
#[utoipa::path(
    post, path = "/v1/nurses", tag = "nurses", request_body = NewNurse,
    responses((status = 201, description = "On the roster", body = Nurse, headers(("ETag" = String))))
)]
pub async fn create_nurse(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    IdempotencyKey { key, body }: IdempotencyKey<NewNurse>,
) -> Result<Answer> {
    check_institution(&may.scope, body.institution_id)?;
    check_account(&app, &may.scope, body.account_id).await?;
    let base = base_point(&app, &may.scope, body.base, body.confirm_far).await?;
    let profile = body.profile(base);
    refuse(profile.check(local_date(app.now())))?;
    once!(app, may, key, "create_nurse", |tx| {
        let row = store::nurse::add(tx, &app, may.community, &profile, may.account).await?;
        let nurse = Nurse::read(&**tx, &app, &row).await?;
        Ok(Answer::created(format!("/v1/nurses/{}", row.id), &nurse)?.version(row.version))
    })
}

impl NewNurse {
    fn profile(self, base: Option<Point>) -> Profile {
        Profile {
            institution: self.institution_id,
            account: self.account_id,
            staff_no: self.staff_no.into_string(),
            name: self.name.0,
            sex: self.sex,
            title: self.title,
            licence_no: self.licence_no.into_string(),
            licence_from: self.licence_from.0,
            licence_to: self.licence_to.0,
            practice_since: self.practice_since.0,
            training_passed_on: date(self.training_passed_on),
            health_cert_to: date(self.health_cert_to),
            accident_insurance_no: self.accident_insurance_no.map(PaperNo::into_string),
            accident_insurance_to: date(self.accident_insurance_to),
            liability_insurance_no: self.liability_insurance_no.map(PaperNo::into_string),
            liability_insurance_to: date(self.liability_insurance_to),
            active: self.active.unwrap_or(true),
            base,
            service_radius_m: self.service_radius_m.unwrap_or(DEFAULT_RADIUS_M),
            daily_cap: self.daily_cap.unwrap_or(DEFAULT_DAILY_CAP),
        }
    }
}
