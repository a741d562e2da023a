//! Outcomes, counted in memory beside the commits and written to the journal now and then: a commit is to touch the
//! reports and their ids alone.
//!
//! The journal knows the last report whose outcomes it has counted. What a crash forgets is counted again from the later
//! reports; only repeated deliveries, of which nothing is written, are then missing from their count.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use candor_policy::{Outcome, OutcomeKind};
use rusqlite::Connection;

use super::StoreError;
use super::commit::End;
use super::reports::{NewReport, Submitted, read_outcomes};

/// How often by policy version, metric ('' where none is named) and kind.
pub(super) type By = BTreeMap<(i64, String, OutcomeKind), i64>;

/// Outcomes that the journal has not counted yet.
#[derive(Debug, Default)]
pub(super) struct Counting(Mutex<Counts>);

/// Counts, and the last report that is in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub by: By,
    pub last_seq: i64,
}

impl Counting {
    /// Forgets what it has, and counts the reports that the journal holds and has not counted. Nothing is being written
    /// meanwhile.
    pub(super) fn start_again(&self, connection: &Connection) -> Result<(), StoreError> {
        *self.lock() = Counts::not_counted(connection)?;
        Ok(())
    }

    /// Counts what a commit came to.
    pub(super) fn add(&self, reports: &[NewReport], results: &[Submitted], end: End) {
        let mut counts = self.lock();
        for (report, result) in reports.iter().zip(results) {
            if matches!(result, Submitted::Held(_)) {
                counts.add(report.policy, "", OutcomeKind::Duplicate, 1);
                continue;
            }
            counts.add_report(report.policy, report.accepted, &report.outcomes);
        }
        counts.last_seq = end.seq;
    }

    /// What has been counted since the last call.
    pub(super) fn take(&self) -> Counts {
        std::mem::take(&mut *self.lock())
    }

    /// Gives back what could not be written.
    pub(super) fn put_back(&self, taken: Counts) {
        let mut counts = self.lock();
        counts.last_seq = counts.last_seq.max(taken.last_seq);
        for ((policy, metric, kind), count) in taken.by {
            counts.add(policy, &metric, kind, count.unsigned_abs());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn not_counted(connection: &Connection) -> Result<Self, StoreError> {
        let mut select = connection.prepare(
            "SELECT seq, policy, accepted, outcomes FROM reports \
             WHERE seq > (SELECT last_seq FROM counted) ORDER BY seq",
        )?;
        let mut rows = select.query([])?;
        let mut counts = Self::default();
        while let Some(row) = rows.next()? {
            counts.last_seq = row.get(0)?;
            let policy = row.get(1)?;
            let outcomes = read_outcomes(&row.get::<_, String>(3)?).unwrap_or_else(|error| {
                tracing::error!(%error, report = counts.last_seq, "its outcomes are not counted");
                Vec::new()
            });
            counts.add_report(policy, row.get::<_, i64>(2)?.unsigned_abs(), &outcomes);
        }
        Ok(counts)
    }

    /// What became of the values of one report that is held.
    fn add_report(&mut self, policy: i64, accepted: u64, outcomes: &[Outcome]) {
        self.add(policy, "", OutcomeKind::Accepted, accepted);
        for outcome in outcomes {
            let metric = outcome.metric.as_ref().map_or("", |metric| metric.as_str());
            self.add(policy, metric, outcome.kind, outcome.count);
        }
    }

    fn add(&mut self, policy: i64, metric: &str, kind: OutcomeKind, count: u64) {
        if count > 0 {
            let known = self.by.entry((policy, metric.to_owned(), kind)).or_default();
            *known = known.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}
