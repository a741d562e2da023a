//! The columns: DuckDB in one file, a projection of the journal that can be rebuilt at any time.
//!
//! One connection writes, the projector's; readers get connections of their own and see whole transactions. Nothing here
//! is the truth: a file that cannot be opened, or that has another schema, is removed and built anew.

mod append;
mod history;
mod identities;
mod names;
mod reads;
mod revising;
mod rows;
mod state_rows;
mod states;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use duckdb::{Config, Connection};
use tokio::sync::Semaphore;

use super::StoreError;
use super::insights::ColumnsReader;
use crate::limits::{COLUMN_MEMORY, COLUMN_THREADS_MOST, CONCURRENT_QUERIES, CORES_PER_COLUMN_THREAD};
pub use append::Mark;
pub(in crate::store) use append::{append, read_mark};
pub(in crate::store) use identities::Identities;
pub use reads::Reads;
pub(in crate::store) use revising::{read_revision, replace, write_revision};
pub(in crate::store) use rows::Rows;
#[cfg(test)]
pub(in crate::store) use rows::{FactRow, OutcomeRow, ReportRow, Span};
pub use states::Computed;
pub(in crate::store) use states::{States, forget_states, states_follow};

/// Raised with every change of [`SCHEMA`].
const VERSION: i64 = 7;

/// The tables.
const SCHEMA: &str = include_str!("schema.sql");

/// The columns, open.
#[derive(Clone)]
pub struct Columns {
    origin: Arc<Mutex<Connection>>,
    permits: Arc<Semaphore>,
    reads: Arc<Reads>,
}

impl Columns {
    /// Opens the file, or makes it anew where it is missing, cannot be opened or has another schema.
    ///
    /// # Errors
    /// [`StoreError`] where not even a new file can be made.
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let connection = match open_existing(file) {
            Ok(Some(connection)) => connection,
            Ok(None) => create(file)?,
            // Somebody else has the file open: it is in use, not broken.
            Err(error) if error.to_string().contains("lock on file") => return Err(error),
            Err(error) => {
                tracing::warn!(file = %file.display(), %error, "the columns cannot be opened and are built anew");
                create(file)?
            }
        };
        Ok(Self {
            origin: Arc::new(Mutex::new(connection)),
            permits: Arc::new(Semaphore::new(CONCURRENT_QUERIES)),
            reads: Arc::default(),
        })
    }

    /// Runs a read on a thread that may block, with a reader of its own. It waits while as many reads run as may run at once.
    ///
    /// # Errors
    /// What `read` returns, or [`StoreError::Closing`].
    pub async fn query<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&ColumnsReader) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StoreError::Closing)?;
        let columns = self.clone();
        let running = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let started = Instant::now();
            let answer = read(&ColumnsReader::new(columns.connection()?));
            columns.reads.add(started.elapsed());
            answer
        });
        running.await.map_err(|_| StoreError::Closing)?
    }

    /// The reads so far.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Lets no more queries in, and folds the log back into the file.
    pub(super) fn close(&self) {
        self.permits.close();
        let origin = self.origin.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = origin.execute_batch("CHECKPOINT") {
            tracing::debug!(%error, "the columns' log was not folded back; the next start does it");
        }
    }

    /// Another connection to the same database.
    pub(super) fn connection(&self) -> duckdb::Result<Connection> {
        self.origin.lock().unwrap_or_else(PoisonError::into_inner).try_clone()
    }
}

/// Opens a file of this version's schema; `None` where there is no file, or it has another one.
fn open_existing(file: &Path) -> Result<Option<Connection>, StoreError> {
    if !file.exists() {
        return Ok(None);
    }
    let connection = Connection::open_with_flags(file, settings()?)?;
    let version: i64 =
        connection.query_row("SELECT max(version) FROM schema_version", [], |row| row.get(0))?;
    Ok((version == VERSION).then_some(connection))
}

/// Makes the file anew.
fn create(file: &Path) -> Result<Connection, StoreError> {
    for old in [file.to_owned(), file.with_extension("duckdb.wal")] {
        match std::fs::remove_file(&old) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::File { path: old.display().to_string(), source });
            }
            _ => {}
        }
    }
    let connection = Connection::open_with_flags(file, settings()?)?;
    create_tables(&connection)?;
    Ok(connection)
}

fn create_tables(connection: &Connection) -> duckdb::Result<()> {
    connection.execute_batch("BEGIN")?;
    connection.execute_batch(SCHEMA)?;
    connection.execute("INSERT INTO schema_version VALUES (?)", [VERSION])?;
    connection.execute_batch("INSERT INTO projected VALUES (0, 0, 0, 0); COMMIT")
}

/// Empty columns that end with the test.
#[cfg(test)]
pub(in crate::store) fn in_memory() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    create_tables(&connection).unwrap();
    connection
}

/// Takes everything out, so that the journal can be projected from its beginning.
pub(super) fn empty(connection: &Connection) -> duckdb::Result<()> {
    connection.execute_batch(include_str!("../queries/columns.empty.sql"))
}

fn threads() -> i64 {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (cores / CORES_PER_COLUMN_THREAD).clamp(1, COLUMN_THREADS_MOST) as i64
}

/// No extension is ever fetched or loaded, and no query reaches a file or an address (law 10).
fn settings() -> duckdb::Result<Config> {
    Config::default()
        .threads(threads())?
        .max_memory(COLUMN_MEMORY)?
        .enable_autoload_extension(false)?
        .enable_external_access(false)?
        .with("autoinstall_known_extensions", "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_file_answers_queries_and_an_unreadable_one_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("columns.duckdb");
        std::fs::write(&file, b"not a database").unwrap();
        let columns = Columns::open(&file).unwrap();
        let mark =
            columns.query(|reader| reader.rows_as_text("SELECT last_seq FROM projected")).await.unwrap();
        assert_eq!(mark, [["0"]]);
    }

    #[test]
    fn no_query_reaches_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let columns = Columns::open(&folder.path().join("columns.duckdb")).unwrap();
        let connection = columns.connection().unwrap();
        let outside = folder.path().join("outside.csv");
        std::fs::write(&outside, "a\n1\n").unwrap();
        let read = format!("SELECT * FROM read_csv('{}')", outside.display());
        assert!(connection.execute_batch(&read).is_err());
    }
}
