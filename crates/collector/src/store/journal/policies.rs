//! Published policies: a version, once published, never changes and never goes away.

use candor_policy::{Digest, Policy, PolicyId};
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row};

use super::audit::{self, Action, NewEntry};
use super::seal::Seal;
use super::{Journal, StoreError, moment, read_32, read_moment};

/// A policy version that was published here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedPolicy {
    /// Its number in the store.
    pub number: i64,
    /// The policy's name.
    pub id: PolicyId,
    /// The version.
    pub version: String,
    /// The digest of the manifest.
    pub digest: Digest,
    /// The manifest, byte for byte.
    pub manifest: String,
    /// The collector's Ed25519 signature over the manifest's bytes.
    pub signature: Vec<u8>,
    /// When it was published.
    pub published_at: Timestamp,
    /// By whom.
    pub published_by: String,
}

/// A policy that is about to be published.
pub struct NewPolicy<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The collector's signature over the manifest's bytes.
    pub signature: [u8; 64],
    /// Now.
    pub published_at: Timestamp,
    /// Who publishes it.
    pub published_by: &'a str,
}

/// What publishing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publishing {
    /// The version is new here.
    Published,
    /// This very manifest was published before.
    AlreadyPublished,
}

/// Policies in the journal.
#[derive(Clone, Copy)]
pub struct Policies<'a> {
    pub(in crate::store) journal: &'a Journal,
    pub(in crate::store) seal: &'a Seal,
}

const SELECT: &str =
    "SELECT policy, id, version, digest, manifest, signature, published_at, published_by FROM policies";

impl Policies<'_> {
    /// Publishes a version, and says so in the audit log: both or neither.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the version was published with another manifest.
    pub async fn publish(&self, new: &NewPolicy<'_>) -> Result<Publishing, StoreError> {
        let policy = new.policy;
        let mut writer = self.journal.writer.lock().await;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        let inserted = sqlx::query(
            "INSERT INTO policies (id, version, digest, manifest, signature, published_at, published_by) \
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(policy.id.as_str())
        .bind(&policy.version)
        .bind(policy.digest.as_bytes().as_slice())
        .bind(&policy.manifest)
        .bind(new.signature.as_slice())
        .bind(moment(new.published_at))
        .bind(new.published_by)
        .execute(&mut *transaction)
        .await?;
        if inserted.rows_affected() == 1 {
            let subject = format!("{} {} {}", policy.id, policy.version, policy.digest);
            let entry = NewEntry {
                at: new.published_at,
                actor: new.published_by,
                action: Action::PolicyPublished,
                subject: &subject,
            };
            let head = audit::append(&mut transaction, self.seal, entry).await?;
            transaction.commit().await?;
            self.seal.keep(&head, writer).await;
            return Ok(Publishing::Published);
        }
        transaction.rollback().await?;
        drop(writer);
        match self.find(&policy.digest).await? {
            Some(_) => Ok(Publishing::AlreadyPublished),
            None => Err(StoreError::Conflict(format!(
                "{} {} was published with another manifest; give the changed one a new version",
                policy.id, policy.version
            ))),
        }
    }

    /// The version with this digest.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn find(&self, digest: &Digest) -> Result<Option<PublishedPolicy>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE digest = ?")))
            .bind(digest.as_bytes().as_slice())
            .fetch_optional(&self.journal.readers)
            .await?;
        row.map(|row| read(&row)).transpose()
    }
    /// All versions of all policies, by name, the newest version first.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn list(&self) -> Result<Vec<PublishedPolicy>, StoreError> {
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY id, published_at DESC, policy DESC")))
                .fetch_all(&self.journal.readers)
                .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<PublishedPolicy, StoreError> {
    let id: &str = row.try_get("id")?;
    Ok(PublishedPolicy {
        number: row.try_get("policy")?,
        id: PolicyId::parse(id)
            .ok_or_else(|| StoreError::Unreadable(format!("`{id}` is no policy's name")))?,
        version: row.try_get("version")?,
        digest: Digest::from_bytes(read_32(row.try_get("digest")?)?),
        manifest: row.try_get("manifest")?,
        signature: row.try_get("signature")?,
        published_at: read_moment(row.try_get("published_at")?)?,
        published_by: row.try_get("published_by")?,
    })
}
