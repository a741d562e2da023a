//! The journal: SQLite with a write-ahead log and a full sync at each commit.
//!
//! Reports are written and followed by two threads, each with a connection of its own: a hop to another thread for each
//! statement would cost more than the statement. Control data has [`connections`] for itself. Reads never wait for a write.

pub mod accounts;
pub mod audit;
pub mod chain;
mod commit;
mod committer;
mod connections;
pub mod counters;
pub mod entry;
pub mod erasure;
mod files;
mod following;
pub mod installations;
pub mod links;
mod migrations;
pub mod policies;
mod reports;
pub mod salvage;
pub(super) mod seal;
pub mod sessions;
pub mod standings;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Transaction;

use super::StoreError;
use committer::CommitStatus;
pub use committer::Committer;
use connections::Connections;
pub(in crate::store) use connections::blocking;
use files::JournalFiles;
pub(in crate::store) use following::Follower;
pub use following::{JournalReport, Portion};
pub use reports::{Body, NewReport, StoredReport, Submitted};

/// The journal, open.
#[derive(Clone)]
pub(super) struct Journal {
    files: Arc<JournalFiles>,
    connections: Connections,
    status: Arc<CommitStatus>,
}

impl Journal {
    /// Opens the journal, and brings an older schema up to date.
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let (connections, files) = Connections::open(file)?;
        Ok(Self { files, connections, status: Arc::default() })
    }

    /// Makes a change durable that nobody needs.
    pub(super) async fn try_to_write(&self) -> Result<(), StoreError> {
        // A number in the file's first page that SQLite keeps for its user.
        let change = |writer: &Transaction<'_>| {
            let trials: i32 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
            Ok(writer.pragma_update(None, "user_version", trials.wrapping_add(1).max(0))?)
        };
        self.connections.write(change).await
    }

    /// Leaves the file whole, without a log beside it. Nothing commits any more.
    pub(super) async fn close(&self) {
        self.truncate_log().await;
        self.let_go().await;
    }

    /// What an erasure that a crash cut short left in the log is then gone.
    pub(super) async fn truncate_log(&self) {
        let truncated = self.connections.with_turn(|mut turn| turn.truncate_log()).await;
        if let Err(error) = truncated {
            tracing::warn!(%error, "the journal's log was not truncated; the next start does it");
        }
    }

    /// Another process may go on with the file.
    pub(super) async fn let_go(&self) {
        self.connections.close().await;
    }
}

#[cfg(test)]
impl Journal {
    /// Adds installation 1 and policy 1, for tests of commits alone. Returns another connection to the same file.
    pub(in crate::store) fn with_one_installation(&self) -> rusqlite::Connection {
        let other = self.files.connect().unwrap();
        let manifest = include_str!("../../../../../examples/policies/lucity-data-collection.toml");
        let name = candor_policy::InstallationId::of(&candor_policy::PublicKey::from_bytes([3; 32]));
        other.execute("INSERT INTO installations VALUES (1, ?, x'', 0)", [name.as_str()]).unwrap();
        other.execute("INSERT INTO policies VALUES (1, 'p', '1', x'', ?, x'', 0, '')", [manifest]).unwrap();
        other
    }
}

/// A moment as the journal keeps it: microseconds since 1970.
pub(super) fn moment(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The moment that the journal keeps.
pub(super) fn read_moment(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|_| StoreError::Unreadable(format!("{microseconds} is not a time in microseconds")))
}

/// The 32 bytes of a digest or key.
pub(super) fn read_32(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unreadable(format!("{} bytes where 32 belong", bytes.len())))
}
