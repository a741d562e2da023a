//! cargo-deny, which holds the dependencies against `deny.toml`: compiled once from crates.io into `.deps/cargo-deny`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, workspace};

/// The version whose `deny.toml` ours is.
const VERSION: &str = "0.20.2";

/// The program.
pub fn program() -> PathBuf {
    place().join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX))
}

/// Compiles it, unless it is there already.
///
/// # Errors
/// Where it cannot be fetched or compiled.
pub fn install() -> Result<()> {
    let held = process::output(Command::new(program()).arg("--version"));
    if held.is_ok_and(|held| held.split_whitespace().last() == Some(VERSION)) {
        return Ok(());
    }
    println!("      cargo-deny {VERSION} into .deps/cargo-deny, two minutes on two cores");
    process::output(
        Command::new("cargo")
            .args(["install", "--locked", "--force", "--version", VERSION, "--root"])
            .arg(place())
            .arg("cargo-deny")
            // Its own, or the flags and features of this workspace would reach it.
            .current_dir(std::env::temp_dir()),
    )
    .context("cargo could not install cargo-deny; it needs to reach crates.io")?;
    Ok(())
}

fn place() -> PathBuf {
    workspace::root().join(".deps/cargo-deny")
}
