//! The audit log (law 8): append-only, each entry carrying the digest of the one before, the last one signed (see [`seal`]),
//! so that a changed or missing entry shows, wherever it stood.

use std::fmt;

use candor_policy::Digest;
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};

use super::seal::{self, Head, Seal};
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
    /// An account was removed.
    AccountRemoved,
    /// A one-time link was made.
    LinkCreated,
    /// A policy version was published.
    PolicyPublished,
    /// Customer-level data was looked at.
    CustomerViewed,
    /// Data was taken out.
    Exported,
    /// The end of this log was found to be another than was signed.
    ChainBroken,
}

impl Action {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignInFailed => "sign-in-failed",
            Self::SignedOut => "signed-out",
            Self::AccountCreated => "account-created",
            Self::AccountRemoved => "account-removed",
            Self::LinkCreated => "link-created",
            Self::PolicyPublished => "policy-published",
            Self::CustomerViewed => "customer-viewed",
            Self::Exported => "exported",
            Self::ChainBroken => "chain-broken",
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

/// An entry that is about to be added.
#[derive(Clone, Copy)]
pub(super) struct NewEntry<'a> {
    pub at: Timestamp,
    pub actor: &'a str,
    pub action: Action,
    pub subject: &'a str,
}

/// Whether the log is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// All entries follow from each other, and the last is the one that the collector signed.
    Holds {
        /// How many.
        entries: u64,
    },
    /// This entry, or the one before it, was changed or taken away.
    BrokenAt(i64),
    /// Entries were taken from the end.
    CutAfter {
        /// The last one that is there.
        last: i64,
        /// The last one that the collector signed.
        signed: i64,
    },
    /// The last entry is not one that the collector signed.
    NotSigned {
        /// The last one that is there.
        last: i64,
    },
}

impl fmt::Display for Chain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds { entries: 1 } => write!(out, "1 entry, which this collector signed"),
            Self::Holds { entries } => {
                write!(
                    out,
                    "{entries} entries, unbroken from the first to the last, which this collector signed"
                )
            }
            Self::BrokenAt(entry) => write!(
                out,
                "the chain is broken at entry {entry}: it, or the one before it, was changed or taken away outside of \
                 this program"
            ),
            Self::CutAfter { last, signed } => write!(
                out,
                "entries were taken away outside of this program: it signed entry {signed} as the last, and the log \
                 ends with entry {last}"
            ),
            Self::NotSigned { last } => write!(
                out,
                "entry {last} is the last, and this collector did not sign it as such: it was changed, or others were \
                 taken away, outside of this program"
            ),
        }
    }
}

/// What the first entry follows.
const BEGINNING: [u8; 32] = [0; 32];
/// Who says that the log was found broken.
const COLLECTOR: &str = "collector";
/// Entries that a check reads at a time.
const READ_AT_A_TIME: i64 = 10_000;

/// The audit log in the journal.
#[derive(Clone, Copy)]
pub struct Audit<'a> {
    pub(in crate::store) journal: &'a Journal,
    pub(in crate::store) seal: &'a Seal,
}

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
        let mut writer = self.journal.writer.lock().await;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        let head = append(&mut transaction, self.seal, NewEntry { at, actor, action, subject }).await?;
        transaction.commit().await?;
        self.seal.keep(&head, writer).await;
        Ok(())
    }

    /// The newest entries, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn newest(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows =
            sqlx::query("SELECT entry, at, actor, action, subject FROM audit ORDER BY entry DESC LIMIT ?")
                .bind(limit)
                .fetch_all(&self.journal.readers)
                .await?;
        rows.iter().map(read).collect()
    }

    /// Holds every entry against the one before it, and the last one against the signed heads.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn verify(&self) -> Result<Chain, StoreError> {
        // Read before the journal, which may go on meanwhile: the file is never ahead of it.
        let beside = self.seal.beside()?;
        let mut reader = self.journal.readers.begin().await?;
        let (mut last, mut previous) = (0, BEGINNING);
        let mut at_beside = None;
        loop {
            let rows = entries_after(&mut reader, last).await?;
            for row in &rows {
                let entry = read(row)?;
                let follows = read_32(row.try_get("previous")?)? == previous;
                let digest = digest_of(&entry, &previous);
                let is_itself =
                    entry.entry == last + 1 && read_32(row.try_get("digest")?)? == *digest.as_bytes();
                if !follows || !is_itself || entry.action == Action::ChainBroken.word() {
                    return Ok(Chain::BrokenAt(last + 1));
                }
                (last, previous) = (entry.entry, *digest.as_bytes());
                if beside.as_ref().is_some_and(|head| head.entry == last) {
                    at_beside = Some(digest);
                }
            }
            if rows.len() < READ_AT_A_TIME as usize {
                break;
            }
        }
        let in_journal = seal::in_journal(&mut reader).await?;
        let end = (last > 0).then(|| (last, Digest::from_bytes(previous)));
        Ok(match fault(self.seal, end, in_journal.as_ref(), beside.as_ref(), at_beside) {
            None => Chain::Holds { entries: last.unsigned_abs() },
            Some(fault) => fault,
        })
    }
}

async fn entries_after(reader: &mut SqliteConnection, last: i64) -> Result<Vec<SqliteRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT entry, at, actor, action, subject, previous, digest FROM audit WHERE entry > ? ORDER BY entry LIMIT ?",
    )
    .bind(last)
    .bind(READ_AT_A_TIME)
    .fetch_all(reader)
    .await?;
    Ok(rows)
}

/// Adds an entry within the transaction of what it tells of: neither is there without the other. Where the end of the log is
/// not the one that was signed, an entry says so first: signing on in silence would hide the cut.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    seal: &Seal,
    new: NewEntry<'_>,
) -> Result<Head, StoreError> {
    let mut end = last(connection).await?;
    let in_journal = seal::in_journal(connection).await?;
    let beside = seal.beside()?;
    let at_beside = match &beside {
        Some(head) => digest_at(connection, head.entry).await?,
        None => None,
    };
    if let Some(fault) = fault(seal, end, in_journal.as_ref(), beside.as_ref(), at_beside) {
        let subject = fault.to_string();
        tracing::error!(subject, "the audit log is broken");
        let found = NewEntry { at: new.at, actor: COLLECTOR, action: Action::ChainBroken, subject: &subject };
        end = Some(insert(connection, end, found).await?);
    }
    let (entry, digest) = insert(connection, end, new).await?;
    let head = seal.sign(entry, digest);
    seal::put(connection, &head).await?;
    Ok(head)
}

/// The number and digest of an entry.
type End = (i64, Digest);

/// What is wrong with the end of a log: held against the head in the journal, which goes with the last entry, and the one
/// beside it, which may lag behind and whose entry must be there.
fn fault(
    seal: &Seal,
    end: Option<End>,
    in_journal: Option<&Head>,
    beside: Option<&Head>,
    at_beside: Option<Digest>,
) -> Option<Chain> {
    let last = end.map_or(0, |(entry, _)| entry);
    for head in in_journal.iter().chain(beside.iter()) {
        if !seal.is_ours(head) {
            return Some(Chain::NotSigned { last });
        }
        if head.entry > last {
            return Some(Chain::CutAfter { last, signed: head.entry });
        }
    }
    if in_journal.map(|head| (head.entry, head.digest)) != end {
        return Some(Chain::NotSigned { last });
    }
    let changed = beside.filter(|head| at_beside != Some(head.digest));
    changed.map(|head| Chain::BrokenAt(head.entry))
}

async fn last(connection: &mut SqliteConnection) -> Result<Option<End>, StoreError> {
    let row = sqlx::query("SELECT entry, digest FROM audit ORDER BY entry DESC LIMIT 1")
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((row.try_get(0)?, Digest::from_bytes(read_32(row.try_get(1)?)?))))
}

async fn digest_at(connection: &mut SqliteConnection, entry: i64) -> Result<Option<Digest>, StoreError> {
    let row = sqlx::query("SELECT digest FROM audit WHERE entry = ?")
        .bind(entry)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Digest::from_bytes(read_32(row.try_get(0)?)?)))
}

async fn insert(
    connection: &mut SqliteConnection,
    end: Option<End>,
    new: NewEntry<'_>,
) -> Result<End, StoreError> {
    let (number, previous) = end.map_or((1, BEGINNING), |(entry, digest)| (entry + 1, *digest.as_bytes()));
    let entry = AuditEntry {
        entry: number,
        at: read_moment(moment(new.at))?,
        actor: new.actor.to_owned(),
        action: new.action.word().to_owned(),
        subject: new.subject.to_owned(),
    };
    let digest = digest_of(&entry, &previous);
    sqlx::query(
        "INSERT INTO audit (entry, at, actor, action, subject, previous, digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(entry.entry)
    .bind(moment(entry.at))
    .bind(new.actor)
    .bind(new.action.word())
    .bind(new.subject)
    .bind(previous.as_slice())
    .bind(digest.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok((number, digest))
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
