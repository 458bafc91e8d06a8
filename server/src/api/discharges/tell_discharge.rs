//! `POST /v1/feeds/discharges`: the hospital's system tells of a discharge, signed.

use axum::extract::State;
use entity::discharge_feed;
use entity::enums::DischargeSource;
use serde::Deserialize;
use utoipa::ToSchema;

use super::check_nurse;
use super::view::DischargeTaken;
use super::wire::{DischargeFacts, DischargedPerson};
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::error::Result;
use crate::extract::{Foreign, Json, parse};
use crate::follow_up::{self, By, Taken, Who};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::wire::{Moment, Text};
use crate::{in_write, store};

/// Largest message, bytes.
const MAX_BYTES: usize = 256 * 1024;

/// What a system tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedEvent {
    /// A discharge, or a newer word of it.
    Discharge,
    /// A correction. Of an unknown discharge it is taken as new.
    Correction,
    /// It was an error. Of an unknown discharge it is refused.
    Cancellation,
}

/// A message of a hospital's system.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedMessage {
    /// What it tells.
    pub event: FeedEvent,
    /// The system's own id of the discharge: told again it is the same discharge.
    #[schema(inline)]
    pub id: Text<1, 100>,
    /// When the system says so. An older word does not undo a newer one.
    pub at: Option<Moment>,
    /// Who; needed unless it is a cancellation.
    pub person: Option<DischargedPerson>,
    /// The stay; needed unless it is a cancellation.
    pub stay: Option<DischargeFacts>,
}

/// Tell of a discharge from a hospital's system.
///
/// No login: the request is signed with the secret of its feed. `X-Jiahu-Feed` is the feed's id, `X-Jiahu-Timestamp` the
/// Unix second of signing (5 minutes off at most), `X-Jiahu-Signature` the HMAC-SHA256 of timestamp, a dot and the body,
/// in hex digits. Told again it is `unchanged`, so a message may be sent until it is answered, and does not undo what a
/// ward put right since. What a message leaves out stays as it is known; an empty list of conditions takes them back.
#[utoipa::path(
    post, path = "/v1/feeds/discharges", tag = "discharges", security(()),
    request_body(content = FeedMessage, content_type = "application/vnd.jiahu.discharge+json", description = "`application/json` is read too"),
    responses((status = 200, description = "Taken", body = DischargeTaken))
)]
pub async fn tell_discharge(
    State(app): State<App>,
    request: Foreign<MAX_BYTES>,
) -> Result<Json<DischargeTaken>> {
    let (feed, body) = request.signed(&app).await?;
    let message: FeedMessage = parse(&body)?;
    let book = RuleBook::current(app.db.reader(), &app, feed.community_id).await?;
    let taken = in_write!(app.db, "tell_discharge", |tx| {
        take(tx, &app, &book, &feed, &message).await
    })?;
    Ok(Json(DischargeTaken::of(&taken)))
}

async fn take(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    feed: &discharge_feed::Model,
    message: &FeedMessage,
) -> Result<Taken> {
    let by = by_feed(feed, DischargeSource::Feed);
    let own = (feed.system.clone(), message.id.as_str().to_owned());
    if message.event == FeedEvent::Cancellation {
        let known = store::discharge::told_by(&**tx, by.community, (&own.0, &own.1)).await?;
        let known = known.ok_or(Code::DischargeUnknown)?;
        return follow_up::cancel(tx, app, &by, &known).await;
    }
    let missing = |name: &'static str| {
        let problem = Problem::new(Code::InvalidRequest);
        problem.field_with(name, Code::FieldMissing, vec![("name", name.to_owned())])
    };
    let person = message.person.as_ref().ok_or_else(|| missing("person"))?;
    let stay = message.stay.as_ref().ok_or_else(|| missing("stay"))?;
    check_nurse(&**tx, by.community, stay.nurse_id).await?;
    let who = Who::Described(Box::new(person.check(local_date(app.now()))?));
    let mut told = stay.told(who)?;
    told.system = Some(own);
    told.told_at = message.at.map(Into::into);
    follow_up::take(tx, app, book, &by, &told).await
}

/// For whom a feed speaks.
pub(super) fn by_feed(feed: &discharge_feed::Model, source: DischargeSource) -> By {
    By {
        community: feed.community_id,
        account: feed.created_by,
        institution: feed.institution_id,
        source,
    }
}
