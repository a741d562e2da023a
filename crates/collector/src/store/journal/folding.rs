//! Folds the journal's log back into its file, beside the commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use super::{Journal, StoreError, connect};
use crate::limits::JOURNAL_LOG_PAGES;

/// Folds the log back, on a connection of its own. It blocks, so it belongs on a thread of its own.
pub struct Folder {
    connection: Connection,
    is_long: Arc<AtomicBool>,
}

impl Journal {
    /// Somebody who folds the log back.
    pub(in crate::store) fn folder(&self) -> Result<Folder, StoreError> {
        Ok(Folder { connection: connect(&self.file)?, is_long: self.committer.is_log_long() })
    }
}

impl Folder {
    /// Folds back what has been committed, and waits for nobody. Where the log has grown long, the committer is asked to
    /// fold the little that has come meanwhile while it commits nothing: then it starts the log over, and one that is
    /// written over is synced faster than one that grows.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub fn fold(&self) -> Result<(), StoreError> {
        if fold(&self.connection)? >= JOURNAL_LOG_PAGES {
            self.is_long.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Returns how many pages the log has.
pub(super) fn fold(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get("log"))
}
