//! The connections of control data: one that writes, in turn with the committer, and a few that read. They block, so all
//! work runs on threads that may.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{Mutex, OwnedMutexGuard, Semaphore};

use super::StoreError;
use super::migrations::migrate;
use crate::limits::{JOURNAL_LOCK_WAIT, JOURNAL_PAGE_BYTES, JOURNAL_READERS};

/// The connections to one journal. Cloning shares them.
#[derive(Clone)]
pub(super) struct Connections {
    writer: Arc<Mutex<Writer>>,
    readers: Arc<Readers>,
}

/// The one connection through which control data is written. To hold it is to have the turn: the lock is fair, so that
/// neither a sign-in nor the committer, which waits for it too, can starve the other.
pub(super) struct Writer {
    file: PathBuf,
    connection: Option<Connection>,
}

/// The turn to write.
pub(super) type Turn = OwnedMutexGuard<Writer>;

struct Readers {
    file: PathBuf,
    idle: std::sync::Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Connections {
    /// Opens the journal, creates it where there is none, and brings its schema up to date.
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let mut connection = connect(file)?;
        connection.pragma_update(None, "page_size", JOURNAL_PAGE_BYTES)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        migrate(&mut connection)?;
        let file = file.to_owned();
        let writer = Writer { file: file.clone(), connection: Some(connection) };
        let permits = Arc::new(Semaphore::new(JOURNAL_READERS as usize));
        let readers = Readers { file, idle: std::sync::Mutex::default(), permits };
        Ok(Self { writer: Arc::new(Mutex::new(writer)), readers: Arc::new(readers) })
    }

    /// The turn, for the committer's thread.
    pub(super) fn writer(&self) -> Arc<Mutex<Writer>> {
        self.writer.clone()
    }

    /// Reads one state of the journal: what is committed meanwhile is not seen.
    pub(super) async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = self.readers.permits.clone().acquire_owned().await.map_err(|_| StoreError::Closing)?;
        let readers = self.readers.clone();
        blocking(move || {
            let _permit = permit;
            readers.read(read)
        })
        .await
    }

    /// Runs a transaction; it is committed where `write` succeeds. Once begun it goes on, also where the caller goes away.
    pub(super) async fn write<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.with_turn(move |mut turn| turn.transaction(write)).await
    }

    /// Waits for the turn to write, and hands it on.
    pub(super) async fn with_turn<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(Turn) -> Result<T, StoreError> + Send + 'static,
    {
        let turn = self.writer.clone().lock_owned().await;
        if self.readers.permits.is_closed() {
            return Err(StoreError::Closing);
        }
        blocking(move || work(turn)).await
    }

    /// Waits for whoever reads or writes, and lets go of the file.
    pub(super) async fn close(&self) {
        let _readers = self.readers.permits.acquire_many(JOURNAL_READERS).await;
        self.readers.permits.close();
        self.readers.idle().clear();
        self.writer.lock().await.connection = None;
    }
}

impl Writer {
    /// Runs a transaction; it is committed where `work` succeeds. After a failure nobody knows what state the connection is
    /// in, so the next transaction has another.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.take().map_or_else(|| connect(&self.file), Ok)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        self.connection = Some(connection);
        Ok(result)
    }

    /// Checkpoints the whole log and truncates it, waiting for whoever still reads from it.
    pub(super) fn truncate_log(&mut self) -> Result<(), StoreError> {
        let connection = self.connection.take().map_or_else(|| connect(&self.file), Ok)?;
        let is_busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        self.connection = Some(connection);
        if is_busy { Err(StoreError::Busy) } else { Ok(()) }
    }
}

impl Readers {
    fn read<T>(&self, read: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.idle().pop();
        let mut connection = idle.map_or_else(|| self.connect(), Ok)?;
        let transaction = connection.transaction()?;
        let result = read(&transaction)?;
        transaction.finish()?;
        self.idle().push(connection);
        Ok(result)
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let connection = connect(&self.file)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection of one's own. The journal's mode and page size are in the file.
pub(super) fn connect(file: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(JOURNAL_LOCK_WAIT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What a table lets go of is overwritten, so that an erasure leaves no copy behind.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// Runs what blocks on a thread that may.
pub(in crate::store) async fn blocking<T, F>(work: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, StoreError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is shutting down.
        Err(_) => Err(StoreError::Closing),
    }
}
