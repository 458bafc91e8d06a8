//! Section `[limits]`: rate limits.

use serde::Deserialize;

/// Section `[limits]`: rate limits.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Rate limits")]
pub struct LimitsArgs {
    /// Requests of one client in a minute, 0 to 10000000, 0 for no limit [default: 1200].
    #[arg(
        long = "limits-requests-per-min",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub requests_per_min: Option<u32>,

    /// Login and code requests from one address in a minute, 0 to 10000000, 0 for no limit [default: 60].
    #[arg(
        long = "limits-logins-per-min",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub logins_per_min: Option<u32>,
}
