//! States in the columns: a step takes in its reports where the current rows of their installations are enough, and computes an
//! installation anew from its facts where they are not.

use std::collections::{BTreeSet, HashMap, HashSet};

use duckdb::{Connection, Transaction};

use super::history;
use super::names::Names;
use super::state_rows::{self, Loaded, Writer};
use crate::limits::COMPUTED_INSTALLATIONS;
use crate::store::StoreError;
use crate::store::states::{Heard, History};

/// How far the computing of states has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Computed {
    /// The last installation.
    pub last: i64,
    /// The last one of all.
    pub of: i64,
}

/// What writes states.
pub(in crate::store) struct States {
    names: Names,
}

impl States {
    /// Prepares a connection for it.
    pub(in crate::store) fn read(connection: &Connection) -> duckdb::Result<Self> {
        connection.execute_batch(
            "CREATE TEMP TABLE touched (installation BIGINT NOT NULL); CREATE TEMP TABLE removed (place BIGINT NOT NULL)",
        )?;
        Ok(Self { names: Names::read(connection)? })
    }

    /// Takes in reports whose other rows are in the columns already.
    pub(super) fn take_in(
        &mut self,
        transaction: &Transaction<'_>,
        reports: Vec<(i64, Heard)>,
    ) -> Result<(), StoreError> {
        if reports.is_empty() {
            return Ok(());
        }
        touch(transaction, &reports.iter().map(|(installation, _)| *installation).collect())?;
        let Loaded { mut histories, places } = state_rows::load(transaction, &self.names)?;
        let mut late = BTreeSet::new();
        for (installation, report) in reports {
            let history = histories.entry(installation).or_default();
            if !late.contains(&installation) && history.hear(report).is_err() {
                late.insert(installation);
            }
        }
        histories.retain(|installation, _| !late.contains(installation));
        self.change(transaction, &histories, places)?;
        if !late.is_empty() {
            self.compute(transaction, &late)?;
        }
        Ok(())
    }

    /// Computes the states of the next installations after this one; once there is none left, states follow from the other columns
    /// again.
    pub(in crate::store) fn compute_after(
        &mut self,
        connection: &mut Connection,
        after: i64,
    ) -> Result<Option<Computed>, StoreError> {
        let transaction = connection.transaction()?;
        let next = installations_after(&transaction, after)?;
        let of =
            transaction.query_row("SELECT coalesce(max(installation), 0) FROM installations", [], |row| {
                row.get(0)
            })?;
        let computed = next.last().map(|last| Computed { last: *last, of });
        match computed {
            Some(_) => self.compute(&transaction, &next)?,
            None => transaction.execute_batch("UPDATE projected SET states_seq = last_seq")?,
        }
        transaction.commit()?;
        Ok(computed)
    }

    /// Writes what is new, and removes what is not as it was.
    fn change(
        &mut self,
        transaction: &Transaction<'_>,
        histories: &HashMap<i64, History>,
        places: HashMap<i64, Vec<i64>>,
    ) -> duckdb::Result<()> {
        let kept: HashSet<i64> = histories.values().flat_map(state_rows::stored).collect();
        let loaded = places.iter().filter(|(installation, _)| histories.contains_key(installation));
        let removed = loaded.flat_map(|(_, places)| places).filter(|place| !kept.contains(place));
        touch(transaction, &histories.keys().copied().collect())?;
        remove(transaction, removed)?;
        self.write(transaction, histories)
    }

    /// Computes the states of these installations from their facts.
    pub(super) fn compute(
        &mut self,
        transaction: &Transaction<'_>,
        installations: &BTreeSet<i64>,
    ) -> Result<(), StoreError> {
        touch(transaction, installations)?;
        transaction.execute_batch(include_str!("../queries/states.remove_touched.sql"))?;
        let histories = history::read(transaction)?
            .into_iter()
            .map(|(installation, reports)| (installation, History::of(reports)))
            .collect();
        Ok(self.write(transaction, &histories)?)
    }

    /// Lets go of names that no state has any more: an erased installation may have been the only one to say them.
    pub(super) fn forget_unused_names(&mut self, transaction: &Transaction<'_>) -> duckdb::Result<()> {
        transaction.execute_batch("DELETE FROM names WHERE name NOT IN (SELECT name FROM all_states)")?;
        self.names = Names::read(transaction)?;
        Ok(())
    }

    fn write(
        &mut self,
        transaction: &Transaction<'_>,
        histories: &HashMap<i64, History>,
    ) -> duckdb::Result<()> {
        let mut writer = Writer::of(transaction)?;
        for (installation, history) in histories {
            writer.add(*installation, history, &mut self.names)?;
        }
        writer.flush()?;
        self.names.write(transaction)
    }
}

/// Whether states follow from the other columns.
pub(in crate::store) fn states_follow(connection: &Connection) -> duckdb::Result<bool> {
    connection.query_row("SELECT states_seq = last_seq FROM projected", [], |row| row.get(0))
}

fn installations_after(transaction: &Transaction<'_>, after: i64) -> duckdb::Result<BTreeSet<i64>> {
    let mut select = transaction.prepare(
        "SELECT installation FROM installations WHERE installation > ? ORDER BY installation LIMIT ?",
    )?;
    let rows = select.query_map([after, COMPUTED_INSTALLATIONS], |row| row.get(0))?;
    rows.collect()
}

/// Takes all states out, so that they can be computed from the facts.
pub(in crate::store) fn forget_states(connection: &Connection) -> duckdb::Result<()> {
    connection.execute_batch(include_str!("../queries/states.empty.sql"))
}

/// Fills the table of installations that the next statements speak of.
pub(super) fn touch(transaction: &Transaction<'_>, installations: &BTreeSet<i64>) -> duckdb::Result<()> {
    transaction.execute_batch("DELETE FROM touched")?;
    let mut rows = transaction.appender("touched")?;
    rows.append_rows(installations.iter().map(|installation| [*installation]))?;
    rows.flush()
}

fn remove<'p>(transaction: &Transaction<'_>, places: impl Iterator<Item = &'p i64>) -> duckdb::Result<()> {
    transaction.execute_batch("DELETE FROM removed")?;
    let mut rows = transaction.appender("removed")?;
    rows.append_rows(places.map(|place| [*place]))?;
    rows.flush()?;
    drop(rows);
    transaction.execute_batch(include_str!("../queries/states.remove_changed.sql"))
}
