//! Acknowledgement: one thread takes the reports that wait, verifies their signatures together and makes them durable in one
//! transaction. A batch costs far less than its parts.
//!
//! While one batch is being synced the next reports gather, and for a moment after it, so the batches grow with the load by
//! themselves: a commit costs nearly the same for one report as for ten.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use candor_policy::message::{Claim, SignatureFault};
use candor_policy::{ProblemCode, Receipt};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::Refused;
use super::caches::CachedInstallation;
use super::gathering::Gathering;
use super::quotas::Quotas;
use super::refused::{in_doubt, not_stored};
use super::verifying::verify_all;
use crate::limits::WAITING_REPORTS;
use crate::store::{Committer, NewReport, StoreError, Submitted};

/// A report on its way to the journal.
pub struct Submission {
    /// Whose it is said to be.
    pub installation: Arc<CachedInstallation>,
    /// Its signature, where it is still to be verified.
    pub claim: Option<Claim>,
    /// What to keep, or why it is refused. Only who signed is told.
    pub report: Result<NewReport, Refused>,
}

/// A submission that waits, and whom to tell.
struct Waiting {
    submission: Submission,
    answer: Answer,
}

impl Waiting {
    fn size_bytes(&self) -> usize {
        self.submission.report.as_ref().map_or(0, |report| report.body.plain_bytes())
    }
}

type Answer = oneshot::Sender<Result<Receipt, Refused>>;

/// The face of the thread, which ends when nothing can be submitted any more.
pub struct Acknowledger {
    /// Gone once it takes nothing more.
    queue: RwLock<Option<mpsc::Sender<Waiting>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Acknowledger {
    /// Starts the thread; call it on a runtime.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(committer: Committer, quotas: Arc<Quotas<i64>>) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(WAITING_REPORTS);
        let acknowledging = Acknowledging { committer, quotas, runtime: Handle::current() };
        let thread = std::thread::Builder::new().name("acknowledger".to_owned());
        let gathering = Gathering::new(waiting, Waiting::size_bytes);
        let thread = thread.spawn(move || acknowledging.run(gathering))?;
        Ok(Self { queue: RwLock::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Waits until the report is durable, or known to be held.
    ///
    /// # Errors
    /// [`Refused`] where the signature does not hold, or the report may not be kept, or could not be.
    pub async fn acknowledge(&self, submission: Submission) -> Result<Receipt, Refused> {
        let (answer, answered) = oneshot::channel();
        self.queue(|queue| -> Result<(), Refused> {
            let place = queue.ok_or(StoreError::Closing)?.try_reserve().map_err(|error| match error {
                mpsc::error::TrySendError::Full(()) => StoreError::Busy,
                mpsc::error::TrySendError::Closed(()) => StoreError::Closing,
            })?;
            place.send(Waiting { submission, answer });
            Ok(())
        })?;
        // Without an answer nobody knows whether it was committed.
        answered.await.map_err(|_| in_doubt())?
    }

    /// Whether the thread runs and takes reports.
    pub fn is_running(&self) -> bool {
        self.queue(|queue| queue.is_some_and(|queue| !queue.is_closed()))
    }

    /// How many reports wait.
    pub fn waiting(&self) -> usize {
        self.queue(|queue| queue.map_or(0, |queue| WAITING_REPORTS - queue.capacity()))
    }

    /// Acknowledges what waits and takes nothing more.
    pub async fn stop(&self) {
        self.queue.write().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let ended = tokio::task::spawn_blocking(|| thread.join()).await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::error!("the acknowledger panicked");
            }
        }
    }

    fn queue<T>(&self, ask: impl FnOnce(Option<&mpsc::Sender<Waiting>>) -> T) -> T {
        ask(self.queue.read().unwrap_or_else(PoisonError::into_inner).as_ref())
    }
}

/// What the thread owns.
struct Acknowledging {
    committer: Committer,
    quotas: Arc<Quotas<i64>>,
    runtime: Handle,
}

impl Acknowledging {
    fn run(mut self, mut gathering: Gathering<Waiting>) {
        while let Some(batch) = gathering.next() {
            self.acknowledge(batch);
        }
    }

    fn acknowledge(&mut self, batch: Vec<Waiting>) {
        let (reports, answers) = self.verified(batch);
        if reports.is_empty() {
            return;
        }
        match self.committer.commit(&reports) {
            Ok(results) => {
                self.give_back_repeated(&reports, &results);
                // From within the runtime: from here, each answer would wake it by itself. The reports go back to where their
                // memory came from.
                self.runtime.spawn(async move { tell_all(&reports, results, answers) });
            }
            Err(error) => {
                tracing::error!(%error, reports = reports.len(), "a group commit failed");
                for report in &reports {
                    self.quotas.give_back(report.installation, report.body.plain_bytes());
                }
                answers.into_iter().for_each(|answer| tell(answer, Err(not_stored(&error))));
            }
        }
    }

    /// The reports that may be kept, with whom to tell. The senders of the others are told why not.
    fn verified(&self, batch: Vec<Waiting>) -> (Vec<NewReport>, Vec<Answer>) {
        let submissions = batch.iter().map(|waiting| &waiting.submission);
        let claims: Vec<_> = submissions
            .filter_map(|submission| Some((submission.claim.as_ref()?, &submission.installation.key)))
            .collect();
        let mut verified = verify_all(&claims).into_iter();
        let (mut reports, mut answers) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for Waiting { submission, answer } in batch {
            // The answers are in the order of the claims; whoever has none was verified before.
            let verified = submission.claim.as_ref().and_then(|_| verified.next()).unwrap_or(Ok(()));
            match self.let_through(submission, verified) {
                Ok(report) => {
                    reports.push(report);
                    answers.push(answer);
                }
                Err(refused) => tell(answer, Err(refused)),
            }
        }
        (reports, answers)
    }

    fn let_through(
        &self,
        submission: Submission,
        verified: Result<(), SignatureFault>,
    ) -> Result<NewReport, Refused> {
        verified?;
        let bytes = submission.report.as_ref().map_or(0, |report| report.body.plain_bytes());
        self.quotas.take(submission.installation.number, bytes)?;
        submission.report
    }

    /// What an installation sends again costs it nothing.
    fn give_back_repeated(&self, reports: &[NewReport], results: &[Submitted]) {
        for (report, result) in reports.iter().zip(results) {
            match result {
                Submitted::Duplicate(stored) if stored.installation == report.installation => {
                    self.quotas.repeated(report.installation, report.body.plain_bytes());
                }
                // Another's report under its own name is no repetition.
                Submitted::Duplicate(_) | Submitted::Written { .. } => {}
            }
        }
    }
}

/// Tells what became of each report of a batch.
fn tell_all(reports: &[NewReport], submitted: Vec<Submitted>, answers: Vec<Answer>) {
    for ((report, submitted), answer) in reports.iter().zip(submitted).zip(answers) {
        tell(answer, receipt(report, submitted));
    }
}

/// A sender that has gone away sends again, and then gets the receipt of a duplicate.
fn tell(answer: Answer, what: Result<Receipt, Refused>) {
    let _gone = answer.send(what);
}

/// The collector's word on what it holds: the new report, or the one that it held already.
fn receipt(report: &NewReport, submitted: Submitted) -> Result<Receipt, Refused> {
    let report_id = report.report_id;
    match submitted {
        Submitted::Written { received_at } => Ok(Receipt {
            report_id,
            received_digest: report.received_digest,
            stored_digest: report.stored_digest,
            received_at,
            duplicate: false,
            accepted: report.accepted,
            outcomes: report.outcomes.clone(),
        }),
        Submitted::Duplicate(stored) if stored.installation == report.installation => Ok(Receipt {
            report_id,
            received_digest: stored.received_digest,
            stored_digest: stored.stored_digest,
            received_at: stored.received_at,
            duplicate: true,
            accepted: stored.accepted,
            outcomes: stored.outcomes,
        }),
        Submitted::Duplicate(_) => Err(Refused::new(
            ProblemCode::WrongInstallation,
            "another installation has sent a report of this id",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;
    use std::time::Duration;

    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use candor_policy::Clock;
    use candor_policy::message::{Message, read, sign};
    use candor_policy::{InstallationId, PublicKey, wire_paths};
    use ed25519_dalek::SigningKey;
    use jiff::Timestamp;

    use super::*;
    use crate::clock::SystemClock;
    use crate::ingest::quotas::{Allowance, Allowances};
    use crate::store::Store;

    fn name_of(key: &SigningKey) -> InstallationId {
        InstallationId::of(&PublicKey::from_bytes(key.verifying_key().to_bytes()))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_waits_beyond_the_bound_is_told_so_and_what_waits_at_the_end_is_still_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let plenty = Allowance::new(1e12, 1e12, Duration::from_secs(1));
        let allowed = Allowances { reports: plenty, bytes: plenty, repeats: plenty };
        let quotas = Arc::new(Quotas::new(allowed, clock.clone()));
        let committer = store.committer(clock.clone()).unwrap();
        let nobody_commits = store.with_one_installation();
        nobody_commits.execute_batch("BEGIN IMMEDIATE").unwrap();
        let acknowledger = Acknowledger::start(committer, quotas).unwrap();

        let key_of_installation = SigningKey::from_bytes(&[3; 32]);
        let message = Message {
            method: "POST",
            path: wire_paths::REPORTS,
            content_type: "application/json",
            content_encoding: None,
            body: b"{}",
        };
        let fields = sign(&message, &key_of_installation, "site", Timestamp::UNIX_EPOCH);
        let claim = read(&message, &fields).unwrap().0;
        let installation = Arc::new(CachedInstallation {
            number: 1,
            name: name_of(&key_of_installation),
            key: key_of_installation.verifying_key(),
        });
        let submission = |number: usize| Submission {
            installation: installation.clone(),
            claim: Some(claim.clone()),
            report: Ok(NewReport::with_json(number as u128, b"{}")),
        };
        let mut waiting_reports = Vec::new();
        let refused = loop {
            let mut answer = Box::pin(acknowledger.acknowledge(submission(waiting_reports.len())));
            match futures::poll!(&mut answer) {
                Poll::Pending => waiting_reports.push(answer),
                Poll::Ready(answer) => break answer.map(|_| ()).unwrap_err(),
            }
        };
        assert!(waiting_reports.len() >= WAITING_REPORTS);
        assert_eq!(refused.into_response().status(), StatusCode::SERVICE_UNAVAILABLE);

        let mut stopping = Box::pin(acknowledger.stop());
        assert!(futures::poll!(&mut stopping).is_pending());
        assert!(!acknowledger.is_running());
        nobody_commits.execute_batch("ROLLBACK").unwrap();
        let answers = futures::future::join_all(waiting_reports).await;
        assert!(answers.iter().all(Result::is_ok));
        stopping.await;
        assert!(acknowledger.acknowledge(submission(0)).await.is_err());
        store.close().await;
    }
}
