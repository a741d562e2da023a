//! What is damaged is set aside where an administrator can look at it, counted, and never lost without a name (law 7).

use std::path::PathBuf;

use crate::Error;
use crate::folder::{StateFolder, keep_newest};
use crate::limits::DAMAGED_FILES;
use crate::losses::{Loss, Losses};

const DAMAGED: &str = "damaged";

/// Moves the files of one report aside and counts it; only the newest files are kept.
pub fn set_aside(folder: &StateFolder, losses: &Losses, files: &[PathBuf]) -> Result<(), Error> {
    let damaged = move_aside(folder, files)?;
    losses.count(Loss::Damaged, 1);
    losses.count(Loss::DamagedTrimmed, keep_newest(&damaged, DAMAGED_FILES)?);
    Ok(())
}

/// Moves files aside, as far as they are there; gives the folder that they are in now.
pub fn move_aside(folder: &StateFolder, files: &[PathBuf]) -> Result<PathBuf, Error> {
    let damaged = folder.folder(DAMAGED)?;
    for file in files {
        let Some(name) = file.file_name() else { continue };
        match std::fs::rename(file, damaged.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::folder("set aside", file)(error));
            }
            _ => {}
        }
    }
    Ok(damaged)
}
