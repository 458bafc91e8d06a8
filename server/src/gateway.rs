//! How codes and messages reach a phone: a signed outbound webhook in production, the log in the demo.

use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::crypto::hex;

/// Longest time that handing a message over may take.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// A message for one phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Id of the message; the gateway drops a second one with the same id.
    pub id: String,
    /// The whole number.
    pub phone: String,
    /// Name of the text, for gateways that send approved templates.
    pub template: String,
    /// The text.
    pub text: String,
}

/// Why a message was not taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GatewayError {
    /// Try again.
    #[error("the gateway did not take the message: {0}")]
    Later(String),
    /// Not this one.
    #[error("the gateway refuses the message: {0}")]
    Never(String),
}

/// Hands messages over.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Hands one over; at least once, so the receiver drops repeated ids.
    async fn send(&self, message: &Outgoing) -> Result<(), GatewayError>;
}

/// Prints messages to the log. For the demo only: codes become readable there.
#[derive(Clone, Copy, Debug)]
pub struct LogGateway;

#[async_trait]
impl Gateway for LogGateway {
    async fn send(&self, message: &Outgoing) -> Result<(), GatewayError> {
        tracing::info!(
            phone = message.phone,
            text = message.text,
            "message (demo: not sent)"
        );
        Ok(())
    }
}

/// Refuses every message: no gateway is configured.
#[derive(Clone, Copy, Debug)]
pub struct NoGateway;

#[async_trait]
impl Gateway for NoGateway {
    async fn send(&self, _: &Outgoing) -> Result<(), GatewayError> {
        Err(GatewayError::Later(
            "no message gateway is configured (messages.webhook_url)".to_owned(),
        ))
    }
}

/// Posts messages as JSON, signed with HMAC-SHA256 in `X-Jiahu-Signature`.
pub struct WebhookGateway {
    client: reqwest::Client,
    url: String,
    key: hmac::Key,
}

impl WebhookGateway {
    /// A gateway at an address. Fails when no TLS can be set up.
    pub fn new(url: String, secret: &SecretString) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: reqwest::Client::builder().timeout(TIMEOUT).build()?,
            url,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()),
        })
    }
}

#[async_trait]
impl Gateway for WebhookGateway {
    async fn send(&self, message: &Outgoing) -> Result<(), GatewayError> {
        let body = json!({
            "id": message.id,
            "phone": message.phone,
            "template": message.template,
            "text": message.text,
        })
        .to_string();
        let signature = hex(hmac::sign(&self.key, body.as_bytes()).as_ref());
        let response = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-jiahu-signature", signature)
            .body(body)
            .send()
            .await
            // The error's own text holds the address, which may hold a secret.
            .map_err(|error| GatewayError::Later(error.without_url().to_string()))?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status if status.is_client_error() && status.as_u16() != 429 => {
                Err(GatewayError::Never(status.to_string()))
            }
            status => Err(GatewayError::Later(status.to_string())),
        }
    }
}
