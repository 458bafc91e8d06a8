//! `jiahu keys`.

use clap::Subcommand;

use super::outcome::Outcome;
use super::settings::{Settings, absolute, make_folder_of};

#[derive(Debug, clap::Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Write a new key file; one that is there is never overwritten
    New,
}

impl Keys {
    #[expect(clippy::unused_async, reason = "every command is run the same way")]
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        let KeysCommand::New = self.command;
        let path = settings.config()?.keys_file;
        make_folder_of(&path)?;
        jiahu::keys::Keys::generate().save_new(&path)?;
        println!("key file: {}", absolute(&path));
        println!(
            "Back it up apart from the database: without it, personal data cannot be read again."
        );
        Ok(())
    }
}
