//! The tools that a person installs: Node.js with npm, and a C compiler. It looks and tells; it installs neither.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// The oldest Node.js whose test runner and npm the project uses.
const OLDEST_NODE: u32 = 20;

/// Checks that the tools are there.
///
/// # Errors
/// Names each missing tool, what it is needed for and how to get it.
pub fn check() -> Result<()> {
    let missing: Vec<String> = [node(), npm(), c_compiler()]
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("{}", missing.join("\n"))
}

fn node() -> Result<()> {
    let remedy = "Node.js 20 or later is needed to fetch DuckDB's library and to bundle the front-end. \
                  Install it from your system's packages (Debian: apt-get install nodejs npm) or nodejs.org.";
    let version = process::output(Command::new("node").arg("--version")).context(remedy)?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("{remedy} Here is {}", version.trim()),
    }
}

fn npm() -> Result<()> {
    if process::succeeds(Command::new(super::npm::PROGRAM).arg("--version")) {
        return Ok(());
    }
    bail!(
        "npm is needed, and `npm --version` does not run. It comes with Node.js (Debian: apt-get install npm)."
    )
}

fn c_compiler() -> Result<()> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    if process::succeeds(Command::new(&compiler).arg("--version")) {
        return Ok(());
    }
    bail!(
        "A C compiler is needed for SQLite, zstd and the TLS library, and `{compiler} --version` does not run. \
         Install one (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install)."
    )
}
