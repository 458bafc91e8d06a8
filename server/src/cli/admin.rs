//! `jiahu admin`.

use clap::Subcommand;
use entity::enums::{AccountStatus, Language, Role, SubjectKind};
use jiahu::app::App;
use jiahu::auth::invite::{Invitation, invite};
use jiahu::domain::event::EventKind;
use jiahu::domain::name::PersonName;
use jiahu::domain::phone::Phone;
use jiahu::error::Result;
use jiahu::store::account::NewAccount;
use jiahu::store::event::NewEvent;
use jiahu::{in_write, store};
use serde_json::json;

use super::outcome::Outcome;
use super::settings::Settings;

#[derive(Debug, clap::Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Create an administrator and print the one-time link that sets password and second factor
    Create(Create),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// Code of the community
    #[arg(long, value_name = "CODE")]
    community: String,
    /// Name of the administrator, 2 to 50 characters
    #[arg(long, value_parser = PersonName::parse)]
    name: PersonName,
    /// Phone of the administrator; it must have no account in the community yet
    #[arg(long, value_parser = Phone::parse)]
    phone: Phone,
}

impl Admin {
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        let AdminCommand::Create(new) = self.command;
        let app = settings.app().await?;
        let invitation = create(&app, &new).await?;
        println!(
            "Administrator {} created. Open this link once, until {}:",
            new.phone,
            invitation.expires_at.format("%Y-%m-%d %H:%M UTC")
        );
        println!("{}", invitation.url);
        Ok(())
    }
}

async fn create(app: &App, new: &Create) -> Result<Invitation> {
    let community = store::account::community(app.db.reader(), &new.community)
        .await?
        .id;
    in_write!(app.db, "create_admin", |tx| {
        let account = NewAccount {
            community,
            status: AccountStatus::Invited,
            name: &new.name,
            phone: &new.phone,
            language: Language::Zh,
        };
        let account = store::account::insert(tx, app, account).await?;
        store::account::grant(tx, app, community, account.id, Role::Admin, None, None).await?;
        let event = NewEvent::new(
            EventKind::AccountCreated,
            SubjectKind::Account,
            account.id.0,
            None,
        )
        .payload(json!({ "roles": [Role::Admin], "by": "operator" }));
        store::event::append(tx, app, community, event).await?;
        invite(tx, app, &account, None).await
    })
}
