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

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Journal(error.into())
    }
}

impl From<duckdb::Error> for StoreError {
    fn from(error: duckdb::Error) -> Self {
        Self::Columns(error.into())
    }
}
