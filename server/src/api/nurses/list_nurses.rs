//! `GET /v1/nurses`: the roster within the caller's scope.

use axum::extract::State;
use chrono::NaiveDate;
use entity::certification;
use entity::enums::{NurseTitle, Sex};
use entity::ids::{InstitutionId, NurseId};
use entity::nurse::Model;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::roster::CertificateState;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::store::nurse::Filter;
use crate::wire::{Cursor, Page, Text};

/// Which nurses.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NurseQuery {
    /// Employed at this institution.
    pub institution_id: Option<InstitutionId>,
    /// Holds a verified certificate of this kind that is in force today.
    #[param(inline, example = "IV")]
    pub certificate: Option<Text<1, 16>>,
    /// `true`: has a certificate that waits to be verified.
    #[serde(default)]
    pub unverified: bool,
    /// Takes home visits, or not.
    pub active: Option<bool>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// A nurse in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct NurseSummary {
    /// The nurse.
    pub id: NurseId,
    /// Where she is employed.
    pub institution_id: InstitutionId,
    /// Staff number.
    pub staff_no: String,
    /// Her name.
    pub name: String,
    /// Her sex.
    pub sex: Sex,
    /// Her title.
    pub title: NurseTitle,
    /// Takes home visits.
    pub active: bool,
    /// Last day of her registration.
    pub licence_to: NaiveDate,
    /// Has an account to log in with.
    pub has_account: bool,
    /// Has a base point; without one she is never matched automatically.
    pub has_base: bool,
    /// Metres she is ready to go.
    pub service_radius_m: i64,
    /// Kinds of certificates that are verified and in force today.
    pub certificates: Vec<String>,
    /// Certificates that wait to be verified.
    pub unverified: u32,
}

/// A page of the roster.
pub type NursePage = Page<NurseSummary>;

/// The roster.
///
/// Newest first, nurses of the institutions that the caller stands for.
#[utoipa::path(
    get, path = "/v1/nurses", tag = "nurses",
    responses((status = 200, description = "Nurses", body = Page<NurseSummary>))
)]
pub async fn list_nurses(
    State(app): State<App>,
    may: May<grants::SeeRoster>,
    Query(query): Query<NurseQuery>,
) -> Result<Json<NursePage>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let today = local_date(app.now());
    let filter = Filter {
        institution: query.institution_id,
        certificate: query.certificate.map(|kind| (kind.into_string(), today)),
        unverified: query.unverified,
        active: query.active,
    };
    let db = app.db.reader();
    let rows = store::nurse::list(db, &may.scope, &filter, &cursor).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut papers = store::certification::of_nurses(db, may.community, &ids).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    let page = page.try_map(|row| {
        let papers = papers.remove(&row.id).unwrap_or_default();
        summary(&app, row, &papers, today)
    })?;
    Ok(Json(page))
}

fn summary(
    app: &App,
    row: Model,
    papers: &[certification::Model],
    today: NaiveDate,
) -> Result<NurseSummary> {
    let states: Vec<_> = papers
        .iter()
        .map(|paper| (store::certification::state_of(paper, today), &paper.kind))
        .collect();
    let of = |wanted| states.iter().filter(move |(state, _)| *state == wanted);
    let mut certificates: Vec<String> = of(CertificateState::InForce)
        .map(|(_, kind)| (*kind).clone())
        .collect();
    certificates.sort_unstable();
    certificates.dedup();
    let unverified = of(CertificateState::Unverified).count();
    Ok(NurseSummary {
        name: store::nurse::name(app, &row)?.reveal().to_owned(),
        id: row.id,
        institution_id: row.institution_id,
        staff_no: row.staff_no,
        sex: row.sex,
        title: row.title,
        active: row.active,
        licence_to: row.licence_to,
        has_account: row.account_id.is_some(),
        has_base: row.base_lng.is_some(),
        service_radius_m: row.service_radius_m,
        certificates,
        unverified: u32::try_from(unverified).unwrap_or(u32::MAX),
    })
}
