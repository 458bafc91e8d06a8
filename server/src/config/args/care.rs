//! Section `[care]`: who may do what around a visit.

use serde::Deserialize;

use super::super::values::List;

/// Section `[care]`: who may do what around a visit.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Care")]
pub struct CareArgs {
    /// Roles that make first assessments, of doctor, nurse and coordinator; a nurse on a visit ordered for it [default: doctor, nurse].
    #[arg(
        long = "care-assessor-roles",
        value_name = "LIST",
        hide_short_help = true
    )]
    pub assessor_roles: Option<List<String>>,

    /// Time within which a complaint is answered before supervisors are called, hours, 1 to 720 [default: 72].
    #[arg(
        long = "care-complaint-answer-h",
        value_name = "HOURS",
        hide_short_help = true
    )]
    pub complaint_answer_h: Option<u32>,

    /// Whether whoever takes the waste of a visit over signs for it: required or optional [default: required].
    #[arg(
        long = "care-waste-signature",
        value_name = "RULE",
        hide_short_help = true
    )]
    pub waste_signature: Option<String>,
}
