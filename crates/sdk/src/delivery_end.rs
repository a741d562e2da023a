//! Why a delivery stopped: what the courier says last, and what a caller is given.

use std::fmt;

use candor_policy::Problem;
use jiff::Timestamp;

use crate::cause::Cause;

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

impl fmt::Display for DeliveryEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
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
