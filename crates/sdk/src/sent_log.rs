//! The sent log: what has left or may have left, byte for byte, and what the collector answered to it (law 2).
//!
//! An entry is on disk before its request goes out and says that there is no answer until there is one, so that it is true
//! whenever the process ends. Two files a report, the bytes first: bytes without an entry have not left. Bounded, the
//! oldest go first. A process that changes it holds the site's lock.

use std::path::PathBuf;

use candor_policy::limits::REPORT_BYTES;
use jiff::Timestamp;
use uuid::Uuid;

use crate::folder::{Found, StateFolder, file_names, find_bounded, remove, sweep, write_durably};
use crate::limits::{ANSWER_BYTES, SENT_BYTES, SENT_REPORTS};
use crate::losses::{Loss, Losses};
use crate::sending::{Sending, SentAnswer, SentReport};
use crate::{Error, damaged};

const SENT: &str = "sent";
const ENTRY: &str = ".entry.json";
const BYTES: &str = ".json";

/// A try that is about to go out and has its entry already.
#[derive(Debug)]
#[must_use = "a try that has ended is told to the log"]
pub struct Try {
    report_id: Uuid,
    /// What the log knew before it; nothing: the report had never been sent.
    before: Option<Sending>,
    sending: Sending,
}

/// The sent log of a site.
#[derive(Debug)]
pub struct SentLog<'a> {
    folder: &'a StateFolder,
    losses: &'a Losses,
}

impl<'a> SentLog<'a> {
    /// The sent log in a state folder.
    pub fn new(folder: &'a StateFolder, losses: &'a Losses) -> Self {
        Self { folder, losses }
    }

    /// Notes that these bytes are about to leave; when this returns, that is on disk.
    pub fn begin(
        &self,
        report_id: Uuid,
        bytes: &[u8],
        collector: &str,
        now: Timestamp,
    ) -> Result<Try, Error> {
        let folder = self.folder.folder(SENT)?;
        sweep(&folder)?;
        self.make_room(report_id, bytes.len() as u64)?;
        let before = self.read(report_id)?.filter(|known| known.bytes == bytes).map(|known| known.sending);
        let sending = Sending::begin(before.as_ref(), collector, now);
        if before.is_none() {
            write_durably(&self.path(report_id, BYTES), bytes)?;
        }
        self.write(report_id, &sending)?;
        Ok(Try { report_id, before, sending })
    }

    /// Completes the entry of a try with what the collector answered.
    pub fn answered(&self, ended: Try, answer: SentAnswer) -> Result<Sending, Error> {
        let sending = ended.sending.answered(answer);
        self.write(ended.report_id, &sending)?;
        Ok(sending)
    }

    /// Completes the entry of a try that had no answer with the reason.
    pub fn unanswered(&self, ended: Try, why: String) -> Result<(), Error> {
        self.write(ended.report_id, &Sending { why: Some(why), ..ended.sending })
    }

    /// Takes a try back of which no byte has left: the log says again what it said before.
    pub fn withdraw(&self, ended: Try) -> Result<(), Error> {
        match ended.before {
            Some(before) => self.write(ended.report_id, &before),
            None => self.remove(ended.report_id),
        }
    }

    /// Makes room for one report. Its own entry, if it has one already, is never in the way.
    fn make_room(&self, for_report: Uuid, for_bytes: u64) -> Result<(), Error> {
        let ids = self.ids()?;
        self.forget_what_never_left(&ids)?;
        let size = |id: &Uuid| std::fs::metadata(self.path(*id, BYTES)).map_or(0, |file| file.len());
        let others: Vec<Uuid> = ids.into_iter().filter(|id| *id != for_report).collect();
        let mut bytes: u64 = others.iter().map(size).sum();
        let mut number = others.len();
        for id in &others {
            if number < SENT_REPORTS && bytes + for_bytes <= SENT_BYTES {
                break;
            }
            bytes -= size(id).min(bytes);
            number -= 1;
            self.remove(*id)?;
            self.losses.count(Loss::SentLogTrimmed, 1);
        }
        Ok(())
    }

    /// Removes bytes that have no entry: the process ended before it wrote one, so nothing was sent, and the report waits
    /// in the spool as before.
    fn forget_what_never_left(&self, entries: &[Uuid]) -> Result<(), Error> {
        for name in file_names(&self.folder.join(SENT))? {
            let id = name.strip_suffix(BYTES).and_then(|id| Uuid::parse_str(id).ok());
            if let Some(id) = id.filter(|id| entries.binary_search(id).is_err()) {
                remove(&self.path(id, BYTES))?;
            }
        }
        Ok(())
    }

    /// The reports that have left or may have, the oldest first.
    pub fn ids(&self) -> Result<Vec<Uuid>, Error> {
        let names = file_names(&self.folder.join(SENT))?;
        Ok(names.iter().filter_map(|name| Uuid::parse_str(name.strip_suffix(ENTRY)?).ok()).collect())
    }

    /// One entry; nothing where there is none, or where it was damaged and is now set aside.
    pub fn read(&self, report_id: Uuid) -> Result<Option<SentReport>, Error> {
        let entry = match find_bounded(&self.path(report_id, ENTRY), 2 * ANSWER_BYTES)? {
            Found::Nothing => return Ok(None),
            Found::Bytes(entry) => serde_json::from_slice(&entry).ok(),
            Found::TooLong => None,
        };
        let bytes = match find_bounded(&self.path(report_id, BYTES), REPORT_BYTES as u64)? {
            Found::Bytes(bytes) => Some(bytes),
            Found::Nothing | Found::TooLong => None,
        };
        match bytes.zip(entry) {
            Some((bytes, sending)) => Ok(Some(SentReport { report_id, bytes, sending })),
            // A reader holds no lock: the entry may have been trimmed since it was read.
            None if !self.path(report_id, ENTRY).exists() => Ok(None),
            None => {
                let files = [self.path(report_id, ENTRY), self.path(report_id, BYTES)];
                damaged::set_aside(self.folder, self.losses, &files)?;
                Ok(None)
            }
        }
    }

    fn write(&self, report_id: Uuid, sending: &Sending) -> Result<(), Error> {
        let json = serde_json::to_vec_pretty(sending).map_err(|error| Error::Contained(error.to_string()))?;
        write_durably(&self.path(report_id, ENTRY), &json)
    }

    /// The entry first: what is left of a removal that was cut short is bytes that have no entry.
    fn remove(&self, report_id: Uuid) -> Result<(), Error> {
        remove(&self.path(report_id, ENTRY))?;
        remove(&self.path(report_id, BYTES))
    }

    fn path(&self, report_id: Uuid, kind: &str) -> PathBuf {
        self.folder.join(SENT).join(format!("{report_id}{kind}"))
    }
}
