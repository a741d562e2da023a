//! The spool: reports that wait, one file each, named so that the oldest comes first and the file proves its own bytes.
//!
//! It is bounded in number and bytes and gives up the oldest first; what is damaged is set aside, not lost; what the
//! collector refused for good is moved to where an administrator sees it. A process that changes it holds the site's lock.

use candor_policy::{Admitted, Digest, PolicyId, Problem, Report, limits::REPORT_BYTES};
use uuid::Uuid;

use crate::folder::{Folder, Found, StateFolder, unless_of_others};
use crate::limits::{REFUSED_REPORTS, SPOOL_BYTES, SPOOL_REPORTS};
use crate::losses::{Loss, Losses};
use crate::report_file::{self, BYTES, PROBLEM, is_refused};
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
        let folder = self.folder.make_folder(SPOOL)?;
        folder.sweep()?;
        self.make_room(&folder, admitted.body().len() as u64)?;
        let name = report_file::waiting(admitted.report().report_id, admitted.digest());
        folder.write(&name, admitted.body())
    }

    fn make_room(&self, folder: &Folder, for_bytes: u64) -> Result<(), Error> {
        let waiting = self.list()?;
        let size = |waiting: &Waiting| folder.length(&waiting.file);
        let mut number = waiting.len();
        let mut bytes: u64 = waiting.iter().map(size).sum();
        for oldest in &waiting {
            if number < SPOOL_REPORTS && bytes + for_bytes <= SPOOL_BYTES {
                break;
            }
            bytes -= size(oldest).min(bytes);
            number -= 1;
            folder.remove(&oldest.file)?;
            self.losses.count(Loss::SpoolFull, 1);
        }
        Ok(())
    }

    /// What waits, the oldest first. A file of any other name is not ours to touch.
    pub fn list(&self) -> Result<Vec<Waiting>, Error> {
        let Some(folder) = self.find()? else { return Ok(Vec::new()) };
        Ok(folder.names()?.into_iter().filter_map(waiting).collect())
    }

    fn find(&self) -> Result<Option<Folder>, Error> {
        self.folder.find_folder(SPOOL)
    }

    /// A report's bytes and what they say; nothing where the file is gone, or was damaged and is now set aside.
    pub fn read(&self, waiting: &Waiting) -> Result<Option<(Vec<u8>, Report)>, Error> {
        let Some(folder) = self.find()? else { return Ok(None) };
        let bytes = match folder.read(&waiting.file, REPORT_BYTES as u64)? {
            Found::Nothing => return Ok(None),
            Found::Bytes(bytes) => bytes,
            Found::TooLong | Found::Unusable(_) => Vec::new(),
        };
        let report = Report::parse(&bytes)
            .ok()
            .filter(|report| Digest::of(&bytes) == waiting.digest && report.report_id == waiting.report_id);
        match report {
            Some(report) => Ok(Some((bytes, report))),
            None => damaged::set_aside(self.folder, self.losses, &folder, &[&waiting.file]).map(|()| None),
        }
    }

    /// Takes a report out.
    pub fn remove(&self, waiting: &Waiting) -> Result<(), Error> {
        self.find()?.map_or(Ok(()), |folder| folder.remove(&waiting.file))
    }

    /// Takes everything out but the reports of other programmes, and counts it as this loss. What cannot be read, or removed,
    /// does not keep the others.
    pub fn empty_of(&self, policy: &PolicyId, loss: Loss) -> Result<(), Error> {
        let Some(folder) = unless_of_others(self.find())? else { return Ok(()) };
        let (mut removed, mut fault) = (0, None);
        for waiting in self.list()?.iter().filter(|waiting| !is_of_another(&folder, waiting, policy)) {
            match folder.remove(&waiting.file) {
                Ok(()) => removed += 1,
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        if removed > 0 {
            folder.sync()?;
        }
        self.losses.count(loss, removed);
        fault.map_or(Ok(()), Err)
    }

    /// Whether a report waits.
    pub fn holds(&self, report_id: Uuid) -> Result<bool, Error> {
        Ok(self.list()?.iter().any(|waiting| waiting.report_id == report_id))
    }

    /// Moves a report to where an administrator sees it, with the collector's reason.
    pub fn refuse(&self, waiting: &Waiting, problem: &Problem) -> Result<(), Error> {
        let Some(spool) = self.find()? else { return Ok(()) };
        let folder = self.folder.make_folder(REFUSED)?;
        let json = serde_json::to_vec_pretty(problem).map_err(|error| Error::Contained(error.to_string()))?;
        folder.write(&format!("{}{PROBLEM}", waiting.report_id), &json)?;
        spool.rename(&waiting.file, &folder, &format!("{}{BYTES}", waiting.report_id))?;
        folder.sync()?;
        self.losses.count(Loss::Refused, 1);
        // Two files a report.
        self.losses.count(Loss::RefusedTrimmed, folder.keep_newest(2 * REFUSED_REPORTS, is_refused)? / 2);
        Ok(())
    }

    /// What the collector refused for good, the oldest first.
    pub fn refused(&self) -> Result<Vec<RefusedReport>, Error> {
        let Some(folder) = self.folder.find_folder(REFUSED)? else { return Ok(Vec::new()) };
        let mut refused = Vec::new();
        for name in folder.names()? {
            let Some(id) = name.strip_suffix(PROBLEM) else { continue };
            let problem = folder.read(&name, REPORT_BYTES as u64)?;
            let bytes = folder.read(&format!("{id}{BYTES}"), REPORT_BYTES as u64)?;
            let (Found::Bytes(problem), Found::Bytes(bytes)) = (problem, bytes) else { continue };
            if let Ok(problem) = serde_json::from_slice(&problem) {
                refused.push(RefusedReport { bytes, problem });
            }
        }
        Ok(refused)
    }
}

fn is_of_another(folder: &Folder, waiting: &Waiting, policy: &PolicyId) -> bool {
    let Ok(Found::Bytes(bytes)) = folder.read(&waiting.file, REPORT_BYTES as u64) else { return false };
    Report::parse(&bytes).is_ok_and(|report| report.policy.id != *policy)
}

fn waiting(file: String) -> Option<Waiting> {
    let (report_id, digest) = report_file::parse_waiting(&file)?;
    Some(Waiting { report_id, digest, file })
}
