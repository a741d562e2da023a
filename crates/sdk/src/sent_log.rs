//! The sent log: what has left, byte for byte, and the collector's signed receipt for it (law 2).
//!
//! Two files a report; the receipt is written last, so an entry without one is not there yet. Bounded, the oldest go first.

use std::path::PathBuf;

use candor_policy::limits::REPORT_BYTES;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::folder::{StateFolder, file_names, read_bounded, remove, sweep, write_durably};
use crate::limits::{ANSWER_BYTES, SENT_BYTES, SENT_REPORTS};
use crate::losses::{Loss, Losses};
use crate::{Error, SignedReceipt};

const SENT: &str = "sent";
const RECEIPT: &str = ".receipt.json";

/// A report that has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentReport {
    /// The report.
    pub report_id: Uuid,
    /// The very bytes that were sent, before compression.
    pub bytes: Vec<u8>,
    /// What the collector answered, and when.
    pub answer: Answered,
}

/// What is kept beside the bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// When the receipt arrived, by this machine's clock, UTC.
    pub at: Timestamp,
    /// Where the report went.
    pub collector: String,
    /// The receipt with its signature.
    pub receipt: SignedReceipt,
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

    /// Keeps a report that has left; when this returns, it is on disk.
    pub fn keep(&self, sent: &SentReport) -> Result<(), Error> {
        let folder = self.folder.folder(SENT)?;
        sweep(&folder)?;
        let json =
            serde_json::to_vec_pretty(&sent.answer).map_err(|error| Error::Contained(error.to_string()))?;
        write_durably(&self.report_path(sent.report_id), &sent.bytes)?;
        write_durably(&self.receipt_path(sent.report_id), &json)?;
        self.trim()
    }

    fn trim(&self) -> Result<(), Error> {
        let ids = self.ids()?;
        let size = |id: &Uuid| std::fs::metadata(self.report_path(*id)).map_or(0, |file| file.len());
        let mut bytes: u64 = ids.iter().map(size).sum();
        let mut number = ids.len();
        for id in &ids {
            if number <= SENT_REPORTS && bytes <= SENT_BYTES {
                break;
            }
            bytes -= size(id).min(bytes);
            number -= 1;
            remove(&self.report_path(*id))?;
            remove(&self.receipt_path(*id))?;
            self.losses.count(Loss::SentLogTrimmed, 1);
        }
        Ok(())
    }

    /// The reports that have left, the oldest first.
    pub fn ids(&self) -> Result<Vec<Uuid>, Error> {
        let names = file_names(&self.folder.join(SENT))?;
        Ok(names.iter().filter_map(|name| Uuid::parse_str(name.strip_suffix(RECEIPT)?).ok()).collect())
    }

    /// One entry; nothing where there is none.
    pub fn read(&self, report_id: Uuid) -> Result<Option<SentReport>, Error> {
        let bytes = read_bounded(&self.report_path(report_id), REPORT_BYTES as u64)?;
        let answer = read_bounded(&self.receipt_path(report_id), 2 * ANSWER_BYTES)?;
        let answer = answer.and_then(|json| serde_json::from_slice(&json).ok());
        Ok(bytes.zip(answer).map(|(bytes, answer)| SentReport { report_id, bytes, answer }))
    }

    fn report_path(&self, report_id: Uuid) -> PathBuf {
        self.folder.join(SENT).join(format!("{report_id}.json"))
    }

    fn receipt_path(&self, report_id: Uuid) -> PathBuf {
        self.folder.join(SENT).join(format!("{report_id}{RECEIPT}"))
    }
}
