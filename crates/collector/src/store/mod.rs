//! The store: the journal is the truth, the columns are a projection of it. Nothing above knows which databases these are:
//! the journal and the columns (through [`insights::ColumnsReader`]) are asked named questions and answer with plain rows.

mod columns;
mod error;
pub mod insights;
mod journal;
mod month;
mod projecting;
pub(crate) mod states;
#[cfg(test)]
mod states_of_journals;

use std::path::Path;
use std::sync::Arc;

use candor_policy::Clock;
use jiff::Timestamp;
use tokio::sync::watch;

pub use columns::{Columns, Computed, Mark, Reads};
pub use error::StoreError;
pub use journal::accounts::{Account, Accounts, Creation, NewAccount, NewLink, Removal, Role};
pub use journal::audit::Audit;
pub use journal::chain::Chain;
pub use journal::counters::{Counters, RequestCounts};
pub use journal::entry::{Action, AuditEntry};
pub use journal::erasure::{Erasure, ReportContent};
pub use journal::installations::{Installation, Installations};
pub use journal::policies::{NewPolicy, Policies, PublishedPolicy, Publishing};
use journal::seal::Seal;
pub use journal::sessions::{SessionState, Sessions};
pub use journal::{Body, Committer, NewReport, StoredReport, Submitted};
use journal::{Journal, blocking};
pub use projecting::{Projection, Step};

pub(crate) const JOURNAL_FILE: &str = "journal.sqlite";

/// Whether a folder holds a store.
pub fn is_in(folder: &Path) -> bool {
    folder.join(JOURNAL_FILE).is_file()
}

/// Both stores, open. Cloning shares them.
#[derive(Clone)]
pub struct Store {
    journal: Journal,
    seal: Seal,
    columns: Columns,
}

impl Store {
    /// Opens both stores in a folder, making what is not there yet. One process serves a folder at a time.
    ///
    /// # Errors
    /// [`StoreError`] where the journal cannot be opened, or has a schema of another version.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let journal = open_journal(folder).await?;
        journal.truncate_log().await;
        let columns = Columns::open(&folder.join("columns.duckdb"))?;
        Ok(Self { journal, seal: Seal::open(folder)?, columns })
    }

    /// Leaves both files whole. Nothing commits or projects any more.
    pub async fn close(&self) {
        self.journal.close().await;
        self.columns.close();
    }

    /// What makes reports durable.
    ///
    /// # Errors
    /// [`StoreError`] where the journal cannot be opened.
    pub fn committer(&self, clock: Arc<dyn Clock>) -> Result<Committer, StoreError> {
        self.journal.committer(clock)
    }

    /// Adds installation 1 and policy 1, for tests of commits alone. Returns another connection to the same journal.
    #[cfg(test)]
    pub fn with_one_installation(&self) -> rusqlite::Connection {
        self.journal.with_one_installation()
    }

    /// The number of the journal's last batch, and word of each later one.
    pub fn last_batch(&self) -> watch::Receiver<i64> {
        self.journal.last_batch()
    }

    /// Whether the last commit failed a moment ago.
    pub fn has_just_failed(&self, now: Timestamp) -> bool {
        self.journal.has_just_failed(now)
    }

    /// Reads of the columns.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Installations.
    pub fn installations(&self) -> Installations<'_> {
        Installations(&self.journal)
    }

    /// Published policies.
    pub fn policies(&self) -> Policies<'_> {
        Policies { journal: &self.journal, seal: &self.seal }
    }

    /// Accounts of the vendor's staff.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts { journal: &self.journal, seal: &self.seal }
    }

    /// Erasure and rewriting of reports.
    pub fn erasure(&self) -> Erasure<'_> {
        Erasure(&self.journal)
    }

    /// Sessions.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(&self.journal)
    }

    /// The audit log.
    pub fn audit(&self) -> Audit<'_> {
        Audit { journal: &self.journal, seal: &self.seal }
    }

    /// Refusals and repeats.
    pub fn counters(&self) -> Counters<'_> {
        Counters(&self.journal)
    }
}

/// Migrations and recovery after a crash may take a while.
async fn open_journal(folder: &Path) -> Result<Journal, StoreError> {
    let file = folder.join(JOURNAL_FILE);
    blocking(move || Journal::open(&file)).await
}

/// The journal alone, for a command that runs beside the server: the columns have one process.
pub struct ControlStore {
    journal: Journal,
    seal: Seal,
}

impl ControlStore {
    /// Opens the journal in a folder.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be opened, or has a schema of another version.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self { journal: open_journal(folder).await?, seal: Seal::open(folder)? })
    }

    /// Published policies.
    pub fn policies(&self) -> Policies<'_> {
        Policies { journal: &self.journal, seal: &self.seal }
    }

    /// Accounts of the vendor's staff.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts { journal: &self.journal, seal: &self.seal }
    }

    /// The audit log.
    pub fn audit(&self) -> Audit<'_> {
        Audit { journal: &self.journal, seal: &self.seal }
    }

    /// Lets go of the journal.
    pub async fn close(&self) {
        self.journal.let_go().await;
    }
}
