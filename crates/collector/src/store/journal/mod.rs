//! The journal: SQLite with a write-ahead log and a full sync at each commit.
//!
//! One connection writes; whoever needs it waits in turn. Reads have a pool of their own and never wait for a write.

use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

use super::StoreError;
use crate::limits::{JOURNAL_LOCK_WAIT, JOURNAL_READERS, JOURNAL_WAL_PAGES};

/// Numbered, embedded, never edited after a release.
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The journal, open.
#[derive(Clone)]
pub(super) struct Journal {
    writer: Arc<Mutex<SqliteConnection>>,
    readers: SqlitePool,
}

impl Journal {
    pub(super) async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(JOURNAL_LOCK_WAIT)
            .pragma("wal_autocheckpoint", JOURNAL_WAL_PAGES.to_string());
        let mut writer = SqliteConnection::connect_with(&options).await?;
        MIGRATIONS.run(&mut writer).await.map_err(|error| StoreError::UnknownSchema(error.to_string()))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(JOURNAL_READERS)
            .connect_lazy_with(options.read_only(true).create_if_missing(false));
        Ok(Self { writer: Arc::new(Mutex::new(writer)), readers })
    }
}
