//! The journal: SQLite with a write-ahead log and a full sync at each commit.
//!
//! One connection writes; whoever needs it waits in turn, so that neither a login nor the committer can starve the other.
//! Reads have a pool of their own and never wait for a write.

pub mod accounts;
pub mod audit;
mod commit;
mod committer;
pub mod counters;
mod following;
pub mod installations;
pub mod policies;
mod reports;
pub(super) mod seal;
pub mod sessions;

use std::path::Path;
use std::sync::Arc;

use candor_policy::Clock;
use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use super::StoreError;
use crate::limits::{JOURNAL_LOCK_WAIT, JOURNAL_PAGE_BYTES, JOURNAL_READERS, JOURNAL_WAL_PAGES};
use committer::Committer;
pub use following::JournalReport;
pub use reports::{Body, HeldReport, NewReport, Submitted};

/// Numbered, embedded, never edited after a release. A journal with a migration that is not among them is refused.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The journal, open.
#[derive(Clone)]
pub(super) struct Journal {
    writer: Writer,
    readers: SqlitePool,
    /// One connection of its own, so that no commit waits while the log is folded back.
    folder: SqlitePool,
    committer: Arc<Committer>,
}

/// The one connection that writes.
pub(super) type Writer = Arc<Mutex<SqliteConnection>>;

impl Journal {
    /// Opens the journal, and brings an older schema up to date.
    pub(super) async fn open(file: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .page_size(JOURNAL_PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(JOURNAL_LOCK_WAIT)
            .pragma("wal_autocheckpoint", JOURNAL_WAL_PAGES.to_string());
        let mut connection = SqliteConnection::connect_with(&options).await?;
        MIGRATIONS
            .run(&mut connection)
            .await
            .map_err(|error| StoreError::UnknownSchema(error.to_string()))?;
        let folder = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        let readers = SqlitePoolOptions::new()
            .max_connections(JOURNAL_READERS)
            .connect_lazy_with(options.read_only(true).create_if_missing(false));
        let writer = Arc::new(Mutex::new(connection));
        let committer = Arc::new(Committer::start(writer.clone(), clock).await?);
        Ok(Self { writer, readers, folder, committer })
    }

    /// Writes what waits and takes nothing more; another process may go on with the file.
    pub(super) async fn let_go(&self) {
        self.committer.stop().await;
        self.folder.close().await;
        self.readers.close().await;
    }

    /// Writes what waits, takes nothing more, and folds the log back into the file.
    pub(super) async fn close(&self) {
        self.let_go().await;
        if let Err(error) =
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *self.writer.lock().await).await
        {
            tracing::warn!(%error, "the journal's log was not folded back; the next start does it");
        }
    }

    /// Folds what has been committed back into the file, without waiting for anybody.
    pub(super) async fn checkpoint(&self) -> Result<(), StoreError> {
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&self.folder).await?;
        Ok(())
    }
}

/// A moment as the journal keeps it: microseconds since 1970.
pub(super) fn moment(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The moment that the journal keeps.
pub(super) fn read_moment(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|_| StoreError::Unreadable(format!("{microseconds} is no moment in microseconds")))
}

/// The 32 bytes of a digest or key.
pub(super) fn read_32(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unreadable(format!("{} bytes where 32 belong", bytes.len())))
}
