//! `jiahu audit`.

use clap::Subcommand;
use jiahu::store;

use super::outcome::{Failure, Outcome};
use super::settings::Settings;

#[derive(Debug, clap::Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Walk every chain of events; the first link of each that does not hold is named
    Verify,
}

impl Audit {
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        let AuditCommand::Verify = self.command;
        let app = settings.app().await?;
        let (checked, broken) = store::event::verify_all(app.db.reader(), &app).await?;
        if broken.is_empty() {
            println!("{checked} events checked: every chain holds");
            return Ok(());
        }
        for chain in &broken {
            let (kind, id) = chain.subject;
            println!(
                "broken: community {} {kind} {id}, event {}",
                chain.community, chain.subject_no
            );
        }
        println!("{checked} events checked: {} do not hold", broken.len());
        Err(Failure::Told)
    }
}
