//! `jiahu openapi`.

use std::io::Write;

use super::outcome::Outcome;
use super::settings::Settings;

#[derive(Debug, clap::Args)]
pub(crate) struct Openapi {}

impl Openapi {
    #[expect(clippy::unused_async, reason = "every command is run the same way")]
    pub(crate) async fn run(self, _: &Settings) -> Outcome {
        let mut text = serde_json::to_string_pretty(&jiahu::router::spec())?;
        text.push('\n');
        Ok(std::io::stdout().write_all(text.as_bytes())?)
    }
}
