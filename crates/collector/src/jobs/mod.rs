//! Background work, in one table.

mod projector;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::AppState;
use crate::accounts;
use crate::limits::{CHECKPOINT_PERIOD, FAILURES_PERIOD, REFUSALS_PERIOD, TIDY_PERIOD};
use crate::store::StoreError;

/// One job: what it is called, how often it runs, and what it does.
struct Job {
    name: &'static str,
    period: Duration,
    run: fn(AppState) -> JoinHandle<Result<(), StoreError>>,
}

/// All of them, but for the projector, which follows the journal and has no period.
const JOBS: [Job; 5] = [
    Job { name: "count refusals", period: REFUSALS_PERIOD, run: |state| tokio::spawn(count_refusals(state)) },
    Job { name: "checkpoint", period: CHECKPOINT_PERIOD, run: |state| tokio::spawn(checkpoint(state)) },
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
    Job { name: "tidy throttles", period: TIDY_PERIOD, run: |state| tokio::spawn(tidy_throttles(state)) },
];

/// Jobs that run, until they are stopped.
pub struct Jobs {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    projector: projector::Running,
    failures: Arc<std::sync::atomic::AtomicU64>,
    state: AppState,
}

impl Jobs {
    /// Starts all jobs.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(state: &AppState) -> std::io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let failures = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for job in JOBS {
            tasks.spawn(repeat(job, state.clone(), stopped.clone(), failures.clone()));
        }
        let projector = projector::start(state.clone(), stopped, failures.clone())?;
        Ok(Self { stop, tasks, projector, failures, state: state.clone() })
    }

    /// How often a job has failed since the start.
    pub fn failures(&self) -> u64 {
        self.failures.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Stops all jobs and waits for them; what they had in hand is finished.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.projector.join().await;
        if let Err(error) = count_refusals(self.state.clone()).await {
            tracing::warn!(%error, "the last refusals are not counted");
        }
        if let Err(error) = sum_up_failures(self.state.clone()).await {
            tracing::warn!(%error, "the last failed sign-ins are not in the audit log");
        }
    }
}

async fn repeat(
    job: Job,
    state: AppState,
    mut stopped: watch::Receiver<bool>,
    failures: Arc<std::sync::atomic::AtomicU64>,
) {
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(job.period) => {}
        }
        let failure = match (job.run)(state.clone()).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        failures.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        tracing::error!(job = job.name, failure, "a job failed; it runs again in its turn");
    }
}

async fn count_refusals(state: AppState) -> Result<(), StoreError> {
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

async fn checkpoint(state: AppState) -> Result<(), StoreError> {
    state.store.checkpoint().await
}

async fn remove_expired(state: AppState) -> Result<(), StoreError> {
    let removed = state.store.sessions().remove_expired(state.clock.now()).await?;
    tracing::debug!(removed, "expired sessions");
    Ok(())
}

async fn sum_up_failures(state: AppState) -> Result<(), StoreError> {
    accounts::sum_up_failures(&state).await
}

async fn tidy_throttles(state: AppState) -> Result<(), StoreError> {
    state.throttles.tidy();
    state.sign_ins.tidy();
    Ok(())
}
