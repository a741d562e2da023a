//! A clock that stands until it is moved.

use std::sync::{Arc, Mutex, PoisonError};

use candor_policy::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that stands until it is moved.
pub struct MockClock(Mutex<Timestamp>);

impl MockClock {
    /// A clock that stands at this time, such as `2026-05-15T12:00:00Z`.
    pub fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(time.parse().unwrap())))
    }

    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by).unwrap();
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
