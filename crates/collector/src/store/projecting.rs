//! The projection: journal in, columns out, batch by batch. Its face is three calls: where do we stand, take a step, start
//! anew.

use std::collections::HashMap;
use std::sync::Arc;

use candor_policy::{Policy, Report};

use super::columns::{Mark, Rows};
use super::journal::JournalReport;
use super::{Store, StoreError};
use crate::limits::PROJECTED_BYTES;

/// The state that the projector keeps between steps.
pub struct Projection {
    store: Store,
    connection: duckdb::Connection,
    mark: Mark,
    policies: HashMap<i64, Arc<Policy>>,
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How many reports it projected; none: there was nothing to do.
    pub reports: u64,
    /// How many it stepped over, because they cannot be read.
    pub unreadable: u64,
    /// The last batch that the columns hold now.
    pub batch: i64,
}

impl Store {
    /// Starts to project. Columns that do not follow from this journal, because they are ahead of it or stand between
    /// two of its batches, are emptied first.
    ///
    /// # Errors
    /// [`StoreError`] where either store fails.
    pub async fn projection(&self) -> Result<Projection, StoreError> {
        let connection = self.columns.connection()?;
        let mut mark = super::columns::read_mark(&connection)?;
        let held = self
            .journal
            .batch(mark.batch)
            .await?
            .map(|batch| Mark { batch: batch.batch, last_seq: batch.last_seq });
        if held.unwrap_or_default() != mark {
            tracing::warn!(
                batch = mark.batch,
                "the columns do not follow from this journal and are built anew"
            );
            super::columns::empty(&connection)?;
            mark = Mark::default();
        }
        Ok(Projection { store: self.clone(), connection, mark, policies: HashMap::new() })
    }
}

impl Projection {
    /// How far the columns have come.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Projects the next whole batches, at most about `limit` reports of them. Blocks while DuckDB writes, so it belongs
    /// on a thread of its own.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the step is then kept, and the next one takes the same batches. A report that cannot be
    /// read is no such error, for it would stay one for ever: it is stepped over, named in the log and counted.
    pub async fn step(&mut self, limit: i64) -> Result<Step, StoreError> {
        let Some((first_seq, mark)) = self.next_span(limit).await? else {
            return Ok(Step { reports: 0, unreadable: 0, batch: self.mark.batch });
        };
        let held = self.store.journal.reports(first_seq, mark.last_seq).await?;
        let mut rows = Vec::with_capacity(held.len());
        let mut unreadable = 0;
        for report in held {
            match self.rows(report).await? {
                Ok(of_report) => rows.push(of_report),
                Err(error) => {
                    unreadable += 1;
                    tracing::error!(%error, "a report is left out of the columns");
                }
            }
        }
        super::columns::append(&mut self.connection, &rows, mark)?;
        self.mark = mark;
        Ok(Step { reports: rows.len() as u64, unreadable, batch: mark.batch })
    }

    /// The next batches that fit into one step: the first report, and where the columns stand afterwards.
    async fn next_span(&self, limit: i64) -> Result<Option<(i64, Mark)>, StoreError> {
        let batches = self.store.journal.batches_after(self.mark.batch, limit).await?;
        let Some(first) = batches.first() else { return Ok(None) };
        let mut size_bytes = 0;
        let fitting = batches.iter().take_while(|batch| {
            size_bytes += batch.size_bytes;
            batch.last_seq - first.first_seq < limit && size_bytes <= PROJECTED_BYTES
        });
        let last = fitting.last().unwrap_or(first);
        Ok(Some((first.first_seq, Mark { batch: last.batch, last_seq: last.last_seq })))
    }

    /// The rows of one report, or why it cannot be read; an outer error may pass and is worth another try.
    async fn rows(
        &mut self,
        held: Result<JournalReport, StoreError>,
    ) -> Result<Result<Rows, StoreError>, StoreError> {
        let held = match held {
            Ok(held) => held,
            Err(error) => return Ok(Err(error)),
        };
        let policy = match self.policies.get(&held.policy) {
            Some(policy) => policy.clone(),
            None => self.read_policy(held.policy).await?,
        };
        Ok(Report::parse(&held.json)
            .map(|report| Rows::of(&held, &report, &policy))
            .map_err(|error| StoreError::Unreadable(format!("report {}: {error}", held.report_id))))
    }

    async fn read_policy(&mut self, number: i64) -> Result<Arc<Policy>, StoreError> {
        let published = self.store.policies().numbered(number).await?;
        let published = published
            .ok_or_else(|| StoreError::Unreadable(format!("policy number {number} is not there")))?;
        let policy = Policy::read(&published.manifest).map_err(|faults| {
            StoreError::Unreadable(format!(
                "the manifest of {} {}: {faults}",
                published.id, published.version
            ))
        })?;
        let policy = Arc::new(policy);
        self.policies.insert(number, policy.clone());
        Ok(policy)
    }
}
