//! Installations whose key is known.

use candor_policy::{InstallationId, PublicKey};
use jiff::Timestamp;
use sqlx::Row;

use super::{Journal, StoreError, moment, read_32};

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
        let name = InstallationId::of(key);
        sqlx::query(
            "INSERT INTO installations (name, public_key, enrolled_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name.as_str())
        .bind(key.as_bytes().as_slice())
        .bind(moment(at))
        .execute(&mut *self.0.writer.lock().await)
        .await?;
        let enrolled = self.find(&name).await?;
        enrolled.ok_or_else(|| StoreError::Unreadable(format!("installation {name} after its enrolment")))
    }

    /// The installation of this name.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn find(&self, name: &InstallationId) -> Result<Option<Installation>, StoreError> {
        let row = sqlx::query("SELECT installation, public_key FROM installations WHERE name = ?")
            .bind(name.as_str())
            .fetch_optional(&self.0.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Installation {
            number: row.try_get("installation")?,
            name: name.clone(),
            public_key: PublicKey::from_bytes(read_32(row.try_get("public_key")?)?),
        }))
    }

    /// How many are enrolled.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count(*) FROM installations").fetch_one(&self.0.readers).await?;
        Ok(row.try_get::<i64, _>(0)?.unsigned_abs())
    }
}
