//! Losses: nothing is dropped on a site without a name and a count (law 7).
//!
//! The counts stand in `losses.json`. Where that file cannot be written they stay in memory, are shown from there, and are
//! written with the next one that can be.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::folder::{StateFolder, read_bounded, write_durably};

const FILE: &str = "losses.json";
const LOCK: &str = "losses.lock";

/// Declares the kinds of losses, with the word for machines and what it means to people.
macro_rules! losses {
    ($($variant:ident = $word:literal, $meaning:literal;)*) => {
        /// What was lost.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Loss {
            $(#[doc = $meaning] #[serde(rename = $word)] $variant,)*
        }

        impl Loss {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its word in `losses.json` and for machines.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

losses! {
    Denied = "denied", "reports that waited when consent was denied; they were deleted, and nothing of them leaves any more";
    Narrowed = "narrowed", "reports that waited and held something that is no longer allowed; they were deleted, and nothing of them leaves any more";
    SpoolFull = "spool-full", "reports dropped because too many were waiting, the oldest first";
    Damaged = "damaged", "reports whose file in the spool or the sent log was damaged; they are in the folder `damaged`";
    DamagedTrimmed = "damaged-trimmed", "damaged files removed because too many were kept";
    Refused = "refused", "reports that the collector refused for good; they are in the folder `refused`";
    RefusedTrimmed = "refused-trimmed", "refused reports removed because too many were kept";
    SentLogTrimmed = "sent-log-trimmed", "entries of the sent log removed because too many were kept, the oldest first; their reports had left, or may have";
    Values = "values", "values that the policy does not allow; they were left out before the report was stored";
    Contained = "contained", "mistakes inside the SDK that were kept away from the product";
}

/// Counts by kind.
pub type Counts = BTreeMap<Loss, u64>;

/// The losses of a site.
#[derive(Debug)]
pub struct Losses {
    folder: StateFolder,
    unwritten: Mutex<Counts>,
}

impl Losses {
    /// The losses of the site in this folder.
    pub fn new(folder: StateFolder) -> Self {
        Self { folder, unwritten: Mutex::default() }
    }

    /// Counts a loss. Never fails: what cannot be written is kept in memory.
    pub fn count(&self, loss: Loss, number: u64) {
        if number == 0 {
            return;
        }
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        *unwritten.entry(loss).or_default() += number;
        if self.write(&unwritten).is_ok() {
            unwritten.clear();
        }
    }

    /// All that was counted so far.
    pub fn counts(&self) -> Result<Counts, Error> {
        let unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(merged(self.read()?, &unwritten))
    }

    fn write(&self, unwritten: &Counts) -> Result<(), Error> {
        let _lock = self.folder.lock(LOCK)?;
        let counts = merged(self.read()?, unwritten);
        let json = serde_json::to_vec_pretty(&counts).map_err(|error| Error::Contained(error.to_string()))?;
        write_durably(&self.folder.join(FILE), &json)
    }

    /// A file that cannot be understood starts again from nothing: counts are not worth stopping for.
    fn read(&self) -> Result<Counts, Error> {
        let bytes = read_bounded(&self.folder.join(FILE), 64 * 1024)?.unwrap_or_default();
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

fn merged(mut counts: Counts, more: &Counts) -> Counts {
    for (loss, number) in more {
        let own = counts.entry(*loss).or_default();
        *own = own.saturating_add(*number);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_7_a_loss_that_cannot_be_written_is_still_seen() {
        let place = tempfile::tempdir().unwrap();
        let blocked = place.path().join("file");
        std::fs::write(&blocked, "not a folder").unwrap();
        let losses = Losses::new(StateFolder::new(blocked.clone()));
        losses.count(Loss::SpoolFull, 2);
        assert_eq!(losses.unwritten.lock().unwrap()[&Loss::SpoolFull], 2);

        std::fs::remove_file(&blocked).unwrap();
        losses.count(Loss::SpoolFull, 1);
        let again = Losses::new(StateFolder::new(blocked));
        assert_eq!(again.counts().unwrap()[&Loss::SpoolFull], 3);
    }
}
