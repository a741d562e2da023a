//! Delivery: what waits goes out, the oldest first, within one deadline over everything.
//!
//! All of it happens on one thread that may be left behind: a name look-up cannot be cancelled, and neither can a disk.
//! Whoever waits for it stops waiting when the time is up; the thread starts nothing new after that. What it had not
//! finished is still in the spool, and a report that had arrived all the same counts once.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use candor_policy::{Enrolment, Problem, ProblemCode, Retry};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::consent::Cause;
use crate::folder::{read_bounded, write_durably};
use crate::key::InstallationKey;
use crate::limits::{LEAST_TIME, RETRY_AFTER_SECONDS};
use crate::losses::Loss;
use crate::sent_log::{Answered, SentReport};
use crate::site::{Inner, STATE_LOCK};
use crate::spool::Waiting;
use crate::wire::{Answer, RetryAfter, Wire, asks_for_enrolment};
use crate::{Error, SignedReceipt};

const LOCK: &str = "delivery.lock";
const NOT_BEFORE: &str = "not-before";
const ENROLLED: &str = "enrolled";

/// What a delivery came to.
#[derive(Debug)]
pub struct Delivery {
    /// Reports that the collector now holds, with its receipts.
    pub delivered: Vec<SentReport>,
    /// Reports that the collector refused for good; they are kept where an administrator sees them.
    pub refused: Vec<(Uuid, Problem)>,
    /// Reports that the collector does not take now; they wait.
    pub postponed: Vec<(Uuid, Problem)>,
    /// How many reports wait after it.
    pub waiting: usize,
    /// Why it stopped.
    pub end: DeliveryEnd,
}

/// Why a delivery stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// Everything that waited was tried.
    Finished,
    /// Consent does not allow it.
    NotAllowed(Cause),
    /// The collector asked not to be tried before this moment.
    NotBefore(Timestamp),
    /// Another process is delivering.
    Busy,
    /// The collector, or the way to it, does not answer as it should.
    Unreachable(String),
    /// The collector takes nothing at the moment.
    PutOff(Problem),
    /// The time ran out.
    Deadline,
    /// The state folder cannot be read or written.
    Failed(String),
}

impl std::fmt::Display for DeliveryEnd {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Finished => out.write_str("everything that waited was tried"),
            Self::NotAllowed(cause) => write!(out, "{cause}"),
            Self::NotBefore(at) => write!(out, "the collector asked not to be tried before {at:.0}"),
            Self::Busy => out.write_str("another process is delivering"),
            Self::Unreachable(why) | Self::Failed(why) => out.write_str(why),
            Self::PutOff(problem) => write!(out, "the collector put it off: {}", problem.detail),
            Self::Deadline => out.write_str("the collector did not answer within the deadline"),
        }
    }
}

/// What the thread says to whoever waits.
enum Event {
    Delivered(SentReport),
    Refused(Uuid, Problem),
    Postponed(Uuid, Problem),
    End(DeliveryEnd),
}

/// Delivers what waits. Returns when everything was tried, or when the deadline is over, whichever comes first.
pub fn deliver(inner: &Arc<Inner>, deadline: Duration) -> Result<Delivery, Error> {
    let until = Instant::now() + deadline;
    let (events, inbox) = channel();
    let abandoned = Arc::new(AtomicBool::new(false));
    let courier = Courier { inner: Arc::clone(inner), until, abandoned: Arc::clone(&abandoned), events };
    let thread = std::thread::Builder::new().name("candor-delivery".to_owned());
    thread
        .spawn(move || courier.run())
        .map_err(Error::folder("start the delivery of", inner.folder.path()))?;

    let (mut delivered, mut refused, mut postponed) = (Vec::new(), Vec::new(), Vec::new());
    let end = loop {
        match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Event::Delivered(sent)) => delivered.push(sent),
            Ok(Event::Refused(report, problem)) => refused.push((report, problem)),
            Ok(Event::Postponed(report, problem)) => postponed.push((report, problem)),
            Ok(Event::End(end)) => break end,
            Err(RecvTimeoutError::Timeout) => break DeliveryEnd::Deadline,
            Err(RecvTimeoutError::Disconnected) => {
                inner.losses.count(Loss::Contained, 1);
                return Err(Error::Contained("the delivery's thread ended early".to_owned()));
            }
        }
    };
    abandoned.store(true, Ordering::Release);
    let waiting = inner.spool().list()?.len();
    Ok(Delivery { delivered, refused, postponed, waiting, end })
}

/// Carries reports to the collector.
struct Courier {
    inner: Arc<Inner>,
    until: Instant,
    abandoned: Arc<AtomicBool>,
    events: Sender<Event>,
}

/// What to do after one report.
enum Step {
    Next,
    /// The next one may fare better; where it does not either, the collector is at fault and this is the end.
    NextOnce(DeliveryEnd),
    Stop(DeliveryEnd),
}

/// What became of one submission.
enum Submission {
    Held(SignedReceipt),
    Refused(Problem),
    Lost(String),
}

impl Courier {
    fn run(self) {
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
        let mut way: Option<(Wire, InstallationKey)> = None;
        let mut doubt = None;
        for waiting in inner.spool().list()? {
            if self.is_over() {
                return Ok(DeliveryEnd::Deadline);
            }
            let Some(bytes) = self.still_allowed(&waiting)? else { continue };
            let bytes = match bytes {
                Ok(bytes) => bytes,
                Err(cause) => return Ok(DeliveryEnd::NotAllowed(cause)),
            };
            let (wire, key) = match &way {
                Some(way) => way,
                None => match self.find_way()? {
                    Ok(found) => way.insert(found),
                    Err(end) => return Ok(end),
                },
            };
            doubt = match self.deliver_one(wire, key, &waiting, bytes)? {
                Step::Next => None,
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

    /// Consent is asked for again right before each report leaves. Gives the report's bytes; nothing where it is gone.
    fn still_allowed(&self, waiting: &Waiting) -> Result<Option<Result<Vec<u8>, Cause>>, Error> {
        let inner = &*self.inner;
        let _lock = inner.folder.lock(STATE_LOCK)?;
        let standing = inner.standing()?;
        let grant = match standing.grant() {
            Ok(grant) => grant,
            Err(_) => {
                let cause = standing.causes.first().cloned().unwrap_or(Cause::NotAsked);
                inner.empty_spool_after(&standing)?;
                return Ok(Some(Err(cause)));
            }
        };
        let spool = inner.spool();
        let Some((bytes, report)) = spool.read(waiting)? else { return Ok(None) };
        let loss = match inner.stands(&report)? {
            true if inner.covers(grant, &report)? => return Ok(Some(Ok(bytes))),
            true => Loss::Narrowed,
            false => Loss::Denied,
        };
        spool.remove(waiting)?;
        inner.losses.count(loss, 1);
        Ok(None)
    }

    fn find_way(&self) -> Result<Result<(Wire, InstallationKey), DeliveryEnd>, Error> {
        let inner = &*self.inner;
        let settings = inner.settings().unwrap_or_default();
        let wire = match Wire::new(&inner.policy.collector.url, &settings, &inner.environment) {
            Ok(wire) => wire,
            Err(fault) => return Ok(Err(DeliveryEnd::Unreachable(fault.0))),
        };
        let key = InstallationKey::open(&inner.folder)?;
        let enrolled = read_bounded(&self.enrolled_path(), 4096)?;
        if enrolled.as_deref() != Some(self.enrolled_mark(&wire, &key).as_bytes())
            && let Err(end) = self.enrol(&wire, &key)?
        {
            return Ok(Err(end));
        }
        Ok(Ok((wire, key)))
    }

    fn deliver_one(
        &self,
        wire: &Wire,
        key: &InstallationKey,
        waiting: &Waiting,
        bytes: Vec<u8>,
    ) -> Result<Step, Error> {
        let mut submission = self.submit(wire, key, waiting, &bytes)?;
        if matches!(&submission, Submission::Refused(problem) if asks_for_enrolment(problem)) {
            if let Err(end) = self.enrol(wire, key)? {
                return Ok(Step::Stop(end));
            }
            submission = self.submit(wire, key, waiting, &bytes)?;
        }
        match submission {
            Submission::Held(receipt) => self.keep(wire, waiting, bytes, receipt).map(|()| Step::Next),
            Submission::Lost(why) if self.is_over() => {
                drop(why);
                Ok(Step::Stop(DeliveryEnd::Deadline))
            }
            Submission::Lost(why) => Ok(Step::Stop(DeliveryEnd::Unreachable(why))),
            Submission::Refused(problem) => self.after_refusal(waiting, &bytes, problem),
        }
    }

    fn submit(
        &self,
        wire: &Wire,
        key: &InstallationKey,
        waiting: &Waiting,
        bytes: &[u8],
    ) -> Result<Submission, Error> {
        let answer = match wire.post("/v1/reports", bytes, key, self.inner.clock.now(), self.until) {
            Ok(answer) => answer,
            Err(fault) => return Ok(Submission::Lost(fault.0)),
        };
        if answer.status != 200 {
            return self.refused(wire, &answer);
        }
        let Some(signed) = answer.receipt() else { return Ok(Submission::Lost(answer.describe(&wire.url))) };
        let collector = &self.inner.policy.collector.public_key;
        Ok(match signed.verify_for(collector, waiting.report_id, waiting.digest) {
            Ok(_) => Submission::Held(signed),
            Err(fault) => Submission::Lost(format!("{}: {fault}", wire.url)),
        })
    }

    fn refused(&self, wire: &Wire, answer: &Answer) -> Result<Submission, Error> {
        if let Some(retry_after) = answer.retry_after.filter(|_| matches!(answer.status, 429 | 503)) {
            self.put_off(retry_after)?;
        }
        let lost = || Submission::Lost(answer.describe(&wire.url));
        Ok(answer.problem().map_or_else(lost, Submission::Refused))
    }

    fn after_refusal(&self, waiting: &Waiting, bytes: &[u8], problem: Problem) -> Result<Step, Error> {
        let report = waiting.report_id;
        match problem.code.retry() {
            Retry::Never => {
                let _lock = self.inner.folder.lock(STATE_LOCK)?;
                self.inner.spool().refuse(waiting, bytes, &problem)?;
                self.tell(Event::Refused(report, problem));
                Ok(Step::Next)
            }
            // These two are about this report alone: the next one may fare better.
            _ if matches!(problem.code, ProblemCode::UnknownPolicy | ProblemCode::DigestMismatch) => {
                self.tell(Event::Postponed(report, problem));
                Ok(Step::Next)
            }
            // One report may be more than the collector can cope with; it must not hold up the others for ever.
            _ if matches!(problem.code, ProblemCode::Internal | ProblemCode::TooSlow) => {
                self.tell(Event::Postponed(report, problem.clone()));
                Ok(Step::NextOnce(DeliveryEnd::PutOff(problem)))
            }
            Retry::Later | Retry::AfterEnrolment => {
                self.tell(Event::Postponed(report, problem.clone()));
                Ok(Step::Stop(DeliveryEnd::PutOff(problem)))
            }
        }
    }

    /// The sent log first: a report that left must be in it, even if the machine stops here and it is sent once more.
    fn keep(
        &self,
        wire: &Wire,
        waiting: &Waiting,
        bytes: Vec<u8>,
        receipt: SignedReceipt,
    ) -> Result<(), Error> {
        let inner = &*self.inner;
        let answer = Answered { at: inner.clock.now(), collector: wire.url.clone(), receipt };
        let sent = SentReport { report_id: waiting.report_id, bytes, answer };
        let _lock = inner.folder.lock(STATE_LOCK)?;
        inner.sent_log().keep(&sent)?;
        inner.spool().remove(waiting)?;
        self.tell(Event::Delivered(sent));
        Ok(())
    }

    fn enrol(&self, wire: &Wire, key: &InstallationKey) -> Result<Result<(), DeliveryEnd>, Error> {
        let body = serde_json::to_vec(&Enrolment { public_key: key.public });
        let body = body.map_err(|error| Error::Contained(error.to_string()))?;
        let answer = match wire.post("/v1/installations", &body, key, self.inner.clock.now(), self.until) {
            Ok(answer) => answer,
            Err(_) if self.is_over() => return Ok(Err(DeliveryEnd::Deadline)),
            Err(fault) => return Ok(Err(DeliveryEnd::Unreachable(fault.0))),
        };
        if answer.status == 200 {
            write_durably(&self.enrolled_path(), self.enrolled_mark(wire, key).as_bytes())?;
            return Ok(Ok(()));
        }
        Ok(Err(match self.refused(wire, &answer)? {
            Submission::Refused(problem) => DeliveryEnd::PutOff(problem),
            _ => DeliveryEnd::Unreachable(answer.describe(&wire.url)),
        }))
    }

    fn enrolled_path(&self) -> PathBuf {
        self.inner.folder.join(ENROLLED)
    }

    /// Which installation is enrolled, and where; anything else enrols anew.
    fn enrolled_mark(&self, wire: &Wire, key: &InstallationKey) -> String {
        format!("{} at {} ({})\n", key.installation, wire.url, self.inner.policy.collector.public_key)
    }

    fn put_off(&self, retry_after: RetryAfter) -> Result<(), Error> {
        let now = self.inner.clock.now();
        let longest = SignedDuration::from_secs(RETRY_AFTER_SECONDS);
        let wished = match retry_after {
            RetryAfter::Seconds(seconds) => SignedDuration::from_secs(seconds),
            RetryAfter::At(at) => at.duration_since(now),
        };
        let at = now.checked_add(wished.min(longest)).unwrap_or(now);
        write_durably(&self.inner.folder.join(NOT_BEFORE), format!("{at}\n").as_bytes())
    }

    /// The moment before which the collector wants no try, while it lies ahead; one too far ahead tells of a clock that
    /// was moved.
    fn not_before(&self) -> Result<Option<Timestamp>, Error> {
        let Some(text) = read_bounded(&self.inner.folder.join(NOT_BEFORE), 128)? else { return Ok(None) };
        let at = std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse::<Timestamp>().ok());
        let now = self.inner.clock.now();
        Ok(at.filter(|at| *at > now && at.duration_since(now).as_secs() <= RETRY_AFTER_SECONDS))
    }
}
