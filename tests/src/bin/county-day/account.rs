//! Somebody who is logged in, and stays so.

use chrono::{DateTime, TimeDelta, Utc};
use jiahu::county::Login;
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, Call};

/// A login with its tokens.
pub(crate) struct Account {
    /// Who.
    pub login: Login,
    community: String,
    access: String,
    refresh: String,
    good_until: Option<DateTime<Utc>>,
}

impl Account {
    /// Not logged in yet.
    pub(crate) fn new(login: Login, community: &str) -> Self {
        Self {
            login,
            community: community.to_owned(),
            access: String::new(),
            refresh: String::new(),
            good_until: None,
        }
    }

    /// A token that is good at `now`: logs in the first time, refreshes later.
    pub(crate) async fn token(&mut self, api: &Api, now: DateTime<Utc>) -> Option<&str> {
        if self.good_until.is_none_or(|until| until <= now) {
            let reply = if self.good_until.is_none() {
                self.log_in(api, now).await
            } else {
                self.renew(api).await
            };
            let tokens = reply?;
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
            "device": "county-day",
        });
        if let Some(secret) = &self.login.totp_secret {
            body["totp"] = Value::String(totp(secret, now)?);
        }
        api.send(open("login", "/v1/auth/login/password", body))
            .await
            .good()
    }

    async fn renew(&self, api: &Api) -> Option<Value> {
        let body = json!({ "refresh_token": self.refresh });
        api.send(open("refresh", "/v1/auth/refresh", body))
            .await
            .good()
    }
}

fn open<'a>(name: &'static str, path: &str, body: Value) -> Call<'a> {
    Call {
        name,
        method: Method::POST,
        path: path.to_owned(),
        token: None,
        body: Some(body),
        etag: None,
        expected: &[],
    }
}

/// The code of the authenticator app at a moment.
fn totp(secret: &str, now: DateTime<Utc>) -> Option<String> {
    jiahu::auth::totp::code(&secret.into(), now).ok()
}
