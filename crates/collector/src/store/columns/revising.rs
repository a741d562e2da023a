//! An installation whose reports were erased or rewritten in the journal: all its rows go, and come anew from what the journal
//! holds of it now.

use std::collections::BTreeSet;

use duckdb::Connection;

use super::append::Tables;
use super::identities::Identities;
use super::states::{States, touch};
use crate::store::StoreError;

/// How far revisions of the journal have been followed.
pub(in crate::store) fn read_revision(connection: &Connection) -> duckdb::Result<i64> {
    connection.query_row("SELECT revision FROM projected", [], |row| row.get(0))
}

/// Revisions up to this one have been followed.
pub(in crate::store) fn write_revision(connection: &Connection, revision: i64) -> duckdb::Result<()> {
    connection.execute("UPDATE projected SET revision = ?", [revision])?;
    Ok(())
}

/// Replaces the rows of these installations by those that `fill` adds. Without `states`, those are left for later.
///
/// # Errors
/// [`StoreError`]; nothing is then kept but what `identities` and `states` heard, so they are of no more use.
pub(in crate::store) fn replace(
    connection: &mut Connection,
    identities: &mut Identities,
    states: Option<&mut States>,
    installations: BTreeSet<i64>,
    fill: impl FnOnce(&mut Tables<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    touch(&transaction, &installations)?;
    transaction.execute_batch(include_str!("../queries/revising.remove.sql"))?;
    identities.forget(&installations);
    let mut tables = Tables::of(&transaction, identities, false)?;
    fill(&mut tables)?;
    tables.flush()?;
    identities.write(&transaction)?;
    if let Some(states) = states {
        states.compute(&transaction, &installations)?;
        states.forget_unused_names(&transaction)?;
    }
    transaction.commit()?;
    Ok(())
}
