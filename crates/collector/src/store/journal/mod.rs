//! The journal: SQLite with a write-ahead log and a full sync at each commit.
//!
//! Reports are written and followed by two threads of their own, through connections that belong to them: a hop to
//! another thread for each statement would cost more than the statement. All else is asynchronous. Who writes waits for
//! its turn, so that neither a login nor the committer can starve the other. Reads never wait for a write.

pub mod accounts;
pub mod audit;
mod commit;
mod committer;
pub mod counters;
mod counting;
mod folding;
mod following;
pub mod installations;
pub mod policies;
mod report_ids;
mod reports;
pub(super) mod seal;
pub mod sessions;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use super::StoreError;
use crate::limits::{JOURNAL_LOCK_WAIT, JOURNAL_LOG_PAGES_MOST, JOURNAL_PAGE_BYTES, JOURNAL_READERS};
pub use committer::Committer;
use committer::Standing;
pub use folding::Folder;
pub(in crate::store) use following::Follower;
pub use following::{JournalReport, Portion};
pub use reports::{Body, HeldReport, NewReport, Submitted};

/// Numbered, embedded, never edited after a release. A journal with a migration that is not among them is refused.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The journal, open.
#[derive(Clone)]
pub(super) struct Journal {
    file: PathBuf,
    writer: Writer,
    readers: SqlitePool,
    standing: Arc<Standing>,
}

/// The turn to write, and the connection of those who are not the committer.
pub(super) type Writer = Arc<Mutex<SqliteConnection>>;

impl Journal {
    /// Opens the journal, and brings an older schema up to date.
    pub(super) async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .page_size(JOURNAL_PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(JOURNAL_LOCK_WAIT)
            .pragma("wal_autocheckpoint", JOURNAL_LOG_PAGES_MOST.to_string());
        let mut connection = SqliteConnection::connect_with(&options).await?;
        MIGRATIONS
            .run(&mut connection)
            .await
            .map_err(|error| StoreError::UnknownSchema(error.to_string()))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(JOURNAL_READERS)
            .connect_lazy_with(options.read_only(true).create_if_missing(false));
        let writer = Arc::new(Mutex::new(connection));
        Ok(Self { file: file.to_owned(), writer, readers, standing: Arc::default() })
    }

    /// Another process may go on with the file.
    pub(super) async fn let_go(&self) {
        self.readers.close().await;
    }

    /// Folds the log back into the file. Nothing commits any more.
    pub(super) async fn close(&self) {
        self.let_go().await;
        if let Err(error) =
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *self.writer.lock().await).await
        {
            tracing::warn!(%error, "the journal's log was not folded back; the next start does it");
        }
    }
}

#[cfg(test)]
impl Journal {
    /// Adds installation 1 and policy 1, for tests of commits alone. Returns another connection to the same file.
    pub(in crate::store) fn with_one_installation(&self) -> rusqlite::Connection {
        let other = connect(&self.file).unwrap();
        let manifest = include_str!("../../../../../examples/policies/lucity-data-collection.toml");
        let name = candor_policy::InstallationId::of(&candor_policy::PublicKey::from_bytes([3; 32]));
        other.execute("INSERT INTO installations VALUES (1, ?, x'', 0)", [name.as_str()]).unwrap();
        other.execute("INSERT INTO policies VALUES (1, 'p', '1', x'', ?, x'', 0, '')", [manifest]).unwrap();
        other
    }
}

/// A connection for a thread of its own. The journal's mode and page size are in the file.
fn connect(file: &Path) -> Result<rusqlite::Connection, StoreError> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(JOURNAL_LOCK_WAIT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // A thread of low priority folds the log back; where it does not get to it, whoever commits does.
    connection.pragma_update(None, "wal_autocheckpoint", JOURNAL_LOG_PAGES_MOST)?;
    Ok(connection)
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
