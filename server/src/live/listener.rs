//! One listener: first what was missed, read from the table, then what happens, each event once and in order.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use entity::enums::SubjectKind;
use entity::ids::PatientId;
use futures::FutureExt;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::streams::Seat;
use crate::app::App;
use crate::domain::audience::Sight;
use crate::domain::event::EventKind;
use crate::error::Result;
use crate::extract::{May, grants};
use crate::problem::Code;
use crate::store::feed::{self, FeedCursor, FeedRow};

/// Time between two signs of life; roles and carers are read again at each.
pub const BEAT: Duration = Duration::from_secs(15);
/// Events read in one statement while catching up.
const CHUNK: u32 = 500;

/// Somebody who listens.
pub struct Listener {
    app: App,
    may: May<grants::Listen>,
    seat: Seat,
    sight: Sight,
    /// Patients whose carers changed since the sight was read.
    unsure: BTreeSet<PatientId>,
    /// The last event that was looked at.
    cursor: FeedCursor,
    rows: broadcast::Receiver<Arc<FeedRow>>,
    missed: VecDeque<Arc<FeedRow>>,
    caught_up: bool,
    beat: Interval,
}

/// What a listener is told.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Something happened.
    Event {
        /// The event.
        row: Arc<FeedRow>,
        /// What happened.
        kind: EventKind,
        /// The listener may know which nurse it is about.
        names_nurse: bool,
    },
    /// Nothing happened; so far everything was told.
    Beat(FeedCursor),
}

impl Listener {
    /// Listens after a place in the feed; without one, from now on. A problem when the account listens at too
    /// many places.
    pub async fn start(
        app: App,
        may: May<grants::Listen>,
        after: Option<FeedCursor>,
    ) -> Result<Self> {
        let seat = app.feed.streams.take(may.account, may.session);
        let seat = seat.ok_or(Code::StreamsTooMany)?;
        // Subscribed before the place is read: what comes in between is read twice and told once.
        let rows = app.feed.subscribe();
        let cursor = match after {
            Some(after) => after,
            None => feed::end(app.db.reader()).await?,
        };
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut listener = Self {
            sight: Sight::blind(may.community),
            unsure: BTreeSet::new(),
            missed: VecDeque::new(),
            caught_up: false,
            app,
            may,
            seat,
            cursor,
            rows,
            beat,
        };
        // Again, because a session that ended before the subscription told nobody.
        listener.look_again().await?;
        Ok(listener)
    }

    /// The next thing to tell; `None` at the end. An error ends it too: the client comes back and resumes.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.hear().await {
            Ok(heard) => heard,
            Err(error) => {
                tracing::debug!(%error, "a live stream ends");
                None
            }
        }
    }

    async fn hear(&mut self) -> Result<Option<Heard>> {
        loop {
            if self.is_over() {
                return Ok(None);
            }
            // The first beat is due at once, and tells where resuming starts.
            if self.beat.tick().now_or_never().is_some() {
                return self.beat().await.map(Some);
            }
            let row = if let Some(row) = self.missed.pop_front() {
                row
            } else if self.caught_up {
                let stopping = self.app.feed.stopping();
                tokio::select! {
                    () = stopping.cancelled() => return Ok(None),
                    () = self.seat.end.cancelled() => return Ok(None),
                    _ = self.beat.tick() => return self.beat().await.map(Some),
                    row = self.rows.recv() => match row {
                        Ok(row) => row,
                        Err(RecvError::Lagged(_)) => {
                            self.look_again().await?;
                            self.caught_up = false;
                            continue;
                        }
                        Err(RecvError::Closed) => return Ok(None),
                    },
                }
            } else {
                self.read_on().await?;
                continue;
            };
            if let Some(heard) = self.take(row).await? {
                return Ok(Some(heard));
            }
        }
    }

    fn is_over(&self) -> bool {
        self.app.feed.stopping().is_cancelled() || self.seat.end.is_cancelled()
    }

    async fn beat(&mut self) -> Result<Heard> {
        self.look_again().await?;
        Ok(Heard::Beat(self.cursor))
    }

    /// Reads the session, the roles and the patients again; a problem when the session is over.
    async fn look_again(&mut self) -> Result<()> {
        self.unsure.clear();
        self.may = self.may.again(&self.app).await?;
        self.sight = feed::sight(self.app.db.reader(), &self.may.scope).await?;
        Ok(())
    }

    /// Reads what was missed, a chunk of it.
    async fn read_on(&mut self) -> Result<()> {
        let (db, community) = (self.app.db.reader(), self.may.community);
        let rows = feed::of_community_after(db, community, self.cursor, CHUNK).await?;
        self.caught_up = rows.len() < CHUNK as usize;
        self.missed.extend(rows.into_iter().map(Arc::new));
        Ok(())
    }

    /// Looks at an event: what it changes for the listener, and whether it is to be told.
    async fn take(&mut self, row: Arc<FeedRow>) -> Result<Option<Heard>> {
        if row.community_id != self.may.community {
            self.advance(&row);
            return Ok(None);
        }
        // A change of the account counts even when the event itself was read from the table before.
        if row.subject_kind == SubjectKind::Account && row.subject_id == self.may.account.0 {
            self.look_again().await?;
        }
        let Some(kind) = EventKind::parse(&row.kind) else {
            self.advance(&row);
            return Ok(None);
        };
        if changes_carers(kind) {
            self.unsure.extend(row.patient_id);
        }
        if !self.advance(&row) {
            return Ok(None);
        }
        if kind.audience().family && row.patient_id.is_some_and(|id| self.unsure.contains(&id)) {
            self.look_again().await?;
        }
        let concern = row.concern();
        let heard = self.sight.may_hear(kind.audience(), &concern);
        Ok(heard.then(|| Heard::Event {
            names_nurse: self.sight.may_know_nurse(&concern),
            row,
            kind,
        }))
    }

    /// Moves on; false when the event was looked at before.
    fn advance(&mut self, row: &FeedRow) -> bool {
        let new = row.cursor() > self.cursor;
        if new {
            self.cursor = row.cursor();
        }
        new
    }
}

fn changes_carers(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::PatientRegistered | EventKind::CarerAdded | EventKind::CarerEnded
    )
}
