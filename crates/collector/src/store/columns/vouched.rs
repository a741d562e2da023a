//! Which installations a voucher verifies, and the customers that their vouchers name: followed from the journal by its own
//! numbers, since it changes without a report.

use duckdb::{Connection, params};

use crate::store::StoreError;
use crate::store::journal::standings::Standing;

/// Up to which number standings have been followed.
pub(in crate::store) fn read_standing(connection: &Connection) -> duckdb::Result<i64> {
    connection.query_row("SELECT standing FROM projected", [], |row| row.get(0))
}

/// Takes over standings, up to a number.
///
/// # Errors
/// [`StoreError`]; nothing of it is then kept.
pub(in crate::store) fn follow_standings(
    connection: &mut Connection,
    standings: &[Standing],
    last: i64,
) -> Result<(), StoreError> {
    let transaction = connection.transaction()?;
    let numbers: Vec<String> = standings.iter().map(|standing| standing.installation.to_string()).collect();
    transaction.execute(
        "DELETE FROM vouched WHERE installation IN (SELECT unnest(string_split(?, ' '))::BIGINT)",
        [numbers.join(" ")],
    )?;
    let mut rows = transaction.appender("vouched")?;
    for standing in standings.iter().filter(|standing| standing.is_verified) {
        rows.append_row(params![standing.installation, standing.customer])?;
    }
    rows.flush()?;
    drop(rows);
    transaction.execute("UPDATE projected SET standing = ?", [last])?;
    Ok(transaction.commit()?)
}
