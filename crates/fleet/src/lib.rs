//! An installed base, simulated: customers, installations and two years of reports, all from one seed.
//!
//! This crate owns what the base looks like ([`Base`]) and how its reports travel ([`Sender`]: the real wire format, the
//! real signatures, real HTTP). It refuses to invent what a policy does not declare: every report passes
//! `candor_policy::admit` before it is sent, as at a site.

mod base;
mod calendar;
mod customer;
mod dice;
mod facts;
mod held_back;
mod installation;
mod names;
mod platforms;
mod progress;
mod rollout;
mod sender;
mod shape;
mod simulate;
mod vouchers;

pub use base::{Base, Census, Errand, Settings};
pub use calendar::Calendar;
pub use customer::Customer;
pub use dice::Dice;
pub use held_back::HeldBack;
pub use installation::{Installation, Silence};
pub use sender::{Delivery, SendError, Sender, SenderSettings};
pub use simulate::{SimulationSettings, Summary, simulate};

/// The system's clock, for the binary; everything else asks the [`candor_policy::Clock`] that it is given.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl candor_policy::Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where this binary takes the time")]
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn instant(&self) -> std::time::Instant {
        std::time::Instant::now()
    }
}
