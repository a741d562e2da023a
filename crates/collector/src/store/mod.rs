//! The store: the journal is the truth, the columns are a projection of it. Nothing above knows which databases these
//! are, but for queries of the columns, which stand in `store/insights`.

mod columns;
mod error;
pub mod insights;
mod journal;
mod projecting;

use std::path::Path;
use std::sync::Arc;

use candor_policy::Clock;
use jiff::Timestamp;
use tokio::sync::watch;

pub use columns::{Columns, Mark};
pub use error::StoreError;
use journal::Journal;
pub use journal::accounts::{Account, Accounts, Creation, NewAccount, NewLink, Removal, Role};
pub use journal::audit::{Action, Audit, AuditEntry, Chain};
pub use journal::counters::{Counters, OutcomeCount};
pub use journal::installations::{Installation, Installations};
pub use journal::policies::{NewPolicy, Policies, PublishedPolicy, Publishing};
use journal::seal::Seal;
pub use journal::sessions::Sessions;
pub use journal::{Body, Folder, HeldReport, NewReport, Submitted};
pub use projecting::{Projection, Step};

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
    pub async fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let journal = open_journal(folder, clock).await?;
        let columns = Columns::open(&folder.join("columns.duckdb"))?;
        Ok(Self { journal, seal: Seal::open(folder)?, columns })
    }

    /// Writes what waits, takes nothing more, and leaves both files whole.
    pub async fn close(&self) {
        self.journal.close().await;
        self.columns.close();
    }

    /// Makes a report durable, together with the others that wait.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where too many wait, [`StoreError::NotWritten`] where the transaction failed.
    pub async fn submit(&self, report: NewReport) -> Result<Submitted, StoreError> {
        self.journal.submit(report).await
    }

    /// The number of the journal's last batch, and word of each later one.
    pub fn last_batch(&self) -> watch::Receiver<i64> {
        self.journal.last_batch()
    }

    /// How many reports wait to be made durable.
    pub fn waiting(&self) -> usize {
        self.journal.waiting()
    }

    /// Whether reports are made durable, as far as is known: the committer runs, and its last commit did not just fail.
    pub fn is_ready(&self, now: Timestamp) -> bool {
        self.journal.is_ready(now)
    }

    /// Gives the journal's log all its room at once: a tenth of a second now, and shorter commits under load. It blocks.
    ///
    /// # Errors
    /// [`StoreError`] where the disk has no such room; the log then grows as it needs to.
    pub fn make_room(&self) -> Result<(), StoreError> {
        self.journal.make_room()
    }

    /// What folds the journal's log back into its file.
    ///
    /// # Errors
    /// [`StoreError`] where the journal cannot be opened.
    pub fn folder(&self) -> Result<Folder, StoreError> {
        self.journal.folder()
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

    /// Sessions.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(&self.journal)
    }

    /// The audit log.
    pub fn audit(&self) -> Audit<'_> {
        Audit { journal: &self.journal, seal: &self.seal }
    }

    /// Outcomes and refusals.
    pub fn counters(&self) -> Counters<'_> {
        Counters(&self.journal)
    }
}

async fn open_journal(folder: &Path, clock: Arc<dyn Clock>) -> Result<Journal, StoreError> {
    Journal::open(&folder.join("journal.sqlite"), clock).await
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
    pub async fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Ok(Self { journal: open_journal(folder, clock).await?, seal: Seal::open(folder)? })
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
