//! Open streams of this process, counted by account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::ids::{AccountId, SessionId};
use tokio_util::sync::CancellationToken;

/// Streams an account may keep open on one server process.
pub const MOST_STREAMS: usize = 5;

#[derive(Debug)]
struct Slot {
    number: u64,
    session: SessionId,
    end: CancellationToken,
}

#[derive(Debug, Default)]
struct Slots {
    last_number: u64,
    by_account: HashMap<AccountId, Vec<Slot>>,
}

/// Who listens.
#[derive(Clone, Debug, Default)]
pub(super) struct Streams(Arc<Mutex<Slots>>);

/// The right to one stream; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    streams: Streams,
    account: AccountId,
    number: u64,
    /// Told when a newer stream took the place of this one.
    pub(super) end: CancellationToken,
}

impl Streams {
    /// Takes a seat; `None` when other sessions hold them all. The oldest stream of the same session makes
    /// place: a phone that changed its network leaves dead streams behind, and must not lock itself out.
    pub(super) fn take(&self, account: AccountId, session: SessionId) -> Option<Seat> {
        let mut slots = self.lock();
        slots.last_number += 1;
        let number = slots.last_number;
        let mine = slots.by_account.entry(account).or_default();
        if mine.len() >= MOST_STREAMS {
            let oldest = mine.iter().position(|slot| slot.session == session)?;
            mine.remove(oldest).end.cancel();
        }
        let end = CancellationToken::new();
        mine.push(Slot {
            number,
            session,
            end: end.clone(),
        });
        Some(Seat {
            streams: self.clone(),
            account,
            number,
            end,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut slots = self.streams.lock();
        if let Some(mine) = slots.by_account.get_mut(&self.account) {
            mine.retain(|slot| slot.number != self.number);
            if mine.is_empty() {
                slots.by_account.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));
    const PHONE: SessionId = SessionId(Uuid::from_u128(2));
    const TABLET: SessionId = SessionId(Uuid::from_u128(3));

    #[test]
    fn a_session_replaces_its_own_oldest_stream_and_no_other() {
        let streams = Streams::default();
        let mut seats: Vec<Seat> = (0..MOST_STREAMS)
            .map(|_| streams.take(ACCOUNT, PHONE).expect("a seat"))
            .collect();
        assert!(streams.take(ACCOUNT, TABLET).is_none());
        seats.push(streams.take(ACCOUNT, PHONE).expect("a seat"));
        let ended: Vec<bool> = seats.iter().map(|seat| seat.end.is_cancelled()).collect();
        assert_eq!(ended, [true, false, false, false, false, false]);
        // The replaced stream gives nothing back, because its seat was taken from it.
        seats.remove(0);
        assert!(streams.take(ACCOUNT, TABLET).is_none());
        seats.remove(0);
        seats.push(streams.take(ACCOUNT, TABLET).expect("a seat"));
    }

    #[test]
    fn accounts_do_not_share_seats_and_nothing_is_left_behind() {
        let streams = Streams::default();
        let mine: Vec<Option<Seat>> = (0..MOST_STREAMS)
            .map(|_| streams.take(ACCOUNT, PHONE))
            .collect();
        let other = streams.take(AccountId(Uuid::from_u128(9)), PHONE);
        assert!(other.is_some());
        drop((mine, other));
        assert!(streams.lock().by_account.is_empty());
    }
}
