//! When an installation was heard from, and with which version.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};

use super::{OPEN, Order, SILENCE_DAYS};
use crate::store::month::Month;

/// What the newest report up to each month's end says of its sender, from one month with a report until the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The policy.
    pub policy: Arc<str>,
    /// The version.
    pub version: Arc<str>,
    /// The end of its period, microseconds since 1970: no report up to here ends later.
    pub end: i64,
    /// The report.
    pub seq: i64,
    /// The month.
    pub from: i32,
    /// The next month with a report, or [`OPEN`].
    pub until: i32,
}

/// Months at whose end the installation had been heard from within [`SILENCE_DAYS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first one.
    pub from: i32,
    /// The one after the last.
    pub until: i32,
    /// The end of the last report's period, microseconds since 1970.
    pub last_end: i64,
}

/// Both, month by month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Headers of earlier months.
    pub closed: Vec<Header>,
    /// The header that holds now.
    pub open: Option<Header>,
    /// Runs, oldest first.
    pub runs: Vec<Run>,
}

impl Presence {
    /// Takes in a report. Reports come in order.
    pub fn hear(&mut self, order: Order, policy: Arc<str>, version: Arc<str>) {
        let header =
            Header { policy, version, end: order.end, seq: order.seq, from: order.month, until: OPEN };
        if let Some(last) = self.open.replace(header).filter(|last| last.from < order.month) {
            self.closed.push(Header { until: order.month, ..last });
        }
        let until = heard_until(order.end).max(order.month + 1);
        match self.runs.last_mut() {
            Some(run) if order.month <= run.until => {
                run.until = run.until.max(until);
                run.last_end = order.end;
            }
            _ => self.runs.push(Run { from: order.month, until, last_end: order.end }),
        }
    }

    /// The newest report's place.
    pub fn newest(&self) -> Option<Order> {
        self.open.as_ref().map(|open| Order { month: open.from, end: open.end, seq: open.seq })
    }
}

/// The first month at whose end a period's end is too long ago.
fn heard_until(end: i64) -> i32 {
    let end = Timestamp::from_microsecond(end).unwrap_or(Timestamp::MAX);
    Month::of(end.checked_add((SILENCE_DAYS * 24).hours()).unwrap_or(Timestamp::MAX)).number()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(ends: &[&str]) -> Vec<(String, String)> {
        let mut presence = Presence::default();
        for (end, seq) in ends.iter().zip(1..) {
            let end: Timestamp = end.parse().unwrap();
            let order = Order { month: Month::of(end).number(), end: end.as_microsecond(), seq };
            presence.hear(order, "p".into(), "1".into());
        }
        let shown = |month: i32| Month::from_number(month).to_string();
        presence.runs.iter().map(|run| (shown(run.from), shown(run.until))).collect()
    }

    #[test]
    fn silence_begins_in_the_month_whose_end_is_ninety_days_away() {
        // April's end is 89.5 days after it, May's is more.
        assert_eq!(runs(&["2026-01-31T12:00:00Z"]), [("2026-01".into(), "2026-05".into())]);
        assert_eq!(runs(&["2026-01-30T12:00:00Z"]), [("2026-01".into(), "2026-04".into())]);
    }

    #[test]
    fn a_run_goes_on_with_the_next_report_and_another_begins_after_silence() {
        assert_eq!(
            runs(&["2026-01-31T12:00:00Z", "2026-05-02T12:00:00Z", "2026-12-02T12:00:00Z"]),
            [("2026-01".into(), "2026-07".into()), ("2026-12".into(), "2027-03".into())]
        );
    }
}
