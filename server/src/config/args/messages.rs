//! Section `[messages]`: the gateway for codes and messages.

use std::path::PathBuf;

use serde::Deserialize;

use super::super::values::Secret;

/// Section `[messages]`: the gateway for codes and messages.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Messages")]
pub struct MessagesArgs {
    /// Where codes and messages are posted; https, or http on this machine [default: none, not sent].
    #[arg(
        long = "messages-webhook-url",
        value_name = "URL",
        hide_short_help = true
    )]
    pub webhook_url: Option<String>,

    /// What the posts are signed with, at least 32 bytes. No flag: every user of the machine can
    /// read command lines.
    #[arg(skip)]
    pub webhook_secret: Option<Secret>,

    /// File that holds what the posts are signed with, at least 32 bytes (or JIAHU_MESSAGES_WEBHOOK_SECRET itself) [default: none].
    #[arg(
        long = "messages-webhook-secret-file",
        value_name = "FILE",
        hide_short_help = true
    )]
    pub webhook_secret_file: Option<PathBuf>,
}
