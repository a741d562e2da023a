//! What can go wrong in the store, by what a caller would do differently.

/// A store that could not do what it was asked.
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
    /// SQLite refused or failed.
    #[error("the journal failed: {0}")]
    Journal(#[from] sqlx::Error),
    /// SQLite refused or failed, on the threads that write and follow the journal.
    #[error("the journal failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// DuckDB refused or failed.
    #[error("the columns failed: {0}")]
    Columns(#[from] duckdb::Error),
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
