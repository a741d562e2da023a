//! How many reads the columns have answered, and how long those took: what a slow page owes to its queries.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The reads so far, failed ones included.
#[derive(Debug, Default)]
pub struct Reads {
    count: AtomicU64,
    microseconds: AtomicU64,
}

impl Reads {
    pub(super) fn add(&self, took: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How long they took together, without the wait for their turn.
    pub fn microseconds(&self) -> u64 {
        self.microseconds.load(Ordering::Relaxed)
    }
}
