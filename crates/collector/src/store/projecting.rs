//! The projection: journal in, columns out, batch by batch. Its face is three calls: where do we stand, take a step, start
//! anew. It blocks, so it belongs on a thread of its own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use candor_policy::{Policy, Report};

use super::columns::{Identities, Mark, Rows};
use super::journal::{Follower, JournalReport, Portion};
use super::{Store, StoreError};
use crate::limits::{PROJECTED_BYTES, STRETCH_BYTES, STRETCH_REPORTS};

/// Little at a time: the log cannot be started over while it is read, and memory for a whole step would be given back to the
/// system, and taken again, each time.
const STRETCH: Portion = Portion { reports: STRETCH_REPORTS, bytes: STRETCH_BYTES };

/// The state that the projector keeps between steps.
pub struct Projection {
    journal: Follower,
    columns: duckdb::Connection,
    mark: Mark,
    identities: Identities,
    policies: HashMap<i64, Policy>,
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How many reports it projected; none: there was nothing to do.
    pub reports: usize,
    /// How many it stepped over, because they cannot be read.
    pub unreadable: usize,
    /// The last batch that the columns hold now.
    pub batch: i64,
}

impl Store {
    /// Starts to project. Columns that do not follow from this journal, because they are ahead of it or stand between
    /// two of its batches, are emptied first.
    ///
    /// # Errors
    /// [`StoreError`] where either store fails.
    pub fn projection(&self) -> Result<Projection, StoreError> {
        let journal = self.journal.follower()?;
        let columns = self.columns.connection()?;
        let mut mark = super::columns::read_mark(&columns)?;
        if mark != Mark::default() && !journal.ends_a_batch(mark.batch, mark.last_seq)? {
            tracing::warn!(
                batch = mark.batch,
                "the columns do not follow from this journal and are built anew"
            );
            super::columns::empty(&columns)?;
            mark = Mark::default();
        }
        let identities = Identities::read(&columns)?;
        Ok(Projection { journal, columns, mark, identities, policies: HashMap::new() })
    }
}

impl Projection {
    /// How far the columns have come.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Projects the next whole batches, about `most` reports of them.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the step is then kept in the columns. This projection has heard it all the same, so start
    /// another one, which takes the same batches. A report that cannot be read is no such error, for it would stay one for
    /// ever: it is stepped over, named in the log and counted. A policy that cannot be read is one: it is no report's fault,
    /// and somebody must see to it.
    pub fn step(&mut self, most: usize) -> Result<Step, StoreError> {
        let Self { journal, columns, mark, identities, policies } = self;
        let mut step = Step { reports: 0, unreadable: 0, batch: mark.batch };
        let reached = super::columns::append(columns, identities, |tables| {
            let (mut reached, mut bytes) = (None, 0);
            while step.reports + step.unreadable < most
                && bytes < PROJECTED_BYTES
                && let Some(stretch) = journal.read_after(reached.unwrap_or(*mark).last_seq, STRETCH)?
            {
                for report in stretch.reports {
                    let rows = match report {
                        Ok(held) => {
                            bytes += held.json.len();
                            rows_of(&held, policy(policies, journal, held.policy)?)
                        }
                        Err(error) => Err(error),
                    };
                    match rows {
                        Ok(rows) => {
                            step.reports += 1;
                            tables.add(&rows)?;
                        }
                        Err(error) => {
                            step.unreadable += 1;
                            tracing::error!(%error, "a report is left out of the columns");
                        }
                    }
                }
                step.batch = stretch.batch;
                reached = Some(Mark { batch: stretch.batch, last_seq: stretch.last_seq });
            }
            Ok(reached)
        })?;
        self.mark = reached.unwrap_or(self.mark);
        Ok(step)
    }
}

fn policy<'p>(
    policies: &'p mut HashMap<i64, Policy>,
    journal: &Follower,
    number: i64,
) -> Result<&'p Policy, StoreError> {
    Ok(match policies.entry(number) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => place.insert(read_policy(journal, number)?),
    })
}

fn rows_of(held: &JournalReport, policy: &Policy) -> Result<Rows, StoreError> {
    let report = Report::parse(&held.json)
        .map_err(|error| StoreError::Unreadable(format!("report {}: {error}", held.report_id)))?;
    Ok(Rows::of(held, &report, policy))
}

fn read_policy(journal: &Follower, number: i64) -> Result<Policy, StoreError> {
    Policy::read(&journal.manifest(number)?)
        .map_err(|faults| StoreError::Unreadable(format!("the manifest of policy number {number}: {faults}")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use candor_policy::limits::REPORT_BYTES;

    use super::*;
    use crate::clock::SystemClock;
    use crate::limits::PROJECTED_REPORTS;
    use crate::store::NewReport;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_step_is_bounded_in_bytes_and_the_next_one_takes_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        drop(store.with_one_installation());
        // Spaces are no report, so that a step takes no longer than reading them.
        let large = vec![b' '; REPORT_BYTES];
        let fitting = PROJECTED_BYTES / REPORT_BYTES;
        let projecting = {
            let store = store.clone();
            tokio::task::spawn_blocking(move || {
                let mut committer = store.committer(Arc::new(SystemClock)).unwrap();
                for number in 0..=fitting {
                    committer.commit(&[NewReport::with_json(number as u128, &large)]).unwrap();
                }
                let mut projection = store.projection().unwrap();
                let first = projection.step(PROJECTED_REPORTS).unwrap();
                (first, projection.step(PROJECTED_REPORTS).unwrap())
            })
        };
        let (first, second) = projecting.await.unwrap();
        let last = i64::try_from(fitting).unwrap();
        assert_eq!(first, Step { reports: 0, unreadable: fitting, batch: last });
        assert_eq!(second, Step { reports: 0, unreadable: 1, batch: last + 1 });
        store.close().await;
    }
}
