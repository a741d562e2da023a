//! The columns: DuckDB in one file, a projection of the journal that can be rebuilt at any time.
//!
//! One connection writes, the projector's; readers get connections of their own and see whole transactions. Nothing here
//! is the truth: a file of another schema is removed and built anew; one that is damaged is set aside and built anew, whether
//! that shows when it is opened or when it is read or written later. Whoever meets it notes it, and the projector mends it.

mod append;
mod fault;
mod history;
mod identities;
mod names;
mod reads;
mod revising;
mod rows;
mod state_rows;
mod states;
mod vouched;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use duckdb::{Config, Connection, InterruptHandle};
use tokio::sync::{Semaphore, watch};

use super::StoreError;
use super::insights::ColumnsReader;
use crate::limits::{
    COLUMN_MEMORY, COLUMN_THREADS_MOST, CONCURRENT_QUERIES, CORES_PER_COLUMN_THREAD, SET_ASIDE_AGAIN,
};
pub use append::Mark;
pub(in crate::store) use append::{append, read_mark};
pub use fault::Fault;
pub(in crate::store) use fault::remove;
use fault::{remove_aside, set_aside};
pub(in crate::store) use identities::Identities;
pub use reads::Reads;
pub(in crate::store) use revising::{read_revision, replace, write_revision};
pub(in crate::store) use rows::Rows;
#[cfg(test)]
pub(in crate::store) use rows::{FactRow, OutcomeRow, ReportRow, Span};
pub use states::Computed;
pub(in crate::store) use states::{States, forget_states, states_follow};
pub(in crate::store) use vouched::{follow_standings, read_standing};

/// Raised with every change of [`SCHEMA`].
const VERSION: i64 = 8;

/// The tables.
const SCHEMA: &str = include_str!("schema.sql");

/// The columns. Cloning shares them.
#[derive(Clone)]
pub struct Columns {
    file: Arc<Path>,
    origin: Arc<Mutex<Origin>>,
    permits: Arc<Semaphore>,
    reads: Arc<Reads>,
    running: Arc<Mutex<Vec<Arc<InterruptHandle>>>>,
    fault: Arc<watch::Sender<Option<Fault>>>,
}

/// The database that all connections are to.
#[derive(Default)]
struct Origin {
    /// None while it cannot be opened.
    connection: Option<Connection>,
    /// When a damaged file was set aside last.
    set_aside: Option<Instant>,
}

impl Columns {
    /// Opens the file, or makes it anew where it is missing, damaged or has another schema. Where the disk is full, that is left
    /// for [`Self::mend`].
    ///
    /// # Errors
    /// [`StoreError`] where another process has the file open, or not even a new one can be made.
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let columns = Self {
            file: file.into(),
            origin: Arc::default(),
            permits: Arc::new(Semaphore::new(CONCURRENT_QUERIES)),
            reads: Arc::default(),
            running: Arc::default(),
            fault: Arc::default(),
        };
        match columns.reopen(&mut columns.origin()) {
            Err(error) if columns.notice(&error) != Some(Fault::Stopped) => return Err(error),
            Err(error) => tracing::error!(%error, "the columns cannot be opened yet"),
            Ok(()) => {}
        }
        Ok(columns)
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
            let answer = columns.read(read);
            columns.reads.add(started.elapsed());
            answer
        });
        running.await.map_err(|_| StoreError::Closing)?
    }

    fn read<T>(&self, read: impl FnOnce(&ColumnsReader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.connection()?;
        let handle = connection.interrupt_handle();
        self.running().push(handle.clone());
        let answer = read(&ColumnsReader::new(connection));
        self.running().retain(|running| !Arc::ptr_eq(running, &handle));
        if let Err(error) = &answer {
            self.notice(error);
        }
        answer
    }

    /// The reads so far.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// How many reads run now.
    pub fn reads_running(&self) -> usize {
        self.running().len()
    }

    /// What is wrong with the columns, and word of each change.
    pub fn fault(&self) -> watch::Receiver<Option<Fault>> {
        self.fault.subscribe()
    }

    /// Notes what an error says of the file; returns it.
    pub fn notice(&self, error: &StoreError) -> Option<Fault> {
        let StoreError::Columns(cause) = error else { return None };
        let fault = Fault::of(&cause.to_string())?;
        self.fault.send_if_modified(|noted| {
            let worse = noted.is_none_or(|noted| noted < fault);
            if worse {
                *noted = Some(fault);
            }
            worse
        });
        Some(fault)
    }

    /// Opens the file again after a fault; one that is damaged is set aside, and an empty one takes its place. Reads are
    /// interrupted and waited for; call it where nobody writes. It blocks.
    ///
    /// # Errors
    /// [`StoreError`] where that fails; the fault then stays.
    pub async fn mend(&self) -> Result<(), StoreError> {
        let Some(fault) = *self.fault.borrow() else { return Ok(()) };
        self.interrupt();
        let all = u32::try_from(CONCURRENT_QUERIES).unwrap_or(u32::MAX);
        let _readers = self.permits.acquire_many(all).await.map_err(|_| StoreError::Closing)?;
        let mut origin = self.origin();
        origin.connection = None;
        let may_set_aside = origin.set_aside.is_none_or(|at| at.elapsed() > SET_ASIDE_AGAIN);
        if fault == Fault::Damaged && may_set_aside {
            tracing::warn!(file = %self.file.display(), "the columns are damaged: set aside, and built anew from the journal");
            set_aside(&self.file)?;
            origin.set_aside = Some(Instant::now());
        }
        self.reopen(&mut origin)?;
        self.fault.send_replace(None);
        Ok(())
    }

    fn reopen(&self, origin: &mut Origin) -> Result<(), StoreError> {
        let opened = open_or_create(&self.file, origin);
        if let Err(StoreError::Columns(cause)) = &opened
            && Fault::of(&cause.to_string()) == Some(Fault::Stopped)
        {
            remove_aside(&self.file)?;
        }
        origin.connection = Some(opened?);
        Ok(())
    }

    /// Ends reads that run.
    fn interrupt(&self) {
        self.running().iter().for_each(|running| running.interrupt());
    }

    /// Lets no more queries in, ends those that run, and folds the log back into the file.
    pub(super) fn close(&self) {
        self.permits.close();
        self.interrupt();
        let Some(origin) = &self.origin().connection else { return };
        if let Err(error) = origin.execute_batch("CHECKPOINT") {
            tracing::debug!(%error, "the columns' log was not folded back; the next start does it");
        }
    }

    /// Another connection to the same database.
    pub(super) fn connection(&self) -> Result<Connection, StoreError> {
        let origin = self.origin();
        Ok(origin.connection.as_ref().ok_or(StoreError::NotOpen)?.try_clone()?)
    }

    fn origin(&self) -> MutexGuard<'_, Origin> {
        self.origin.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Vec<Arc<InterruptHandle>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the file; one that cannot be read is set aside, and one that is not there, or has another schema, is made.
fn open_or_create(file: &Path, origin: &mut Origin) -> Result<Connection, StoreError> {
    match open_existing(file) {
        Ok(Some(connection)) => Ok(connection),
        Ok(None) => create(file),
        // Somebody else has the file open, or the disk is full: it is not broken.
        Err(error) if error.to_string().contains("lock on file") => Err(error),
        Err(error) if Fault::of(&error.to_string()) == Some(Fault::Stopped) => Err(error),
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "the columns cannot be opened: set aside, and built anew");
            set_aside(file)?;
            origin.set_aside = Some(Instant::now());
            create(file)
        }
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
    remove(file)?;
    let connection = Connection::open_with_flags(file, settings()?)?;
    create_tables(&connection)?;
    Ok(connection)
}

fn create_tables(connection: &Connection) -> duckdb::Result<()> {
    connection.execute_batch("BEGIN")?;
    connection.execute_batch(SCHEMA)?;
    connection.execute("INSERT INTO schema_version VALUES (?)", [VERSION])?;
    connection.execute_batch("INSERT INTO projected VALUES (0, 0, 0, 0, 0); COMMIT")
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
