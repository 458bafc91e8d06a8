//! Photos of a visit: made harmless ([`cleanse`]), sealed, and kept in an object store. Pictures of exercises are made
//! harmless in the same way.

mod cleanse;
mod store;

use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

pub use cleanse::{Cleansed, Limits, PhotoError, cleanse};
pub use store::{Part, PhotoStore};

use crate::config::PhotosConfig;
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};

/// Photos read at once; each may take `photos.decode_mib` of memory.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(2).expect("not zero");

/// Reads photos, no more than a few at once, and keeps them.
pub struct Photos {
    /// Where they are kept.
    pub store: PhotoStore,
    limits: Limits,
    permits: Arc<Semaphore>,
}

impl Photos {
    /// Opens the store. A folder is made when it is not there.
    pub fn open(config: &PhotosConfig) -> Result<Self> {
        Ok(Self {
            store: PhotoStore::open(config)?,
            limits: Limits {
                pixels: config.max_pixels,
                memory: config.decode_mib * 1024 * 1024,
                kept_side: config.kept_side_px,
            },
            permits: Arc::new(Semaphore::new(AT_ONCE.get())),
        })
    }

    /// Writes a photo anew, off the runtime's own threads. The permit goes into the thread: a caller that hangs up
    /// does not free it while the photo is still read.
    pub async fn cleanse(&self, bytes: Bytes) -> Result<Cleansed> {
        self.cleanse_to(bytes, self.limits.kept_side).await
    }

    /// The same, kept with at most so many pixels along the longer side.
    pub async fn cleanse_to(&self, bytes: Bytes, side: u32) -> Result<Cleansed> {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(Error::internal)?;
        let mut limits = self.limits;
        limits.kept_side = limits.kept_side.min(side);
        let work = move || {
            let done = cleanse(&bytes, limits);
            drop(permit);
            done
        };
        let done = spawn_blocking(work).await.map_err(Error::internal)?;
        done.map_err(|error| {
            let code = Code::parse(error.code()).unwrap_or(Code::Internal);
            Problem::new(code).with("pixels", limits.pixels).into()
        })
    }
}
