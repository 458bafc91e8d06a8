//! `POST /v1/auth/codes`: send a one-time login code to a phone.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::TimeDelta;
use entity::ids::LoginCodeId;
use entity::login_code;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::crypto::random_digits;
use crate::domain::attempts::seconds_until;
use crate::domain::calendar::{day_bounds, local_date};
use crate::error::Result;
use crate::extract::{Json, Lang};
use crate::message::Message;
use crate::problem::{Code, Problem};
use crate::wire::{PhoneText, Text};
use crate::{in_write, store};

/// Digits of a code.
const DIGITS: usize = 6;

/// Where to send a code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// Code of the community.
    #[schema(inline, example = "130431")]
    pub community: Text<1, 32>,
    /// A mobile phone.
    #[schema(inline)]
    pub phone: PhoneText,
}

/// Send a one-time login code.
///
/// The answer is the same whether the phone has an account or not. One code a minute, ten a day of
/// Asia/Shanghai.
#[utoipa::path(
    post, path = "/v1/auth/codes", tag = "auth", request_body = CodeRequest,
    security(()),
    responses((status = 202, description = "The code is on its way"))
)]
pub async fn send_code(
    State(app): State<App>,
    Lang(language): Lang,
    Json(request): Json<CodeRequest>,
) -> Result<StatusCode> {
    if !request.phone.0.is_mobile() {
        return Err(Problem::new(Code::InvalidRequest)
            .field("phone", Code::PhoneInvalid)
            .into());
    }
    let community = store::account::community(app.db.reader(), request.community.as_str())
        .await?
        .id;
    let phone_hash = store::account::phone_hash(&app, &request.phone.0);
    let auth = &app.config.auth;
    in_write!(app.db, "send_code", |tx| {
        let subject = format!("code:{phone_hash}");
        // Of those who ask at once each knows of the code before.
        store::rate::take_turn(tx, community, &subject).await?;
        let now = app.now();
        if let Some(last) = store::login::newest_code(&**tx, community, &phone_hash).await? {
            let free_at = last.created_at + TimeDelta::seconds(i64::from(auth.code_gap_s));
            let seconds = (free_at - now).num_seconds().max(0).unsigned_abs() + 1;
            if free_at > now {
                return Err(Problem::new(Code::CodeTooSoon)
                    .with("seconds", seconds)
                    .retry_after(seconds)
                    .into());
            }
        }
        let sent = store::rate::hit_of_day(tx, community, &subject, now).await?;
        if sent > i64::from(auth.codes_per_day) {
            let (_, midnight) = day_bounds(local_date(now));
            let seconds = seconds_until(midnight, now);
            return Err(Problem::new(Code::RateLimited)
                .with("seconds", seconds)
                .retry_after(seconds)
                .into());
        }
        let id = app.new_id::<LoginCodeId>();
        let code = random_digits(DIGITS);
        let row = login_code::Model {
            community_id: community,
            id,
            phone_hash: phone_hash.clone(),
            code_hash: app.lookup.hash("login_code", &format!("{id}:{code}")),
            created_at: now,
            expires_at: now + TimeDelta::seconds(i64::from(auth.code_ttl_s)),
            tries: 0,
            used_at: None,
        };
        store::login::insert_code(tx, row).await?;
        let message = Message::LoginCode {
            code,
            minutes: auth.code_ttl_s / 60,
        };
        let phone = request.phone.0.reveal();
        store::message::enqueue(tx, &app, community, None, phone, language, &message).await
    })?;
    Ok(StatusCode::ACCEPTED)
}
