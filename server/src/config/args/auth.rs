//! Section `[auth]`: tokens, codes and lockout.

use serde::Deserialize;

/// Section `[auth]`: tokens, codes and lockout.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Accounts")]
pub struct AuthArgs {
    /// Life of an access token, seconds, 30 to 600 [default: 600].
    #[arg(
        long = "auth-access-token-s",
        value_name = "SECONDS",
        hide_short_help = true
    )]
    pub access_token_s: Option<u32>,

    /// Life of a refresh token, days, 1 to 180 [default: 30].
    #[arg(
        long = "auth-refresh-token-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub refresh_token_days: Option<u32>,

    /// A session unused for this long ends, hours, 1 to 4320, not above the refresh token's life [default: 168].
    #[arg(
        long = "auth-session-idle-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub session_idle_h: Option<u32>,

    /// Life of a one-time code, seconds, 60 to 900 [default: 300].
    #[arg(
        long = "auth-code-ttl-s",
        value_name = "SECONDS",
        hide_short_help = true
    )]
    pub code_ttl_s: Option<u32>,

    /// Wrong tries before a code is void, 1 to 10 [default: 5].
    #[arg(long = "auth-code-tries", value_name = "COUNT", hide_short_help = true)]
    pub code_tries: Option<u32>,

    /// Time between two codes to one phone, seconds, 10 to 600 [default: 60].
    #[arg(
        long = "auth-code-gap-s",
        value_name = "SECONDS",
        hide_short_help = true
    )]
    pub code_gap_s: Option<u32>,

    /// Codes to one phone in a day, 1 to 100 [default: 10].
    #[arg(
        long = "auth-codes-per-day",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub codes_per_day: Option<u32>,

    /// Wrong passwords before an account is locked, 3 to 100 [default: 10].
    #[arg(
        long = "auth-login-tries",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub login_tries: Option<u32>,

    /// How long an account stays locked, minutes, 1 to 1440 [default: 15].
    #[arg(
        long = "auth-lockout-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub lockout_min: Option<u32>,
}
