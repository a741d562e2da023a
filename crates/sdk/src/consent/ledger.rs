//! The consent ledger: decisions in order, one JSON line each, chained by digests and on disk before a call returns.
//!
//! Each entry names the digest of the one before it, and `consent.head` names the last one, so that an altered, removed or
//! cut-off entry is noticed; a second head lies in another folder, for whoever takes the first one away as well. A ledger that does not hold is believed in nothing. The chain has no secret: it guards against
//! accidents and careless edits, not against somebody who may write in the folder and rewrites all of it.

use candor_policy::{ConsentState, Digest, PolicyId, PolicyReference, Scope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::cause::LedgerFault;
use crate::folder::{Found, StateFolder, unless_of_others};
use crate::limits::LEDGER_BYTES;

pub(super) const FILE: &str = "consent.jsonl";
pub(super) const HEAD: &str = "consent.head";
/// What the head says, in place of an entry's number, while a ledger that does not hold is replaced.
pub(super) const SET_ASIDE: &str = "set-aside";
/// Longest head that is read, bytes: a number and a digest.
const HEAD_BYTES: u64 = 1024;
/// The folder of the second head.
pub(super) const ANCHOR_FOLDER: &str = "policies";
/// What a head names before there is an entry.
pub(super) const NOTHING: &str = "0 nothing";
const MISSING: &str = "entries at the ledger's end are missing or were replaced";
const DAMAGED_HEAD: &str = "the file `consent.head` beside it is damaged";

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// From 1.
    pub sequence: u64,
    /// When, UTC.
    pub at: Timestamp,
    /// Granted or denied.
    pub state: ConsentState,
    /// The categories that a grant covers, of the policy beside it.
    pub scope: Scope,
    /// Who decided.
    pub actor: String,
    /// The policy that was decided on.
    pub policy: PolicyReference,
    /// 128 random bits, in hexadecimal. They stay on the site: without them nobody can guess from an entry's digest, which
    /// every report carries, who decided.
    pub nonce: String,
    /// The digest of a ledger that did not hold and was set aside for this decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Digest>,
    /// The digest of the entry before; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Digest>,
}

impl Decision {
    /// Whether it is the same decision by the same person on the same policy, whenever each was taken.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        // One of a later moment was made by another clock: the decision holds only once it is made by this one.
        self.at <= other.at
            && (self.state, &self.scope, &self.policy, &self.actor)
                == (other.state, &other.scope, &other.policy, &other.actor)
    }
}

/// A decision with the digest of its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The decision.
    pub decision: Decision,
    /// The digest of its JSON.
    pub entry: Digest,
}

/// The decisions of a ledger that holds.
#[derive(Debug, Default)]
pub struct Ledger {
    /// In order.
    pub entries: Vec<Entry>,
    /// Bytes of whole lines; what stands behind them was being written when the machine stopped.
    pub(super) whole_bytes: u64,
}

impl Ledger {
    /// Whether this entry still stands: it is in the ledger, and no denial of the same programme came after it.
    pub fn stands(&self, entry: Digest, policy: &PolicyId) -> bool {
        let from = self.entries.iter().position(|known| known.entry == entry);
        from.is_some_and(|from| {
            let mut since = self.entries[from..].iter().filter(|known| known.decision.policy.id == *policy);
            since.all(|known| known.decision.state != ConsentState::Denied)
        })
    }
}

/// A ledger's state: one that holds, or why it does not.
pub type Read = Result<Ledger, LedgerFault>;

/// Reads the ledger. Another process may be between its two writes, so one that does not hold is looked at twice.
///
/// # Errors
/// Where the files cannot be read; that the ledger does not hold is a value.
pub fn read(folder: &StateFolder) -> Result<Read, Error> {
    match read_once(folder)? {
        Err(_) => read_once(folder),
        held => Ok(held),
    }
}

fn read_once(folder: &StateFolder) -> Result<Read, Error> {
    // The second one is written last, so it is never ahead of what is read after it.
    let anchors = unless_of_others(folder.find_folder(ANCHOR_FOLDER))?;
    let anchor = anchors.map_or(Ok(Found::Nothing), |anchors| anchors.read(HEAD, HEAD_BYTES))?;
    let head = folder.read(HEAD, HEAD_BYTES)?;
    let file = folder.read(FILE, LEDGER_BYTES)?;
    Ok(read_files(file, head, anchor).map_err(|(line, what)| LedgerFault {
        file: folder.path().join(FILE).display().to_string(),
        line,
        what,
    }))
}

/// What the files say together; where they do not hold, the line and why.
fn read_files(file: Found, head: Found, anchor: Found) -> Result<Ledger, (usize, &'static str)> {
    let ledger = match file {
        Found::Nothing => Ledger::default(),
        Found::Bytes(bytes) => read_chain(&bytes)?,
        Found::TooLong => return Err((1, "the ledger is longer than any that is written")),
        Found::Unusable(_) => return Err((1, "candor did not put there what has the ledger's name")),
    };
    let after = ledger.entries.len() + 1;
    let head = match head {
        Found::Nothing => None,
        Found::Bytes(bytes) => Some(bytes),
        Found::TooLong | Found::Unusable(_) => return Err((after, DAMAGED_HEAD)),
    };
    check_head(&ledger.entries, head.as_deref())
        .and_then(|()| check_anchor(&ledger.entries, anchor))
        .map_err(|what| (after, what))?;
    Ok(ledger)
}

/// Reads entries and holds each against the one before it. What stands behind the last line's end was never finished.
fn read_chain(bytes: &[u8]) -> Result<Ledger, (usize, &'static str)> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let text = std::str::from_utf8(&bytes[..whole]).map_err(|_| (1, "the ledger is not text"))?;
    let mut entries: Vec<Entry> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let entry = read_entry(line, index, entries.last()).map_err(|what| (index + 1, what))?;
        entries.push(entry);
    }
    Ok(Ledger { entries, whole_bytes: whole as u64 })
}

fn read_entry(line: &str, index: usize, previous: Option<&Entry>) -> Result<Entry, &'static str> {
    let entry: Entry =
        serde_json::from_str(line).map_err(|_| "the line is not an entry of a consent ledger")?;
    // Written anew it must be the same bytes: nothing stands in the line that was not read.
    if serde_json::to_string(&entry).ok().as_deref() != Some(line)
        || digest(&entry.decision) != Some(entry.entry)
    {
        return Err("the entry was altered after it was written");
    }
    if entry.decision.previous != previous.map(|previous| previous.entry)
        || entry.decision.sequence != index as u64 + 1
    {
        return Err("the entry does not follow the one before it");
    }
    Ok(entry)
}

fn digest(decision: &Decision) -> Option<Digest> {
    serde_json::to_vec(decision).ok().map(|json| Digest::of(&json))
}

/// The head names the last entry, or, where the machine stopped between the two writes, the one before it. It is there before
/// the first entry is.
fn check_head(entries: &[Entry], head: Option<&[u8]>) -> Result<(), &'static str> {
    let Some(head) = head else {
        return if entries.is_empty() { Ok(()) } else { Err("the file `consent.head` beside it is missing") };
    };
    if head.starts_with(SET_ASIDE.as_bytes()) {
        return Err("it was set aside, and the decision that was to replace it was never finished");
    }
    let count = if head.trim_ascii() == NOTHING.as_bytes() {
        0
    } else {
        let (count, digest) = named(head).ok_or(DAMAGED_HEAD)?;
        if digest_of(entries, count) != Some(digest) {
            return Err(MISSING);
        }
        count
    };
    if entries.len() > count + 1 { Err(MISSING) } else { Ok(()) }
}

/// The second head names an entry that is there; a ledger of an earlier version has none.
fn check_anchor(entries: &[Entry], anchor: Found) -> Result<(), &'static str> {
    let Found::Bytes(anchor) = anchor else { return Ok(()) };
    if anchor.starts_with(SET_ASIDE.as_bytes()) {
        return Ok(());
    }
    let (count, digest) = named(&anchor).ok_or("the second copy of its head is damaged")?;
    if digest_of(entries, count) == Some(digest) { Ok(()) } else { Err(MISSING) }
}

/// The number and digest that a head names.
fn named(head: &[u8]) -> Option<(usize, Digest)> {
    let (count, digest) = std::str::from_utf8(head).ok()?.trim().split_once(' ')?;
    Some((count.parse().ok()?, Digest::parse(digest)?))
}

fn digest_of(entries: &[Entry], count: usize) -> Option<Digest> {
    count.checked_sub(1).and_then(|index| entries.get(index)).map(|entry| entry.entry)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use std::fs;

    use super::*;
    use crate::consent::recording::record;

    pub(in crate::consent) fn decision(state: ConsentState, actor: &str) -> Decision {
        Decision {
            sequence: 0,
            at: Timestamp::UNIX_EPOCH,
            state,
            scope: Scope::All,
            actor: actor.to_owned(),
            policy: PolicyReference {
                id: PolicyId::parse("p").unwrap(),
                version: "1".to_owned(),
                digest: Digest::of(b"p"),
            },
            nonce: String::new(),
            replaces: None,
            previous: None,
        }
    }

    pub(in crate::consent) fn ledger_of(count: usize) -> (tempfile::TempDir, StateFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::new(place.path().to_owned());
        for index in 0..count {
            let state = if index % 2 == 0 { ConsentState::Granted } else { ConsentState::Denied };
            record(&folder, decision(state, &format!("actor {index}"))).unwrap();
        }
        (place, folder)
    }

    pub(in crate::consent) fn fault(folder: &StateFolder) -> LedgerFault {
        read(folder).unwrap().unwrap_err()
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_chain_goes_on() {
        let (_place, folder) = ledger_of(2);
        folder.make().unwrap().append(FILE, b"{\"decision\":{\"sequ").unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 2);
        record(&folder, decision(ConsentState::Denied, "after")).unwrap();
        let entries = read(&folder).unwrap().unwrap().entries;
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[2].decision.actor, "after");
    }

    #[test]
    fn a_crash_between_ledger_and_head_loses_nothing() {
        let (_place, folder) = ledger_of(2);
        let head = fs::read(folder.path().join(HEAD)).unwrap();
        record(&folder, decision(ConsentState::Denied, "third")).unwrap();
        fs::write(folder.path().join(HEAD), head).unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 3);
        record(&folder, decision(ConsentState::Denied, "fourth")).unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 4);
    }

    #[test]
    fn a_removed_denial_is_noticed() {
        let (_place, folder) = ledger_of(2);
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        let first = text.lines().next().unwrap();
        fs::write(folder.path().join(FILE), format!("{first}\n")).unwrap();
        assert!(fault(&folder).what.contains("missing"), "{}", fault(&folder));
        fs::remove_file(folder.path().join(FILE)).unwrap();
        assert!(fault(&folder).what.contains("missing"), "{}", fault(&folder));
    }

    /// Writes the ledger without its last line.
    fn cut_last_line(folder: &StateFolder) {
        let path = folder.path().join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        let kept: Vec<_> = text.lines().take(text.lines().count() - 1).collect();
        fs::write(path, kept.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    }

    /// Guards against a denial that is undone by taking its line and the head away.
    #[test]
    fn a_denial_that_was_removed_with_its_head_is_noticed() {
        let (_place, folder) = ledger_of(2);
        cut_last_line(&folder);
        fs::remove_file(folder.path().join(HEAD)).unwrap();
        assert!(fault(&folder).what.contains("`consent.head` beside it is missing"), "{}", fault(&folder));
    }

    /// The only decision was the denial: without the second head, nothing would say that anybody had decided.
    #[test]
    fn an_only_denial_that_was_removed_with_its_head_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::new(place.path().to_owned());
        record(&folder, decision(ConsentState::Denied, "administrator")).unwrap();
        for name in [FILE, HEAD] {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        assert!(fault(&folder).what.contains("missing"), "{}", fault(&folder));
        record(&folder, decision(ConsentState::Denied, "administrator")).unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 1);
    }

    /// A head that was put back with the ledger to an earlier state of both.
    #[test]
    fn a_ledger_and_its_head_that_were_put_back_together_are_noticed() {
        let (_place, folder) = ledger_of(1);
        let earlier = [FILE, HEAD].map(|name| fs::read(folder.path().join(name)).unwrap());
        record(&folder, decision(ConsentState::Denied, "administrator")).unwrap();
        for (name, bytes) in [FILE, HEAD].iter().zip(earlier) {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        assert!(fault(&folder).what.contains("missing or were replaced"), "{}", fault(&folder));
    }

    #[test]
    fn a_ledger_of_an_earlier_version_has_no_second_head_and_holds() {
        let (_place, folder) = ledger_of(2);
        fs::remove_file(folder.path().join(ANCHOR_FOLDER).join(HEAD)).unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 2);
        record(&folder, decision(ConsentState::Granted, "administrator")).unwrap();
        assert!(folder.path().join(ANCHOR_FOLDER).join(HEAD).exists(), "it has one from here on");
    }

    #[test]
    fn a_stop_before_the_first_line_is_nothing_decided() {
        let (_place, folder) = ledger_of(0);
        folder.make().unwrap().write(HEAD, NOTHING.as_bytes()).unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 0);
        record(&folder, decision(ConsentState::Granted, "administrator")).unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// One byte changed anywhere: the ledger does not hold, or it is cut at an unfinished last line that its head
        /// then misses. Never is a changed ledger believed.
        #[test]
        fn no_changed_byte_is_believed(count in 1usize..4, at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let (_place, folder) = ledger_of(count);
            let before = read(&folder).unwrap().unwrap().entries;
            let mut bytes = fs::read(folder.path().join(FILE)).unwrap();
            let index = at.index(bytes.len());
            prop_assume!(bytes[index] != to);
            bytes[index] = to;
            fs::write(folder.path().join(FILE), &bytes).unwrap();
            match read(&folder).unwrap() {
                Err(_) => {}
                Ok(ledger) => prop_assert_eq!(ledger.entries, before),
            }
        }

        /// Cut anywhere: the same.
        #[test]
        fn no_cut_ledger_is_believed(count in 1usize..4, at in any::<prop::sample::Index>()) {
            let (_place, folder) = ledger_of(count);
            let before = read(&folder).unwrap().unwrap().entries;
            let bytes = fs::read(folder.path().join(FILE)).unwrap();
            fs::write(folder.path().join(FILE), &bytes[..at.index(bytes.len())]).unwrap();
            if let Ok(ledger) = read(&folder).unwrap() {
                prop_assert_eq!(ledger.entries, before);
            }
        }
    }
}
