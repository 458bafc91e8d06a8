//! Section `[retention]`: how long things without further use are kept.

use serde::Deserialize;

/// Section `[retention]`: how long things without further use are kept.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Retention")]
pub struct RetentionArgs {
    /// Answers kept for retries with the same Idempotency-Key, hours, 192 to 8760 [default: 192].
    #[arg(
        long = "retention-answers-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub answers_h: Option<u32>,

    /// One-time codes and rate counters after their end, days, 2 to 365 [default: 7].
    #[arg(
        long = "retention-codes-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub codes_days: Option<u32>,

    /// Sessions and refresh tokens after their end, days, 1 to 3650 [default: 90].
    #[arg(
        long = "retention-sessions-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub sessions_days: Option<u32>,

    /// A nurse's way after her visit is closed or called off, days, 1 to 3650 [default: 30].
    #[arg(
        long = "retention-tracks-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub tracks_days: Option<u32>,
}
