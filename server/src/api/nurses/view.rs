//! How a nurse is shown to those who manage the roster, and to herself.

use chrono::NaiveDate;
use entity::certification;
use entity::enums::{NurseTitle, Sex};
use entity::ids::{AccountId, InstitutionId, NurseId};
use entity::nurse::Model;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::certifications::Certification;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::roster::{DutySpan, clock_text, minute_of_day};
use crate::error::Result;
use crate::problem::{Code, Problem};
use crate::store;
use crate::wire::{PlaceOut, Text};

/// A nurse on the roster.
#[derive(Debug, Serialize, ToSchema)]
pub struct Nurse {
    /// The nurse.
    pub id: NurseId,
    /// Where she is employed.
    pub institution_id: InstitutionId,
    /// Her account, once she has one.
    pub account_id: Option<AccountId>,
    /// Staff number.
    pub staff_no: String,
    /// Her name.
    pub name: String,
    /// Her sex.
    pub sex: Sex,
    /// Her title.
    pub title: NurseTitle,
    /// Number of her registration.
    pub licence_no: String,
    /// First day of her registration.
    pub licence_from: NaiveDate,
    /// Last day of her registration.
    pub licence_to: NaiveDate,
    /// First day of clinical practice.
    pub practice_since: NaiveDate,
    /// When she passed the training for home visits.
    pub training_passed_on: Option<NaiveDate>,
    /// Last day of her health certificate.
    pub health_cert_to: Option<NaiveDate>,
    /// Policy of her accident insurance.
    pub accident_insurance_no: Option<String>,
    /// Last day of her accident insurance.
    pub accident_insurance_to: Option<NaiveDate>,
    /// Policy of her liability insurance.
    pub liability_insurance_no: Option<String>,
    /// Last day of her liability insurance.
    pub liability_insurance_to: Option<NaiveDate>,
    /// Takes home visits.
    pub active: bool,
    /// Where she sets out from; null: she is never matched automatically.
    pub base: Option<PlaceOut>,
    /// Metres she is ready to go.
    pub service_radius_m: i64,
    /// Visits a day she is ready to make.
    pub daily_cap: i32,
    /// Her certificates, newest first, revoked ones too.
    pub certifications: Vec<Certification>,
    /// When she takes home visits, every week.
    pub duty: Vec<DutyWindow>,
}

/// A weekly window in Asia/Shanghai. One that runs past midnight is two windows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DutyWindow {
    /// 1 Monday to 7 Sunday.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: i32,
    /// First minute, `HH:MM`.
    #[schema(inline, example = "08:00")]
    pub from: Text<5, 5>,
    /// First minute after it, `HH:MM`, up to `24:00`.
    #[schema(inline, example = "17:30")]
    pub to: Text<5, 5>,
}

impl DutyWindow {
    /// A stored window.
    fn of(span: DutySpan) -> Result<Self> {
        let text =
            |minutes| Text::parse(&clock_text(minutes)).map_err(crate::error::Error::internal);
        Ok(Self {
            weekday: span.weekday,
            from: text(span.start_min)?,
            to: text(span.end_min)?,
        })
    }

    /// The window in minutes; `path` names it in problems.
    pub(super) fn span(&self, path: &str) -> Result<DutySpan> {
        let minute = |field: &str, text: &Text<5, 5>| {
            minute_of_day(text.as_str()).ok_or_else(|| {
                let reason = vec![("reason", "HH:MM, 00:00 - 24:00".to_owned())];
                Problem::new(Code::InvalidRequest).field_with(
                    format!("{path}.{field}"),
                    Code::FieldInvalid,
                    reason,
                )
            })
        };
        Ok(DutySpan {
            weekday: self.weekday,
            start_min: minute("from", &self.from)?,
            end_min: minute("to", &self.to)?,
        })
    }
}

impl Nurse {
    /// Reads what belongs to a nurse. Two statements.
    pub(super) async fn read(db: &impl ConnectionTrait, app: &App, row: &Model) -> Result<Self> {
        let papers = store::certification::of_nurse(db, row.community_id, row.id).await?;
        let duty = store::nurse::duty(db, row.community_id, row.id).await?;
        Self::of(app, row, papers, duty)
    }

    fn of(
        app: &App,
        row: &Model,
        papers: Vec<certification::Model>,
        duty: Vec<DutySpan>,
    ) -> Result<Self> {
        let today = local_date(app.now());
        let row = row.clone();
        Ok(Self {
            name: store::nurse::name(app, &row)?.reveal().to_owned(),
            id: row.id,
            institution_id: row.institution_id,
            account_id: row.account_id,
            staff_no: row.staff_no,
            sex: row.sex,
            title: row.title,
            licence_no: row.licence_no,
            licence_from: row.licence_from,
            licence_to: row.licence_to,
            practice_since: row.practice_since,
            training_passed_on: row.training_passed_on,
            health_cert_to: row.health_cert_to,
            accident_insurance_no: row.accident_insurance_no,
            accident_insurance_to: row.accident_insurance_to,
            liability_insurance_no: row.liability_insurance_no,
            liability_insurance_to: row.liability_insurance_to,
            active: row.active,
            base: PlaceOut::from_columns(row.base_lng, row.base_lat, None),
            service_radius_m: row.service_radius_m,
            daily_cap: row.daily_cap,
            certifications: papers
                .into_iter()
                .map(|paper| Certification::of(paper, today))
                .collect(),
            duty: duty
                .into_iter()
                .map(DutyWindow::of)
                .collect::<Result<_>>()?,
        })
    }
}
