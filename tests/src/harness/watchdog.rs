//! Ends a test run in which a test hangs, and says which one: a run that stands still tells nobody anything.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

/// Far longer than the slowest test takes on a busy machine.
const LIMIT: Duration = Duration::from_mins(10);

/// When a test that is under way has to be over, by its name.
static UNDER_WAY: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());
static STARTED: Once = Once::new();

thread_local! {
    /// Each test runs on a thread of its own, which ends after everything the test has started.
    static WATCHED: RefCell<Option<Watched>> = const { RefCell::new(None) };
}

struct Watched(String);

impl Drop for Watched {
    fn drop(&mut self) {
        under_way(|tests| tests.remove(&self.0));
    }
}

fn under_way<T>(change: impl FnOnce(&mut BTreeMap<String, Instant>) -> T) -> T {
    change(
        &mut UNDER_WAY
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner),
    )
}

/// Watches the test of this thread from now on.
pub(super) fn watch() {
    watch_for(LIMIT);
}

/// The same for a test that may take longer.
pub fn watch_for(limit: Duration) {
    let thread = thread::current();
    let Some(name) = thread.name().filter(|name| name.contains("::")) else {
        return;
    };
    STARTED.call_once(|| {
        thread::spawn(look_after);
    });
    WATCHED.with_borrow_mut(|watched| {
        if watched.is_none() {
            under_way(|tests| tests.insert(name.to_owned(), Instant::now() + limit));
            *watched = Some(Watched(name.to_owned()));
        }
    });
}

#[expect(
    clippy::disallowed_methods,
    reason = "a thread of its own that nothing waits for"
)]
fn look_after() -> ! {
    loop {
        thread::sleep(Duration::from_secs(5));
        let now = Instant::now();
        let late = under_way(|tests| {
            let late = tests.iter().find(|(_, until)| **until < now);
            late.map(|(name, _)| name.clone())
        });
        if let Some(name) = late {
            // Past the capture of libtest, which would keep it for a test that never ends.
            let _ = writeln!(std::io::stderr(), "\ntest {name} ... FAILED: it hangs");
            std::process::exit(101);
        }
    }
}
