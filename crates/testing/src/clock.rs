//! A clock that stands until it is moved.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use candor_policy::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that stands until it is moved.
pub struct MockClock(Mutex<Moment>);

struct Moment {
    date: Timestamp,
    instant: Instant,
}

impl MockClock {
    /// A clock that stands at this time, such as `2026-05-15T12:00:00Z`.
    pub fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Moment { date: time.parse().unwrap(), instant: Instant::now() })))
    }

    /// Lets time pass.
    pub fn advance(&self, by: SignedDuration) {
        self.set_date_by(by);
        self.moment().instant += Duration::try_from(by).unwrap();
    }

    /// Sets the date alone, ahead or back, as an administrator does; no time passes.
    pub fn set_date_by(&self, by: SignedDuration) {
        let mut moment = self.moment();
        moment.date = moment.date.saturating_add(by).unwrap();
    }

    fn moment(&self) -> MutexGuard<'_, Moment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        self.moment().date
    }

    fn instant(&self) -> Instant {
        self.moment().instant
    }
}
