//! SQLite: the product's file, opened for reading alone.
//!
//! Opened read-only and marked `query_only`, so a mistake in one of the two writes nothing. The file is not opened as
//! `immutable`: the product may be writing to it, and then its locks are to be heeded. A query that takes too long is
//! interrupted from inside of SQLite, which no waiting on the outside could do.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use candor_policy::Reason;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

use super::table::{Column, Kind, Table, Texts, quoted};
use super::{DatabaseFacts, DatabaseSettings, Failure, limits};

/// A connection to a SQLite file.
pub struct Sqlite {
    path: PathBuf,
    /// The version that wrote last, or why it is not known.
    written_by: Result<u32, String>,
    /// Gone once it did not come back in time: its thread may hang on a network drive.
    connection: Option<Connection>,
    query_timeout: Duration,
    lock_timeout: Duration,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, settings: &DatabaseSettings) -> Result<Self, Failure> {
        let shown = path.display();
        if let Err(error) = std::fs::metadata(path) {
            let reason = match error.kind() {
                std::io::ErrorKind::PermissionDenied => Reason::AccessDenied,
                _ => Reason::Unreachable,
            };
            return Err(Failure::new(
                reason,
                format!("the database file {shown} cannot be opened ({error}); check the path"),
            ));
        }
        let what = format!("opening {shown}");
        let (file, lock_timeout) = (path.to_owned(), settings.lock_timeout());
        let opening = within(settings.connect_timeout + limits::GRACE, move || {
            // Before SQLite opens the file: closing any handle of a process drops all locks that it holds on the file.
            let written_by = written_by(&file).map_err(|error| error.to_string());
            (written_by, connect(&file, lock_timeout))
        });
        let (written_by, connected) =
            opening.await.ok_or_else(|| Failure::timed_out(&what, settings.connect_timeout))?;
        let mut opened = Self {
            path: path.to_owned(),
            written_by,
            connection: Some(connected.map_err(|error| Failure::of_sqlite(&error, &what))?),
            query_timeout: settings.query_timeout,
            lock_timeout,
        };
        // SQLite opens nothing until it is asked something: a locked file and a file of another kind show here.
        opened.rows(&what, "SELECT CAST(count(*) AS TEXT) FROM sqlite_schema".to_owned(), None).await?;
        Ok(opened)
    }

    /// SQLite is a part of the product, and the version that counts is the product's, not the one inside of candor.
    pub(super) fn facts(&self) -> Result<DatabaseFacts, Failure> {
        let number = *self.written_by.as_ref().map_err(|error| {
            let shown = self.path.display();
            Failure::new(Reason::Failed, format!("the header of {shown} cannot be read ({error})"))
        })?;
        Ok(DatabaseFacts {
            product: "SQLite".to_owned(),
            version: format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000),
            edition: DatabaseFacts::SINGLE_EDITION.to_owned(),
        })
    }

    pub(super) async fn tables(&mut self) -> Result<Vec<Table>, Failure> {
        let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        let rows = self.rows("listing the tables", sql.to_owned(), None).await?;
        let names = rows.into_iter().filter_map(|row| row.into_iter().next().flatten());
        Ok(names.map(|name| Table { sql: quoted(&name), id: name.clone(), name }).collect())
    }

    pub(super) async fn columns(&mut self, table: &Table) -> Result<Vec<Column>, Failure> {
        let what = format!("listing the columns of {}", table.name);
        // Hidden columns of the kind 1 belong to virtual tables; generated ones (2 and 3) hold values.
        let sql = "SELECT name, type FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid";
        let rows = self.rows(&what, sql.to_owned(), Some(table.id.clone())).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let mut cells = row.into_iter();
                let (name, declared) =
                    (cells.next()??, cells.next().flatten().unwrap_or_default().to_uppercase());
                let is_flag = declared.contains("BOOL") || declared == "BIT";
                Some(Column { name, kind: if is_flag { Kind::Flag } else { Kind::ByValue } })
            })
            .collect())
    }

    pub(super) async fn rows(
        &mut self,
        what: &str,
        sql: String,
        values: Option<String>,
    ) -> Result<Vec<Texts>, Failure> {
        let Some(mut connection) = self.connection.take() else {
            return Err(Failure::new(
                Reason::Unreachable,
                format!("{what}: the file stopped answering before"),
            ));
        };
        let query_timeout = self.query_timeout;
        let patience = query_timeout + self.lock_timeout + limits::GRACE;
        let asking = within(patience, move || {
            let rows = read(&mut connection, query_timeout, &sql, values);
            (connection, rows)
        });
        let (connection, rows) = asking.await.ok_or_else(|| Failure::timed_out(what, patience))?;
        self.connection = Some(connection);
        rows.map_err(|error| Failure::of_sqlite(&error, what))
    }
}

/// Does what may block on a thread that is left behind where it takes too long; `None` then.
async fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::time::timeout(limit, tokio::task::spawn_blocking(work)).await.ok()?.ok()
}

fn connect(path: &Path, lock_timeout: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(lock_timeout)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Every name in the statement was found in the catalogue and is quoted; values are bound.
fn read(
    connection: &mut Connection,
    limit: Duration,
    sql: &str,
    values: Option<String>,
) -> rusqlite::Result<Vec<Texts>> {
    let end = Instant::now() + limit;
    connection.progress_handler(limits::STEPS_PER_LOOK, Some(move || Instant::now() > end))?;
    let mut statement = connection.prepare(sql)?;
    let width = statement.column_count();
    let rows = statement.query_map(rusqlite::params_from_iter(values), |row| texts(row, width))?;
    rows.collect()
}

/// The file's header keeps the version of SQLite that wrote last (<https://www.sqlite.org/fileformat2.html>, offset 96).
fn written_by(path: &Path) -> std::io::Result<u32> {
    let mut header = [0; 100];
    std::fs::File::open(path)?.read_exact(&mut header)?;
    Ok(u32::from_be_bytes([header[96], header[97], header[98], header[99]]))
}

/// The row's texts. Old products left text in older encodings behind: what is not UTF-8 is replaced, not refused.
fn texts(row: &Row<'_>, width: usize) -> rusqlite::Result<Texts> {
    (0..width)
        .map(|index| {
            Ok(match row.get_ref(index)? {
                ValueRef::Null => None,
                ValueRef::Integer(number) => Some(number.to_string()),
                ValueRef::Real(number) => Some(number.to_string()),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                    Some(String::from_utf8_lossy(bytes).into_owned())
                }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("product.sqlite");
        let settings = DatabaseSettings::read(&format!("sqlite:{}", path.display()), None).unwrap();
        crate::database::run(async {
            let product = Connection::open(&path).unwrap();
            product.execute_batch("CREATE TABLE A (B); INSERT INTO A VALUES (1)").unwrap();
            let mut opened = Sqlite::open(&path, &settings).await.unwrap();
            for sql in ["DELETE FROM A", "CREATE TABLE X (Y)", "PRAGMA user_version = 7"] {
                let refused = opened.rows("writing", sql.to_owned(), None).await;
                assert!(refused.is_err(), "{sql}");
            }
            let count =
                opened.rows("counting", "SELECT CAST(count(*) AS TEXT) FROM A".to_owned(), None).await;
            assert_eq!(count.unwrap(), [[Some("1".to_owned())]]);
            // The file is opened once and by SQLite alone: a second handle, closed, would drop SQLite's locks.
            std::fs::rename(&path, folder.path().join("moved.sqlite")).unwrap();
            assert!(opened.facts().unwrap().version.starts_with("3."));
        })
        .unwrap();
    }
}
