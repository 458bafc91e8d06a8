//! Access tokens: JWT signed with EdDSA, at most ten minutes, of type `at+jwt` (RFC 9068).
//!
//! A token says who calls, no more: the session is looked up for every call, so a revocation counts at once.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::crypto::{hex, random_bytes};
use crate::keys::{Keyed, Keys};

/// The longest life of an access token (design §4).
pub const MAX_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// A token longer than this many bytes is not even parsed; ours have some 600.
pub const MAX_TOKEN_BYTES: usize = 2048;
/// How far another server's clock may be ahead, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 60;
const TYPE: &str = "at+jwt";

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Over [`MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLong,
    /// Not a JWT, or one with a header this service does not know.
    #[error("the token does not read as a JWT")]
    Malformed,
    /// Not signed with EdDSA.
    #[error("the token has another algorithm")]
    Algorithm,
    /// Not an access token.
    #[error("the token has another type")]
    Type,
    /// Signed with a key that is not in the ring, or none is named.
    #[error("the token names no key of ours")]
    UnknownKey,
    /// The signature is not that of the key named.
    #[error("the signature is wrong")]
    Signature,
    /// From another issuer.
    #[error("the token has another issuer")]
    Issuer,
    /// For another audience.
    #[error("the token is for another audience")]
    Audience,
    /// A claim is missing or has another form.
    #[error("a claim is missing or malformed")]
    Claims,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Issued in the future.
    #[error("the token was issued in the future")]
    Future,
}

impl TokenError {
    /// A stable name for clients: refresh on the first, log in on the other. Which check failed is for the log.
    pub fn code(self) -> &'static str {
        match self {
            Self::Expired => "token_expired",
            _ => "token_invalid",
        }
    }
}

/// The lifetime asked for is not one second to [`MAX_LIFETIME`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an access token lives 1 to {max} seconds", max = MAX_LIFETIME.num_seconds())]
pub struct LifetimeError;

impl LifetimeError {
    /// A stable name of the error.
    pub fn code(self) -> &'static str {
        "token_lifetime_invalid"
    }
}

/// Whom a token speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The account.
    pub account: Uuid,
    /// The session, which must still be live.
    pub session: Uuid,
    /// The community the session works in.
    pub community: Uuid,
}

/// The claims of an access token. Times are seconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// Account.
    #[serde(rename = "sub")]
    pub account: Uuid,
    /// Session.
    #[serde(rename = "sid")]
    pub session: Uuid,
    /// Community.
    #[serde(rename = "com")]
    pub community: Uuid,
    /// Issued at.
    pub iat: i64,
    /// Expires at, exclusive.
    pub exp: i64,
    /// The token's own id.
    pub jti: String,
}

/// Issues and verifies access tokens.
pub struct AccessTokens {
    header: Header,
    signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
    validation: Validation,
    issuer: String,
    audience: String,
    lifetime: TimeDelta,
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("AccessTokens");
        shown
            .field("issuer", &self.issuer)
            .field("audience", &self.audience);
        shown
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

impl AccessTokens {
    /// Signs with the ring's current key and accepts every key of it. `lifetime` is cut to whole seconds.
    pub fn new(
        keys: &Keys,
        issuer: &str,
        audience: &str,
        lifetime: TimeDelta,
    ) -> Result<Self, LifetimeError> {
        if lifetime < TimeDelta::seconds(1) || lifetime > MAX_LIFETIME {
            return Err(LifetimeError);
        }
        let ring = keys.signing();
        let decoding = |public| DecodingKey::from_ed_der(public);
        Ok(Self {
            header: Header {
                typ: Some(TYPE.to_owned()),
                kid: Some(ring.current().kid().to_owned()),
                ..Header::new(Algorithm::EdDSA)
            },
            signing: EncodingKey::from_ed_der(ring.current().pkcs8()),
            verifying: ring
                .iter()
                .map(|key| (key.kid().to_owned(), decoding(key.public())))
                .collect(),
            validation: validation(issuer, audience),
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            lifetime,
        })
    }

    /// How long a new token lives.
    pub fn lifetime(&self) -> TimeDelta {
        self.lifetime
    }

    /// A new token.
    ///
    /// # Panics
    /// Only when the operating system gives no randomness.
    pub fn issue(&self, subject: Subject, now: DateTime<Utc>) -> String {
        let iat = now.timestamp();
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            account: subject.account,
            session: subject.session,
            community: subject.community,
            iat,
            exp: iat + self.lifetime.num_seconds(),
            jti: hex(&random_bytes::<16>()),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.signing)
            .expect("the key file's keys are Ed25519 and the claims are plain JSON")
    }

    /// The claims of a token that is ours, whole and in time. The session is still to be checked.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, TokenError> {
        self.verify_late(token, now, TimeDelta::zero())
    }

    /// The same for a token that may have expired, by `late` at most: it tells who speaks, and opens nothing.
    pub fn verify_late(
        &self,
        token: &str,
        now: DateTime<Utc>,
        late: TimeDelta,
    ) -> Result<AccessClaims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
        check_header(&header)?;
        let key = header
            .kid
            .as_deref()
            .and_then(|kid| self.verifying.get(kid));
        let key = key.ok_or(TokenError::UnknownKey)?;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, key, &self.validation)
            .map_err(|error| reason(error.kind()))?
            .claims;
        let now = now.timestamp();
        if claims.exp.saturating_add(late.num_seconds()) <= now {
            return Err(TokenError::Expired);
        }
        if claims.iat > now + CLOCK_SKEW_SECONDS {
            return Err(TokenError::Future);
        }
        Ok(claims)
    }
}

/// The library reads the system's clock, so the times are left to [`AccessTokens::verify`].
fn validation(issuer: &str, audience: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}

/// The algorithm is left to the library, which is given only one.
fn check_header(header: &Header) -> Result<(), TokenError> {
    if !header.typ.as_deref().is_some_and(is_access_type) {
        return Err(TokenError::Type);
    }
    // RFC 7515 §4.1.11: whoever does not understand a critical header refuses the token.
    match header.crit {
        Some(_) => Err(TokenError::Malformed),
        None => Ok(()),
    }
}

/// RFC 9068 §4 allows the long form; media types ignore case.
fn is_access_type(typ: &str) -> bool {
    typ.eq_ignore_ascii_case(TYPE) || typ.eq_ignore_ascii_case("application/at+jwt")
}

fn reason(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidAlgorithm => TokenError::Algorithm,
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidIssuer => TokenError::Issuer,
        ErrorKind::InvalidAudience => TokenError::Audience,
        ErrorKind::Json(_)
        | ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_) => TokenError::Claims,
        _ => TokenError::Malformed,
    }
}

#[cfg(test)]
mod tests;
