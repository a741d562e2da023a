//! The store: the journal is the truth, the columns are a projection of it. Nothing above knows which databases these
//! are, but for queries of the columns, which stand in `store/insights`.

mod columns;
mod error;
mod journal;

use std::path::Path;

pub use columns::Columns;
pub use error::StoreError;
use journal::Journal;

/// Both stores, open. Cloning shares them.
#[derive(Clone)]
pub struct Store {
    journal: Journal,
    columns: Columns,
}

impl Store {
    /// Opens both stores in a folder, making what is not there yet.
    ///
    /// # Errors
    /// [`StoreError`] where the journal cannot be opened, or has a schema of another version.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let journal = Journal::open(&folder.join("journal.sqlite")).await?;
        let columns = Columns::open(&folder.join("columns.duckdb"))?;
        Ok(Self { journal, columns })
    }

    /// Reads of the columns.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }
}
