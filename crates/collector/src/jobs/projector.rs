//! The projector: follows the journal on a thread of its own, at a lower priority than what acknowledges reports.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::AppState;
use crate::limits::{
    BATCH_REPORTS, LOAD_FROM_REPORTS, PROJECTED_REPORTS, PROJECTION_PERIOD, PROJECTION_PERIOD_UNDER_LOAD,
    PROJECTION_RETRY, REBUILT_FROM_BATCHES, REBUILT_REPORTS,
};
use crate::store::{Projection, Step, StoreError};

/// How much nicer than the rest; 10 of 19 leaves it about a tenth of a contended core.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// The thread.
pub(super) struct Running(JoinHandle<()>);

impl Running {
    /// Waits for the thread to end.
    pub(super) async fn join(self) {
        let ended = tokio::task::spawn_blocking(|| self.0.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("the projector ended badly");
        }
    }
}

/// Starts the thread.
pub(super) fn start(
    state: AppState,
    stopped: watch::Receiver<bool>,
    failures: Arc<AtomicU64>,
) -> std::io::Result<Running> {
    let runtime = Handle::current();
    let thread = std::thread::Builder::new().name("projector".to_owned()).spawn(move || {
        step_back();
        runtime.block_on(follow(state, stopped, failures));
    })?;
    Ok(Running(thread))
}

/// Lowers this thread's priority. On Linux niceness belongs to a thread; elsewhere the small batches must do.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "the projector keeps its priority");
    }
}

async fn follow(state: AppState, mut stopped: watch::Receiver<bool>, failures: Arc<AtomicU64>) {
    let mut last_batch = state.store.last_batch();
    loop {
        match catch_up(&state, &mut last_batch, &mut stopped).await {
            Ok(()) => return,
            Err(error) => {
                state.projected.failed();
                failures.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%error, "the projection failed; it goes on where it stood");
            }
        }
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(PROJECTION_RETRY) => {}
        }
    }
}

/// Projects until it is stopped.
async fn catch_up(
    state: &AppState,
    last_batch: &mut watch::Receiver<i64>,
    stopped: &mut watch::Receiver<bool>,
) -> Result<(), StoreError> {
    let mut projection = state.store.projection().await?;
    state.projected.reached(projection.mark().batch);
    rebuild(state, &mut projection, last_batch, stopped).await?;
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return Ok(()),
            changed = last_batch.wait_for(|batch| *batch > projection.mark().batch) => {
                if changed.is_err() {
                    return Ok(());
                }
            }
        }
        let started = Instant::now();
        let step = projection.step(PROJECTED_REPORTS).await?;
        state.projected.reached(step.batch);
        state.meters.projected(step.reports, step.unreadable);
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return Ok(()),
            () = tokio::time::sleep(pause(&step, started.elapsed())) => {}
        }
    }
}

/// How long to let reports gather: fewer and larger transactions leave more to the acknowledgements. A step that was full
/// left reports behind, and rests no longer than it worked.
fn pause(step: &Step, took: Duration) -> Duration {
    // A step takes whole batches, so it is full where another might not have fitted.
    let is_full = step.reports + BATCH_REPORTS as u64 > PROJECTED_REPORTS.unsigned_abs();
    match step.reports {
        _ if is_full => took.min(PROJECTION_PERIOD_UNDER_LOAD),
        LOAD_FROM_REPORTS.. => PROJECTION_PERIOD_UNDER_LOAD,
        _ => PROJECTION_PERIOD,
    }
}

/// Where the columns lie far behind, brings them up in large steps and says how it goes.
async fn rebuild(
    state: &AppState,
    projection: &mut Projection,
    last_batch: &watch::Receiver<i64>,
    stopped: &watch::Receiver<bool>,
) -> Result<(), StoreError> {
    let target = *last_batch.borrow();
    if target - projection.mark().batch < REBUILT_FROM_BATCHES {
        return Ok(());
    }
    tracing::info!(from = projection.mark().batch, to = target, "building the columns from the journal");
    while projection.mark().batch < target && !*stopped.borrow() {
        let step = projection.step(REBUILT_REPORTS).await?;
        state.projected.reached(step.batch);
        state.meters.projected(step.reports, step.unreadable);
        tracing::info!(batch = step.batch, of = target, "building the columns");
    }
    Ok(())
}
