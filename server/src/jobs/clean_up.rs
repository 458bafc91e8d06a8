//! Drops once a day what has no further use (`docs/DATABASE.md`, how long things are kept).

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::retention::next_clean_up;
use crate::error::Result;
use crate::in_write;
use crate::store::retention::{BATCH, Stale, purge};

/// Drops one batch of each kind. Gives the time to come again: at once when a batch was full, so that other jobs
/// have their turn in between, else the next day.
pub(super) async fn run(app: &App) -> Result<DateTime<Utc>> {
    let now = app.now();
    let cutoffs = app.config.retention.cutoffs(now);
    let mut full = false;
    for (what, before) in [
        (Stale::Answers, cutoffs.answers),
        (Stale::Counters, cutoffs.codes),
        (Stale::Codes, cutoffs.codes),
        (Stale::Tokens, cutoffs.sessions),
        (Stale::Sessions, cutoffs.sessions),
        (Stale::Tracks, cutoffs.tracks),
        (Stale::ToldPlaces, cutoffs.tracks),
    ] {
        let dropped = in_write!(app.db, "clean_up", |tx| { purge(tx, what, before).await })?;
        if dropped > 0 {
            tracing::info!(?what, dropped, "cleaned up");
        }
        full |= dropped == BATCH;
    }
    if full {
        return Ok(now);
    }
    // The rows above do not wait for a store that does not answer.
    if let Err(error) = super::drop_photos::run(app, now).await {
        tracing::warn!(%error, "photos of broken uploads stay for another day");
    }
    Ok(next_clean_up(now))
}
