//! Counting a table's rows in short steps. In rollback mode the product cannot write while a statement reads, so no step takes
//! long and the product has its turn in between; the count is of a table that goes on changing.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::database::limits::{COUNT_PAUSE, COUNT_STEP_ROWS, STEPS_PER_LOOK};

/// What the rows of a table are told apart by, unless columns of its own have all three names.
const ROW_IDS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// The name of a table's row ids; `None` where it has none that can be named.
pub(super) fn row_id(columns: &[String]) -> Option<&'static str> {
    ROW_IDS.into_iter().find(|name| !columns.iter().any(|column| column.eq_ignore_ascii_case(name)))
}

/// Counts the rows of `table`, which is a name in SQL. `None` where the time ran out.
pub(super) fn count(
    connection: &mut Connection,
    table: &str,
    row_id: &str,
    limit: Duration,
) -> rusqlite::Result<Option<i64>> {
    let end = Instant::now() + limit;
    connection.progress_handler(STEPS_PER_LOOK, Some(move || Instant::now() > end))?;
    let sql = format!(
        "SELECT count(*), max(id) FROM (SELECT {row_id} AS id FROM {table} WHERE {row_id} >= ?1 ORDER BY {row_id} LIMIT {COUNT_STEP_ROWS})"
    );
    let (mut rows, mut from) = (0, Some(i64::MIN));
    while let Some(start) = from {
        let began = Instant::now();
        // Prepared anew, as the product may change the table in between.
        let step = connection.query_row(&sql, [start], |row| Ok((row.get(0)?, row.get(1)?)));
        let (counted, last): (i64, Option<i64>) = match step {
            // Many short steps meet the product's writes more often than one long one: as long as there is time, it goes first.
            Err(error) if is_busy(&error) && Instant::now() < end => {
                std::thread::sleep(COUNT_PAUSE);
                continue;
            }
            step => step?,
        };
        rows += counted;
        from = if counted < COUNT_STEP_ROWS { None } else { last.and_then(|last| last.checked_add(1)) };
        if Instant::now() > end {
            return Ok(None);
        }
        if from.is_some() {
            // The product has twice the time that candor takes, as long as that is short.
            std::thread::sleep((2 * began.elapsed()).min(COUNT_PAUSE));
        }
    }
    Ok(Some(rows))
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_add_up_to_the_table() {
        let mut connection = Connection::open_in_memory().unwrap();
        let fill = |connection: &Connection, rows: i64| {
            connection
                .execute_batch(&format!(
                    "DROP TABLE IF EXISTS t; CREATE TABLE t (rowid TEXT, x); INSERT INTO t (x) \
                     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n;"
                ))
                .unwrap();
        };
        let named = row_id(&["ROWID".to_owned(), "x".to_owned()]).unwrap();
        let all =
            |connection: &mut Connection| count(connection, "t", named, Duration::from_secs(60)).unwrap();
        for rows in [1, COUNT_STEP_ROWS - 1, COUNT_STEP_ROWS, 2 * COUNT_STEP_ROWS + 1] {
            fill(&connection, rows);
            assert_eq!(all(&mut connection), Some(rows));
        }
        // Ids from one end to the other.
        connection.execute_batch("UPDATE t SET _rowid_ = -9223372036854775808 WHERE _rowid_ = 1; UPDATE t SET _rowid_ = 9223372036854775807 WHERE _rowid_ = 2;").unwrap();
        assert_eq!(all(&mut connection), Some(2 * COUNT_STEP_ROWS + 1));
        connection.execute_batch("DELETE FROM t").unwrap();
        assert_eq!(all(&mut connection), Some(0));
        assert_eq!(row_id(&["rowid".to_owned(), "_rowid_".to_owned(), "OID".to_owned()]), None);
    }
}
