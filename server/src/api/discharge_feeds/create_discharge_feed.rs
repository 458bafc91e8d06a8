//! `POST /v1/discharge-feeds`: register a system.

use axum::extract::State;
use entity::discharge_feed;
use entity::ids::{DischargeFeedId, InstitutionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DischargeFeed, event_of};
use crate::answer::Answer;
use crate::app::App;
use crate::crypto::{random_token, token_hash};
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::wire::Text;
use crate::{once, store};

/// A system to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDischargeFeed {
    /// Whose discharges it tells of.
    pub institution_id: InstitutionId,
    /// Its name; unique among those in use.
    #[schema(inline, example = "his")]
    pub system: Text<1, 40>,
}

/// A new system with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct DischargeFeedSecret {
    /// The feed.
    #[serde(flatten)]
    pub feed: DischargeFeed,
    /// Signs its requests, and is its bearer token for FHIR. Shown this once.
    pub secret: String,
}

/// Register a system that tells of discharges.
///
/// Its secret is shown this once; when it is lost, end the feed and register another.
#[utoipa::path(
    post, path = "/v1/discharge-feeds", tag = "discharges", request_body = NewDischargeFeed,
    params(("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _")),
    responses((status = 201, description = "Registered", body = DischargeFeedSecret, headers(
        ("Location" = String, description = "The list of feeds"),
    )))
)]
pub async fn create_discharge_feed(
    State(app): State<App>,
    may: May<grants::ManageFeeds>,
    IdempotencyKey { key, body }: IdempotencyKey<NewDischargeFeed>,
) -> Result<Answer> {
    let secret = random_token();
    once!(app, may, key, "create_discharge_feed", |tx| {
        if !may.scope.reaches(body.institution_id) {
            let code = Code::InstitutionUnknown;
            let problem = Problem::new(Code::InvalidRequest);
            return Err(problem.field("institution_id", code).into());
        }
        let id = app.new_id::<DischargeFeedId>();
        let row = discharge_feed::Model {
            community_id: may.community,
            id,
            institution_id: body.institution_id,
            system: body.system.as_str().to_owned(),
            secret_enc: store::discharge::seal_secret(&app, id, &secret),
            token_hash: token_hash(&secret),
            created_by: may.account,
            created_at: app.now(),
            ended_by: None,
            ended_at: None,
        };
        store::discharge::insert_feed(tx, row.clone()).await?;
        let event = event_of(EventKind::FeedAdded, &row, may.account);
        store::event::append(tx, &app, may.community, event).await?;
        let shown = DischargeFeedSecret {
            feed: DischargeFeed::of(&row),
            secret: secret.clone(),
        };
        Answer::created("/v1/discharge-feeds".to_owned(), &shown)
    })
}
