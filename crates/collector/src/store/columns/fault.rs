//! What an error of the engine says of its file.

use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// What is wrong with the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The engine does not go on, for want of room or after a write that failed: the same file, opened again, may do.
    Stopped,
    /// The file holds what cannot be read, and stays so.
    Damaged,
}

/// By these the system says that there is no room.
const NO_ROOM: [&str; 3] = ["No space left on device", "Disk quota exceeded", "There is not enough space"];
/// By these the engine says that what it read is not what it wrote, or that a read failed.
const DAMAGE: [&str; 5] = ["Corrupt", "checksum", "Serialization Error", "INTERNAL Error", "IO Error"];
/// By these it says that it takes nothing more.
const STOPPED: [&str; 2] = ["FATAL Error", "invalidated"];

impl Fault {
    /// What an error's text says; nothing where it is the query's or the caller's own.
    pub(super) fn of(text: &str) -> Option<Self> {
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if says(&NO_ROOM) {
            return Some(Self::Stopped);
        }
        if says(&DAMAGE) {
            return Some(Self::Damaged);
        }
        says(&STOPPED).then_some(Self::Stopped)
    }
}

/// The file and the engine's log.
pub(super) fn files(file: &Path) -> [PathBuf; 2] {
    [file.to_owned(), file.with_extension("duckdb.wal")]
}

/// Where a damaged file is put, for somebody who wants to know what happened to it. There is one at most.
fn aside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".damaged");
    name.into()
}

/// Puts a damaged file and its log aside.
pub(super) fn set_aside(file: &Path) -> Result<(), StoreError> {
    files(file).iter().try_for_each(|old| there(old, std::fs::rename(old, aside(old))))
}

/// Removes what was set aside: it takes room that is wanted.
pub(super) fn remove_aside(file: &Path) -> Result<(), StoreError> {
    files(file).map(|old| aside(&old)).iter().try_for_each(|old| there(old, std::fs::remove_file(old)))
}

/// Removes the file and its log.
pub(in crate::store) fn remove(file: &Path) -> Result<(), StoreError> {
    files(file).iter().try_for_each(|old| there(old, std::fs::remove_file(old)))
}

/// Whether it went well; a file that is not there is none that failed.
fn there(file: &Path, done: std::io::Result<()>) -> Result<(), StoreError> {
    match done {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::File { path: file.display().to_string(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_damage_and_a_wrong_query_is_neither() {
        let full =
            "TransactionContext Error: Failed to commit: Could not write file: No space left on device";
        let read = "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block 3";
        let fatal = "FATAL Error: Failed: database has been invalidated because of a previous fatal error.";
        assert_eq!(Fault::of(full), Some(Fault::Stopped));
        assert_eq!(Fault::of(&format!("{fatal} Original error: \"IO Error: {full}\"")), Some(Fault::Stopped));
        assert_eq!(Fault::of(read), Some(Fault::Damaged));
        assert_eq!(Fault::of(&format!("{fatal} Original error: \"{read}\"")), Some(Fault::Damaged));
        assert_eq!(Fault::of(fatal), Some(Fault::Stopped));
        assert_eq!(Fault::of("Binder Error: column x not found"), None);
        assert_eq!(Fault::of("INTERRUPT Error: Interrupted!"), None);
    }
}
