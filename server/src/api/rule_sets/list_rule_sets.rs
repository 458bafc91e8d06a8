//! `GET /v1/rule-sets/{kind}`: the versions of a rule file.

use axum::extract::State;
use entity::enums::RuleSetKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::RuleSetHead;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::error::Result;
use crate::extract::{Id, Json, May, grants};
use crate::store;

/// The versions of one kind of file.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSetVersions {
    /// The version in force today; null when none is.
    pub in_force: Option<i32>,
    /// Newest first.
    pub items: Vec<RuleSetHead>,
}

/// The versions of a rule file.
#[utoipa::path(
    get, path = "/v1/rule-sets/{kind}", tag = "rules",
    params(("kind" = RuleSetKind, Path, description = "Kind of file")),
    responses((status = 200, description = "Every version", body = RuleSetVersions))
)]
pub async fn list_rule_sets(
    State(app): State<App>,
    may: May<grants::SeeRules>,
    Id(kind): Id<RuleSetKind>,
) -> Result<Json<RuleSetVersions>> {
    let rows = store::rule_set::heads(app.db.reader(), may.community, kind).await?;
    let today = local_date(app.now());
    let in_force = rows
        .iter()
        .find(|row| row.valid_from <= today)
        .map(|row| row.version);
    Ok(Json(RuleSetVersions {
        in_force,
        items: rows.into_iter().map(RuleSetHead::from).collect(),
    }))
}
