//! What a sender may send: reports in number, bytes, and reports that are held already. What was taken can be given back, so that a
//! report that turns out to be held costs nothing of the first two.
//!
//! It is kept in memory: a restart forgives everybody.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use candor_policy::Clock;
use candor_web::throttle::TooOften;

/// So much at once, and so much in this time in the long run.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// At once.
    pub burst: f64,
    /// Per second in the long run.
    pub per_second: f64,
}

/// What a sender may send.
#[derive(Clone, Copy, Debug)]
pub struct Allowances {
    /// Reports.
    pub reports: Allowance,
    /// Their bytes as JSON.
    pub bytes: Allowance,
    /// Reports that are held already.
    pub repeats: Allowance,
}

/// What each sender has used.
pub struct Quotas<K> {
    allowed: Allowances,
    clock: Arc<dyn Clock>,
    used: Mutex<HashMap<K, Used>>,
    /// How many senders that has, so that nobody waits to be told that there are none.
    senders: AtomicUsize,
}

#[derive(Clone, Copy)]
struct Used {
    reports: f64,
    bytes: f64,
    repeats: f64,
    at: Instant,
}

impl Allowance {
    /// So many at once, and so many per this time.
    pub fn new(burst: f64, per: f64, time: Duration) -> Self {
        Self { burst, per_second: per / time.as_secs_f64() }
    }

    /// What is left of what was used so many seconds ago.
    fn drained(self, used: f64, seconds: f64) -> f64 {
        (used - self.per_second * seconds).max(0.0)
    }

    /// How many seconds to wait until so much more fits.
    fn wait_seconds(self, used: f64, more: f64) -> f64 {
        // What is larger than the whole allowance fits into an empty one.
        ((used + more.min(self.burst) - self.burst) / self.per_second).max(0.0)
    }
}

impl<K: Hash + Eq + Copy> Quotas<K> {
    /// Nothing is used yet.
    pub fn new(allowed: Allowances, clock: Arc<dyn Clock>) -> Self {
        Self { allowed, clock, used: Mutex::default(), senders: AtomicUsize::new(0) }
    }

    /// Takes one report of so many bytes from what a sender may send.
    ///
    /// # Errors
    /// [`TooOften`] where it has used up what it may; then nothing is taken.
    pub fn take(&self, sender: K, bytes: usize) -> Result<(), TooOften> {
        let mut all = self.used();
        let used = self.drained(&mut all, sender);
        let waits = [
            self.allowed.reports.wait_seconds(used.reports, 1.0),
            self.allowed.bytes.wait_seconds(used.bytes, bytes as f64),
            self.allowed.repeats.wait_seconds(used.repeats, 1.0),
        ];
        let wait = waits.into_iter().fold(0.0, f64::max);
        if wait > 0.0 {
            return Err(TooOften { retry_after_seconds: (wait as u32).saturating_add(1) });
        }
        used.reports += 1.0;
        used.bytes += bytes as f64;
        Ok(())
    }

    /// Whether a sender may send anything at all now; it takes nothing.
    ///
    /// # Errors
    /// [`TooOften`] where it may not.
    pub fn check(&self, sender: K) -> Result<(), TooOften> {
        if self.senders.load(Ordering::Relaxed) == 0 || !self.used().contains_key(&sender) {
            return Ok(());
        }
        self.take(sender, 1).map(|()| self.give_back(sender, 1))
    }

    /// Gives a report back that was not stored.
    pub fn give_back(&self, sender: K, bytes: usize) {
        let mut all = self.used();
        let used = self.drained(&mut all, sender);
        used.reports = (used.reports - 1.0).max(0.0);
        used.bytes = (used.bytes - bytes as f64).max(0.0);
    }

    /// Gives a report back that was held already, and counts it as such.
    pub fn repeated(&self, sender: K, bytes: usize) {
        self.give_back(sender, bytes);
        self.drained(&mut self.used(), sender).repeats += 1.0;
    }

    /// Forgets who has calmed down.
    pub fn tidy(&self) {
        let mut all = self.used();
        let now = self.clock.instant();
        all.retain(|_, used| {
            self.drain(used, now);
            used.reports > 0.0 || used.bytes > 0.0 || used.repeats > 0.0
        });
        self.senders.store(all.len(), Ordering::Relaxed);
    }

    fn used(&self) -> MutexGuard<'_, HashMap<K, Used>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drained<'u>(&self, all: &'u mut HashMap<K, Used>, sender: K) -> &'u mut Used {
        let now = self.clock.instant();
        let nothing = Used { reports: 0.0, bytes: 0.0, repeats: 0.0, at: now };
        let used = all.entry(sender).or_insert_with(|| {
            self.senders.fetch_add(1, Ordering::Relaxed);
            nothing
        });
        self.drain(used, now);
        used
    }

    fn drain(&self, used: &mut Used, now: Instant) {
        let seconds = now.saturating_duration_since(used.at).as_secs_f64();
        used.reports = self.allowed.reports.drained(used.reports, seconds);
        used.bytes = self.allowed.bytes.drained(used.bytes, seconds);
        used.repeats = self.allowed.repeats.drained(used.repeats, seconds);
        used.at = now;
    }
}
