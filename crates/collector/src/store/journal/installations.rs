//! Installations whose key is known.

use candor_policy::{InstallationId, PublicKey};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Journal, StoreError, moment};

/// An installation that enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Its number in the store.
    pub number: i64,
    /// Its name, which follows from its key.
    pub name: InstallationId,
    /// Its key.
    pub public_key: PublicKey,
}

/// Installations in the journal.
#[derive(Clone, Copy)]
pub struct Installations<'a>(pub(in crate::store) &'a Journal);

impl Installations<'_> {
    /// Enrols a key; an installation that is enrolled already stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn enrol(&self, key: &PublicKey, at: Timestamp) -> Result<Installation, StoreError> {
        let (key, name) = (*key, InstallationId::of(key));
        let enrol = move |writer: &Transaction<'_>| {
            writer.execute(
                "INSERT INTO installations (name, public_key, enrolled_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO NOTHING",
                params![name.as_str(), key.as_bytes(), moment(at)],
            )?;
            find(writer, &name)?
                .ok_or_else(|| StoreError::Unreadable(format!("installation {name} after its enrolment")))
        };
        self.0.connections.write(enrol).await
    }

    /// The installation of this name.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn find(&self, name: &InstallationId) -> Result<Option<Installation>, StoreError> {
        let name = name.clone();
        self.0.connections.read(move |reader| Ok(find(reader, &name)?)).await
    }

    /// How many are enrolled.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn count(&self) -> Result<u64, StoreError> {
        let count = |reader: &Transaction<'_>| {
            Ok(reader.query_row("SELECT count(*) FROM installations", [], |row| row.get::<_, i64>(0))?)
        };
        Ok(self.0.connections.read(count).await?.unsigned_abs())
    }
}

fn find(connection: &Connection, name: &InstallationId) -> rusqlite::Result<Option<Installation>> {
    let mut select =
        connection.prepare_cached("SELECT installation, public_key FROM installations WHERE name = $1")?;
    let found = select.query_row([name.as_str()], |row| {
        let public_key = PublicKey::from_bytes(row.get("public_key")?);
        Ok(Installation { number: row.get("installation")?, name: name.clone(), public_key })
    });
    found.optional()
}
