//! `jiahu config`.

use super::outcome::Outcome;
use super::settings::Settings;

#[derive(Debug, clap::Args)]
pub(crate) struct Effective {}

impl Effective {
    #[expect(clippy::unused_async, reason = "every command is run the same way")]
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        print!("{}", settings.config()?.effective());
        Ok(())
    }
}
