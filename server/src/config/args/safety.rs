//! Section `[safety]`: alarms, the overdue watch, arrivals, reports of harm.

use serde::Deserialize;

/// Section `[safety]`: alarms, the overdue watch, arrivals, reports of harm.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Safety")]
pub struct SafetyArgs {
    /// An alarm that nobody takes goes on to further people after this time, minutes, 1 to 30 [default: 2].
    #[arg(
        long = "safety-sos-escalate-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub sos_escalate_min: Option<u32>,

    /// A nurse who has not set out or left is asked this long after she should have, minutes, 5 to 240 [default: 30].
    #[arg(
        long = "safety-overdue-margin-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub overdue_margin_min: Option<u32>,

    /// A coordinator is told when she does not answer within this time, minutes, 1 to 120 [default: 15].
    #[arg(
        long = "safety-overdue-answer-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub overdue_answer_min: Option<u32>,

    /// Longest time a nurse may ask for at once, minutes, 5 to 720 [default: 120].
    #[arg(
        long = "safety-still-fine-max-min",
        value_name = "MINUTES",
        hide_short_help = true
    )]
    pub still_fine_max_min: Option<u32>,

    /// A good visit that far from the point of the address proposes another point, metres, 10 to 5000 [default: 100].
    #[arg(
        long = "safety-home-moved-m",
        value_name = "METRES",
        hide_short_help = true
    )]
    pub home_moved_m: Option<u32>,

    /// An adverse event told later than this after it occurred is marked as late, hours, 1 to 720 [default: 24].
    #[arg(
        long = "safety-report-late-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub report_late_h: Option<u32>,

    /// A supervisor is called when nobody reviews an adverse event within this time, hours, 1 to 720 [default: 24].
    #[arg(
        long = "safety-review-due-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub review_due_h: Option<u32>,
}
