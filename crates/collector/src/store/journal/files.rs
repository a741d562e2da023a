//! The journal's files as they were opened. SQLite goes on writing into a file that was removed or replaced, and all of that is
//! gone with the process: so a commit counts only while each file still has its name.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, FileControl, MAIN_DB};

use super::StoreError;
use crate::limits::JOURNAL_LOCK_WAIT;

/// The journal, its log, and the log's index.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

/// The journal's files.
pub(super) struct JournalFiles {
    file: PathBuf,
    opened: [Option<FileId>; 3],
    /// Open as long as the journal is: while any connection is, SQLite replaces neither log nor index.
    keeper: Mutex<Option<Connection>>,
}

/// What a name leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl JournalFiles {
    /// Notes the files of a journal that a connection has open.
    pub(super) fn of(file: &Path) -> Result<Self, StoreError> {
        let keeper = Connection::open(file)?;
        set_up(&keeper)?;
        // Only a read opens log and index.
        keeper.query_row("SELECT count(*) FROM schema_migrations", [], |_| Ok(()))?;
        let opened = SUFFIXES.map(|suffix| FileId::of(&with_suffix(file, suffix)));
        Ok(Self { file: file.to_owned(), opened, keeper: Mutex::new(Some(keeper)) })
    }

    /// Whether each file still is where it was opened.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] where one is not.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        for (suffix, opened) in SUFFIXES.iter().zip(&self.opened) {
            let path = with_suffix(&self.file, suffix);
            if FileId::of(&path) != *opened {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                return Err(StoreError::Replaced(name));
            }
        }
        Ok(())
    }

    /// Another connection to the same files.
    pub(super) fn connect(&self) -> Result<Connection, StoreError> {
        self.check()?;
        let connection = Connection::open(&self.file)?;
        set_up(&connection)?;
        Ok(connection)
    }

    /// Another process may go on with them.
    pub(super) fn let_go(&self) {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl FileId {
    /// Nothing where the name leads nowhere.
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::metadata(path).ok()?;
        Some(Self { device: found.dev(), inode: found.ino() })
    }

    /// Elsewhere the system lets nobody remove a file that is open.
    #[cfg(not(unix))]
    fn of(_path: &Path) -> Option<Self> {
        None
    }
}

/// What each connection needs. The journal's mode and page size are in the file.
pub(super) fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(JOURNAL_LOCK_WAIT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What a table lets go of is overwritten, so that an erasure leaves no copy behind.
    connection.pragma_update(None, "secure_delete", true)?;
    // Log and index stay when the last connection closes: on a full disk a start could not make them anew.
    connection.file_control(Some(MAIN_DB), FileControl::PersistWal(&mut 1))
}

/// The name of a file that belongs to another.
pub(super) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
