//! What is damaged is set aside where an administrator can look at it, counted, and never lost without a name (law 7).

use crate::Error;
use crate::folder::{Folder, StateFolder};
use crate::limits::DAMAGED_FILES;
use crate::losses::{self, Loss, Losses};
use crate::report_file::{is_sent, is_waiting};

/// Moves the files of one report aside and counts it; only the newest files are kept.
pub fn set_aside(state: &StateFolder, losses: &Losses, from: &Folder, names: &[&str]) -> Result<(), Error> {
    let damaged = state.move_aside(from, names)?;
    losses.count(Loss::Damaged, 1);
    losses.count(Loss::DamagedTrimmed, damaged.keep_newest(DAMAGED_FILES, is_own)?);
    Ok(())
}

fn is_own(name: &str) -> bool {
    is_waiting(name) || is_sent(name) || name == losses::FILE
}
