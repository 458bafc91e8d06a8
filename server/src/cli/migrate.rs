//! `jiahu migrate`.

use jiahu::config::DatabaseUrl;
use jiahu::db::Db;
use secrecy::ExposeSecret;

use super::outcome::Outcome;
use super::settings::{Settings, absolute, make_folder_of};

#[derive(Debug, clap::Args)]
pub(crate) struct Migrate {}

impl Migrate {
    pub(crate) async fn run(self, settings: &Settings) -> Outcome {
        let url = settings.config()?.database_url;
        let shown = match &url {
            DatabaseUrl::Sqlite(path) => {
                make_folder_of(path)?;
                format!("sqlite:{}", absolute(path))
            }
            DatabaseUrl::Postgres(_) => url.to_string(),
        };
        // The lock of PostgreSQL's migrations takes a connection of its own.
        let db = Db::connect(url.connection_url(true).expose_secret(), 2).await?;
        let missing = migration::missing(db.reader()).await?;
        migration::run(db.reader()).await?;
        println!("database: {shown}");
        match missing.as_slice() {
            [] => println!("schema:   up to date, nothing to do"),
            steps => println!("schema:   up to date, done now: {}", steps.join(", ")),
        }
        Ok(())
    }
}
