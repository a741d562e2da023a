//! Threads of their own for background work that blocks.

use std::panic::AssertUnwindSafe;
use std::thread::JoinHandle;

use tokio::runtime::Handle;

use super::Surroundings;
#[cfg(target_os = "linux")]
use crate::limits::BACKGROUND_NICENESS;
use crate::limits::BACKGROUND_RETRY;

/// A thread that runs.
pub(super) struct Running {
    name: &'static str,
    thread: JoinHandle<()>,
}

impl Running {
    /// Waits for the thread to end.
    pub(super) async fn join(self) {
        let ended = tokio::task::spawn_blocking(|| self.thread.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!(thread = self.name, "the thread panicked");
        }
    }
}

/// Lets all other threads go first. On Linux niceness is a thread's own; elsewhere it is the whole process's, so it stays.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(BACKGROUND_NICENESS) {
        tracing::debug!(%error, "background work keeps the priority of all other threads");
    }
}

/// Runs the work to its end on a thread of its own, where it may block. Where it panics, that is a failure, and it starts
/// again.
pub(super) fn start<F: Future<Output = ()> + 'static>(
    name: &'static str,
    surroundings: Surroundings,
    work: fn(Surroundings) -> F,
) -> std::io::Result<Running> {
    let runtime = Handle::current();
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        step_back();
        let once = || runtime.block_on(work(surroundings.clone()));
        while std::panic::catch_unwind(AssertUnwindSafe(once)).is_err() {
            surroundings.failed();
            tracing::error!(thread = name, "it panicked and starts again");
            if runtime.block_on(surroundings.clone().rest(BACKGROUND_RETRY)) {
                break;
            }
        }
    })?;
    Ok(Running { name, thread })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::sync::watch;

    use super::*;
    use crate::clock::SystemClock;
    use crate::config::Config;
    use crate::ingest::Signer;
    use crate::meters::Meters;
    use crate::readiness::Readiness;
    use crate::store::Store;
    use crate::{AppState, key_file};

    static STARTS: AtomicUsize = AtomicUsize::new(0);

    async fn panic_once(mut surroundings: Surroundings) {
        assert!(STARTS.fetch_add(1, Ordering::SeqCst) > 0, "the first time it panics");
        while !surroundings.rest(Duration::from_secs(60)).await {}
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_panics_is_a_failure_and_starts_again() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let store = Store::open(folder.path()).await.unwrap();
        let config = Config::on("127.0.0.1:0".parse().unwrap());
        let key = key_file::for_answers(&key_file::read_or_create(folder.path()).unwrap()).unwrap();
        let meters = Meters::new(folder.path(), None);
        let readiness = Readiness::of(folder.path().to_owned());
        let state =
            AppState::new(store, clock.clone(), config, Signer::new(key, None, clock), meters, readiness)
                .unwrap();
        let (stop, stopped) = watch::channel(false);
        let surroundings = Surroundings { state, stopped, failures: Arc::default() };

        let running = start("test", surroundings.clone(), panic_once).unwrap();
        while STARTS.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(surroundings.failures.load(Ordering::Relaxed), 1);
        stop.send_replace(true);
        running.join().await;
        surroundings.state.acknowledger.stop().await;
        surroundings.state.store.close().await;
    }
}
