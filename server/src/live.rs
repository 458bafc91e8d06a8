//! The live stream: one task a process tails the event table and hands events to whoever listens.

mod listener;
mod streams;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

pub use listener::{BEAT, Heard, Listener};
pub use streams::MOST_STREAMS;
use streams::Streams;

use crate::app::App;
use crate::error::Result;
use crate::store::feed::{self, FeedCursor, FeedRow};

/// Events of other processes are seen after at most this long; those of this one at once.
const POLL: Duration = Duration::from_millis(250);
/// Events read in one statement.
const CHUNK: u32 = 500;
/// Events a slow listener may fall behind before it reads the table again.
const BACKLOG: usize = 4096;

/// The tail of the event table.
#[derive(Debug)]
pub struct Feed {
    sender: broadcast::Sender<Arc<FeedRow>>,
    cursor: Mutex<FeedCursor>,
    streams: Streams,
    stopping: CancellationToken,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            sender: broadcast::Sender::new(BACKLOG),
            cursor: Mutex::new(FeedCursor::START),
            streams: Streams::default(),
            stopping: CancellationToken::new(),
        }
    }
}

impl Feed {
    /// Events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<FeedRow>> {
        self.sender.subscribe()
    }

    /// Cancelled when the server stops: streams end, so that it does not wait for them.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// The last event handed on.
    pub fn cursor(&self) -> FeedCursor {
        *self
            .cursor
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn advance(&self, to: FeedCursor) {
        *self
            .cursor
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = to;
    }

    /// Places the feed at the end of the table.
    pub async fn start(&self, app: &App) -> Result<()> {
        self.advance(feed::end(app.db.background()).await?);
        Ok(())
    }

    /// Hands on what is new.
    async fn pump(&self, app: &App) -> Result<()> {
        loop {
            let rows = feed::after(app.db.background(), self.cursor(), CHUNK).await?;
            let Some(last) = rows.last().map(FeedRow::cursor) else {
                return Ok(());
            };
            for row in rows {
                // Nobody listening is no error.
                let _ = self.sender.send(Arc::new(row));
            }
            self.advance(last);
        }
    }
}

/// Tails until told to stop. A database that is away is tried again.
pub async fn tail(app: App, stop: CancellationToken) {
    let mut commits = app.db.commits();
    let mut tick = tokio::time::interval(POLL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
            _ = commits.changed() => {}
        }
        commits.mark_unchanged();
        if let Err(error) = app.feed.pump(&app).await {
            tracing::warn!(%error, "the event table cannot be read");
            tick.reset();
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => {}
            }
        }
    }
}
