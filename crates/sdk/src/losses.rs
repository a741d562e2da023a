//! Losses: nothing is dropped on a site without a name and a count (law 7).
//!
//! The counts stand in `losses.json`. Where that file cannot be written they stay in memory, are shown from there, and are
//! written with the next one that can be. Where it was damaged it is set aside and the counts begin anew, with that loss as
//! their first.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::folder::{Found, StateFolder};
use crate::limits::LOSSES_BYTES;

/// The file that the counts are in.
pub const FILE: &str = "losses.json";
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
    Unstored = "unstored", "reports that could not be stored, because the state folder could not be written in time; nothing of them leaves";
    SpoolFull = "spool-full", "reports dropped because too many were waiting, the oldest first";
    Damaged = "damaged", "reports whose file in the spool or the sent log was damaged; they are in the folder `damaged`";
    DamagedTrimmed = "damaged-trimmed", "damaged files removed because too many were kept";
    Refused = "refused", "reports that the collector refused for good; they are in the folder `refused`";
    RefusedTrimmed = "refused-trimmed", "refused reports removed because too many were kept";
    SentLogTrimmed = "sent-log-trimmed", "entries of the sent log removed because too many were kept, the oldest first; their reports had left, or may have";
    Values = "values", "values that the policy does not allow; they were left out before the report was stored";
    Counts = "counts", "times that the counts of losses were damaged and began anew; the old file is in the folder `damaged`";
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
        Ok(merged(self.read()?.0, &unwritten))
    }

    fn write(&self, unwritten: &Counts) -> Result<(), Error> {
        let _lock = self.folder.lock(LOCK)?;
        let (known, is_damaged) = self.read()?;
        if is_damaged {
            self.folder.move_aside(&self.folder.make()?, &[FILE])?;
        }
        let counts = merged(known, unwritten);
        let json = serde_json::to_vec_pretty(&counts).map_err(|error| Error::Contained(error.to_string()))?;
        self.folder.write(FILE, &json)
    }

    /// What was counted, and whether the file is damaged. Counts are not worth stopping for: a file that cannot be understood
    /// is one loss more, and the first of the new ones.
    fn read(&self) -> Result<(Counts, bool), Error> {
        let anew = || Counts::from([(Loss::Counts, 1)]);
        Ok(match self.folder.read(FILE, LOSSES_BYTES)? {
            Found::Nothing => (Counts::new(), false),
            Found::Bytes(bytes) => {
                serde_json::from_slice(&bytes).map_or_else(|_| (anew(), true), |counts| (counts, false))
            }
            Found::TooLong | Found::Unusable(_) => (anew(), true),
        })
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

    #[test]
    fn law_7_counts_that_were_damaged_are_a_loss_with_a_name() {
        let place = tempfile::tempdir().unwrap();
        let folder = StateFolder::new(place.path().to_owned());
        let file = folder.path().join(FILE);
        std::fs::write(&file, "{\"refused\": 4").unwrap();
        assert_eq!(Losses::new(folder.clone()).counts().unwrap(), Counts::from([(Loss::Counts, 1)]));
        Losses::new(folder.clone()).count(Loss::Refused, 1);
        let again = Losses::new(folder.clone()).counts().unwrap();
        assert_eq!(again, Counts::from([(Loss::Counts, 1), (Loss::Refused, 1)]), "and it is counted once");
        assert_eq!(
            std::fs::read_to_string(folder.path().join("damaged").join(FILE)).unwrap(),
            "{\"refused\": 4"
        );
    }
}
