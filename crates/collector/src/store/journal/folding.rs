//! The journal's log: folded back into the file beside the commits, and started over where it is long.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rusqlite::Connection;

use super::committer::Standing;
use super::{Journal, StoreError, connect};
use crate::limits::JOURNAL_LOG_PAGES;

/// Folds the log back, on a connection of its own. It blocks, so it belongs on a thread of its own.
pub struct Folder {
    connection: Connection,
    /// Never closed: a process that closes any of its descriptors of a file gives up the locks that SQLite holds there
    /// (<https://www.sqlite.org/howtocorrupt.html>, section 2.2).
    file: ManuallyDrop<File>,
    path: PathBuf,
    /// How many pages the log had the last time.
    pages: u32,
    standing: Arc<Standing>,
}

impl Journal {
    /// Somebody who folds the log back.
    pub(in crate::store) fn folder(&self) -> Result<Folder, StoreError> {
        let path = self.file.clone();
        let connection = connect(&path)?;
        let file = File::options().write(true).open(&path).map(ManuallyDrop::new);
        let file = file.map_err(|source| not_usable(&path, source))?;
        Ok(Folder { connection, file, path, pages: 0, standing: self.standing.clone() })
    }
}

impl Folder {
    /// Folds back what has been committed, and waits for nobody. Where the log has grown long, the committer is asked to
    /// fold the rest while it commits nothing, so that the next commit starts the log over.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub fn fold(&mut self) -> Result<(), StoreError> {
        if self.fold_and_sync()? >= JOURNAL_LOG_PAGES {
            // What came during the first time is little, and what comes during the second is next to nothing.
            self.fold_and_sync()?;
            self.standing.start_over.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// SQLite syncs the file only where it folds the whole log, and then the commits would wait for all of it at once. A log
    /// of the same length has nothing new.
    fn fold_and_sync(&mut self) -> Result<u32, StoreError> {
        let pages = fold(&self.connection)?;
        if pages != self.pages {
            self.file.sync_data().map_err(|source| not_usable(&self.path, source))?;
            self.pages = pages;
        }
        Ok(pages)
    }
}

fn not_usable(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File { path: path.display().to_string(), source }
}

/// Returns how many pages the log has; none where another connection is folding.
pub(super) fn fold(connection: &Connection) -> rusqlite::Result<u32> {
    let pages: i64 = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get("log"))?;
    Ok(u32::try_from(pages).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::JOURNAL_PAGE_BYTES;

    #[tokio::test]
    async fn a_long_log_is_started_over() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("journal.sqlite");
        let journal = Journal::open(&file).unwrap();
        let writer = connect(&file).unwrap();
        let bytes = i64::from(JOURNAL_LOG_PAGES) * i64::from(JOURNAL_PAGE_BYTES);
        writer.execute_batch("CREATE TABLE ballast (bytes BLOB)").unwrap();
        writer.execute("INSERT INTO ballast VALUES (zeroblob(?))", [bytes]).unwrap();

        let mut folder = journal.folder().unwrap();
        folder.fold().unwrap();
        assert!(folder.standing.start_over.load(Ordering::Relaxed), "the committer is asked for it");
        writer.execute("DELETE FROM ballast WHERE bytes IS NULL", []).unwrap();
        writer.execute("INSERT INTO ballast VALUES (NULL)", []).unwrap();
        assert!(fold(&writer).unwrap() < 100, "the log began again");
        journal.close().await;
    }
}
