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

use candor_policy::{Clock, PublicKey};
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use tokio::sync::watch;

pub use columns::{Columns, Computed, Fault, Mark, Reads};
pub use error::StoreError;
pub use journal::accounts::{Account, Accounts, NewAccount, Removal, Role};
pub use journal::audit::Audit;
pub use journal::chain::Chain;
pub use journal::counters::{Counters, RequestCounts};
pub use journal::entry::{Action, AuditEntry};
pub use journal::erasure::{Erasure, ReportContent};
pub use journal::installations::{Enrolling, Installation, Installations};
pub use journal::links::{Creation, LinkPurpose, NewLink};
pub use journal::policies::{NewPolicy, Policies, PublishedPolicy, Publishing};
pub use journal::salvage::{Salvaged, SalvagedTable};
use journal::seal::Seal;
pub use journal::sessions::{SessionState, Sessions};
pub use journal::standings::{Blocking, KnownInstallation, KnownVoucher, Revoking, Standings};
pub use journal::{Body, Committer, NewReport, StoredReport, Submitted};
use journal::{Journal, blocking};
pub use projecting::{Projection, Step};

use crate::data_folder::JOURNAL_FILE;

const COLUMNS_FILE: &str = "columns.duckdb";

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
        // First: where there is a journal, there is a key.
        let seal = Seal::open(folder)?;
        let journal = open_journal(folder).await?;
        journal.truncate_log().await;
        let columns = Columns::open(&folder.join(COLUMNS_FILE))?;
        Ok(Self { journal, seal, columns })
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

    /// Where the last commit failed a moment ago, what to do about it.
    pub fn has_just_failed(&self, now: Timestamp) -> Option<&'static str> {
        self.journal.has_just_failed(now)
    }

    /// Writes to the journal, to see whether it can be written to.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot.
    pub async fn try_to_write(&self) -> Result<(), StoreError> {
        self.journal.try_to_write().await
    }

    /// The columns.
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

    /// Vouchers and blocked installations.
    pub fn standings(&self) -> Standings<'_> {
        Standings { journal: &self.journal, seal: &self.seal }
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

/// Takes what can be read of a damaged journal into a new one, whose columns will be built anew. Nobody may serve the folder.
///
/// # Errors
/// [`StoreError`] where nothing can be read, or the new journal cannot be written.
pub async fn salvage(folder: &Path) -> Result<Salvaged, StoreError> {
    let (journal, columns) = (folder.join(JOURNAL_FILE), folder.join(COLUMNS_FILE));
    blocking(move || {
        // They may hold what is lost.
        columns::remove(&columns)?;
        journal::salvage::salvage(&journal)
    })
    .await
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
        let seal = Seal::open(folder)?;
        Ok(Self { journal: open_journal(folder).await?, seal })
    }

    /// Opens the journal for a key that takes over from the one before it: the audit log goes on under the new one.
    ///
    /// # Errors
    /// As [`ControlStore::open`].
    pub async fn open_taking_over(
        folder: &Path,
        key: SigningKey,
        before: Option<PublicKey>,
    ) -> Result<Self, StoreError> {
        let seal = Seal::taking_over(folder, key, before);
        Ok(Self { journal: open_journal(folder).await?, seal })
    }

    /// Published policies.
    pub fn policies(&self) -> Policies<'_> {
        Policies { journal: &self.journal, seal: &self.seal }
    }

    /// Accounts of the vendor's staff.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts { journal: &self.journal, seal: &self.seal }
    }

    /// Installations.
    pub fn installations(&self) -> Installations<'_> {
        Installations(&self.journal)
    }

    /// Vouchers and blocked installations.
    pub fn standings(&self) -> Standings<'_> {
        Standings { journal: &self.journal, seal: &self.seal }
    }

    /// Erasure of reports.
    pub fn erasure(&self) -> Erasure<'_> {
        Erasure(&self.journal)
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
