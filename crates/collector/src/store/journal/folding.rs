//! The journal's log: folded back into the file beside the commits, started over where it is long, and kept at one size.
//!
//! A log that is written over is synced with the data alone. One that grows takes the file system's own journal along each
//! time, and then waits for whatever else is in there.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rusqlite::{Connection, TransactionBehavior};

use super::committer::Standing;
use super::{Journal, StoreError, connect};
use crate::limits::{JOURNAL_LOG_PAGES, JOURNAL_LOG_ROOM_PAGES, JOURNAL_PAGE_BYTES};

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

    /// Gives the log the room that it may ever need. It blocks.
    pub(in crate::store) fn make_room(&self) -> Result<(), StoreError> {
        let mut connection = connect(&self.file)?;
        // Nobody, in this process or another, appends while this is held.
        let lock = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let log = log_of(&self.file);
        lengthen(&log).map_err(|source| not_usable(&log, source))?;
        Ok(lock.rollback()?)
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

/// Writes zeros after the log's end, which SQLite takes for no frame. Where the disk is full, the log stays as it was.
fn lengthen(log: &Path) -> std::io::Result<()> {
    let bytes = u64::from(JOURNAL_LOG_ROOM_PAGES) * u64::from(JOURNAL_PAGE_BYTES);
    let mut log = OpenOptions::new().write(true).open(log)?;
    let end = log.seek(SeekFrom::End(0))?;
    let mut zeros = std::io::repeat(0).take(bytes.saturating_sub(end));
    let lengthened = std::io::copy(&mut zeros, &mut log).and_then(|_| log.sync_all());
    if lengthened.is_err() {
        log.set_len(end)?;
    }
    lengthened
}

/// The log beside a database, as SQLite names it.
fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_log_is_started_over_and_keeps_its_room() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("journal.sqlite");
        let journal = Journal::open(&file).unwrap();
        journal.make_room().unwrap();
        let room = std::fs::metadata(log_of(&file)).unwrap().len();
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
        assert!(std::fs::metadata(log_of(&file)).unwrap().len() >= room);
        journal.close().await;
    }
}
