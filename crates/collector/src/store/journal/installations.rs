//! Installations whose key is known.

use candor_policy::voucher::{Certificate, VoucherAnswer};
use candor_policy::{InstallationId, PublicKey};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Journal, StoreError, moment, standings};

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

/// What an enrolment came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enrolling {
    /// The key is known, and what became of the voucher, where one was shown.
    Enrolled(Installation, Option<VoucherAnswer>),
    /// The installation is blocked.
    Blocked,
}

/// Installations in the journal.
#[derive(Clone, Copy)]
pub struct Installations<'a>(pub(in crate::store) &'a Journal);

impl Installations<'_> {
    /// Enrols a key; an installation that is enrolled already stays as it is, and is verified where it shows a voucher now. Its
    /// signatures and its last day have been checked.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn enrol(
        &self,
        key: &PublicKey,
        voucher: Option<Certificate>,
        at: Timestamp,
    ) -> Result<Enrolling, StoreError> {
        let (key, name) = (*key, InstallationId::of(key));
        let enrol = move |writer: &Transaction<'_>| {
            writer.execute(
                "INSERT INTO installations (name, public_key, enrolled_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO NOTHING",
                params![name.as_str(), key.as_bytes(), moment(at)],
            )?;
            let installation = find(writer, &name)?
                .ok_or_else(|| StoreError::Unreadable(format!("installation {name} after its enrolment")))?;
            if standings::is_blocked(writer, installation.number)? {
                return Ok(Enrolling::Blocked);
            }
            let number = installation.number;
            let answer =
                voucher.map(|voucher| standings::verify(writer, number, &voucher, at)).transpose()?;
            Ok(Enrolling::Enrolled(installation, answer))
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
