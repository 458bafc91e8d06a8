//! Drops photos that were put away and that no row tells of: an upload that broke between the two.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::error::Result;
use crate::store;

/// A row follows its photo within seconds; whoever waits longer has given up.
const SETTLED: TimeDelta = TimeDelta::hours(24);
/// How far back is looked each day. What an outage of the clean-up longer than that leaves behind stays: it is
/// sealed, and nobody can ask for it.
const BACK: TimeDelta = TimeDelta::days(30);
/// Photos looked up by one statement.
const AT_ONCE: usize = 500;

/// Looks through the photos of every community.
pub(super) async fn run(app: &App, now: DateTime<Utc>) -> Result<()> {
    let db = app.db.reader();
    let between = (now - BACK, now - SETTLED);
    for community in store::community::all(db).await? {
        let found = app.photos.store.between(community.id, between).await?;
        for ids in found.chunks(AT_ONCE) {
            let known = store::photo::known(db, community.id, ids).await?;
            for id in ids.iter().filter(|id| !known.contains(id)) {
                app.photos.store.drop_unknown(community.id, *id).await?;
                tracing::info!(photo = %id, "dropped a photo of a broken upload");
            }
        }
    }
    Ok(())
}
