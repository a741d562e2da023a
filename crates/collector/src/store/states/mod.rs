//! What stands of an installation at each month's end, from its reports: pure, no clock, no disk.
//!
//! Reports are taken in one by one, in the order of [`Order`]. Whoever has one out of order starts over with all of that
//! installation's reports. The outcome are rows that say from which month to which they hold, so that pages only count.

mod history;
mod presence;
mod standing;
mod track;

#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;

pub use history::{Heard, History, Scope};
pub use presence::{Header, Presence, Run};
pub use standing::{Fact, State, Word};
pub use track::{Row, Track};

/// An installation that has said nothing for this many days is silent, and nothing that it said counts any more: one
/// monthly report may be missed, and the next may be late, before anybody worries. Until then its last word holds,
/// however old: an operating system is said by an installer, once per upgrade. It is part of what the columns hold: a
/// change raises their version.
pub const SILENCE_DAYS: i64 = 90;

/// The end of what still holds: after every month.
pub const OPEN: i32 = i32::MAX;

/// Where a report stands among those of its installation. The month comes first, so that what counts up to a month's end is
/// always a beginning of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// The month's number, as [`crate::store::month::Month`] counts.
    pub month: i32,
    /// The end of its period, microseconds since 1970.
    pub end: i64,
    /// Its place in the journal.
    pub seq: i64,
}

/// A metric of a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Metric {
    /// The policy.
    pub policy: Arc<str>,
    /// The metric.
    pub metric: Arc<str>,
}
