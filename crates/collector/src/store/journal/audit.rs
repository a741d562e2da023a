//! The audit log (law 8): append-only, each entry carrying the digest of the one before, so that a changed or missing
//! entry shows.

use candor_policy::Digest;
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

use super::{Journal, StoreError, moment, read_32, read_moment};

/// What is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Somebody signed in.
    SignedIn,
    /// Somebody tried to, with a wrong name or password.
    SignInFailed,
    /// Somebody signed out.
    SignedOut,
    /// An account was made.
    AccountCreated,
    /// A one-time link was made.
    LinkCreated,
    /// A policy version was published.
    PolicyPublished,
    /// Customer-level data was looked at.
    CustomerViewed,
    /// Data was taken out.
    Exported,
}

impl Action {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignInFailed => "sign-in-failed",
            Self::SignedOut => "signed-out",
            Self::AccountCreated => "account-created",
            Self::LinkCreated => "link-created",
            Self::PolicyPublished => "policy-published",
            Self::CustomerViewed => "customer-viewed",
            Self::Exported => "exported",
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, from 1, without gaps.
    pub entry: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What; a word of [`Action`].
    pub action: String,
    /// To what.
    pub subject: String,
}

/// Whether the chain holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// All entries follow from each other.
    Holds {
        /// How many.
        entries: u64,
    },
    /// This entry, or the one before it, was changed or taken away.
    BrokenAt(i64),
}

/// What the first entry follows.
const BEGINNING: [u8; 32] = [0; 32];

/// The audit log in the journal.
#[derive(Clone, Copy)]
pub struct Audit<'a>(pub(in crate::store) &'a Journal);

impl Audit<'_> {
    /// Adds an entry. What was looked at is shown only after this has succeeded.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn append(
        &self,
        at: Timestamp,
        actor: &str,
        action: Action,
        subject: &str,
    ) -> Result<(), StoreError> {
        let mut writer = self.0.writer.lock().await;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        let last = sqlx::query("SELECT entry, digest FROM audit ORDER BY entry DESC LIMIT 1")
            .fetch_optional(&mut *transaction)
            .await?;
        let (number, previous) = match last {
            Some(row) => (row.try_get::<i64, _>(0)? + 1, read_32(row.try_get(1)?)?),
            None => (1, BEGINNING),
        };
        let at = read_moment(moment(at))?;
        let entry = AuditEntry {
            entry: number,
            at,
            actor: actor.to_owned(),
            action: action.word().to_owned(),
            subject: subject.to_owned(),
        };
        sqlx::query(
            "INSERT INTO audit (entry, at, actor, action, subject, previous, digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(entry.entry)
        .bind(moment(at))
        .bind(actor)
        .bind(action.word())
        .bind(subject)
        .bind(previous.as_slice())
        .bind(digest_of(&entry, &previous).as_bytes().as_slice())
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// The newest entries, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn newest(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows =
            sqlx::query("SELECT entry, at, actor, action, subject FROM audit ORDER BY entry DESC LIMIT ?")
                .bind(limit)
                .fetch_all(&self.0.readers)
                .await?;
        rows.iter().map(read).collect()
    }

    /// Holds every entry against the one before it.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn verify(&self) -> Result<Chain, StoreError> {
        let rows = sqlx::query(
            "SELECT entry, at, actor, action, subject, previous, digest FROM audit ORDER BY entry",
        )
        .fetch_all(&self.0.readers)
        .await?;
        let mut previous = BEGINNING;
        for (row, number) in rows.iter().zip(1..) {
            let entry = read(row)?;
            let follows = read_32(row.try_get("previous")?)? == previous;
            let digest = digest_of(&entry, &previous);
            if entry.entry != number || !follows || read_32(row.try_get("digest")?)? != *digest.as_bytes() {
                return Ok(Chain::BrokenAt(number));
            }
            previous = *digest.as_bytes();
        }
        Ok(Chain::Holds { entries: rows.len() as u64 })
    }
}

fn read(row: &SqliteRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        entry: row.try_get("entry")?,
        at: read_moment(row.try_get("at")?)?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
    })
}

/// The digest of an entry: over its fields, each after its length, so that no two entries have the same bytes.
fn digest_of(entry: &AuditEntry, previous: &[u8; 32]) -> Digest {
    let mut bytes = previous.to_vec();
    let (number, at) = (entry.entry.to_string(), moment(entry.at).to_string());
    for field in [&number, &at, &entry.actor, &entry.action, &entry.subject] {
        bytes.extend((field.len() as u64).to_be_bytes());
        bytes.extend(field.as_bytes());
    }
    Digest::of(&bytes)
}
