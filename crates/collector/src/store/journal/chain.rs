//! Whether the audit log is whole.

use std::fmt;

use candor_policy::Digest;
use rusqlite::{Connection, Transaction};

use super::StoreError;
use super::entry::{Action, BEGINNING, digest_of, read};
use super::seal::{self, Head, Seal};

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
    /// No entry is there, and yet the journal holds what is never there without one.
    Emptied,
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
            Self::Emptied => write!(
                out,
                "all entries were taken away outside of this program: the log is empty, and the journal holds accounts, policies \
                 or reports, which are never there without an entry"
            ),
            Self::NotSigned { last } => write!(
                out,
                "entry {last} is the last, and this collector did not sign it as such: it was changed, or others were \
                 taken away, outside of this program"
            ),
        }
    }
}

/// The number and digest of the last entry.
pub(super) type End = (i64, Digest);

/// Checks every entry against the one before it, and the last one against the head in the journal and the one beside it.
pub(super) fn verify(reader: &Transaction<'_>, seal: &Seal) -> Result<Chain, StoreError> {
    // Read before the journal, which may go on meanwhile: the file is never ahead of it.
    let beside = seal.beside()?;
    let (mut last, mut previous, mut at_beside) = (0, BEGINNING, None);
    let mut select = reader.prepare_cached(
        "SELECT entry, at, actor, action, subject, previous, digest FROM audit ORDER BY entry",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let entry = read(row)?;
        let digest = digest_of(&entry, &previous);
        let is_next = entry.entry == last + 1 && row.get::<_, [u8; 32]>("previous")? == previous;
        let is_itself = row.get::<_, [u8; 32]>("digest")? == *digest.as_bytes();
        if !is_next || !is_itself || entry.action == Action::ChainBroken.word() {
            return Ok(Chain::BrokenAt(last + 1));
        }
        (last, previous) = (entry.entry, *digest.as_bytes());
        if beside.as_ref().is_some_and(|head| head.entry == last) {
            at_beside = Some(digest);
        }
    }
    if last == 0 && is_emptied(reader)? {
        return Ok(Chain::Emptied);
    }
    let in_journal = seal::in_journal(reader)?;
    let end = (last > 0).then(|| (last, Digest::from_bytes(previous)));
    let fault = fault(seal, end, in_journal.as_ref(), beside.as_ref(), at_beside);
    Ok(fault.unwrap_or(Chain::Holds { entries: last.unsigned_abs() }))
}

/// Whether the log is empty beside what it must have told of: with its heads gone too, nothing else says that there were
/// entries. Nobody reports before a policy is published, and no first account is made without its link; both have an entry.
pub(super) fn is_emptied(connection: &Connection) -> rusqlite::Result<bool> {
    let emptied = "SELECT NOT EXISTS (SELECT 1 FROM audit) AND (EXISTS (SELECT 1 FROM accounts) \
                   OR EXISTS (SELECT 1 FROM policies) OR EXISTS (SELECT 1 FROM reports) \
                   OR EXISTS (SELECT 1 FROM setup_tokens))";
    connection.prepare_cached(emptied)?.query_row([], |row| row.get(0))
}

/// What is wrong with the end of a log, compared with the head in the journal, which belongs to the last entry, and the one
/// beside it, which may lag behind and whose entry must be there.
pub(super) fn fault(
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
