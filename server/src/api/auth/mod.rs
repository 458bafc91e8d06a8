//! Logging in.

pub mod accept_invite;
pub mod confirm_invite;
pub mod login_with_code;
pub mod login_with_password;
pub mod logout;
pub mod refresh;
pub mod send_code;

use serde::Serialize;
use utoipa::ToSchema;

/// Names of devices in the list of sessions.
pub type DeviceName = crate::wire::Text<0, 80>;

/// What a login is refused with, decided inside its transaction and told after the counters are kept.
enum Refused<T> {
    No(T),
    Because(crate::problem::Code),
}

/// Second factor to set up, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactor {
    /// For typing into an authenticator app.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    pub totp_secret: String,
    /// For showing as a QR code.
    pub otpauth_url: String,
}
