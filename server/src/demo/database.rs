//! The database of a demo: made, filled once, and never one that somebody works with.

use chrono::{DateTime, Utc};
use entity::community;
use secrecy::ExposeSecret;

use super::Folder;
use crate::app::App;
use crate::config::DatabaseUrl;
use crate::county::{self, DemoLogins};
use crate::db::Db;
use crate::domain::calendar::local_date;
use crate::error::{Error, Result};
use crate::store;

/// What a demo is filled with.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// The same seed makes the same people.
    pub seed: u64,
    /// 1 is 190 nurses and 269 home patients.
    pub scale: f64,
}

/// Brings the schema up to date; makes the file of an embedded database.
pub async fn migrate(database: &DatabaseUrl) -> Result<()> {
    // The lock of PostgreSQL's migrations takes a connection of its own.
    let db = Db::connect(database.connection_url(true).expose_secret(), 2).await?;
    migration::run(db.reader()).await?;
    Ok(())
}

/// Where a movable clock begins: now, or later when the data are of a later day.
pub async fn start_time(app: &App) -> Result<DateTime<Utc>> {
    let newest = store::event::newest_at(app.db.reader()).await?;
    Ok(newest.unwrap_or_default().max(app.now()))
}

/// Loads both counties unless they are there; gives the logins. Refuses a database that holds anything else:
/// invented patients must not get among real ones.
pub async fn fill(app: &App, folder: &Folder, size: Size) -> Result<DemoLogins> {
    check_own(app, folder).await?;
    let today = local_date(app.now());
    let mut logins = folder.logins()?.unwrap_or_default();
    for county in [
        county::generate(size.seed, size.scale, today),
        county::neighbour(size.seed, today),
    ] {
        if county::is_loaded(app, county.code).await? {
            continue;
        }
        let prepared = county::prepare(app, &county).await?;
        // Kept first: rows whose passwords nobody knows would be of no use.
        logins
            .communities
            .retain(|kept| kept.community != county.code);
        logins.communities.push(prepared.logins().clone());
        folder.write_logins(&logins)?;
        prepared.store(app).await?;
    }
    Ok(logins)
}

/// The logins of a demo that another process has filled.
pub async fn require_filled(app: &App, folder: &Folder) -> Result<DemoLogins> {
    for code in [county::CODE, county::NEIGHBOUR_CODE] {
        if !county::is_loaded(app, code).await? {
            return Err(Error::internal(
                "there is no demo to join: start one without --join first",
            ));
        }
    }
    folder.require_logins()
}

/// Only communities that this folder's demo has made may be there.
async fn check_own(app: &App, folder: &Folder) -> Result<()> {
    let own = folder.logins()?.unwrap_or_default();
    for community::Model { code, .. } in store::community::all(app.db.reader()).await? {
        if !own.communities.iter().any(|made| made.community == code) {
            return Err(Error::internal(format!(
                "the database has a community {code} that this demo did not make; a demo is never loaded beside it"
            )));
        }
    }
    Ok(())
}
