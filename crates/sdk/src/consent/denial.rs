//! A denial that nothing hinders: a note of its own, written without a lock and before the ledger, which another process may
//! hold for long. While the note is there, collection is denied; the next decision puts it into the ledger and removes it.

use candor_policy::PolicyId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::folder::{Found, StateFolder};
use crate::limits::DENIAL_BYTES;

/// A denial that the ledger does not hold yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// By whom.
    pub actor: String,
    /// When, by this machine's clock, UTC.
    pub at: Timestamp,
}

impl Denial {
    /// Notes it; when this returns, it is on disk.
    pub fn write(&self, folder: &StateFolder, policy: &PolicyId) -> Result<(), Error> {
        let json = serde_json::to_vec(self).map_err(|error| Error::Contained(error.to_string()))?;
        folder.write(&file_name(policy), &json)
    }

    /// The denial of a programme that the ledger does not hold yet. Whatever has the note's name is one: that it cannot be read
    /// does not make it a consent.
    pub fn read(folder: &StateFolder, policy: &PolicyId) -> Result<Option<Self>, Error> {
        let unknown = || Self { actor: "an unnamed user".to_owned(), at: Timestamp::UNIX_EPOCH };
        Ok(match folder.read(&file_name(policy), DENIAL_BYTES)? {
            Found::Nothing => None,
            Found::Bytes(bytes) => Some(serde_json::from_slice(&bytes).unwrap_or_else(|_| unknown())),
            Found::TooLong | Found::Unusable(_) => Some(unknown()),
        })
    }

    /// Removes the note: the ledger holds the denial now.
    pub fn remove(folder: &StateFolder, policy: &PolicyId) -> Result<(), Error> {
        let Some(folder) = folder.find()? else { return Ok(()) };
        folder.remove(&file_name(policy))
    }
}

/// Several programmes may share a folder.
fn file_name(policy: &PolicyId) -> String {
    format!("denied-{policy}.json")
}
