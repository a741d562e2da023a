//! Background work, in one table.

mod background;
mod projector;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::AppState;
use crate::limits::{BLOCKED_PERIOD, COUNTS_PERIOD, DISK_PERIOD, FAILURES_PERIOD, TIDY_PERIOD};
use crate::store::StoreError;

/// One job: what it is called, how often it runs, and what it does.
struct Job {
    name: &'static str,
    period: Duration,
    run: fn(AppState) -> JoinHandle<Result<(), StoreError>>,
}

/// All of them but the projector, which has a thread of its own.
const JOBS: [Job; 6] = [
    Job { name: "keep counts", period: COUNTS_PERIOD, run: |state| tokio::spawn(keep_counts(state)) },
    Job {
        name: "read who is blocked",
        period: BLOCKED_PERIOD,
        run: |state| tokio::spawn(async move { state.blocked.refresh(&state.store).await }),
    },
    Job {
        name: "remove what has expired",
        period: TIDY_PERIOD,
        run: |state| tokio::spawn(remove_expired(state)),
    },
    Job {
        name: "sum up failed sign-ins",
        period: FAILURES_PERIOD,
        run: |state| tokio::spawn(sum_up_failures(state)),
    },
    Job { name: "look at the disk", period: DISK_PERIOD, run: |state| tokio::spawn(look_at_disk(state)) },
    Job { name: "tidy throttles", period: TIDY_PERIOD, run: |state| tokio::spawn(tidy_throttles(state)) },
];

/// Jobs that run, until they are stopped.
pub struct Jobs {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    projector: background::Running,
    surroundings: Surroundings,
}

/// What each job runs in.
#[derive(Clone)]
struct Surroundings {
    state: AppState,
    stopped: watch::Receiver<bool>,
    failures: Arc<AtomicU64>,
}

impl Surroundings {
    /// Rests for so long, or until the jobs are stopped. Returns whether they are.
    async fn rest(&mut self, period: Duration) -> bool {
        tokio::select! {
            _ = self.stopped.wait_for(|stop| *stop) => true,
            () = tokio::time::sleep(period) => false,
        }
    }

    /// Counts a failure; who had it says in the log what failed.
    fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}

impl Jobs {
    /// Starts all jobs.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(state: &AppState) -> std::io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let surroundings = Surroundings { state: state.clone(), stopped, failures: Arc::default() };
        let mut tasks = JoinSet::new();
        for job in JOBS {
            tasks.spawn(repeat(job, surroundings.clone()));
        }
        let projector = background::start("projector", surroundings.clone(), projector::follow)?;
        Ok(Self { stop, tasks, projector, surroundings })
    }

    /// How often a job has failed since the start.
    pub fn failures(&self) -> u64 {
        self.surroundings.failures.load(Ordering::Relaxed)
    }

    /// Stops all jobs and waits for them; what they had in hand is finished.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.projector.join().await;
        if let Err(error) = keep_counts(self.surroundings.state.clone()).await {
            tracing::warn!(%error, "the last refusals are not counted");
        }
        if let Err(error) = sum_up_failures(self.surroundings.state.clone()).await {
            tracing::warn!(%error, "the last failed sign-ins are not in the audit log");
        }
    }
}

async fn repeat(job: Job, mut surroundings: Surroundings) {
    while !surroundings.rest(job.period).await {
        let failure = match (job.run)(surroundings.state.clone()).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        surroundings.failed();
        tracing::error!(job = job.name, failure, "a job failed; it runs again in its turn");
    }
}

async fn keep_counts(state: AppState) -> Result<(), StoreError> {
    state.meters.upkeep();
    let counts = state.refusals.take();
    if counts.is_empty() {
        return Ok(());
    }
    let added = state.store.counters().add_refusals(&counts).await;
    if added.is_err() {
        state.refusals.put_back(&counts);
    }
    added
}

async fn remove_expired(state: AppState) -> Result<(), StoreError> {
    let removed = state.store.sessions().remove_expired(state.clock.now()).await?;
    tracing::debug!(removed, "expired sessions");
    Ok(())
}

async fn sum_up_failures(state: AppState) -> Result<(), StoreError> {
    state.access.sum_up_failures().await
}

async fn look_at_disk(state: AppState) -> Result<(), StoreError> {
    state.disk.look(state.meters.disk_free_bytes());
    Ok(())
}

async fn tidy_throttles(state: AppState) -> Result<(), StoreError> {
    state.throttles.tidy();
    state.access.tidy();
    Ok(())
}
