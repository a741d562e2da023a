//! The audit log (law 8): append-only, each entry carrying the digest of the one before, the last one signed (see [`seal`]),
//! so that a changed or missing entry shows, wherever it stood. [`chain`] checks it.

use candor_policy::Digest;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::chain::{self, Chain, End, fault};
use super::connections::Turn;
use super::entry::{Action, AuditEntry, BEGINNING, NewEntry, digest_of, read};
use super::seal::{self, Head, Seal};
use super::{Journal, StoreError, moment, read_moment};

/// The actor of entries that say that the log was found broken.
const COLLECTOR: &str = "collector";

/// The audit log in the journal.
#[derive(Clone, Copy)]
pub struct Audit<'a> {
    pub(in crate::store) journal: &'a Journal,
    pub(in crate::store) seal: &'a Seal,
}

impl Audit<'_> {
    /// Appends an entry. What was looked at is shown only after this has succeeded.
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
        let entry = NewEntry { at, actor: actor.to_owned(), action, subject: subject.to_owned() };
        self.journal.write_audited(self.seal, move |_| Ok(((), Some(entry)))).await
    }

    /// The newest entries, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn newest(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let newest = move |reader: &Transaction<'_>| {
            let mut select = reader.prepare_cached(
                "SELECT entry, at, actor, action, subject FROM audit ORDER BY entry DESC LIMIT $1",
            )?;
            select.query_and_then([limit], read)?.collect()
        };
        self.journal.connections.read(newest).await
    }

    /// Checks every entry against the one before it, and the last one against the signed heads.
    ///
    /// # Errors
    /// [`StoreError`] where the journal fails.
    pub async fn verify(&self) -> Result<Chain, StoreError> {
        let seal = self.seal.clone();
        self.journal.connections.read(move |reader| chain::verify(reader, &seal)).await
    }
}

impl Journal {
    /// Changes control data and appends the entry that tells of it, where `change` returns one: both or neither.
    pub(super) async fn write_audited<T, F>(&self, seal: &Seal, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<(T, Option<NewEntry>), StoreError> + Send + 'static,
    {
        let seal = seal.clone();
        let work = move |mut turn: Turn| {
            let (result, head) = turn.transaction(|writer| {
                // Before the change, which may be the first thing that the log tells of.
                let emptied = chain::is_emptied(writer)?.then_some(Chain::Emptied);
                let (result, entry) = change(writer)?;
                let head = entry.map(|entry| append(writer, &seal, &entry, emptied)).transpose()?;
                Ok((result, head))
            })?;
            if let Some(head) = head {
                seal.keep(&head, turn);
            }
            Ok(result)
        };
        self.connections.with_turn(work).await
    }
}

/// Appends an entry. Where the end of the log is not the one that was signed, another entry says so first: to sign on in
/// silence would hide the cut.
fn append(
    writer: &Transaction<'_>,
    seal: &Seal,
    new: &NewEntry,
    emptied: Option<Chain>,
) -> Result<Head, StoreError> {
    let mut end = last(writer)?;
    let in_journal = seal::in_journal(writer)?;
    let beside = seal.beside()?;
    let at_beside = beside.as_ref().map(|head| digest_at(writer, head.entry)).transpose()?.flatten();
    let cut = fault(seal, end, in_journal.as_ref(), beside.as_ref(), at_beside);
    if let Some(fault) = cut.or(emptied) {
        let subject = fault.to_string();
        tracing::error!(subject, "the audit log is broken");
        let actor = COLLECTOR.to_owned();
        end =
            Some(insert(writer, end, &NewEntry { at: new.at, actor, action: Action::ChainBroken, subject })?);
    }
    let (entry, digest) = insert(writer, end, new)?;
    let head = seal.sign(entry, digest);
    seal::put(writer, &head)?;
    Ok(head)
}

fn last(connection: &Connection) -> rusqlite::Result<Option<End>> {
    let mut last =
        connection.prepare_cached("SELECT entry, digest FROM audit ORDER BY entry DESC LIMIT 1")?;
    last.query_row([], |row| Ok((row.get(0)?, Digest::from_bytes(row.get(1)?)))).optional()
}

fn digest_at(connection: &Connection, entry: i64) -> rusqlite::Result<Option<Digest>> {
    let mut select = connection.prepare_cached("SELECT digest FROM audit WHERE entry = $1")?;
    select.query_row([entry], |row| Ok(Digest::from_bytes(row.get(0)?))).optional()
}

fn insert(writer: &Transaction<'_>, end: Option<End>, new: &NewEntry) -> Result<End, StoreError> {
    let (number, previous) = end.map_or((1, BEGINNING), |(entry, digest)| (entry + 1, *digest.as_bytes()));
    let entry = AuditEntry {
        entry: number,
        at: read_moment(moment(new.at))?,
        actor: new.actor.clone(),
        action: new.action.word().to_owned(),
        subject: new.subject.clone(),
    };
    let digest = digest_of(&entry, &previous);
    writer.execute(
        "INSERT INTO audit (entry, at, actor, action, subject, previous, digest) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![number, moment(entry.at), entry.actor, entry.action, entry.subject, previous, digest.as_bytes()],
    )?;
    Ok((number, digest))
}
