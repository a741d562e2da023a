//! The system's clock: the one place in this crate that looks at it.

use candor_policy::Clock;
use jiff::Timestamp;

/// The wall clock, UTC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that all others ask")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn instant(&self) -> std::time::Instant {
        std::time::Instant::now()
    }
}
