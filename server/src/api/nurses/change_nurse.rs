//! `PATCH /v1/nurses/{nurse_id}`: change a nurse, link or unlink her account.

use axum::extract::State;
use entity::enums::{NurseTitle, Sex};
use entity::ids::{AccountId, InstitutionId, NurseId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Nurse, PaperNo, StaffNo, base_point, check_account, check_institution, date, refuse};
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::place::Point;
use crate::domain::roster::Profile;
use crate::error::Result;
use crate::extract::{ETag, Id, IfMatch, Json, May, grants};
use crate::wire::patch::{nullable, present};
use crate::wire::{Day, NameText, PlaceIn};
use crate::{dispatch, in_write, store};

/// What changes of a nurse. A field left out stays; null clears one that may be empty.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeNurse {
    /// Where she is employed.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = InstitutionId, required = false)]
    pub institution_id: Option<InstitutionId>,
    /// An account with the role nurse; null unlinks.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<AccountId>)]
    pub account_id: Option<Option<AccountId>>,
    /// Staff number, unique within the community.
    #[serde(default, deserialize_with = "present")]
    #[schema(inline, value_type = StaffNo, required = false)]
    pub staff_no: Option<StaffNo>,
    /// Her name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = NameText, required = false)]
    pub name: Option<NameText>,
    /// Her sex.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Sex, required = false)]
    pub sex: Option<Sex>,
    /// Her title.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = NurseTitle, required = false)]
    pub title: Option<NurseTitle>,
    /// Number of her registration, unique within the community.
    #[serde(default, deserialize_with = "present")]
    #[schema(inline, value_type = PaperNo, required = false)]
    pub licence_no: Option<PaperNo>,
    /// First day of her registration.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Day, required = false)]
    pub licence_from: Option<Day>,
    /// Last day of her registration.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Day, required = false)]
    pub licence_to: Option<Day>,
    /// First day of clinical practice.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Day, required = false)]
    pub practice_since: Option<Day>,
    /// When she passed the training for home visits.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Day>)]
    pub training_passed_on: Option<Option<Day>>,
    /// Last day of her health certificate.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Day>)]
    pub health_cert_to: Option<Option<Day>>,
    /// Policy of her accident insurance.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(inline, value_type = Option<PaperNo>)]
    pub accident_insurance_no: Option<Option<PaperNo>>,
    /// Last day of her accident insurance.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Day>)]
    pub accident_insurance_to: Option<Option<Day>>,
    /// Policy of her liability insurance.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(inline, value_type = Option<PaperNo>)]
    pub liability_insurance_no: Option<Option<PaperNo>>,
    /// Last day of her liability insurance.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Day>)]
    pub liability_insurance_to: Option<Option<Day>>,
    /// Takes home visits.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    pub active: Option<bool>,
    /// Where she sets out from; null: she is never matched automatically.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<PlaceIn>)]
    pub base: Option<Option<PlaceIn>>,
    /// The base point is right although it is far from the community.
    #[serde(default)]
    pub confirm_far: bool,
    /// Metres she is ready to go.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = i64, required = false, minimum = 500, maximum = 100_000)]
    pub service_radius_m: Option<i64>,
    /// Visits a day she is ready to make.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = i32, required = false, minimum = 1, maximum = 20)]
    pub daily_cap: Option<i32>,
}

/// Change a nurse.
///
/// The desk is told of visits ahead of her that she cannot set out for as she is now.
#[utoipa::path(
    patch, path = "/v1/nurses/{nurse_id}", tag = "nurses", request_body = ChangeNurse,
    params(("nurse_id" = NurseId, Path, description = "A nurse within the caller's scope")),
    responses((status = 200, description = "Changed", body = Nurse, headers(("ETag" = String))))
)]
pub async fn change_nurse(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    Id(nurse): Id<NurseId>,
    version: IfMatch,
    Json(change): Json<ChangeNurse>,
) -> Result<(ETag, Json<Nurse>)> {
    store::nurse::find(app.db.reader(), &may.scope, nurse).await?;
    if let Some(institution) = change.institution_id {
        check_institution(&may.scope, institution)?;
    }
    check_account(&app, &may.scope, change.account_id.flatten()).await?;
    let place = change.base.flatten();
    let point = base_point(&app, &may.scope, place, change.confirm_far).await?;
    let base = change.base.map(|_| point);
    let (row, nurse) = in_write!(app.db, "change_nurse", |tx| {
        let row = store::nurse::find(&**tx, &may.scope, nurse).await?;
        version.check(row.version)?;
        let next = change.onto(store::nurse::profile_of(&app, &row)?, base);
        refuse(next.check(local_date(app.now())))?;
        let before = row;
        let row = store::nurse::save(tx, &app, &before, &next, may.account).await?;
        dispatch::nurse_changed(tx, &app, (&before, &row), may.account).await?;
        let nurse = Nurse::read(&**tx, &app, &row).await?;
        Ok((row, nurse))
    })?;
    Ok((ETag(row.version), Json(nurse)))
}

impl ChangeNurse {
    /// The profile with what changes. Borrows, because the write may run again.
    fn onto(&self, old: Profile, base: Option<Option<Point>>) -> Profile {
        let text = |number: &Option<Option<PaperNo>>, old: Option<String>| match number {
            Some(number) => number.clone().map(PaperNo::into_string),
            None => old,
        };
        let day = |day: Option<Option<Day>>, old| day.map_or(old, date);
        let must = |day: Option<Day>, old| date(day).unwrap_or(old);
        Profile {
            institution: self.institution_id.unwrap_or(old.institution),
            account: self.account_id.unwrap_or(old.account),
            staff_no: self
                .staff_no
                .clone()
                .map_or(old.staff_no, StaffNo::into_string),
            name: self.name.clone().map_or(old.name, |name| name.0),
            sex: self.sex.unwrap_or(old.sex),
            title: self.title.unwrap_or(old.title),
            licence_no: self
                .licence_no
                .clone()
                .map_or(old.licence_no, PaperNo::into_string),
            licence_from: must(self.licence_from, old.licence_from),
            licence_to: must(self.licence_to, old.licence_to),
            practice_since: must(self.practice_since, old.practice_since),
            training_passed_on: day(self.training_passed_on, old.training_passed_on),
            health_cert_to: day(self.health_cert_to, old.health_cert_to),
            accident_insurance_no: text(&self.accident_insurance_no, old.accident_insurance_no),
            accident_insurance_to: day(self.accident_insurance_to, old.accident_insurance_to),
            liability_insurance_no: text(&self.liability_insurance_no, old.liability_insurance_no),
            liability_insurance_to: day(self.liability_insurance_to, old.liability_insurance_to),
            active: self.active.unwrap_or(old.active),
            base: base.unwrap_or(old.base),
            service_radius_m: self.service_radius_m.unwrap_or(old.service_radius_m),
            daily_cap: self.daily_cap.unwrap_or(old.daily_cap),
        }
    }
}
