//! Counting a table's rows in short steps, in rollback mode. A step without a lock counts where the file was at rest meanwhile;
//! where it never is, a step holds a lock, for a few milliseconds, and the product has its turn in between. The count is of a
//! table that goes on changing.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::opening::Sight;
use crate::database::limits::{
    COUNT_PAUSE, COUNT_STEP_ROWS, COUNT_STEP_ROWS_LEAST, REST_PAUSE, STEPS_PER_LOOK,
};

/// What the rows of a table are told apart by, unless columns of its own have all three names.
const ROW_IDS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// The name of a table's row ids; `None` where it has none that can be named.
pub(super) fn row_id(columns: &[String]) -> Option<&'static str> {
    ROW_IDS.into_iter().find(|name| !columns.iter().any(|column| column.eq_ignore_ascii_case(name)))
}

/// What is counted: a table, which is a name in SQL, by the name of its row ids.
pub(super) struct Counted<'t> {
    pub(super) table: &'t str,
    pub(super) row_id: &'t str,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Rows(i64),
    OutOfTime,
    /// The file was never at rest for so long.
    NeverAtRest,
}

/// The rows of one step, and the last one's id.
type Step = (i64, Option<i64>);

impl Counted<'_> {
    fn step(&self, connection: &Connection, start: i64, most: i64) -> rusqlite::Result<Step> {
        let Self { table, row_id } = self;
        let sql = format!(
            "SELECT count(*), max(id) FROM (SELECT {row_id} AS id FROM {table} WHERE {row_id} >= ?1 ORDER BY {row_id} LIMIT {most})"
        );
        // Prepared anew, as the product may change the table in between.
        connection.query_row(&sql, [start], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

fn next_start((counted, last): Step, most: i64) -> Option<i64> {
    if counted < most { None } else { last.and_then(|last| last.checked_add(1)) }
}

fn interrupt_at(connection: &mut Connection, end: Instant) -> rusqlite::Result<()> {
    connection.progress_handler(STEPS_PER_LOOK, Some(move || Instant::now() > end))
}

/// Counts without a lock, for as long as `patience` between two steps that found the file at rest.
pub(super) fn count_unlocked(
    connection: &mut Connection,
    path: &Path,
    counted: &Counted<'_>,
    (limit, patience): (Duration, Duration),
) -> rusqlite::Result<Count> {
    let end = Instant::now() + limit;
    interrupt_at(connection, end)?;
    let (mut rows, mut from, mut most) = (0, Some(i64::MIN), COUNT_STEP_ROWS);
    let mut at_rest = Instant::now();
    while let Some(start) = from {
        let seen = Sight::of(path).ok();
        let step = counted.step(connection, start, most);
        if Instant::now() > end {
            return Ok(Count::OutOfTime);
        }
        if seen.is_some_and(|seen| seen.holds(path)) {
            let step = step?;
            rows += step.0;
            from = next_start(step, most);
            most = (2 * most).min(COUNT_STEP_ROWS);
            at_rest = Instant::now();
        } else if at_rest.elapsed() > patience {
            return Ok(Count::NeverAtRest);
        } else {
            most = (most / 2).max(COUNT_STEP_ROWS_LEAST);
            std::thread::sleep(REST_PAUSE);
        }
    }
    Ok(Count::Rows(rows))
}

/// Counts with a lock during each step.
pub(super) fn count_locking(
    connection: &mut Connection,
    counted: &Counted<'_>,
    limit: Duration,
) -> rusqlite::Result<Count> {
    let end = Instant::now() + limit;
    interrupt_at(connection, end)?;
    let (mut rows, mut from) = (0, Some(i64::MIN));
    while let Some(start) = from {
        let began = Instant::now();
        let step = match counted.step(connection, start, COUNT_STEP_ROWS) {
            // Many short steps meet the product's writes more often than one long one: as long as there is time, it goes first.
            Err(error) if is_busy(&error) && Instant::now() < end => {
                std::thread::sleep(COUNT_PAUSE);
                continue;
            }
            step => step?,
        };
        rows += step.0;
        from = next_start(step, COUNT_STEP_ROWS);
        if Instant::now() > end {
            return Ok(Count::OutOfTime);
        }
        if from.is_some() {
            // The product has twice the time that candor takes, as long as that is short.
            std::thread::sleep((2 * began.elapsed()).min(COUNT_PAUSE));
        }
    }
    Ok(Count::Rows(rows))
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_add_up_to_the_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("product.sqlite");
        let mut connection = Connection::open(&path).unwrap();
        let fill = |connection: &Connection, rows: i64| {
            connection
                .execute_batch(&format!(
                    "DROP TABLE IF EXISTS t; CREATE TABLE t (rowid TEXT, x); INSERT INTO t (x) \
                     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n;"
                ))
                .unwrap();
        };
        let named = row_id(&["ROWID".to_owned(), "x".to_owned()]).unwrap();
        let all = |connection: &mut Connection| {
            let (counted, long) = (Counted { table: "t", row_id: named }, Duration::from_secs(60));
            let locking = count_locking(connection, &counted, long).unwrap();
            assert_eq!(count_unlocked(connection, &path, &counted, (long, long)).unwrap(), locking);
            locking
        };
        for rows in [1, COUNT_STEP_ROWS - 1, COUNT_STEP_ROWS, 2 * COUNT_STEP_ROWS + 1] {
            fill(&connection, rows);
            assert_eq!(all(&mut connection), Count::Rows(rows));
        }
        // Ids from one end to the other.
        connection.execute_batch("UPDATE t SET _rowid_ = -9223372036854775808 WHERE _rowid_ = 1; UPDATE t SET _rowid_ = 9223372036854775807 WHERE _rowid_ = 2;").unwrap();
        assert_eq!(all(&mut connection), Count::Rows(2 * COUNT_STEP_ROWS + 1));
        connection.execute_batch("DELETE FROM t").unwrap();
        assert_eq!(all(&mut connection), Count::Rows(0));
        assert_eq!(row_id(&["rowid".to_owned(), "_rowid_".to_owned(), "OID".to_owned()]), None);
    }
}
