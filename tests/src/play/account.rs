//! Somebody who is logged in, and stays so.

use chrono::{DateTime, TimeDelta, Utc};
use jiahu::county::Login;
use serde_json::{Value, json};

use super::api::{Api, Call};

/// A login with its tokens.
pub struct Account {
    /// Who.
    pub login: Login,
    community: String,
    access: String,
    refresh: String,
    good_until: Option<DateTime<Utc>>,
}

impl Account {
    /// Not logged in yet.
    pub fn new(login: Login, community: &str) -> Self {
        Self {
            login,
            community: community.to_owned(),
            access: String::new(),
            refresh: String::new(),
            good_until: None,
        }
    }

    /// A token that is good at `now`: logs in the first time and when the session has ended, refreshes else.
    pub async fn token(&mut self, api: &Api, now: DateTime<Utc>) -> Option<&str> {
        if self.good_until.is_none_or(|until| until <= now) {
            let renewed = match self.good_until {
                Some(_) => self.renew(api).await,
                None => None,
            };
            let tokens = match renewed {
                Some(tokens) => tokens,
                None => self.log_in(api, now).await?,
            };
            tokens["access_token"]
                .as_str()?
                .clone_into(&mut self.access);
            tokens["refresh_token"]
                .as_str()?
                .clone_into(&mut self.refresh);
            self.good_until = Some(now + TimeDelta::seconds(tokens["expires_in"].as_i64()? - 1));
        }
        Some(&self.access)
    }

    async fn log_in(&self, api: &Api, now: DateTime<Utc>) -> Option<Value> {
        let mut body = json!({
            "community": self.community,
            "phone": self.login.phone,
            "password": self.login.password,
            "device": "simulator",
        });
        if let Some(secret) = &self.login.totp_secret {
            body["totp"] = Value::String(totp(secret, now)?);
        }
        api.send(Call::open("login", "/v1/auth/login/password", body))
            .await
            .good()
    }

    async fn renew(&self, api: &Api) -> Option<Value> {
        let body = json!({ "refresh_token": self.refresh });
        let call = Call::open("refresh", "/v1/auth/refresh", body);
        api.send(call.expecting(&["refresh_invalid"])).await.good()
    }
}

/// The code of the authenticator app at a moment.
fn totp(secret: &str, now: DateTime<Utc>) -> Option<String> {
    jiahu::auth::totp::code(&secret.into(), now).ok()
}
