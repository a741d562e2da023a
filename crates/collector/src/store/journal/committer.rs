//! Group commit: makes a batch of reports durable in one transaction.

use std::sync::{Arc, Mutex, PoisonError};

use candor_policy::Clock;
use jiff::Timestamp;
use tokio::sync::watch;

use super::commit::{End, commit};
use super::connections::Writer;
use super::reports::{NewReport, Submitted};
use super::{Journal, StoreError};
use crate::limits::{COMMIT_FAILURE_REMEMBERED, COMMITTER_CACHE_KIB};

/// How the commits go, for everybody who follows them.
#[derive(Debug, Default)]
pub(super) struct CommitStatus {
    /// The last batch.
    pub last_batch: watch::Sender<i64>,
    /// Where the last commit failed: when, and what to do about it.
    failed: Mutex<Option<(Timestamp, &'static str)>>,
}

impl CommitStatus {
    /// Where the last commit failed a moment ago, what to do about it. Later than that it is worth another try.
    pub(super) fn has_just_failed(&self, now: Timestamp) -> Option<&'static str> {
        let (failed_at, advice) = (*self.failed.lock().unwrap_or_else(PoisonError::into_inner))?;
        // Where the date was set back meanwhile, nobody knows when that was, and the next commit may show it.
        (now.duration_since(failed_at).abs() < COMMIT_FAILURE_REMEMBERED).then_some(advice)
    }

    fn committed(&self, failed: Option<(Timestamp, &'static str)>) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }
}

/// Commits reports, on a connection of its own. It blocks, so it belongs on a thread of its own; there is one at a time.
pub struct Committer {
    writer: Writer,
    end: End,
    /// Held while it writes, so that it and the other writer wait for each other in turn.
    turn: Arc<tokio::sync::Mutex<Writer>>,
    clock: Arc<dyn Clock>,
    status: Arc<CommitStatus>,
}

impl Journal {
    /// Reads where the journal ends, and goes on from there.
    pub(in crate::store) fn committer(&self, clock: Arc<dyn Clock>) -> Result<Committer, StoreError> {
        let writer = Writer::new(self.files.clone()).with_cache(COMMITTER_CACHE_KIB);
        let (turn, status) = (self.connections.writer(), self.status.clone());
        let mut committer = Committer { writer, end: End::default(), turn, clock, status };
        let end = committer.writer.read(End::read)?;
        committer.reached(end);
        Ok(committer)
    }
}

impl Committer {
    /// Makes reports durable, all or none. Returns what became of each, in their order.
    ///
    /// # Errors
    /// [`StoreError`] where the transaction failed; nothing of it is then kept.
    pub fn commit(&mut self, reports: &[NewReport]) -> Result<Vec<Submitted>, StoreError> {
        let turn = self.turn.clone();
        let turn = turn.blocking_lock();
        let mut written = self.try_to_commit(reports);
        if written.is_err() {
            match self.resume() {
                // It did take place: the journal says of each that it holds it.
                Ok(true) => written = self.try_to_commit(reports),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "cannot read where the journal ends"),
            }
        }
        drop(turn);
        self.status.committed(written.as_ref().err().map(|error| (self.clock.now(), error.advice())));
        let (results, end) = written?;
        self.reached(end);
        Ok(results)
    }

    fn try_to_commit(&mut self, reports: &[NewReport]) -> Result<(Vec<Submitted>, End), StoreError> {
        let (end, now) = (self.end, self.clock.now());
        self.writer.transaction(|transaction| commit(transaction, end, reports, now))
    }

    /// Where a commit itself fails, only the journal knows whether it took place. Returns whether it did.
    fn resume(&mut self) -> Result<bool, StoreError> {
        let end = self.writer.read(End::read)?;
        let took_place = end != self.end;
        if took_place {
            self.reached(end);
        }
        Ok(took_place)
    }

    fn reached(&mut self, end: End) {
        if end != self.end {
            self.end = end;
            self.status.last_batch.send_replace(end.batch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    fn report(id: u128) -> NewReport {
        NewReport::with_json(id, b"{}")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_report_of_a_commit_that_failed_is_new_when_it_comes_again() {
        let place = tempfile::tempdir().unwrap();
        let journal = Journal::open(&place.path().join("journal.sqlite")).unwrap();
        let other = journal.with_one_installation();
        other
            .execute_batch(
                "CREATE TRIGGER refuses BEFORE INSERT ON reports WHEN NEW.seq = 2 \
                 BEGIN SELECT RAISE(ABORT, 'no'); END",
            )
            .unwrap();
        let committing = tokio::task::spawn_blocking(move || {
            let clock = Arc::new(SystemClock);
            let mut committer = journal.committer(clock.clone()).unwrap();
            committer.commit(&[report(1), report(2)]).unwrap_err();
            assert!(journal.has_just_failed(clock.now()).is_some());
            other.execute_batch("DROP TRIGGER refuses").unwrap();
            // Another report takes the place that the first one had.
            let written = |submitted: &Submitted| matches!(submitted, Submitted::Written { .. });
            assert!(committer.commit(&[report(3)]).unwrap().iter().all(written));
            assert_eq!(journal.has_just_failed(clock.now()), None);
            assert!(committer.commit(&[report(1), report(2)]).unwrap().iter().all(written));
            let held = committer.commit(&[report(1), report(4), report(4)]).unwrap();
            assert_eq!(held.iter().map(written).collect::<Vec<_>>(), [false, true, false]);
        });
        committing.await.unwrap();
    }
}
