//! `GET /v1/address-proposals`: better points for addresses, newest first.

use axum::extract::State;
use entity::enums::ProposalState;
use serde::Deserialize;
use utoipa::IntoParams;

use super::AddressProposal;
use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::store;
use crate::wire::{Cursor, Page};

/// Which proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProposalQuery {
    /// Only those in this state.
    pub state: Option<ProposalState>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Proposals wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List proposed points.
///
/// Of the patients the caller cares for, or of the caller's institutions.
#[utoipa::path(
    get, path = "/v1/address-proposals", tag = "patients",
    responses((status = 200, description = "Proposals, newest first", body = Page<AddressProposal>))
)]
pub async fn list_address_proposals(
    State(app): State<App>,
    may: May<grants::ChangePatients>,
    Query(query): Query<ProposalQuery>,
) -> Result<Json<Page<AddressProposal>>> {
    let cursor = Cursor::new(query.cursor.as_deref(), query.limit)?;
    let db = app.db.reader();
    let rows = store::address_proposal::list(db, &may.scope, query.state, &cursor).await?;
    let page = cursor.page(rows, |row| row.id.0, |row| AddressProposal::of(&row));
    Ok(Json(page))
}
