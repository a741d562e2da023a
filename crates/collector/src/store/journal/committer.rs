//! Group commit: one task takes the reports that wait, writes them in one transaction, and then answers each.
//!
//! While one transaction is being synced the next reports gather, so the batches grow with the load by themselves.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use candor_policy::Clock;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::commit::{Committing, commit};
use super::reports::{NewReport, Submitted};
use super::{StoreError, Writer};
use crate::gathering::top_up;
use crate::limits::{BATCH_BYTES, BATCH_REPORTS, COMMIT_FAILURE_REMEMBERED, WAITING_REPORTS};

/// A report that waits, and whom to tell.
struct Submission {
    report: NewReport,
    answer: oneshot::Sender<Result<Submitted, StoreError>>,
}

/// What the task says of itself.
struct Said {
    batch: watch::Sender<i64>,
    failed_at: watch::Sender<Option<Timestamp>>,
}

/// The face of the committer's task.
pub(super) struct Committer {
    queue: mpsc::Sender<Submission>,
    last_batch: watch::Receiver<i64>,
    failed_at: watch::Receiver<Option<Timestamp>>,
    stop: watch::Sender<bool>,
    task: StdMutex<Option<JoinHandle<()>>>,
}

impl Committer {
    /// Reads where the journal stands and starts the task.
    pub(super) async fn start(writer: Writer, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let committing = Committing::resume(&mut *writer.lock().await).await?;
        let (queue, waiting) = mpsc::channel(WAITING_REPORTS);
        let (stop, stopped) = watch::channel(false);
        let (announce, last_batch) = watch::channel(committing.last_batch());
        let (failing, failed_at) = watch::channel(None);
        let said = Said { batch: announce, failed_at: failing };
        let task = tokio::spawn(run(writer, clock, committing, waiting, stopped, said));
        Ok(Self { queue, last_batch, failed_at, stop, task: StdMutex::new(Some(task)) })
    }

    /// Waits until the report is durable, or known to be held.
    pub(super) async fn submit(&self, report: NewReport) -> Result<Submitted, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Submission { report, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closing,
        })?;
        answered.await.map_err(|_| StoreError::Closing)?
    }

    /// The number of the last batch, and word of each later one.
    pub(super) fn last_batch(&self) -> watch::Receiver<i64> {
        self.last_batch.clone()
    }

    /// Whether it takes reports and makes them durable, as far as is known: it does not where its task has ended, or where
    /// the last commit failed a moment ago. Later than that it is worth another try.
    pub(super) fn is_ready(&self, now: Timestamp) -> bool {
        let is_recent = |failed_at: Timestamp| now.duration_since(failed_at) < COMMIT_FAILURE_REMEMBERED;
        !self.queue.is_closed() && !self.failed_at.borrow().is_some_and(is_recent)
    }

    /// How many reports wait.
    pub(super) fn waiting(&self) -> usize {
        WAITING_REPORTS - self.queue.capacity()
    }

    /// Writes what waits and takes nothing more.
    pub(super) async fn stop(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the committer ended badly");
        }
    }
}

async fn run(
    writer: Writer,
    clock: Arc<dyn Clock>,
    mut committing: Committing,
    mut waiting: mpsc::Receiver<Submission>,
    mut stopped: watch::Receiver<bool>,
    said: Said,
) {
    let mut gathered = Vec::with_capacity(BATCH_REPORTS);
    loop {
        if gathered.is_empty() {
            tokio::select! {
                biased;
                count = waiting.recv_many(&mut gathered, BATCH_REPORTS) => if count == 0 { return },
                // Closing lets `recv_many` hand out what waits and then answer zero.
                _ = stopped.wait_for(|stop| *stop), if !waiting.is_closed() => waiting.close(),
            }
            top_up(&mut waiting, &mut gathered, BATCH_REPORTS).await;
            continue;
        }
        let batch = first_batch(&mut gathered);
        let (reports, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|submission| (submission.report, submission.answer)).unzip();
        let mut connection = writer.lock().await;
        let written = commit(&mut connection, &mut committing, &reports, clock.now()).await;
        if written.is_err() {
            // Where a commit itself fails, only the journal knows whether it took place.
            match Committing::resume(&mut connection).await {
                Ok(resumed) => committing = resumed,
                Err(error) => tracing::error!(%error, "the journal does not say where it stands"),
            }
        }
        drop(connection);
        match written {
            Ok(results) => {
                said.batch.send_replace(committing.last_batch());
                said.failed_at.send_replace(None);
                for (answer, result) in answers.into_iter().zip(results) {
                    // A sender that has gone away asks again, and is then told that its report is held.
                    let _gone = answer.send(Ok(result));
                }
            }
            Err(error) => {
                said.failed_at.send_replace(Some(clock.now()));
                tracing::error!(%error, reports = reports.len(), "a group commit failed; nothing of it is kept");
                for answer in answers {
                    let _gone = answer.send(Err(StoreError::NotWritten(error.to_string())));
                }
            }
        }
    }
}

/// Takes from the front as many as fit into one batch; at least one.
fn first_batch(gathered: &mut Vec<Submission>) -> Vec<Submission> {
    let mut size_bytes = 0;
    let fitting = gathered
        .iter()
        .take_while(|submission| {
            size_bytes += submission.report.body.plain_bytes;
            size_bytes <= BATCH_BYTES
        })
        .count();
    gathered.drain(..fitting.max(1)).collect()
}
