//! The audit log's head: the number and digest of its last entry, signed with the collector's key (law 8).
//!
//! The chain by itself shows an entry that was changed, or taken from its middle. The head shows an end that was cut off,
//! and a chain that was computed anew, because nobody without the key can sign another. It is kept twice: in the journal,
//! in the transaction of the entry itself, and in a file beside the journal, which also shows a journal that was put back to
//! an earlier state of its own. It does not show what somebody did who has the key, nor journal and file put back
//! together, nor a journal put back where the file was deleted.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use candor_policy::{Digest, PublicKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::StoreError;
use super::connections::Turn;
use crate::key_file;

/// The file in the data folder.
const FILE: &str = "audit.head";

/// The audit log's last entry, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub entry: i64,
    pub digest: Digest,
    signature: [u8; 64],
}

/// Signs heads, and keeps the last one beside the journal.
#[derive(Clone)]
pub(in crate::store) struct Seal(Arc<Parts>);

struct Parts {
    key: SigningKey,
    /// The key before it, which signed the heads that are there, while this one takes over.
    before: Option<VerifyingKey>,
    file: PathBuf,
    /// Who writes the file; taken before the journal is let go, so that heads are written in their order.
    turn: Mutex<()>,
}

impl Seal {
    /// With the key of this data folder.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let key = key_file::read_or_create(folder).map_err(|error| StoreError::Key(format!("{error:#}")))?;
        Ok(Self::of(folder, key, None))
    }

    /// With another key, which takes over from the one before it: heads that either signed are ours.
    pub fn taking_over(folder: &Path, key: SigningKey, before: Option<PublicKey>) -> Self {
        let before = before.and_then(|before| VerifyingKey::from_bytes(before.as_bytes()).ok());
        Self::of(folder, key, before)
    }

    fn of(folder: &Path, key: SigningKey, before: Option<VerifyingKey>) -> Self {
        Self(Arc::new(Parts { key, before, file: folder.join(FILE), turn: Mutex::default() }))
    }

    /// Signs an entry as the last one.
    pub(super) fn sign(&self, entry: i64, digest: Digest) -> Head {
        let signature = self.0.key.sign(&message(entry, &digest)).to_bytes();
        Head { entry, digest, signature }
    }

    /// Whether a head was signed with this collector's key.
    pub(super) fn is_ours(&self, head: &Head) -> bool {
        let (message, signature) =
            (message(head.entry, &head.digest), Signature::from_bytes(&head.signature));
        let mut keys = [self.0.key.verifying_key()].into_iter().chain(self.0.before);
        keys.any(|key| key.verify_strict(&message, &signature).is_ok())
    }

    /// The head in the file; `None` where there is no file.
    pub(super) fn beside(&self) -> Result<Option<Head>, StoreError> {
        match std::fs::read_to_string(&self.0.file) {
            // What cannot be read is no head that was signed.
            Ok(text) => Ok(Some(parse(&text).unwrap_or(Head {
                entry: i64::MAX,
                digest: Digest::of(b""),
                signature: [0; 64],
            }))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::File { path: self.0.file.display().to_string(), source }),
        }
    }

    /// Writes a committed head to the file, once others may write to the journal. Where that fails the entry is there all the
    /// same, and only the second copy of its head is missing until the next.
    pub(super) fn keep(&self, head: &Head, journal: Turn) {
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        drop(journal);
        if let Err(error) = replace(&self.0.file, &line(head)) {
            tracing::error!(%error, file = %self.0.file.display(), "the audit log's head is not kept beside the journal");
        }
    }
}

/// What is signed. It starts with words that neither a manifest nor an answer starts with.
fn message(entry: i64, digest: &Digest) -> Vec<u8> {
    format!("The audit log ends with entry {entry} {digest}").into_bytes()
}

/// The head in the journal.
pub(super) fn in_journal(connection: &Connection) -> rusqlite::Result<Option<Head>> {
    let mut select = connection.prepare_cached("SELECT entry, digest, signature FROM audit_head")?;
    let head = select.query_row([], |row| {
        let signature: Vec<u8> = row.get("signature")?;
        Ok(Head {
            entry: row.get("entry")?,
            digest: Digest::from_bytes(row.get("digest")?),
            // A signature of another length was not made here.
            signature: signature.try_into().unwrap_or([0; 64]),
        })
    });
    head.optional()
}

/// Puts a head into the journal.
pub(super) fn put(writer: &Transaction<'_>, head: &Head) -> rusqlite::Result<()> {
    let mut upsert = writer.prepare_cached(
        "INSERT INTO audit_head (one, entry, digest, signature) VALUES (1, $1, $2, $3) ON CONFLICT (one) DO UPDATE \
         SET entry = excluded.entry, digest = excluded.digest, signature = excluded.signature",
    )?;
    upsert.execute(params![head.entry, head.digest.as_bytes(), head.signature])?;
    Ok(())
}

fn line(head: &Head) -> String {
    format!("{} {} {}\n", head.entry, head.digest, STANDARD.encode(head.signature))
}

fn parse(text: &str) -> Option<Head> {
    let mut words = text.split_whitespace();
    let (entry, digest, signature) = (words.next()?, words.next()?, words.next()?);
    Some(Head {
        entry: entry.parse().ok()?,
        digest: Digest::parse(digest)?,
        signature: STANDARD.decode(signature).ok()?.try_into().ok()?,
    })
}

/// Replaces the file in one step. A command beside the server has a name of its own for what is not finished.
fn replace(file: &Path, line: &str) -> std::io::Result<()> {
    let unfinished = file.with_extension(format!("head.{}", std::process::id()));
    let mut written = std::fs::File::create(&unfinished)?;
    written.write_all(line.as_bytes())?;
    written.sync_all()?;
    std::fs::rename(&unfinished, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_its_keys_alone_and_survives_its_file() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [ours, other] = folders.each_ref().map(|folder| Seal::open(folder.path()).unwrap());
        let head = ours.sign(17, Digest::of(b"entry"));
        assert!(ours.is_ours(&head) && !other.is_ours(&head));
        assert!(!ours.is_ours(&Head { entry: 16, ..head.clone() }));
        assert_eq!(ours.beside().unwrap(), None);
        replace(&ours.0.file, &line(&head)).unwrap();
        assert_eq!(ours.beside().unwrap(), Some(head));
        std::fs::write(&ours.0.file, "17").unwrap();
        let unreadable = ours.beside().unwrap().unwrap();
        assert!(!ours.is_ours(&unreadable));
    }
}
