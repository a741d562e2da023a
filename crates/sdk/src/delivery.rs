//! Delivery: what waits goes out, the oldest first, within one deadline over everything.
//!
//! All of it happens on one thread that may be left behind: a name look-up cannot be cancelled, and neither can a disk.
//! A caller that waits for it stops waiting when the time is up; the thread starts nothing new after that. What it had not
//! finished is still in the spool, and a report that had arrived all the same counts once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use candor_policy::Problem;
use uuid::Uuid;

use crate::Error;
use crate::courier::{Courier, Event};
use crate::delivery_end::DeliveryEnd;
use crate::inner::Inner;
use crate::losses::Loss;
use crate::sending::SentReport;

/// What a delivery came to.
#[derive(Debug)]
pub struct Delivery {
    /// Reports that the collector now holds, with its receipts.
    pub delivered: Vec<SentReport>,
    /// Reports that the collector refused for good; they are kept where an administrator sees them.
    pub refused: Vec<(Uuid, Problem)>,
    /// Reports that the collector does not take now; they wait.
    pub postponed: Vec<(Uuid, Problem)>,
    /// What an administrator should know beside it, for people: why the installation is not verified.
    pub notes: Vec<String>,
    /// How many reports wait after it.
    pub waiting: usize,
    /// Why it stopped.
    pub end: DeliveryEnd,
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
    let mut notes = Vec::new();
    let end = loop {
        match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Event::Delivered(sent)) => delivered.push(sent),
            Ok(Event::Refused(report, problem)) => refused.push((report, problem)),
            Ok(Event::Postponed(report, problem)) => postponed.push((report, problem)),
            Ok(Event::Note(note)) => notes.push(note),
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
    Ok(Delivery { delivered, refused, postponed, notes, waiting, end })
}
