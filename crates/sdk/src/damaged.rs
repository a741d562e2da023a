//! What is damaged is set aside where an administrator can look at it, counted, and never lost without a name (law 7).

use std::path::PathBuf;

use crate::Error;
use crate::folder::{StateFolder, keep_newest, move_aside};
use crate::limits::DAMAGED_FILES;
use crate::losses::{Loss, Losses};

/// Moves the files of one report aside and counts it; only the newest files are kept.
pub fn set_aside(folder: &StateFolder, losses: &Losses, files: &[PathBuf]) -> Result<(), Error> {
    let damaged = move_aside(folder, files)?;
    losses.count(Loss::Damaged, 1);
    losses.count(Loss::DamagedTrimmed, keep_newest(&damaged, DAMAGED_FILES)?);
    Ok(())
}
