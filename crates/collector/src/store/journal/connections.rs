//! The connections of control data: one that writes, in turn with the committer, and a few that read. They block, so all
//! work runs on threads that may.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{Mutex, OwnedMutexGuard, Semaphore};

use super::StoreError;
use super::files::{JournalFiles, set_up};
use super::migrations::migrate;
use crate::limits::{JOURNAL_PAGE_BYTES, JOURNAL_READERS};

/// The connections to one journal. Cloning shares them.
#[derive(Clone)]
pub(super) struct Connections {
    writer: Arc<Mutex<Writer>>,
    readers: Arc<Readers>,
}

/// A connection that writes. To hold that of the control data is to have the turn: the lock is fair, so that neither a sign-in
/// nor the committer, which waits for it too, can starve the other.
pub(super) struct Writer {
    files: Arc<JournalFiles>,
    /// Memory for pages; SQLite's own measure where there is none.
    cache_kib: Option<i64>,
    connection: Option<Connection>,
}

/// The turn to write.
pub(super) type Turn = OwnedMutexGuard<Writer>;

struct Readers {
    files: Arc<JournalFiles>,
    idle: std::sync::Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Connections {
    /// Opens the journal, creates it where there is none, and brings its schema up to date.
    pub(super) fn open(file: &Path) -> Result<(Self, Arc<JournalFiles>), StoreError> {
        let mut connection = Connection::open(file)?;
        set_up(&connection)?;
        connection.pragma_update(None, "page_size", JOURNAL_PAGE_BYTES)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        migrate(&mut connection)?;
        let files = Arc::new(JournalFiles::of(file)?);
        let writer = Writer { connection: Some(connection), ..Writer::new(files.clone()) };
        let permits = Arc::new(Semaphore::new(JOURNAL_READERS as usize));
        let readers = Readers { files: files.clone(), idle: std::sync::Mutex::default(), permits };
        Ok((Self { writer: Arc::new(Mutex::new(writer)), readers: Arc::new(readers) }, files))
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
        self.readers.files.let_go();
    }
}

impl Writer {
    /// Connects with its first transaction.
    pub(super) fn new(files: Arc<JournalFiles>) -> Self {
        Self { files, cache_kib: None, connection: None }
    }

    /// Keeps so many KiB of pages in memory.
    pub(super) fn with_cache(self, kib: i64) -> Self {
        Self { cache_kib: Some(kib), ..self }
    }

    /// Runs a transaction; it is committed where `work` succeeds. After a failure nobody knows what state the connection is
    /// in, so the next transaction has another.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Replaced`] where it was committed to a file that has no name any more.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_connection(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
    }

    /// Reads what is committed.
    pub(super) fn read<T>(
        &mut self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.with_connection(|connection| Ok(read(connection)?))
    }

    /// Checkpoints the whole log and truncates it, waiting for whoever still reads from it.
    pub(super) fn truncate_log(&mut self) -> Result<(), StoreError> {
        let truncate = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_busy: bool =
            self.with_connection(|connection| Ok(connection.query_row(truncate, [], |row| row.get(0))?))?;
        if is_busy { Err(StoreError::Busy) } else { Ok(()) }
    }

    fn with_connection<T>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.take().map_or_else(|| self.connect(), Ok)?;
        let result = work(&mut connection)?;
        self.files.check()?;
        self.connection = Some(connection);
        Ok(result)
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let connection = self.files.connect()?;
        if let Some(kib) = self.cache_kib {
            // SQLite takes a number below zero for KiB.
            connection.pragma_update(None, "cache_size", -kib)?;
        }
        Ok(connection)
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
        let connection = self.files.connect()?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
