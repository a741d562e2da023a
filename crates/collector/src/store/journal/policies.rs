//! Published policies: a version, once published, never changes and never goes away.

use candor_policy::{Digest, Policy, PolicyId};
use jiff::Timestamp;
use rusqlite::{Connection, Row, Transaction, params};

use super::entry::{Action, NewEntry};
use super::seal::Seal;
use super::{Journal, StoreError, moment, read_moment};

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

/// A policy to publish.
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
    /// The same manifest was published before.
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
    /// Publishes a version and appends an entry to the audit log: both or neither.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the version was published with another manifest.
    pub async fn publish(&self, new: &NewPolicy<'_>) -> Result<Publishing, StoreError> {
        let policy = new.policy;
        let published = PublishedPolicy {
            number: 0,
            id: policy.id.clone(),
            version: policy.version.clone(),
            digest: policy.digest,
            manifest: policy.manifest.clone(),
            signature: new.signature.to_vec(),
            published_at: new.published_at,
            published_by: new.published_by.to_owned(),
        };
        self.journal.write_audited(self.seal, move |writer| publish(writer, published)).await
    }

    /// The version with this digest.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn find(&self, digest: &Digest) -> Result<Option<PublishedPolicy>, StoreError> {
        let digest = *digest;
        self.journal.connections.read(move |reader| find(reader, &digest)).await
    }

    /// All versions of all policies, by name, the newest version first.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn list(&self) -> Result<Vec<PublishedPolicy>, StoreError> {
        let list = |reader: &Transaction<'_>| {
            let mut select =
                reader.prepare_cached(&format!("{SELECT} ORDER BY id, published_at DESC, policy DESC"))?;
            select.query_and_then([], read)?.collect()
        };
        self.journal.connections.read(list).await
    }
}

/// Both the digest and the version of a policy are unique.
fn publish(
    writer: &Transaction<'_>,
    new: PublishedPolicy,
) -> Result<(Publishing, Option<NewEntry>), StoreError> {
    let inserted = writer.execute(
        "INSERT INTO policies (id, version, digest, manifest, signature, published_at, published_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        params![
            new.id.as_str(),
            new.version,
            new.digest.as_bytes(),
            new.manifest,
            new.signature,
            moment(new.published_at),
            new.published_by
        ],
    )?;
    if inserted == 1 {
        let subject = format!("{} {} {}", new.id, new.version, new.digest);
        let (at, actor) = (new.published_at, new.published_by);
        let entry = NewEntry { at, actor, action: Action::PolicyPublished, subject };
        return Ok((Publishing::Published, Some(entry)));
    }
    match find(writer, &new.digest)? {
        Some(_) => Ok((Publishing::AlreadyPublished, None)),
        None => Err(StoreError::Conflict(format!(
            "{} {} was published with another manifest; give the changed one a new version",
            new.id, new.version
        ))),
    }
}

fn find(connection: &Connection, digest: &Digest) -> Result<Option<PublishedPolicy>, StoreError> {
    let mut select = connection.prepare_cached(&format!("{SELECT} WHERE digest = $1"))?;
    let mut rows = select.query([digest.as_bytes()])?;
    rows.next()?.map(read).transpose()
}

fn read(row: &Row<'_>) -> Result<PublishedPolicy, StoreError> {
    let id: String = row.get("id")?;
    Ok(PublishedPolicy {
        number: row.get("policy")?,
        id: PolicyId::parse(&id)
            .ok_or_else(|| StoreError::Unreadable(format!("`{id}` is not a valid policy id")))?,
        version: row.get("version")?,
        digest: Digest::from_bytes(row.get("digest")?),
        manifest: row.get("manifest")?,
        signature: row.get("signature")?,
        published_at: read_moment(row.get("published_at")?)?,
        published_by: row.get("published_by")?,
    })
}
