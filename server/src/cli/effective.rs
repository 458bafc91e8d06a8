//! `jiahu config`.

use super::outcome::Outcome;
use super::settings::Settings;

/// Print the effective configuration, secrets masked
///
/// Every key with its value and where it came from: flag, variable, file or default.
#[derive(Debug, clap::Args)]
pub(crate) struct Effective {}

impl Effective {
    #[expect(clippy::unused_async, reason = "every command is run the same way")]
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        print!("{}", settings.config()?.effective());
        Ok(())
    }
}
