//! The tools that a person installs: Node.js with npm, a C compiler, and for the tests cargo's own formatter and lints. It
//! looks and tells; it installs none of them.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Purpose;
use crate::process;

/// The oldest Node.js whose test runner and npm the project uses.
const OLDEST_NODE: u32 = 20;

/// Checks that the tools are there.
///
/// # Errors
/// Names each missing tool, what it is needed for and how to get it.
pub fn check(purpose: Purpose) -> Result<()> {
    let mut checks = vec![node(), npm(), c_compiler()];
    if purpose >= Purpose::Check {
        checks.extend([component("fmt", "rustfmt"), component("clippy", "clippy")]);
    }
    let missing: Vec<String> =
        checks.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
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

/// A part of Rust that `cargo <word>` calls; toolchains with the profile `minimal` come without.
fn component(word: &str, name: &str) -> Result<()> {
    if process::succeeds(Command::new("cargo").args([word, "--version"])) {
        return Ok(());
    }
    bail!(
        "{name} is needed to check the code, and `cargo {word} --version` does not run. Install it with \
         `rustup component add {name}`, or from your system's packages (Debian: apt-get install {}).",
        if name == "clippy" { "rust-clippy" } else { name }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_rust_that_is_missing_is_named_with_how_to_get_it() {
        let message = component("no-such-part", "clippy").unwrap_err().to_string();
        assert!(message.contains("rustup component add clippy"), "{message}");
        assert!(component("fmt", "rustfmt").is_ok(), "these tests are formatted with it");
    }
}
