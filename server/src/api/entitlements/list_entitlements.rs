//! `GET /v1/patients/{patient_id}/entitlements`: what else pays.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use entity::entitlement;
use entity::enums::EntitlementKind;
use entity::ids::{AccountId, EntitlementId, PatientId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::catalogue::ItemCode;
use crate::domain::rulefile::Bilingual;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, Query, grants};
use crate::rules::RuleBook;
use crate::store::entitlement::Sealed;
use crate::wire::{Page, PageQuery};
use crate::{in_write, store};

/// A contract or insurance of a patient that pays for care.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entitlement {
    /// The entitlement.
    pub id: EntitlementId,
    /// Who pays.
    pub kind: EntitlementKind,
    /// Code of the package.
    pub package: String,
    /// Name of the package; null when the rules of today do not have it any more.
    pub name: Option<Bilingual>,
    /// Items that it pays for by the rules of today.
    pub items: Vec<ItemCode>,
    /// Name of who pays.
    pub payer: String,
    /// Number of the contract or of the insured.
    pub number: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; it counts.
    pub valid_to: NaiveDate,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Since when it pays for nothing any more.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    pub end_reason: Option<String>,
}

impl Entitlement {
    pub(super) fn of(app: &App, book: &RuleBook, row: &entitlement::Model) -> Result<Self> {
        let text = |sealed: Sealed| {
            let opened = sealed.open(app, row)?;
            opened.ok_or_else(|| Error::internal("an entitlement lacks a text"))
        };
        let package = book.entitlements.package(&row.package);
        Ok(Self {
            id: row.id,
            kind: row.kind,
            package: row.package.clone(),
            name: package.map(|package| package.name.clone()),
            items: package.map_or_else(Vec::new, |package| package.items.clone()),
            payer: text(Sealed::Payer)?,
            number: text(Sealed::Number)?,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
            ended_at: row.ended_at,
            end_reason: Sealed::EndReason.open(app, row)?,
        })
    }
}

/// List what else pays for a patient's care, newest first.
///
/// Who read it is recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/entitlements", tag = "charges",
    params(("patient_id" = PatientId, Path, description = "A patient")),
    responses((status = 200, description = "A page of entitlements", body = Page<Entitlement>))
)]
pub async fn list_entitlements(
    State(app): State<App>,
    may: May<grants::SeeEntitlements>,
    Id(id): Id<PatientId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Entitlement>>> {
    let cursor = query.cursor()?;
    let db = app.db.reader();
    store::patient::get(db, &may.scope, id).await?;
    let book = RuleBook::current(db, &app, may.community).await?;
    let rows = store::entitlement::page(db, may.community, id, &cursor).await?;
    let operation = "list_entitlements";
    in_write!(app.db, "list_entitlements", |tx| {
        store::patient_read::record(tx, &app, may.community, id, may.account, operation).await
    })?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    Ok(Json(
        page.try_map(|row| Entitlement::of(&app, &book, &row))?,
    ))
}
