//! Limits on how often something may happen, by key, on the clock that is passed in: on its instants, so that a date that is set
//! locks nobody out and lets nobody in.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::limits::THROTTLED_KEYS;
use crate::sender::Sender;

/// Lets each key through so often at once and so often per minute.
pub struct Throttle<K: Hash + Eq + Clone>(Limiter<K>);

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, PassedIn, NoOpMiddleware<Instant>>;

/// Too often: come back after this many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// From 1.
    pub retry_after_seconds: u32,
}

/// Our clock, as the limiter wants one.
#[derive(Clone)]
struct PassedIn(Arc<dyn candor_policy::Clock>);

impl GovernorClock for PassedIn {
    type Instant = Instant;

    fn now(&self) -> Instant {
        self.0.instant()
    }
}

impl<K: Hash + Eq + Clone> Throttle<K> {
    /// A throttle that lets `burst` through at once and `per_minute` in the long run; neither may be zero.
    pub fn new(burst: u32, per_minute: u32, clock: Arc<dyn candor_policy::Clock>) -> Self {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(per_minute).allow_burst(burst);
        Self(RateLimiter::new(quota, DashMapStateStore::default(), PassedIn(clock)))
    }

    /// Counts one for a key.
    ///
    /// # Errors
    /// [`TooOften`] where the key has used up what it may.
    pub fn pass(&self, key: &K) -> Result<(), TooOften> {
        self.0.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(GovernorClock::now(self.0.clock()));
            TooOften {
                retry_after_seconds: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1),
            }
        })
    }

    /// Forgets the keys that have calmed down, where there are many.
    pub fn tidy(&self) {
        if self.0.len() > THROTTLED_KEYS {
            self.0.retain_recent();
        }
    }
}

/// Lets each sender through so often, and all of them no more often than the machine can bear. The share of one sender is
/// held first, so that a flood from one address takes nothing from the others.
#[derive(Debug)]
pub struct SenderThrottle {
    each: Throttle<Sender>,
    machine: Throttle<()>,
}

impl SenderThrottle {
    /// A throttle of these two.
    pub fn new(each: Throttle<Sender>, machine: Throttle<()>) -> Self {
        Self { each, machine }
    }

    /// Counts one for a sender.
    ///
    /// # Errors
    /// [`TooOften`] where the sender, or the machine, has used up what it may.
    pub fn pass(&self, sender: Sender) -> Result<(), TooOften> {
        self.each.pass(&sender)?;
        self.machine.pass(&())
    }

    /// Forgets senders that have calmed down.
    pub fn tidy(&self) {
        self.each.tidy();
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Throttle<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Throttle({} keys)", self.0.len())
    }
}
