//! The spool: reports that wait, one file each, named so that the oldest comes first and the file proves its own bytes.
//!
//! It is bounded in number and bytes and gives up the oldest first; what is damaged is set aside, not lost; what the
//! collector refused for good is moved to where an administrator sees it. A process that changes it holds the site's lock.

use std::path::PathBuf;

use candor_policy::{Admitted, Digest, PolicyId, Problem, Report, limits::REPORT_BYTES};
use uuid::Uuid;

use crate::folder::{
    Found, StateFolder, file_names, find_bounded, keep_newest, read_bounded, remove, sweep, sync_folder,
    write_durably,
};
use crate::limits::{REFUSED_REPORTS, SPOOL_BYTES, SPOOL_REPORTS};
use crate::losses::{Loss, Losses};
use crate::{Error, damaged};

const SPOOL: &str = "spool";
const REFUSED: &str = "refused";

/// A report that waits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// The report.
    pub report_id: Uuid,
    /// The digest of its bytes.
    pub digest: Digest,
    file: String,
}

/// A report that the collector refused for good.
#[derive(Clone, Debug)]
pub struct RefusedReport {
    /// The very bytes that were sent.
    pub bytes: Vec<u8>,
    /// The collector's reason.
    pub problem: Problem,
}

/// The reports that wait on a site.
#[derive(Debug)]
pub struct Spool<'a> {
    folder: &'a StateFolder,
    losses: &'a Losses,
}

impl<'a> Spool<'a> {
    /// The spool in a state folder.
    pub fn new(folder: &'a StateFolder, losses: &'a Losses) -> Self {
        Self { folder, losses }
    }

    /// Puts a report in; when this returns, it is on disk. Where the spool is full, the oldest go.
    pub fn put(&self, admitted: &Admitted) -> Result<(), Error> {
        let folder = self.folder.folder(SPOOL)?;
        sweep(&folder)?;
        self.make_room(admitted.body().len() as u64)?;
        let name = file_name(admitted.report().report_id, admitted.digest());
        write_durably(&folder.join(name), admitted.body())
    }

    fn make_room(&self, for_bytes: u64) -> Result<(), Error> {
        let waiting = self.list()?;
        let size = |waiting: &Waiting| std::fs::metadata(self.path(waiting)).map_or(0, |file| file.len());
        let mut number = waiting.len();
        let mut bytes: u64 = waiting.iter().map(size).sum();
        for oldest in &waiting {
            if number < SPOOL_REPORTS && bytes + for_bytes <= SPOOL_BYTES {
                break;
            }
            bytes -= size(oldest).min(bytes);
            number -= 1;
            self.remove(oldest)?;
            self.losses.count(Loss::SpoolFull, 1);
        }
        Ok(())
    }

    /// What waits, the oldest first. A file whose name is none of ours is not ours to touch.
    pub fn list(&self) -> Result<Vec<Waiting>, Error> {
        Ok(file_names(&self.folder.join(SPOOL))?.into_iter().filter_map(parse_file_name).collect())
    }

    /// A report's bytes and what they say; nothing where the file is gone, or was damaged and is now set aside.
    pub fn read(&self, waiting: &Waiting) -> Result<Option<(Vec<u8>, Report)>, Error> {
        let path = self.path(waiting);
        let bytes = match find_bounded(&path, REPORT_BYTES as u64)? {
            Found::Nothing => return Ok(None),
            Found::Bytes(bytes) => bytes,
            Found::TooLong => Vec::new(),
        };
        let report = Report::parse(&bytes)
            .ok()
            .filter(|report| Digest::of(&bytes) == waiting.digest && report.report_id == waiting.report_id);
        match report {
            Some(report) => Ok(Some((bytes, report))),
            None => damaged::set_aside(self.folder, self.losses, &[path]).map(|()| None),
        }
    }

    /// Takes a report out.
    pub fn remove(&self, waiting: &Waiting) -> Result<(), Error> {
        remove(&self.path(waiting))
    }

    /// Takes everything out but the reports of other programmes, and counts it as this loss. What cannot be read, or removed,
    /// does not keep the others.
    pub fn empty_of(&self, policy: &PolicyId, loss: Loss) -> Result<(), Error> {
        let (mut removed, mut fault) = (0, None);
        for waiting in self.list()?.iter().filter(|waiting| !self.is_anothers(waiting, policy)) {
            match self.remove(waiting) {
                Ok(()) => removed += 1,
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        if removed > 0 {
            let folder = self.folder.join(SPOOL);
            sync_folder(&folder).map_err(Error::folder("write", &folder))?;
        }
        self.losses.count(loss, removed);
        fault.map_or(Ok(()), Err)
    }

    fn is_anothers(&self, waiting: &Waiting, policy: &PolicyId) -> bool {
        let found = find_bounded(&self.path(waiting), REPORT_BYTES as u64);
        let Ok(Found::Bytes(bytes)) = found else { return false };
        Report::parse(&bytes).is_ok_and(|report| report.policy.id != *policy)
    }

    /// Whether a report waits.
    pub fn holds(&self, report_id: Uuid) -> Result<bool, Error> {
        Ok(self.list()?.iter().any(|waiting| waiting.report_id == report_id))
    }

    /// Moves a report to where an administrator sees it, with the collector's reason.
    pub fn refuse(&self, waiting: &Waiting, problem: &Problem) -> Result<(), Error> {
        let folder = self.folder.folder(REFUSED)?;
        let json = serde_json::to_vec_pretty(problem).map_err(|error| Error::Contained(error.to_string()))?;
        write_durably(&folder.join(format!("{}.problem.json", waiting.report_id)), &json)?;
        let (from, to) = (self.path(waiting), folder.join(format!("{}.json", waiting.report_id)));
        std::fs::rename(&from, &to).map_err(Error::folder("move to the refused", &from))?;
        sync_folder(&folder).map_err(Error::folder("write", &folder))?;
        self.losses.count(Loss::Refused, 1);
        // Two files a report.
        self.losses.count(Loss::RefusedTrimmed, keep_newest(&folder, 2 * REFUSED_REPORTS)? / 2);
        Ok(())
    }

    /// What the collector refused for good, the oldest first.
    pub fn refused(&self) -> Result<Vec<RefusedReport>, Error> {
        let folder = self.folder.join(REFUSED);
        let mut refused = Vec::new();
        for name in file_names(&folder)? {
            let Some(id) = name.strip_suffix(".problem.json") else { continue };
            let problem = read_bounded(&folder.join(&name), REPORT_BYTES as u64)?.unwrap_or_default();
            let bytes = read_bounded(&folder.join(format!("{id}.json")), REPORT_BYTES as u64)?;
            if let (Ok(problem), Some(bytes)) = (serde_json::from_slice(&problem), bytes) {
                refused.push(RefusedReport { bytes, problem });
            }
        }
        Ok(refused)
    }

    fn path(&self, waiting: &Waiting) -> PathBuf {
        self.folder.join(SPOOL).join(&waiting.file)
    }
}

/// UUIDv7 first, so that names sort by age; then the digest, so that the file proves its own bytes.
fn file_name(report_id: Uuid, digest: Digest) -> String {
    format!("{report_id}.{}.json", digest.to_string().replace(':', "-"))
}

fn parse_file_name(file: String) -> Option<Waiting> {
    let (id, digest) = file.strip_suffix(".json")?.split_once('.')?;
    let digest = Digest::parse(&digest.replacen("sha-256-", "sha-256:", 1))?;
    Some(Waiting { report_id: Uuid::parse_str(id).ok()?, digest, file })
}
