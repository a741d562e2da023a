//! The system's clock: the one place of this binary that asks for the time.

use candor_policy::Clock;
use jiff::Timestamp;

/// The system's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is passed")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn instant(&self) -> std::time::Instant {
        std::time::Instant::now()
    }
}
