//! The consent ledger: decisions in order, one JSON line each, chained by digests and on disk before a call returns.
//!
//! Each entry names the digest of the one before it, and `consent.head` names the last one, so that an altered, removed or
//! cut-off entry is noticed. A ledger that does not hold is believed in nothing. The chain has no secret: it guards against
//! accidents and careless edits, not against somebody who may write in the folder and rewrites all of it.

use std::fs::{self, File};
use std::io;

use candor_policy::{ConsentState, Digest, PolicyId, PolicyReference, Scope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::folder::{
    Found, StateFolder, append_durably, cut_durably, find_bounded, sync_folder, write_durably,
};
use crate::limits::LEDGER_BYTES;

const FILE: &str = "consent.jsonl";
const HEAD: &str = "consent.head";
/// What the head says, in place of an entry's number, while a ledger that does not hold is replaced.
const SET_ASIDE: &str = "set-aside";
/// Longest head that is read, bytes: a number and a digest.
const HEAD_BYTES: u64 = 1024;
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
    fn says_the_same_as(&self, other: &Self) -> bool {
        let said = |decision: &Self| (decision.state, decision.scope.clone(), decision.policy.clone());
        said(self) == said(other) && self.actor == other.actor
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

/// Why a ledger does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct LedgerFault {
    /// The ledger's file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What does not hold.
    pub what: &'static str,
}

/// The decisions of a ledger that holds.
#[derive(Debug, Default)]
pub struct Ledger {
    /// In order.
    pub entries: Vec<Entry>,
    /// Bytes of whole lines; what stands behind them was being written when the machine stopped.
    whole_bytes: u64,
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
    let head = find_bounded(&folder.join(HEAD), HEAD_BYTES)?;
    let file = find_bounded(&folder.join(FILE), LEDGER_BYTES)?;
    Ok(read_files(file, head).map_err(|(line, what)| LedgerFault {
        file: folder.join(FILE).display().to_string(),
        line,
        what,
    }))
}

/// What the two files say together; where they do not hold, the line and why.
fn read_files(file: Found, head: Found) -> Result<Ledger, (usize, &'static str)> {
    let ledger = match file {
        Found::Nothing => Ledger::default(),
        Found::Bytes(bytes) => read_chain(&bytes)?,
        Found::TooLong => return Err((1, "the ledger is longer than any that is written")),
    };
    let after = ledger.entries.len() + 1;
    let head = match head {
        Found::Nothing => None,
        Found::Bytes(bytes) => Some(bytes),
        Found::TooLong => return Err((after, DAMAGED_HEAD)),
    };
    check_head(&ledger.entries, head.as_deref()).map_err(|what| (after, what))?;
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
    let entry: Entry = serde_json::from_str(line).map_err(|_| "the line is no entry of a consent ledger")?;
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

/// The head names the last entry, or, where the machine stopped between the two writes, the one before it.
fn check_head(entries: &[Entry], head: Option<&[u8]>) -> Result<(), &'static str> {
    let Some(head) = head else {
        return if entries.len() <= 1 { Ok(()) } else { Err("the file `consent.head` beside it is missing") };
    };
    if head.starts_with(SET_ASIDE.as_bytes()) {
        return Err("it was set aside, and the decision that was to replace it was never finished");
    }
    let named = || {
        let (count, digest) = std::str::from_utf8(head).ok()?.trim().split_once(' ')?;
        Some((count.parse::<usize>().ok()?, Digest::parse(digest)?))
    };
    let (count, digest) = named().ok_or(DAMAGED_HEAD)?;
    let is_there = count.checked_sub(1).and_then(|index| entries.get(index)).map(|entry| entry.entry);
    if is_there != Some(digest) || entries.len() > count + 1 {
        return Err("entries at the ledger's end are missing or were replaced");
    }
    Ok(())
}

fn nonce(folder: &StateFolder) -> Result<String, Error> {
    let mut random = [0; 16];
    let drawn = getrandom::fill(&mut random).map_err(std::io::Error::other);
    drawn.map_err(Error::folder("draw random bytes for a decision in", folder.path()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(random)))
}

/// Records a decision; nonce, number, chain and digests are filled in. One that says what the last one of its programme says is
/// that one: whoever denies each hour adds nothing. A ledger that does not hold is set aside and the new one names its digest. The
/// caller holds the lock.
pub fn record(folder: &StateFolder, mut decision: Decision) -> Result<Entry, Error> {
    let ledger = match read(folder)? {
        Ok(ledger) => ledger,
        Err(_) => {
            decision.replaces = Some(set_aside(folder, decision.at)?);
            Ledger::default()
        }
    };
    let last = ledger.entries.iter().rfind(|entry| entry.decision.policy.id == decision.policy.id);
    match last {
        Some(last) if last.decision.says_the_same_as(&decision) => {
            // Whoever recorded it may have been stopped before it was on disk.
            cut_durably(&folder.join(FILE), ledger.whole_bytes)?;
            write_head(folder, &ledger.entries)?;
            Ok(last.clone())
        }
        _ => append(folder, &ledger, decision),
    }
}

fn append(folder: &StateFolder, ledger: &Ledger, mut decision: Decision) -> Result<Entry, Error> {
    // What was being written when the machine stopped: the call that wrote it never returned.
    cut_durably(&folder.join(FILE), ledger.whole_bytes)?;
    decision.nonce = nonce(folder)?;
    decision.sequence = ledger.entries.len() as u64 + 1;
    decision.previous = ledger.entries.last().map(|entry| entry.entry);
    let contained = |error: serde_json::Error| Error::Contained(error.to_string());
    let digest = Digest::of(&serde_json::to_vec(&decision).map_err(contained)?);
    let entry = Entry { decision, entry: digest };
    let mut line = serde_json::to_vec(&entry).map_err(contained)?;
    line.push(b'\n');
    append_durably(&folder.join(FILE), &line)?;
    write_head(folder, std::slice::from_ref(&entry))?;
    Ok(entry)
}

/// Sets a ledger aside that does not hold, however long it is. A head that names no entry comes first and stays until the new
/// ledger has its own: wherever the machine stops in between, what is left does not hold either.
fn set_aside(folder: &StateFolder, at: Timestamp) -> Result<Digest, Error> {
    let path = folder.join(FILE);
    let digest = match File::open(&path).and_then(Digest::of_reader) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Digest::of(&[]),
        digest => digest.map_err(Error::folder("read", &path))?,
    };
    write_durably(&folder.join(HEAD), format!("{SET_ASIDE} {digest}\n").as_bytes())?;
    let aside = folder.join(&format!("consent-{}-{}.jsonl", at.as_second(), digest.short()));
    match fs::rename(&path, &aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        moved => moved.map_err(Error::folder("set aside", &path))?,
    }
    sync_folder(folder.path()).map_err(Error::folder("write", folder.path()))?;
    Ok(digest)
}

/// Writes which entry is the last.
fn write_head(folder: &StateFolder, entries: &[Entry]) -> Result<(), Error> {
    let Some(last) = entries.last() else { return Ok(()) };
    let head = format!("{} {}\n", last.decision.sequence, last.entry);
    write_durably(&folder.join(HEAD), head.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decision(state: ConsentState, actor: &str) -> Decision {
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

    fn ledger_of(count: usize) -> (tempfile::TempDir, StateFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::new(place.path().to_owned());
        for index in 0..count {
            let state = if index % 2 == 0 { ConsentState::Granted } else { ConsentState::Denied };
            record(&folder, decision(state, &format!("actor {index}"))).unwrap();
        }
        (place, folder)
    }

    fn fault(folder: &StateFolder) -> LedgerFault {
        read(folder).unwrap().unwrap_err()
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_chain_goes_on() {
        let (_place, folder) = ledger_of(2);
        append_durably(&folder.join(FILE), b"{\"decision\":{\"sequ").unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 2);
        record(&folder, decision(ConsentState::Denied, "after")).unwrap();
        let entries = read(&folder).unwrap().unwrap().entries;
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[2].decision.actor, "after");
    }

    #[test]
    fn a_crash_between_ledger_and_head_loses_nothing() {
        let (_place, folder) = ledger_of(2);
        let head = fs::read(folder.join(HEAD)).unwrap();
        record(&folder, decision(ConsentState::Denied, "third")).unwrap();
        fs::write(folder.join(HEAD), head).unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 3);
        record(&folder, decision(ConsentState::Denied, "fourth")).unwrap();
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 4);
    }

    #[test]
    fn a_removed_denial_is_noticed() {
        let (_place, folder) = ledger_of(2);
        let text = fs::read_to_string(folder.join(FILE)).unwrap();
        let first = text.lines().next().unwrap();
        fs::write(folder.join(FILE), format!("{first}\n")).unwrap();
        assert!(fault(&folder).what.contains("missing"), "{}", fault(&folder));
        fs::remove_file(folder.join(FILE)).unwrap();
        assert!(fault(&folder).what.contains("missing"), "{}", fault(&folder));
    }

    #[test]
    fn a_decision_that_changes_nothing_adds_nothing() {
        let (_place, folder) = ledger_of(2);
        let denied = record(&folder, decision(ConsentState::Denied, "hourly")).unwrap();
        let length = fs::metadata(folder.join(FILE)).unwrap().len();
        assert_eq!(record(&folder, decision(ConsentState::Denied, "hourly")).unwrap(), denied);
        assert_eq!(fs::metadata(folder.join(FILE)).unwrap().len(), length);
        record(&folder, decision(ConsentState::Granted, "hourly")).unwrap();
        assert_ne!(record(&folder, decision(ConsentState::Denied, "hourly")).unwrap(), denied);
    }

    /// Guards against a denial that was said to be recorded, and whose removal goes unnoticed.
    #[test]
    fn a_decision_that_was_stopped_half_way_is_whole_once_it_is_repeated() {
        let (_place, folder) = ledger_of(1);
        let head = fs::read(folder.join(HEAD)).unwrap();
        let denied = record(&folder, decision(ConsentState::Denied, "hourly")).unwrap();
        fs::write(folder.join(HEAD), head).unwrap();
        assert_eq!(record(&folder, decision(ConsentState::Denied, "hourly")).unwrap(), denied);
        let text = fs::read_to_string(folder.join(FILE)).unwrap();
        fs::write(folder.join(FILE), format!("{}\n", text.lines().next().unwrap())).unwrap();
        assert!(fault(&folder).what.contains("missing"));
    }

    /// Guards against a denial that cannot be recorded any more.
    #[test]
    fn a_ledger_or_a_head_of_any_length_is_replaced() {
        for name in [FILE, HEAD] {
            let (_place, folder) = ledger_of(2);
            let file = File::options().write(true).open(folder.join(name)).unwrap();
            file.set_len(LEDGER_BYTES + 1).unwrap();
            fault(&folder);
            record(&folder, decision(ConsentState::Denied, "administrator")).unwrap();
            assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 1);
        }
    }

    #[test]
    fn a_ledger_that_does_not_hold_is_set_aside_by_the_next_decision() {
        let (_place, folder) = ledger_of(3);
        let broken = fs::read_to_string(folder.join(FILE)).unwrap().replace("denied", "granted");
        fs::write(folder.join(FILE), &broken).unwrap();
        assert_eq!(
            (fault(&folder).line, fault(&folder).what),
            (2, "the entry was altered after it was written")
        );
        let entry = record(&folder, decision(ConsentState::Denied, "administrator")).unwrap();
        assert_eq!(entry.decision.replaces, Some(Digest::of(broken.as_bytes())));
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 1);
        let kept = crate::folder::file_names(folder.path()).unwrap();
        assert!(kept.iter().any(|name| name.starts_with("consent-0-")), "{kept:?}");
    }

    /// Guards against an entry's digest, which leaves with every report, that tells a guessed name from a wrong one.
    #[test]
    fn the_same_decision_never_has_the_same_digest_twice() {
        let entry = || {
            let (_place, folder) = ledger_of(0);
            record(&folder, decision(ConsentState::Granted, "administrator")).unwrap()
        };
        let (one, other) = (entry(), entry());
        assert_ne!(one.entry, other.entry);
        assert_eq!((one.decision.nonce.len(), other.decision.nonce.len()), (32, 32));
    }

    /// Guards against a truncated denial that becomes a grant where the machine stops while the ledger is replaced.
    #[test]
    fn a_crash_while_a_ledger_is_set_aside_never_leaves_one_that_holds() {
        for without_head in [false, true] {
            let (_place, folder) = ledger_of(2);
            let path = folder.join(FILE);
            let text = fs::read_to_string(&path).unwrap();
            let grant = format!("{}\n", text.lines().next().unwrap());
            let broken = if without_head { &text } else { &grant };
            fs::write(&path, broken).unwrap();
            if without_head {
                fs::remove_file(folder.join(HEAD)).unwrap();
            }
            fault(&folder);

            set_aside(&folder, Timestamp::UNIX_EPOCH).unwrap();
            assert!(!path.exists());
            fault(&folder);
            fs::write(&path, &grant).unwrap();
            fault(&folder);
            fs::remove_file(&path).unwrap();
            record(&folder, decision(ConsentState::Denied, "administrator")).unwrap();
            assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 1);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// One byte changed anywhere: the ledger does not hold, or it is cut at an unfinished last line that its head
        /// then misses. Never is a changed ledger believed.
        #[test]
        fn no_changed_byte_is_believed(count in 1usize..4, at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let (_place, folder) = ledger_of(count);
            let before = read(&folder).unwrap().unwrap().entries;
            let mut bytes = fs::read(folder.join(FILE)).unwrap();
            let index = at.index(bytes.len());
            prop_assume!(bytes[index] != to);
            bytes[index] = to;
            fs::write(folder.join(FILE), &bytes).unwrap();
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
            let bytes = fs::read(folder.join(FILE)).unwrap();
            fs::write(folder.join(FILE), &bytes[..at.index(bytes.len())]).unwrap();
            if let Ok(ledger) = read(&folder).unwrap() {
                prop_assert_eq!(ledger.entries, before);
            }
        }
    }
}
