//! Installs a folder's npm packages exactly as its committed lock file says.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// npm's program.
pub const PROGRAM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Installs a folder's packages, unless they are those of its lock file already.
///
/// # Errors
/// Where the lock file cannot be read, or npm fails.
pub fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let installed = folder.join("node_modules").join(".installed-lock.json");
    if fs::read(&installed).is_ok_and(|held| held == wanted) {
        return Ok(());
    }
    println!(
        "      npm packages of {}",
        folder.strip_prefix(crate::workspace::root()).unwrap_or(folder).display()
    );
    // The packages' own install scripts are not run: nothing here needs one.
    process::output(
        Command::new(PROGRAM).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder),
    )
    .context("npm could not install the packages; it needs to reach its registry")?;
    fs::write(&installed, wanted)?;
    Ok(())
}
