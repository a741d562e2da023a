//! The pages' scripts and styles, bundled from `crates/web/assets` into its `dist`, which the binaries embed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::npm;
use crate::{process, workspace};

/// Bundles the front-end, unless the bundle is newer than everything that it is made of.
///
/// # Errors
/// Where npm or the bundler fails.
pub fn build() -> Result<()> {
    let folder = workspace::assets();
    npm::install(&folder)?;
    let tokens = std::fs::metadata(workspace::design_tokens())?.modified()?;
    if newest(&folder)?.max(tokens) <= oldest(&folder.join("dist")) {
        return Ok(());
    }
    println!("      front-end of the pages");
    process::output(Command::new(npm::PROGRAM).args(["run", "build"]).current_dir(&folder))
        .context("the front-end could not be bundled")?;
    Ok(())
}

/// When the newest file of the front-end's own sources was changed.
fn newest(folder: &Path) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "node_modules" || name == "dist" {
            continue;
        }
        let changed = if entry.file_type()?.is_dir() {
            self::newest(&entry.path())?
        } else {
            entry.metadata()?.modified()?
        };
        newest = newest.max(changed);
    }
    Ok(newest)
}

/// When the oldest file of the bundle was written; long ago where there is none.
fn oldest(bundle: &Path) -> SystemTime {
    let times = fs::read_dir(bundle)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.metadata().ok()?.modified().ok());
    times.min().unwrap_or(SystemTime::UNIX_EPOCH)
}
