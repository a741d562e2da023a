//! Recording a decision: appended to the ledger and on disk before the call returns. A ledger that does not hold is set aside
//! first, so that nobody is kept from deciding.

use candor_policy::Digest;
use jiff::Timestamp;

use super::ledger::{ANCHOR_FOLDER, Decision, Entry, FILE, HEAD, Ledger, NOTHING, SET_ASIDE, read};
use crate::Error;
use crate::folder::{StateFolder, unless_of_others};

/// Records a decision; nonce, number, chain and digests are filled in. One that says what the last one of its programme says is
/// that one: a job that denies each hour adds nothing. A ledger that does not hold is set aside and the new one names its digest. The
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
            // The process that recorded it may have been stopped before it was on disk.
            folder.make()?.cut(FILE, ledger.whole_bytes)?;
            if let Some(end) = ledger.entries.last() {
                write_head(folder, end)?;
            }
            Ok(last.clone())
        }
        _ => append(folder, &ledger, decision),
    }
}

fn append(folder: &StateFolder, ledger: &Ledger, mut decision: Decision) -> Result<Entry, Error> {
    // What was being written when the machine stopped: the call that wrote it never returned.
    let open = folder.make()?;
    open.cut(FILE, ledger.whole_bytes)?;
    if ledger.entries.is_empty() && decision.replaces.is_none() {
        // From here on, a ledger without a head is one whose head was taken away.
        open.write(HEAD, NOTHING.as_bytes())?;
    }
    decision.nonce = nonce(folder)?;
    decision.sequence = ledger.entries.len() as u64 + 1;
    decision.previous = ledger.entries.last().map(|entry| entry.entry);
    let contained = |error: serde_json::Error| Error::Contained(error.to_string());
    let digest = Digest::of(&serde_json::to_vec(&decision).map_err(contained)?);
    let entry = Entry { decision, entry: digest };
    let mut line = serde_json::to_vec(&entry).map_err(contained)?;
    line.push(b'\n');
    open.append(FILE, &line)?;
    write_head(folder, &entry)?;
    Ok(entry)
}

/// Sets a ledger aside that does not hold, however long it is. A head that names no entry comes first and stays until the new
/// ledger has its own: wherever the machine stops in between, what is left does not hold either.
fn set_aside(folder: &StateFolder, at: Timestamp) -> Result<Digest, Error> {
    let (anchors, folder) = (unless_of_others(folder.find_folder(ANCHOR_FOLDER))?, folder.make()?);
    // What cannot be read, such as a FIFO in the ledger's place, keeps nobody from deciding either.
    let digest = folder.digest(FILE).unwrap_or(Digest::of(&[]));
    let head = format!("{SET_ASIDE} {digest}\n");
    folder.write(HEAD, head.as_bytes())?;
    if let Some(anchors) = anchors {
        anchors.write(HEAD, head.as_bytes())?;
    }
    folder.rename(FILE, &folder, &format!("consent-{}-{}.jsonl", at.as_second(), digest.short()))?;
    folder.sync()?;
    Ok(digest)
}

/// Writes which entry is the last, in both places.
fn write_head(folder: &StateFolder, last: &Entry) -> Result<(), Error> {
    let head = format!("{} {}\n", last.decision.sequence, last.entry);
    folder.write(HEAD, head.as_bytes())?;
    match unless_of_others(folder.make_folder(ANCHOR_FOLDER).map(Some))? {
        Some(anchors) => anchors.write(HEAD, head.as_bytes()),
        None => Ok(()),
    }
}

fn nonce(folder: &StateFolder) -> Result<String, Error> {
    let mut random = [0; 16];
    let drawn = getrandom::fill(&mut random).map_err(std::io::Error::other);
    drawn.map_err(Error::folder("draw random bytes for a decision in", folder.path()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(random)))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use candor_policy::ConsentState;

    use super::*;
    use crate::consent::ledger::tests::{decision, fault, ledger_of};
    use crate::limits::LEDGER_BYTES;

    #[test]
    fn a_decision_that_changes_nothing_adds_nothing() {
        let (_place, folder) = ledger_of(2);
        let denied = record(&folder, decision(ConsentState::Denied, "hourly")).unwrap();
        let length = fs::metadata(folder.path().join(FILE)).unwrap().len();
        assert_eq!(record(&folder, decision(ConsentState::Denied, "hourly")).unwrap(), denied);
        assert_eq!(fs::metadata(folder.path().join(FILE)).unwrap().len(), length);
        record(&folder, decision(ConsentState::Granted, "hourly")).unwrap();
        assert_ne!(record(&folder, decision(ConsentState::Denied, "hourly")).unwrap(), denied);
    }

    /// Guards against a denial that was said to be recorded, and whose removal goes unnoticed.
    #[test]
    fn a_decision_that_was_stopped_half_way_is_whole_once_it_is_repeated() {
        let (_place, folder) = ledger_of(1);
        let head = fs::read(folder.path().join(HEAD)).unwrap();
        let denied = record(&folder, decision(ConsentState::Denied, "hourly")).unwrap();
        fs::write(folder.path().join(HEAD), head).unwrap();
        assert_eq!(record(&folder, decision(ConsentState::Denied, "hourly")).unwrap(), denied);
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        fs::write(folder.path().join(FILE), format!("{}\n", text.lines().next().unwrap())).unwrap();
        assert!(fault(&folder).what.contains("missing"));
    }

    /// Guards against a denial that cannot be recorded any more.
    #[test]
    fn a_ledger_or_a_head_of_any_length_is_replaced() {
        for name in [FILE, HEAD] {
            let (_place, folder) = ledger_of(2);
            let file = File::options().write(true).open(folder.path().join(name)).unwrap();
            file.set_len(LEDGER_BYTES + 1).unwrap();
            fault(&folder);
            record(&folder, decision(ConsentState::Denied, "administrator")).unwrap();
            assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 1);
        }
    }

    #[test]
    fn a_ledger_that_does_not_hold_is_set_aside_by_the_next_decision() {
        let (_place, folder) = ledger_of(3);
        let broken = fs::read_to_string(folder.path().join(FILE)).unwrap().replace("denied", "granted");
        fs::write(folder.path().join(FILE), &broken).unwrap();
        assert_eq!(
            (fault(&folder).line, fault(&folder).what),
            (2, "the entry was altered after it was written")
        );
        let entry = record(&folder, decision(ConsentState::Denied, "administrator")).unwrap();
        assert_eq!(entry.decision.replaces, Some(Digest::of(broken.as_bytes())));
        assert_eq!(read(&folder).unwrap().unwrap().entries.len(), 1);
        let kept = folder.find().unwrap().unwrap().names().unwrap();
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
            let path = folder.path().join(FILE);
            let text = fs::read_to_string(&path).unwrap();
            let grant = format!("{}\n", text.lines().next().unwrap());
            let broken = if without_head { &text } else { &grant };
            fs::write(&path, broken).unwrap();
            if without_head {
                fs::remove_file(folder.path().join(HEAD)).unwrap();
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
}
