//! `GET /v1/patients/{patient_id}/readings`: how numbers went. Recorded as a read.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entity::enums::ReadingSource;
use entity::ids::{AccountId, PatientId, ReadingId};
use entity::reading;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::patient_of;
use crate::app::App;
use crate::domain::code::Key;
use crate::domain::red_flag::FactSource;
use crate::domain::rulefile::Bilingual;
use crate::error::Result;
use crate::extract::{Id, Json, May, Query, grants};
use crate::rules::RuleBook;
use crate::wire::{Cursor, Page};
use crate::{in_write, store};

/// Which readings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReadingQuery {
    /// Only of this fact.
    #[param(example = "weight")]
    pub fact: Option<Key>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// A number of a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientReading {
    /// The reading.
    pub id: ReadingId,
    /// Code of what red flags know it by.
    #[schema(example = "weight")]
    pub fact: String,
    /// Its name; null when the red flags of today do not have it any more.
    pub text: Option<Bilingual>,
    /// Unit, for a vital sign.
    pub unit: Option<String>,
    /// The number.
    pub value: f64,
    /// When it was measured.
    pub at: DateTime<Utc>,
    /// What told it; null: before this was kept.
    pub source: Option<ReadingSource>,
    /// Who told it; null: it came through a link, or before this was kept.
    pub told_by: Option<AccountId>,
}

/// List the numbers told of a patient, those told last first.
///
/// From visits, answers, scales, exercises and what was measured at home; with `fact` it is how one of them went. Who read it is
/// recorded.
#[utoipa::path(
    get, path = "/v1/patients/{patient_id}/readings", tag = "readings",
    params(("patient_id" = PatientId, Path, description = "A patient in scope, or one whom the calling nurse follows")),
    responses((status = 200, description = "A page of readings", body = Page<PatientReading>))
)]
pub async fn list_readings(
    State(app): State<App>,
    may: May<grants::SeePatients>,
    Id(id): Id<PatientId>,
    Query(query): Query<ReadingQuery>,
) -> Result<Json<Page<PatientReading>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    let rows = in_write!(app.db, "list_readings", |tx| {
        let db = &**tx;
        patient_of(db, &app, &may, id).await?;
        let (community, operation) = (may.community, "list_readings");
        store::patient_read::record(tx, &app, community, id, may.account, operation).await?;
        let fact = query.fact.as_ref().map(Key::as_str);
        store::reading::page(db, (community, id), fact, &cursor).await
    })?;
    let page = cursor.page(rows, |row| row.id.0, |row| row);
    Ok(Json(
        page.try_map(|row| PatientReading::of(&app, &book, row))?,
    ))
}

impl PatientReading {
    fn of(app: &App, book: &RuleBook, row: reading::Model) -> Result<Self> {
        let fact = book.red_flags.fact(&row.fact);
        let sign = fact.iter().flat_map(|fact| &fact.from).find_map(|from| {
            let FactSource::Vital { vital, .. } = from else {
                return None;
            };
            book.vitals.sign(vital.as_str())
        });
        Ok(Self {
            value: store::reading::value(app, &row)?,
            id: row.id,
            text: fact.map(|fact| fact.text.clone()),
            unit: sign.map(|sign| sign.unit.clone()),
            fact: row.fact,
            at: row.at,
            source: row.source,
            told_by: row.told_by,
        })
    }
}
