//! What can go wrong in the store, by what a caller would do differently.

use std::error::Error;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// As many submissions wait as are allowed to: come back later.
    #[error("more submissions wait to be written than the queue holds")]
    Busy,
    /// The store is shutting down: nothing more is taken.
    #[error("the store is closing")]
    Closing,
    /// The disk has no room left.
    #[error("the disk that holds the data folder is full")]
    DiskFull,
    /// One of the journal's files is not the one that was opened: what is written now would be lost.
    #[error(
        "{0} was removed or replaced while the collector runs, and what it writes would be lost: stop the collector, put the file \
         back (or the journal from its backup), and start it again"
    )]
    Replaced(String),
    /// A page of the journal cannot be read.
    #[error(
        "the journal is damaged ({0}): stop the collector, keep a copy of the data folder, and run `candor-collector journal \
         salvage`, which takes out what can be read"
    )]
    Damaged(String),
    /// The journal was written by a later version of this program, or by none.
    #[error("the journal's schema is not one that this version knows: {0}")]
    UnknownSchema(String),
    /// The collector's key cannot be read or made.
    #[error("the collector's key: {0}")]
    Key(String),
    /// The journal or the control data could not be read or written.
    #[error("the journal failed: {0}")]
    Journal(Box<dyn Error + Send + Sync>),
    /// The columns could not be read or written.
    #[error("the columns failed: {0}")]
    Columns(Box<dyn Error + Send + Sync>),
    /// The columns cannot be opened; they are tried again.
    #[error("the columns cannot be opened yet")]
    NotOpen,
    /// A folder or file could not be made, read or removed.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// What is kept cannot be read as what it was written as.
    #[error("the journal holds something that cannot be read: {0}")]
    Unreadable(String),
    /// Something of this name is there already, and it differs.
    #[error("{0}")]
    Conflict(String),
}

impl StoreError {
    /// What to do about a journal that cannot be written to, for whoever watches the collector; the log has the details.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::DiskFull => {
                "the disk that holds the data folder is full: make room; nothing else is needed"
            }
            Self::Replaced(_) => {
                "a file of the journal was removed or replaced: stop the collector, put the file back (or the journal from its \
                 backup), and start it again"
            }
            Self::Damaged(_) => {
                "the journal is damaged: stop the collector, keep a copy of the data folder, and run `candor-collector journal \
                 salvage`"
            }
            Self::Closing => "the collector is stopping",
            Self::Busy
            | Self::UnknownSchema(_)
            | Self::Key(_)
            | Self::Journal(_)
            | Self::Columns(_)
            | Self::NotOpen
            | Self::File { .. }
            | Self::Unreadable(_)
            | Self::Conflict(_) => "the journal cannot be written to: the log says why",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Journal(error.into()),
        }
    }
}

impl From<duckdb::Error> for StoreError {
    fn from(error: duckdb::Error) -> Self {
        Self::Columns(error.into())
    }
}
