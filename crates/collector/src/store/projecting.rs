//! The projection: journal in, columns out, batch by batch. Its face is three calls: where do we stand, take a step, start
//! anew. It blocks, so it belongs on a thread of its own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use candor_policy::{Policy, Report};

use super::columns::{Computed, Identities, Mark, Rows, States};
use super::journal::{Follower, JournalReport, Portion};
use super::{Store, StoreError};
use crate::limits::{
    FOLLOWED_STANDINGS, PROJECTED_BYTES, REVISED_INSTALLATIONS, STRETCH_BYTES, STRETCH_REPORTS,
};

/// Little at a time: the log cannot be started over while it is read, and memory for a whole step would be given back to the
/// system, and taken again, each time.
const STRETCH: Portion = Portion { reports: STRETCH_REPORTS, bytes: STRETCH_BYTES };

/// The state that the projector keeps between steps.
pub struct Projection {
    journal: Follower,
    columns: duckdb::Connection,
    mark: Mark,
    /// Up to which the journal's erasures and rewritings have been followed.
    revision: i64,
    /// Up to which its vouchers have been followed.
    standing: i64,
    identities: Identities,
    states: States,
    /// While states are left for later: the last installation whose states have been computed.
    computed: Option<i64>,
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
    /// two of its batches, are emptied first; so are states that do not follow from the other columns.
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
        let follow = super::columns::states_follow(&columns)?;
        if !follow {
            super::columns::forget_states(&columns)?;
        }
        let mut revision = super::columns::read_revision(&columns)?;
        if mark == Mark::default() {
            // What will be read has been revised.
            revision = journal.revised_after(revision)?.revision;
            super::columns::write_revision(&columns, revision)?;
        }
        let standing = super::columns::read_standing(&columns)?;
        let (identities, states) = (Identities::read(&columns)?, States::read(&columns)?);
        let computed = (!follow).then_some(0);
        let policies = HashMap::new();
        Ok(Projection { journal, columns, mark, revision, standing, identities, states, computed, policies })
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
        let Self { journal, columns, mark, identities, states, computed, policies, .. } = self;
        let mut step = Step { reports: 0, unreadable: 0, batch: mark.batch };
        if let Some(last) = computed {
            // Some of these reports may be of installations whose states have been computed.
            *last = 0;
        }
        let states = computed.is_none().then_some(states);
        let reached = super::columns::append(columns, identities, states, |tables| {
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

    /// Whether the columns hold all states of what has been projected: without them, pages do not show it yet.
    pub fn has_states(&self) -> bool {
        self.computed.is_none()
    }

    /// Takes over which installations a voucher verifies, as far as that has changed.
    ///
    /// # Errors
    /// [`StoreError`]; start another projection then, which does it again.
    pub fn follow_standings(&mut self) -> Result<(), StoreError> {
        loop {
            let (standings, last) = self.journal.standings_after(self.standing, FOLLOWED_STANDINGS)?;
            if standings.is_empty() {
                return Ok(());
            }
            super::columns::follow_standings(&mut self.columns, &standings, last)?;
            self.standing = last;
        }
    }

    /// Builds the installations anew of which reports were erased or rewritten in the journal. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`]; start another projection then, which does it again.
    pub fn revise(&mut self) -> Result<usize, StoreError> {
        let revised = self.journal.revised_after(self.revision)?;
        for installations in revised.installations.chunks(REVISED_INSTALLATIONS) {
            self.replace(installations)?;
        }
        if revised.revision != self.revision {
            super::columns::write_revision(&self.columns, revised.revision)?;
            self.revision = revised.revision;
        }
        Ok(revised.installations.len())
    }

    fn replace(&mut self, installations: &[i64]) -> Result<(), StoreError> {
        let Self { journal, columns, mark, identities, states, computed, policies, .. } = self;
        let states = computed.is_none().then_some(states);
        let replaced = installations.iter().copied().collect();
        super::columns::replace(columns, identities, states, replaced, |tables| {
            for installation in installations {
                journal.each_of(*installation, mark.last_seq, |report| {
                    let rows =
                        report.and_then(|held| rows_of(&held, policy(policies, journal, held.policy)?));
                    match rows {
                        Ok(rows) => tables.add(&rows)?,
                        Err(error) => tracing::error!(%error, "a report is left out of the columns"),
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })
    }

    /// Leaves the states for later, where there is nothing yet: computed all at once from the facts, they cost a fraction.
    pub fn leave_states(&mut self) {
        if self.mark == Mark::default() {
            self.computed = Some(0);
        }
    }

    /// Computes states that were left for later, of some installations more; none where no more are left. While there are,
    /// pages show what has been computed.
    ///
    /// # Errors
    /// [`StoreError`]; start another projection then.
    pub fn compute_states(&mut self) -> Result<Option<Computed>, StoreError> {
        let Some(after) = self.computed else { return Ok(None) };
        let computed = self.states.compute_after(&mut self.columns, after)?;
        self.computed = computed.map(|computed| computed.last);
        Ok(computed)
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
