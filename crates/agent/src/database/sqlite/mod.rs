//! SQLite: the product's file, opened for reading alone, so that nothing of candor stays beside it ([`opening`]) and the product
//! is never kept from writing for long ([`counting`]).
//!
//! Opened read-only and marked `query_only`, so a mistake in one of the two writes nothing. A query that takes too long is
//! interrupted from inside of SQLite, which no waiting on the outside could do.

mod counting;
mod opening;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use candor_policy::Reason;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use self::counting::{Count, Counted};
use self::opening::{Opened, Way};
use super::table::{Column, Kind, Table, TableKind, Texts, quoted};
use super::{DatabaseFacts, DatabaseSettings, Failure, limits};

/// A connection to a SQLite file.
pub struct Sqlite {
    path: PathBuf,
    /// The version that wrote last; `None` where the file is empty.
    written_by: Option<u32>,
    way: Way,
    /// Gone once it did not come back in time: its thread may hang on a network drive.
    connection: Option<Connection>,
    connect_timeout: Duration,
    query_timeout: Duration,
    lock_timeout: Duration,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, settings: &DatabaseSettings) -> Result<Self, Failure> {
        let opened = opened(path, settings.connect_timeout, settings.lock_timeout(), false).await?;
        let mut own = Self {
            path: path.to_owned(),
            written_by: opened.written_by,
            way: opened.way,
            connection: Some(opened.connection),
            connect_timeout: settings.connect_timeout,
            query_timeout: settings.query_timeout,
            lock_timeout: settings.lock_timeout(),
        };
        // SQLite opens nothing until it is asked something: a locked file and a file of another kind show here.
        let what = format!("opening {}", path.display());
        own.rows(&what, "SELECT CAST(count(*) AS TEXT) FROM sqlite_schema".to_owned(), None).await?;
        Ok(own)
    }

    /// SQLite is a part of the product, and the version that counts is the product's, not the one inside of candor.
    pub(super) fn facts(&self) -> Result<DatabaseFacts, Failure> {
        let number = self.written_by.ok_or_else(|| {
            let shown = self.path.display();
            Failure::new(
                Reason::Failed,
                format!("{shown} has no header yet; its product has not written to it"),
            )
        })?;
        Ok(DatabaseFacts {
            product: "SQLite".to_owned(),
            version: format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000),
            edition: DatabaseFacts::SINGLE_EDITION.to_owned(),
        })
    }

    pub(super) async fn tables(&mut self) -> Result<Vec<Table>, Failure> {
        let sql = "SELECT name, type, CAST(wr AS TEXT) FROM pragma_table_list \
             WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        let rows = self.rows("listing the tables", sql.to_owned(), None).await?;
        let table = |row: Texts| {
            let [name, kind, without_row_id] = <[Option<String>; 3]>::try_from(row).ok()?;
            let name = name?;
            // Views, virtual tables and the tables that these keep their own data in hold no records of their own.
            let is_ordinary = kind.as_deref() == Some("table");
            Some(Table {
                sql: quoted(&name),
                id: name.clone(),
                name,
                kind: if is_ordinary { TableKind::Ordinary } else { TableKind::Derived },
                has_row_ids: is_ordinary && without_row_id.as_deref() == Some("0"),
            })
        };
        Ok(rows.into_iter().filter_map(table).collect())
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
                let kind = if is_flag { Kind::Flag } else { Kind::ByValue };
                Some(Column { name, kind, may_be_read: true })
            })
            .collect())
    }

    /// Counts a table in short steps where a long read would keep the product from writing; `None` where it need not, or cannot.
    pub(super) async fn row_count_in_steps(&mut self, table: &Table) -> Result<Option<i64>, Failure> {
        if !matches!(self.way, Way::Locking | Way::Unlocked(_)) || !table.has_row_ids {
            return Ok(None);
        }
        let columns: Vec<String> = self.columns(table).await?.into_iter().map(|column| column.name).collect();
        let Some(row_id) = counting::row_id(&columns) else { return Ok(None) };
        let (what, limit, patience) =
            (format!("counting {}", table.name), self.query_timeout, self.lock_timeout);
        if let Way::Unlocked(_) = self.way {
            let (path, table) = (self.path.clone(), table.sql.clone());
            let count = self.ask(&what, move |connection| {
                let counted = Counted { table: &table, row_id };
                counting::count_unlocked(connection, &path, &counted, (limit, patience))
            });
            match count.await? {
                Count::Rows(rows) => return Ok(Some(rows)),
                Count::OutOfTime => return Err(Failure::timed_out(&what, limit)),
                Count::NeverAtRest => self.reopen(true).await?,
            }
        }
        let table = table.sql.clone();
        let count = self.ask(&what, move |connection| {
            counting::count_locking(connection, &Counted { table: &table, row_id }, limit)
        });
        match count.await? {
            Count::Rows(rows) => Ok(Some(rows)),
            Count::OutOfTime | Count::NeverAtRest => Err(Failure::timed_out(&what, limit)),
        }
    }

    pub(super) async fn rows(
        &mut self,
        what: &str,
        sql: String,
        values: Option<String>,
    ) -> Result<Vec<Texts>, Failure> {
        let (began, mut tries) = (Instant::now(), 0);
        loop {
            let (sql, values, limit) = (sql.clone(), values.clone(), self.statement_timeout());
            let rows = self.ask(what, move |connection| read(connection, limit, &sql, values)).await;
            if self.is_as_seen().await {
                return rows.map_err(|failure| self.explained(what, failure));
            }
            tries += 1;
            let is_in_wal_mode = matches!(self.way, Way::Immutable(_));
            if is_in_wal_mode && tries >= limits::SQLITE_TRIES {
                let advice =
                    "the product opens and closes the file all the time; try again when it is running";
                return Err(Failure::new(Reason::Locked, format!("{what}: {advice}")));
            }
            // It never rests: a lock it is, though never for long.
            let may_lock = !is_in_wal_mode && began.elapsed() > self.lock_timeout;
            tokio::time::sleep(limits::REST_PAUSE).await;
            self.reopen(may_lock).await?;
        }
    }

    /// In rollback mode the product cannot write while a statement reads.
    fn statement_timeout(&self) -> Duration {
        match self.way {
            Way::Locking => self.query_timeout.min(limits::LOCK_HELD),
            Way::Unlocked(_) | Way::BesideTheProduct | Way::Immutable(_) => self.query_timeout,
        }
    }

    fn explained(&self, what: &str, failure: Failure) -> Failure {
        if failure.reason != Reason::TimedOut || self.statement_timeout() == self.query_timeout {
            return failure;
        }
        let seconds = limits::LOCK_HELD.as_secs_f32();
        let advice = "it would keep the product from writing; a database in WAL mode has no such limit";
        Failure::new(Reason::TimedOut, format!("{what}: not read within {seconds} s, and {advice}"))
    }

    /// Whether a file that was read without a lock is still as it was: the product may have written to it meanwhile.
    async fn is_as_seen(&self) -> bool {
        match &self.way {
            Way::Locking | Way::BesideTheProduct => true,
            Way::Unlocked(seen) | Way::Immutable(seen) => {
                let (path, seen) = (self.path.clone(), seen.clone());
                let looking = within(self.connect_timeout + limits::GRACE, move || seen.holds(&path));
                looking.await.unwrap_or(false)
            }
        }
    }

    async fn reopen(&mut self, may_lock: bool) -> Result<(), Failure> {
        self.connection = None;
        let opened = opened(&self.path, self.connect_timeout, self.lock_timeout, may_lock).await?;
        (self.way, self.connection) = (opened.way, Some(opened.connection));
        Ok(())
    }

    /// Asks the file something on a thread that is left behind where it takes too long.
    async fn ask<T: Send + 'static>(
        &mut self,
        what: &str,
        question: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let Some(mut connection) = self.connection.take() else {
            return Err(Failure::new(
                Reason::Unreachable,
                format!("{what}: the file stopped answering before"),
            ));
        };
        let patience = self.query_timeout + self.lock_timeout + limits::GRACE;
        let asking = within(patience, move || {
            let answer = question(&mut connection);
            (connection, answer)
        });
        let (connection, answer) = asking.await.ok_or_else(|| Failure::timed_out(what, patience))?;
        self.connection = Some(connection);
        answer.map_err(|error| Failure::of_sqlite(&error, what))
    }
}

async fn opened(
    path: &Path,
    limit: Duration,
    lock_timeout: Duration,
    may_lock: bool,
) -> Result<Opened, Failure> {
    let what = format!("opening {}", path.display());
    let path = path.to_owned();
    let opening = within(limit + limits::GRACE, move || opening::open(&path, lock_timeout, may_lock));
    opening.await.ok_or_else(|| Failure::timed_out(&what, limit))?
}

/// Does what may block on a thread that is left behind where it takes too long; `None` then.
async fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::time::timeout(limit, tokio::task::spawn_blocking(work)).await.ok()?.ok()
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
        let settings = DatabaseSettings::read(format!("sqlite:{}", path.display()), None).unwrap();
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
