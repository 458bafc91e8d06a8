//! Key-set pages: newest first, by id, `limit + 1` rows read to know whether there are more.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::error::Result;
use crate::problem::Code;

/// Most items a page may hold.
const MAX_LIMIT: u64 = 100;
/// Items in a page when the caller does not say.
const DEFAULT_LIMIT: u64 = 30;

/// Which page.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
    /// Items wanted, 1 to 100; 30 when left out.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

impl PageQuery {
    /// Checks cursor and limit.
    pub fn cursor(&self) -> Result<Cursor> {
        Cursor::new(self.cursor.as_deref(), self.limit)
    }
}

/// A place in a list that is sorted by id, newest first.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// Items come before this id; all when none.
    pub before: Option<Uuid>,
    limit: u64,
}

impl Cursor {
    /// Checks what a caller sent; operations with more filters hold `cursor` and `limit` themselves.
    pub fn new(cursor: Option<&str>, limit: Option<u64>) -> Result<Self> {
        let before = match cursor {
            None => None,
            Some(text) => Some(decode(text).ok_or(Code::CursorInvalid)?),
        };
        Ok(Self {
            before,
            limit: limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT),
        })
    }

    /// Rows to read: one more than the page holds.
    pub fn read(&self) -> u64 {
        self.limit + 1
    }

    /// Makes a page of the rows read.
    pub fn page<R, T>(
        &self,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> Uuid,
        item: impl FnMut(R) -> T,
    ) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(BASE64_URL_SAFE_NO_PAD.encode(id(last).as_bytes())),
            _ => None,
        };
        Page {
            items: rows.into_iter().map(item).collect(),
            next_cursor,
        }
    }
}

fn decode(text: &str) -> Option<Uuid> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    Uuid::from_slice(&bytes).ok()
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes other items of a page's items.
    pub fn map<U>(self, item: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(item).collect(),
            next_cursor: self.next_cursor,
        }
    }

    /// Makes other items of a page's items, or fails.
    pub fn try_map<U>(self, item: impl FnMut(T) -> Result<U>) -> Result<Page<U>> {
        let items = self.items.into_iter().map(item).collect::<Result<_>>()?;
        Ok(Page {
            items,
            next_cursor: self.next_cursor,
        })
    }
}
