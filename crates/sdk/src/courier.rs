//! The courier: one report after another, from the spool to the collector and from there into the sent log.
//!
//! It runs on the delivery's thread and may be left behind there at any moment. So the order of its writes is what counts:
//! consent is asked under the lock, the sent log has the report before its first byte leaves, the answer is in the log before
//! the report leaves the spool.

mod enrolment;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Instant;

use candor_policy::{Problem, ProblemCode, Retry, wire_paths};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::cause::Cause;
use crate::delivery_end::DeliveryEnd;
use crate::folder::Found as Read;
use crate::inner::{Inner, STATE_LOCK};
use crate::key::InstallationKey;
use crate::limits::{LEAST_TIME, MARK_BYTES, RETRY_AFTER_SECONDS};
use crate::losses::Loss;
use crate::sending::{SentAnswer, SentReport};
use crate::sent_log::Try;
use crate::spool::Waiting;
use crate::successions;
use crate::wire::{Answer, RetryAfter, Wire, asks_for_enrolment};
use crate::{Error, SignedReceipt};

const LOCK: &str = "delivery.lock";
const NOT_BEFORE: &str = "not-before";

/// What the thread says to the caller that waits.
pub enum Event {
    /// The collector holds it.
    Delivered(SentReport),
    /// The collector refused it for good.
    Refused(Uuid, Problem),
    /// The collector does not take it now.
    Postponed(Uuid, Problem),
    /// Something that an administrator should know, for people.
    Note(String),
    /// Nothing more is coming.
    End(DeliveryEnd),
}

/// Carries reports to the collector.
pub struct Courier {
    /// The site.
    pub inner: Arc<Inner>,
    /// When nothing new is started any more.
    pub until: Instant,
    /// Set once nobody waits any more.
    pub abandoned: Arc<AtomicBool>,
    /// Where it says what it did.
    pub events: Sender<Event>,
}

/// What to do after one report.
enum Step {
    Next,
    /// It was not this one's turn, which says nothing of the collector.
    Passed,
    /// The next one may fare better; where it does not either, the collector is at fault and this is the end.
    NextOnce(DeliveryEnd),
    Stop(DeliveryEnd),
}

/// What became of one submission.
enum Submission {
    Held(SentReport),
    Refused(Problem),
    Lost(String),
    /// It no longer waits.
    Gone,
    NotAllowed(Cause),
}

/// What an answer says.
enum Said {
    Held(SignedReceipt),
    Refused(Problem),
    /// Nothing that can be understood or believed.
    Unclear(String),
}

/// What the search for the collector came to.
enum Found {
    Way(Box<(Wire, InstallationKey)>),
    /// The report for which it was looked for no longer waits.
    Gone,
    End(DeliveryEnd),
}

/// Whether a waiting report may leave now.
enum Leave {
    /// It may: its bytes.
    Allowed(Vec<u8>),
    /// It no longer waits, or not for this programme's collector and consent.
    Gone,
    NotAllowed(Cause),
}

impl Courier {
    /// Carries what waits; says at the end why it stopped.
    pub fn run(self) {
        let work = std::panic::AssertUnwindSafe(|| self.deliver_all());
        // After a panic the sender is dropped without a word, which the waiting side counts.
        if let Ok(ended) = std::panic::catch_unwind(work) {
            let end = ended.unwrap_or_else(|error| DeliveryEnd::Failed(error.to_string()));
            self.tell(Event::End(end));
        }
    }

    /// Nobody may be listening any more; what was done is done all the same.
    fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }

    fn deliver_all(&self) -> Result<DeliveryEnd, Error> {
        let inner = &*self.inner;
        let Some(_lock) = inner.folder.try_lock(LOCK)? else { return Ok(DeliveryEnd::Busy) };
        if let Some(at) = self.not_before()? {
            return Ok(DeliveryEnd::NotBefore(at));
        }
        let mut known: Option<Box<(Wire, InstallationKey)>> = None;
        let mut doubt = None;
        for waiting in inner.spool().list()? {
            if self.is_over() {
                return Ok(DeliveryEnd::Deadline);
            }
            let way: &(Wire, InstallationKey) = match &known {
                Some(way) => way,
                None => match self.find_way(&waiting)? {
                    Found::Way(found) => known.insert(found),
                    Found::Gone => continue,
                    Found::End(end) => return Ok(end),
                },
            };
            doubt = match self.deliver_one(&way.0, &way.1, &waiting)? {
                Step::Next => None,
                Step::Passed => doubt,
                Step::NextOnce(end) if doubt.is_none() => Some(end),
                Step::NextOnce(end) | Step::Stop(end) => return Ok(end),
            };
        }
        Ok(doubt.unwrap_or(DeliveryEnd::Finished))
    }

    fn is_over(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
            || self.until.saturating_duration_since(Instant::now()) < LEAST_TIME
    }

    /// Whether a report may leave. The caller holds the lock, so that no decision comes in between.
    fn leave(&self, waiting: &Waiting) -> Result<Leave, Error> {
        let inner = &*self.inner;
        let status = inner.status()?;
        let grant = match status.grant() {
            Ok(grant) => grant,
            Err(_) => {
                let cause = status.causes.first().cloned().unwrap_or(Cause::NotAsked);
                inner.empty_spool_after(&status)?;
                return Ok(Leave::NotAllowed(cause));
            }
        };
        let spool = inner.spool();
        let Some((bytes, report)) = spool.read(waiting)? else { return Ok(Leave::Gone) };
        if report.policy.id != inner.policy.id {
            return Ok(Leave::Gone);
        }
        let loss = match inner.stands(&report)? {
            true if inner.covers(grant, &report)? => return Ok(Leave::Allowed(bytes)),
            true => Loss::Narrowed,
            false => Loss::Denied,
        };
        spool.remove(waiting)?;
        inner.losses.count(loss, 1);
        Ok(Leave::Gone)
    }

    /// The way to the collector, enrolled. Enrolling tells the collector of this installation, so it is done only where a
    /// report may leave.
    fn find_way(&self, waiting: &Waiting) -> Result<Found, Error> {
        let inner = &*self.inner;
        let leave = {
            let _lock = inner.folder.lock(STATE_LOCK)?;
            self.leave(waiting)?
        };
        match leave {
            Leave::Allowed(_) => {}
            Leave::Gone => return Ok(Found::Gone),
            Leave::NotAllowed(cause) => return Ok(Found::End(DeliveryEnd::NotAllowed(cause))),
        }
        let settings = inner.settings().unwrap_or_default();
        let wire = match Wire::new(&inner.policy.collector.url, &settings, &inner.environment) {
            Ok(wire) => wire,
            Err(fault) => return Ok(Found::End(DeliveryEnd::Unreachable(fault.0))),
        };
        let key = InstallationKey::open(&inner.folder)?;
        let part = self.voucher_part(settings.voucher.as_deref())?;
        if !self.is_enrolled(&wire, &key, part.as_ref())?
            && let Err(end) = self.enrol(&wire, &key, part.as_ref())?
        {
            return Ok(Found::End(end));
        }
        Ok(Found::Way(Box::new((wire, key))))
    }

    fn deliver_one(&self, wire: &Wire, key: &InstallationKey, waiting: &Waiting) -> Result<Step, Error> {
        let mut submission = self.submit(wire, key, waiting)?;
        if matches!(&submission, Submission::Refused(problem) if asks_for_enrolment(problem)) {
            let settings = self.inner.settings().unwrap_or_default();
            let part = self.voucher_part(settings.voucher.as_deref())?;
            if let Err(end) = self.enrol(wire, key, part.as_ref())? {
                return Ok(Step::Stop(end));
            }
            submission = self.submit(wire, key, waiting)?;
        }
        Ok(match submission {
            Submission::Held(sent) => {
                self.tell(Event::Delivered(sent));
                Step::Next
            }
            Submission::Gone => Step::Passed,
            Submission::NotAllowed(cause) => Step::Stop(DeliveryEnd::NotAllowed(cause)),
            Submission::Lost(_) if self.is_over() => Step::Stop(DeliveryEnd::Deadline),
            Submission::Lost(why) => Step::Stop(DeliveryEnd::Unreachable(why)),
            Submission::Refused(problem) => self.after_refusal(waiting, problem)?,
        })
    }

    /// Sends one report, once. The sent log has its entry before the request goes out, and its answer before the report
    /// leaves the spool: wherever this stops, what left is in the log, and what may not have arrived still waits.
    fn submit(&self, wire: &Wire, key: &InstallationKey, waiting: &Waiting) -> Result<Submission, Error> {
        let (bytes, begun) = match self.begin(wire, waiting)? {
            Ok(begun) => begun,
            Err(submission) => return Ok(submission),
        };
        if self.is_over() {
            self.log(|| begun.withdraw())?;
            return Ok(Submission::Lost(DeliveryEnd::Deadline.to_string()));
        }
        let answer = match wire.post(wire_paths::REPORTS, &bytes, key, self.inner.clock.now(), self.until) {
            Ok(answer) => answer,
            Err(fault) => {
                let why = fault.why.clone();
                self.log(|| match fault.may_have_left {
                    true => begun.unanswered(fault.why),
                    false => begun.withdraw(),
                })?;
                return Ok(Submission::Lost(why));
            }
        };
        let at = self.inner.clock.now();
        match self.understand(wire, waiting, &answer)? {
            Said::Held(receipt) => self.keep(waiting, bytes, begun, SentAnswer::Held { at, receipt }),
            Said::Refused(problem) => {
                let refused = SentAnswer::Refused { at, problem: problem.clone() };
                self.log(|| begun.answered(refused))?;
                Ok(Submission::Refused(problem))
            }
            Said::Unclear(why) => {
                self.log(|| begun.unanswered(why.clone()))?;
                Ok(Submission::Lost(why))
            }
        }
    }

    /// Asks for consent right before the report leaves, and notes in the sent log that it does.
    fn begin(&self, wire: &Wire, waiting: &Waiting) -> Result<Result<(Vec<u8>, Try), Submission>, Error> {
        let inner = &*self.inner;
        let _lock = inner.folder.lock(STATE_LOCK)?;
        let bytes = match self.leave(waiting)? {
            Leave::Allowed(bytes) => bytes,
            Leave::Gone => return Ok(Err(Submission::Gone)),
            Leave::NotAllowed(cause) => return Ok(Err(Submission::NotAllowed(cause))),
        };
        let begun = inner.sent_log().begin(waiting.report_id, &bytes, &wire.url, inner.clock.now())?;
        Ok(Ok((bytes, begun)))
    }

    fn log<T>(&self, note: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let _lock = self.inner.folder.lock(STATE_LOCK)?;
        note()
    }

    fn understand(&self, wire: &Wire, waiting: &Waiting, answer: &Answer) -> Result<Said, Error> {
        if answer.status != 200 {
            return self.refused(wire, answer);
        }
        let Some(signed) = answer.receipt() else { return Ok(Said::Unclear(answer.describe(&wire.url))) };
        let folder = &self.inner.folder;
        let collector = successions::present(folder, &self.inner.policy.collector.public_key)?;
        Ok(match signed.verify_for(&collector, waiting.report_id, waiting.digest) {
            Ok(_) => {
                successions::remember(folder, &collector, signed.succession.as_deref())?;
                Said::Held(signed)
            }
            Err(fault) => Said::Unclear(format!("{}: {fault}", wire.url)),
        })
    }

    fn refused(&self, wire: &Wire, answer: &Answer) -> Result<Said, Error> {
        if let Some(retry_after) = answer.retry_after.filter(|_| matches!(answer.status, 429 | 503)) {
            self.put_off(retry_after)?;
        }
        let unclear = || Said::Unclear(answer.describe(&wire.url));
        Ok(answer.problem().map_or_else(unclear, Said::Refused))
    }

    fn after_refusal(&self, waiting: &Waiting, problem: Problem) -> Result<Step, Error> {
        let report = waiting.report_id;
        match (problem.code.retry(), problem.code) {
            (Retry::Never, _) => {
                let _lock = self.inner.folder.lock(STATE_LOCK)?;
                self.inner.spool().refuse(waiting, &problem)?;
                self.tell(Event::Refused(report, problem));
                Ok(Step::Next)
            }
            // These two are about this report alone: the next one may fare better.
            (_, ProblemCode::UnknownPolicy | ProblemCode::DigestMismatch) => {
                self.tell(Event::Postponed(report, problem));
                Ok(Step::Next)
            }
            // One report may be more than the collector can cope with; it must not hold up the others for ever.
            (_, ProblemCode::Internal | ProblemCode::TooSlow) => {
                self.tell(Event::Postponed(report, problem.clone()));
                Ok(Step::NextOnce(DeliveryEnd::PutOff(problem)))
            }
            (Retry::Later | Retry::AfterEnrolment, _) => {
                self.tell(Event::Postponed(report, problem.clone()));
                Ok(Step::Stop(DeliveryEnd::PutOff(problem)))
            }
        }
    }

    /// The receipt first, then the spool: a stop in between sends the report once more, and it counts once.
    fn keep(
        &self,
        waiting: &Waiting,
        bytes: Vec<u8>,
        begun: Try,
        held: SentAnswer,
    ) -> Result<Submission, Error> {
        let inner = &*self.inner;
        let _lock = inner.folder.lock(STATE_LOCK)?;
        let sending = begun.answered(held)?;
        inner.spool().remove(waiting)?;
        Ok(Submission::Held(SentReport { report_id: waiting.report_id, bytes, sending }))
    }

    fn put_off(&self, retry_after: RetryAfter) -> Result<(), Error> {
        let now = self.inner.clock.now();
        let longest = SignedDuration::from_secs(RETRY_AFTER_SECONDS);
        let wished = match retry_after {
            RetryAfter::Seconds(seconds) => SignedDuration::from_secs(seconds),
            RetryAfter::At(at) => at.duration_since(now),
        };
        let at = now.checked_add(wished.min(longest)).unwrap_or(now);
        self.inner.folder.write(NOT_BEFORE, format!("{at}\n").as_bytes())
    }

    /// The moment before which the collector wants no try, while it lies ahead; one too far ahead tells of a clock that
    /// was moved.
    fn not_before(&self) -> Result<Option<Timestamp>, Error> {
        let Read::Bytes(text) = self.inner.folder.read(NOT_BEFORE, MARK_BYTES)? else { return Ok(None) };
        let at = std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse::<Timestamp>().ok());
        let now = self.inner.clock.now();
        Ok(at.filter(|at| *at > now && at.duration_since(now).as_secs() <= RETRY_AFTER_SECONDS))
    }
}
