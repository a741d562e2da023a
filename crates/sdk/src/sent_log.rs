//! The sent log: what has left or may have left, byte for byte, and what the collector answered to it (law 2).
//!
//! An entry is on disk before its request goes out and says that there is no answer until there is one, so that it is true
//! whenever the process ends. Two files a report, the bytes first: bytes without an entry have not left. Bounded, the
//! oldest go first. A process that changes it holds the site's lock.

use candor_policy::limits::REPORT_BYTES;
use jiff::Timestamp;
use uuid::Uuid;

use crate::folder::{Folder, Found, StateFolder};
use crate::limits::{ANSWER_BYTES, SENT_BYTES, SENT_REPORTS};
use crate::losses::{Loss, Losses};
use crate::report_file::{BYTES, ENTRY};
use crate::sending::{Sending, SentAnswer, SentReport};
use crate::{Error, damaged};

const SENT: &str = "sent";

/// A try that is about to go out and has its entry already.
#[derive(Debug)]
#[must_use = "a try that has ended is told to the log"]
pub struct Try {
    folder: Folder,
    report_id: Uuid,
    /// What the log knew before it; nothing: the report had never been sent.
    before: Option<Sending>,
    sending: Sending,
}

impl Try {
    /// Completes its entry with what the collector answered.
    pub fn answered(self, answer: SentAnswer) -> Result<Sending, Error> {
        let sending = self.sending.answered(answer);
        write(&self.folder, self.report_id, &sending)?;
        Ok(sending)
    }

    /// Completes its entry, where there was no answer, with the reason.
    pub fn unanswered(self, why: String) -> Result<(), Error> {
        write(&self.folder, self.report_id, &Sending { why: Some(why), ..self.sending })
    }

    /// Takes it back, where no byte has left: the log says again what it said before.
    pub fn withdraw(self) -> Result<(), Error> {
        match self.before {
            Some(before) => write(&self.folder, self.report_id, &before),
            None => remove(&self.folder, self.report_id),
        }
    }
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
        let folder = self.folder.make_folder(SENT)?;
        folder.sweep()?;
        self.make_room(&folder, report_id, bytes.len() as u64)?;
        let before = self.read(report_id)?.filter(|known| known.bytes == bytes).map(|known| known.sending);
        let sending = Sending::begin(before.as_ref(), collector, now);
        if before.is_none() {
            folder.write(&file_name(report_id, BYTES), bytes)?;
        }
        write(&folder, report_id, &sending)?;
        Ok(Try { folder, report_id, before, sending })
    }

    /// Makes room for one report. Its own entry, if it has one already, is never in the way.
    fn make_room(&self, folder: &Folder, for_report: Uuid, for_bytes: u64) -> Result<(), Error> {
        let ids = ids(folder)?;
        forget_what_never_left(folder, &ids)?;
        let size = |id: &Uuid| folder.length(&file_name(*id, BYTES));
        let others: Vec<Uuid> = ids.into_iter().filter(|id| *id != for_report).collect();
        let mut bytes: u64 = others.iter().map(size).sum();
        let mut number = others.len();
        for id in &others {
            if number < SENT_REPORTS && bytes + for_bytes <= SENT_BYTES {
                break;
            }
            bytes -= size(id).min(bytes);
            number -= 1;
            remove(folder, *id)?;
            self.losses.count(Loss::SentLogTrimmed, 1);
        }
        Ok(())
    }

    /// The reports that have left or may have, the oldest first.
    pub fn ids(&self) -> Result<Vec<Uuid>, Error> {
        self.folder.find_folder(SENT)?.map_or(Ok(Vec::new()), |folder| ids(&folder))
    }

    /// One entry; nothing where there is none, or where it was damaged and is now set aside.
    pub fn read(&self, report_id: Uuid) -> Result<Option<SentReport>, Error> {
        let Some(folder) = self.folder.find_folder(SENT)? else { return Ok(None) };
        let names = [file_name(report_id, ENTRY), file_name(report_id, BYTES)];
        let entry = match folder.read(&names[0], 2 * ANSWER_BYTES)? {
            Found::Nothing => return Ok(None),
            Found::Bytes(entry) => serde_json::from_slice(&entry).ok(),
            Found::TooLong | Found::Unusable(_) => None,
        };
        let bytes = match folder.read(&names[1], REPORT_BYTES as u64)? {
            Found::Bytes(bytes) => Some(bytes),
            Found::Nothing | Found::TooLong | Found::Unusable(_) => None,
        };
        match bytes.zip(entry) {
            Some((bytes, sending)) => Ok(Some(SentReport { report_id, bytes, sending })),
            // A reader holds no lock: the entry may have been trimmed since it was read.
            None if !folder.holds(&names[0]) => Ok(None),
            None => {
                damaged::set_aside(self.folder, self.losses, &folder, &[&names[0], &names[1]])?;
                Ok(None)
            }
        }
    }
}

fn ids(folder: &Folder) -> Result<Vec<Uuid>, Error> {
    let names = folder.names()?;
    Ok(names.iter().filter_map(|name| Uuid::parse_str(name.strip_suffix(ENTRY)?).ok()).collect())
}

/// Removes bytes that have no entry: the process ended before it wrote one, so nothing was sent, and the report waits in the
/// spool as before.
fn forget_what_never_left(folder: &Folder, entries: &[Uuid]) -> Result<(), Error> {
    for name in folder.names()? {
        let id = name.strip_suffix(BYTES).and_then(|id| Uuid::parse_str(id).ok());
        if id.is_some_and(|id| entries.binary_search(&id).is_err()) {
            folder.remove(&name)?;
        }
    }
    Ok(())
}

fn write(folder: &Folder, report_id: Uuid, sending: &Sending) -> Result<(), Error> {
    let json = serde_json::to_vec_pretty(sending).map_err(|error| Error::Contained(error.to_string()))?;
    folder.write(&file_name(report_id, ENTRY), &json)
}

/// The entry first: what is left of a removal that was cut short is bytes that have no entry.
fn remove(folder: &Folder, report_id: Uuid) -> Result<(), Error> {
    folder.remove(&file_name(report_id, ENTRY))?;
    folder.remove(&file_name(report_id, BYTES))
}

fn file_name(report_id: Uuid, kind: &str) -> String {
    format!("{report_id}{kind}")
}
