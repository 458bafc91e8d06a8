//! `GET /v1/me`: who is logged in, and as what.

use axum::extract::State;
use entity::enums::{Language, Role};
use entity::ids::{AccountId, CommunityId, InstitutionId, NurseId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::extract::{Json, May, grants};
use crate::problem::Code;
use crate::store;

/// The caller's own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The account.
    pub account_id: AccountId,
    /// The community.
    pub community_id: CommunityId,
    /// The owner's name.
    pub name: String,
    /// The phone, masked.
    #[schema(example = "138****1234")]
    pub phone: String,
    /// Language of messages.
    pub language: Language,
    /// The account's nurse profile, when it has one.
    pub nurse_id: Option<NurseId>,
    /// Roles.
    pub roles: Vec<MyRole>,
}

/// A role of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyRole {
    /// The role.
    pub role: Role,
    /// Staff act for this institution and those under it.
    pub institution_id: Option<InstitutionId>,
}

/// Who am I.
#[utoipa::path(
    get, path = "/v1/me", tag = "me",
    responses((status = 200, description = "The caller's account", body = Me))
)]
pub async fn get_me(State(app): State<App>, may: May<grants::BeLoggedIn>) -> Result<Json<Me>> {
    let db = app.db.reader();
    let account = store::account::get(db, may.community, may.account)
        .await?
        .ok_or(Code::NotFound)?;
    let grants = store::account::grants_of(db, may.community, may.account).await?;
    Ok(Json(Me {
        account_id: may.account,
        community_id: may.community,
        name: store::account::name(&app, &account)?,
        phone: store::account::phone(&app, &account)?.masked(),
        language: account.language,
        nurse_id: may.nurse,
        roles: grants
            .into_iter()
            .map(|grant| MyRole {
                role: grant.role,
                institution_id: grant.institution_id,
            })
            .collect(),
    }))
}
