//! Group commit: one thread takes the reports that wait, writes them in one transaction, and then answers each.
//!
//! While one transaction is being synced the next reports gather, so the batches grow with the load by themselves. Under
//! load commits begin at a steady pace: a commit costs nearly the same for one report as for ten.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Instant;

use candor_policy::Clock;
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use super::commit::{End, commit};
use super::counting::Counting;
use super::folding::fold;
use super::report_ids::ReportIds;
use super::reports::{NewReport, Submitted};
use super::{StoreError, Writer, connect};
use crate::gathering::{take_waiting, tell};
use crate::limits::{
    BATCH_BYTES, BATCH_REPORTS, COMMIT_FAILURE_REMEMBERED, COMMIT_PERIOD, COMMITTER_CACHE_KIB,
    REPORT_IDS_IN_MEMORY, WAITING_REPORTS,
};

/// A report that waits, and whom to tell.
struct Submission {
    report: NewReport,
    answer: oneshot::Sender<Result<Submitted, StoreError>>,
}

/// The face of the committer's thread, which ends when nothing can be submitted any more.
pub(super) struct Committer {
    /// Gone once it takes nothing more.
    queue: RwLock<Option<mpsc::Sender<Submission>>>,
    last_batch: watch::Receiver<i64>,
    failed_at: watch::Receiver<Option<Timestamp>>,
    counting: Arc<Counting>,
    start_over: Arc<AtomicBool>,
    thread: StdMutex<Option<JoinHandle<()>>>,
}

impl Committer {
    /// Reads where the journal stands and starts the thread.
    pub(super) fn start(file: &Path, writer: Writer, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let connection = connect(file)?;
        // SQLite takes a number below zero for KiB.
        connection.pragma_update(None, "cache_size", -COMMITTER_CACHE_KIB)?;
        let end = End::read(&connection)?;
        let counting = Arc::new(Counting::resume(&connection)?);
        let (queue, waiting) = mpsc::channel(WAITING_REPORTS);
        let (batch, last_batch) = watch::channel(end.batch);
        let (failing, failed_at) = watch::channel(None);
        let start_over = Arc::new(AtomicBool::new(false));
        let committing = Committing {
            ids: Some(ReportIds::resume(&connection, REPORT_IDS_IN_MEMORY)?),
            connection,
            end,
            writer,
            clock,
            counting: counting.clone(),
            start_over: start_over.clone(),
            batch,
            failed_at: failing,
            runtime: Handle::current(),
        };
        let thread = std::thread::Builder::new().name("committer".to_owned());
        let thread = thread
            .spawn(move || committing.run(waiting))
            .map_err(|source| StoreError::File { path: "the committer's thread".to_owned(), source })?;
        Ok(Self {
            queue: RwLock::new(Some(queue)),
            last_batch,
            failed_at,
            counting,
            start_over,
            thread: StdMutex::new(Some(thread)),
        })
    }

    /// Waits until the report is durable, or known to be held.
    pub(super) async fn submit(&self, report: NewReport) -> Result<Submitted, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue(|queue| -> Result<(), StoreError> {
            let place = queue.ok_or(StoreError::Closing)?.try_reserve().map_err(|error| match error {
                mpsc::error::TrySendError::Full(()) => StoreError::Busy,
                mpsc::error::TrySendError::Closed(()) => StoreError::Closing,
            })?;
            place.send(Submission { report, answer });
            Ok(())
        })?;
        answered.await.map_err(|_| StoreError::Closing)?
    }

    /// The number of the last batch, and word of each later one.
    pub(super) fn last_batch(&self) -> watch::Receiver<i64> {
        self.last_batch.clone()
    }

    /// Outcomes that are not in the journal yet.
    pub(super) fn counting(&self) -> &Counting {
        &self.counting
    }

    /// To be set where the log should be started over.
    pub(super) fn starts_log_over(&self) -> Arc<AtomicBool> {
        self.start_over.clone()
    }

    /// Whether it takes reports and makes them durable, as far as is known: it does not where its thread has ended, or
    /// where the last commit failed a moment ago. Later than that it is worth another try.
    pub(super) fn is_ready(&self, now: Timestamp) -> bool {
        let is_recent = |failed_at: Timestamp| now.duration_since(failed_at) < COMMIT_FAILURE_REMEMBERED;
        self.queue(|queue| queue.is_some_and(|queue| !queue.is_closed()))
            && !self.failed_at.borrow().is_some_and(is_recent)
    }

    /// How many reports wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue(|queue| queue.map_or(0, |queue| WAITING_REPORTS - queue.capacity()))
    }

    /// Writes what waits and takes nothing more.
    pub(super) async fn stop(&self) {
        self.queue.write().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let ended = tokio::task::spawn_blocking(|| thread.join()).await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::error!("the committer ended badly");
            }
        }
    }

    fn queue<T>(&self, ask: impl FnOnce(Option<&mpsc::Sender<Submission>>) -> T) -> T {
        ask(self.queue.read().unwrap_or_else(PoisonError::into_inner).as_ref())
    }
}

/// What the thread owns.
struct Committing {
    connection: Connection,
    end: End,
    /// None after a failure: they are read anew.
    ids: Option<ReportIds>,
    /// Held while it writes, so that it and the other writer wait for each other in turn.
    writer: Writer,
    clock: Arc<dyn Clock>,
    counting: Arc<Counting>,
    start_over: Arc<AtomicBool>,
    batch: watch::Sender<i64>,
    failed_at: watch::Sender<Option<Timestamp>>,
    runtime: Handle,
}

impl Committing {
    fn run(mut self, mut waiting: mpsc::Receiver<Submission>) {
        let mut gathered = Vec::with_capacity(BATCH_REPORTS);
        let mut began: Option<Instant> = None;
        loop {
            if gathered.is_empty() && waiting.blocking_recv_many(&mut gathered, BATCH_REPORTS) == 0 {
                return;
            }
            if gathered.len() < BATCH_REPORTS
                && let Some(left) = began.and_then(|began| COMMIT_PERIOD.checked_sub(began.elapsed()))
            {
                std::thread::sleep(left);
            }
            began = Some(Instant::now());
            take_waiting(&mut waiting, &mut gathered, BATCH_REPORTS);
            self.write(first_batch(&mut gathered));
            if self.start_over.swap(false, Ordering::Relaxed) {
                self.fold_the_rest();
            }
        }
    }

    fn write(&mut self, batch: Vec<Submission>) {
        let (reports, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|submission| (submission.report, submission.answer)).unzip();
        match self.commit(&reports) {
            Ok(results) => {
                // From within the runtime: from here, each answer would wake it by itself. A sender that has gone away asks
                // again, and is then told that its report is held. The reports go back to where their memory came from.
                self.runtime.spawn(async move {
                    tell(answers, results.into_iter().map(Ok).collect());
                    drop(reports);
                });
            }
            Err(error) => {
                self.failed_at.send_replace(Some(self.clock.now()));
                tracing::error!(%error, reports = reports.len(), "a group commit failed; nothing of it is kept");
                for answer in answers {
                    let _gone = answer.send(Err(StoreError::NotWritten(error.to_string())));
                }
            }
        }
    }

    /// Folds the rest of the log back, so that the next commit starts it over.
    fn fold_the_rest(&self) {
        let _turn = self.writer.blocking_lock();
        if let Err(error) = fold(&self.connection) {
            tracing::warn!(%error, "the journal's log was not folded back; it grows until it is");
        }
    }

    fn commit(&mut self, reports: &[NewReport]) -> Result<Vec<Submitted>, StoreError> {
        let writer = self.writer.clone();
        let turn = writer.blocking_lock();
        let mut written = self.try_to_commit(reports);
        if written.is_err() {
            match self.resume() {
                // It did take place: the journal says of each that it holds it.
                Ok(true) => written = self.try_to_commit(reports),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the journal does not say where it stands"),
            }
        }
        drop(turn);
        let (results, end) = written?;
        self.counting.add(reports, &results, end);
        self.reached(end);
        if self.failed_at.borrow().is_some() {
            self.failed_at.send_replace(None);
        }
        Ok(results)
    }

    fn try_to_commit(&mut self, reports: &[NewReport]) -> Result<(Vec<Submitted>, End), StoreError> {
        let mut ids = match self.ids.take() {
            Some(ids) => ids,
            None => ReportIds::resume(&self.connection, REPORT_IDS_IN_MEMORY)?,
        };
        let written = commit(&mut self.connection, self.end, &mut ids, reports, self.clock.now())?;
        self.ids = Some(ids);
        Ok(written)
    }

    /// Where a commit itself fails, only the journal knows whether it took place. Returns whether it did.
    fn resume(&mut self) -> Result<bool, StoreError> {
        let end = End::read(&self.connection)?;
        let took_place = end != self.end;
        if took_place {
            self.counting.start_again(&self.connection)?;
            self.reached(end);
        }
        Ok(took_place)
    }

    fn reached(&mut self, end: End) {
        if end != self.end {
            self.end = end;
            self.batch.send_replace(end.batch);
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
