//! Section `[matching]`: who is asked, when and how far.

use serde::Deserialize;

use super::super::values::List;

/// Section `[matching]`: who is asked, when and how far.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Matching")]
pub struct MatchingArgs {
    /// Nurses asked in one wave, 1 to 50 [default: 3].
    #[arg(
        long = "matching-offer-batch",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub offer_batch: Option<u32>,

    /// Search radii, metres, ascending, 100 to 500000 each [default: 5000, 10000, 20000, 40000].
    #[arg(long = "matching-rings-m", value_name = "LIST", hide_short_help = true)]
    pub rings_m: Option<List<u32>>,

    /// Time from one wave to the next, minutes, 1 to 240 [default: 10].
    #[arg(
        long = "matching-wave-every-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub wave_every_min: Option<u32>,

    /// Without an accept, a coordinator is called after this time, minutes, 1 to 1440, at the latest half way to the window [default: 30].
    #[arg(
        long = "matching-coordinator-after-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub coordinator_after_min: Option<u32>,

    /// Without an accept, the family is told after this time, minutes, 1 to 2880, not before the coordinator [default: 120].
    #[arg(
        long = "matching-family-told-after-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub family_told_after_min: Option<u32>,

    /// Road length over straight-line length, 1.0 to 3.0; plains 1.3, hills 1.5 to 1.8 [default: 1.3].
    #[arg(
        long = "matching-road-factor",
        value_name = "FACTOR",
        hide_short_help = true
    )]
    pub road_factor: Option<f64>,

    /// Average speed on the road, km/h, 3 to 120 [default: 30].
    #[arg(
        long = "matching-speed-kmh",
        value_name = "KMH",
        hide_short_help = true
    )]
    pub speed_kmh: Option<f64>,

    /// Time kept free around a visit besides travel, minutes, 0 to 240 [default: 15].
    #[arg(
        long = "matching-buffer-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub buffer_min: Option<u32>,

    /// Lowest title of a nurse who goes, as the roster names it [default: nurse_practitioner].
    #[arg(
        long = "matching-min-title",
        value_name = "TITLE",
        hide_short_help = true
    )]
    pub min_title: Option<String>,

    /// Full years of clinical practice on the day of the visit, 0 to 40 [default: 5].
    #[arg(
        long = "matching-min-years",
        value_name = "YEARS",
        hide_short_help = true
    )]
    pub min_years: Option<u32>,

    /// Hours without a visit after a night shift, 0 to 48 [default: 12].
    #[arg(
        long = "matching-rest-hours-after-night",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub rest_hours_after_night: Option<u32>,

    /// Least time from booking to the start of the window, minutes, 0 to 10080 [default: 240].
    #[arg(
        long = "matching-lead-time-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub lead_time_min: Option<u32>,

    /// Furthest day that can be booked, days, 1 to 365 [default: 60].
    #[arg(
        long = "matching-horizon-days",
        value_name = "DAYS",
        hide_short_help = true
    )]
    pub horizon_days: Option<u32>,

    /// An address further from its community needs confirmation, metres, 1000 to 1000000 [default: 100000].
    #[arg(
        long = "matching-near-community-m",
        value_name = "METRES",
        hide_short_help = true
    )]
    pub near_community_m: Option<u32>,
}
