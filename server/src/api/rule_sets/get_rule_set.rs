//! `GET /v1/rule-sets/{kind}/{version}`: one version of a rule file.

use axum::extract::State;
use entity::enums::RuleSetKind;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::RuleSetHead;
use crate::app::App;
use crate::error::{Error, Result};
use crate::extract::{Id, Json, May, grants};
use crate::problem::Code;
use crate::store;

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSet {
    /// What stands in lists too.
    #[serde(flatten)]
    pub head: RuleSetHead,
    /// The file.
    #[schema(value_type = Object)]
    pub content: Value,
}

/// One version of a rule file.
#[utoipa::path(
    get, path = "/v1/rule-sets/{kind}/{version}", tag = "rules",
    params(
        ("kind" = RuleSetKind, Path, description = "Kind of file"),
        ("version" = i32, Path, description = "Its version"),
    ),
    responses((status = 200, description = "The version", body = RuleSet))
)]
pub async fn get_rule_set(
    State(app): State<App>,
    may: May<grants::SeeRules>,
    Id((kind, version)): Id<(RuleSetKind, i32)>,
) -> Result<Json<RuleSet>> {
    let row = store::rule_set::get(app.db.reader(), may.community, kind, version)
        .await?
        .ok_or(Code::NotFound)?;
    let content = serde_json::from_str(&row.content).map_err(Error::internal)?;
    let head = RuleSetHead::from(store::rule_set::Head::from(row));
    Ok(Json(RuleSet { head, content }))
}
