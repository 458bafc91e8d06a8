//! Load: several clients, each doing one thing after another.

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::times::Times;

/// What came of a load. Loads of several slices of time can be joined.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Times of what succeeded.
    pub times: Times,
    /// How many failed.
    pub errors: usize,
    /// The first failure, in words.
    pub first_error: Option<String>,
    /// How long the load ran.
    pub lasted: Duration,
}

impl Load {
    /// Successes a second.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    pub fn per_second(&self) -> f64 {
        self.times.summary().count as f64 / self.lasted.as_secs_f64().max(1e-9)
    }

    /// Joins another slice of the same operation.
    pub fn append(&mut self, other: Self) {
        self.times.append(other.times);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
        self.lasted += other.lasted;
    }

    fn count(&mut self, outcome: Result<Duration, String>) {
        match outcome {
            Ok(took) => self.times.push(took),
            Err(error) => {
                self.errors += 1;
                self.first_error.get_or_insert(error);
            }
        }
    }
}

/// Runs a future and tells how long it took.
pub async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    let value = future.await;
    (value, began.elapsed())
}

/// Keeps `clients` busy for `span`: each calls `operation` with its number, again and again. The operation
/// measures itself (see [`timed`]), so what it has to prepare does not count as its latency; `Ok(None)` means that
/// there is nothing left to do and ends that client.
pub async fn drive<F, Fut>(clients: usize, span: Duration, operation: F) -> Load
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = Result<Option<Duration>, String>>,
{
    let began = Instant::now();
    let client = async |number| {
        let mut load = Load::default();
        while began.elapsed() < span {
            match operation(number).await {
                Ok(Some(took)) => load.count(Ok(took)),
                Ok(None) => break,
                Err(error) => load.count(Err(error)),
            }
        }
        load
    };
    let mut whole = Load::default();
    for part in join_all((0..clients).map(client)).await {
        whole.append(part);
    }
    whole.lasted = began.elapsed();
    whole
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_load_counts_successes_and_failures_and_ends_without_work() {
        let left = AtomicU64::new(100);
        let load = drive(4, Duration::from_hours(1), async |_| {
            let number = left.fetch_sub(1, Ordering::Relaxed);
            match number {
                0 | 101.. => Ok(None),
                number if number % 10 == 0 => Err(format!("{number} failed")),
                number => Ok(Some(Duration::from_millis(number))),
            }
        })
        .await;
        assert_eq!((load.times.summary().count, load.errors), (90, 10));
        assert_eq!(load.first_error.as_deref(), Some("100 failed"));
    }
}
