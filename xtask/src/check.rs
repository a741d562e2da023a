//! `cargo xtask check`: what to run before every commit. It needs no server and no browser, and takes under a minute when only
//! our own code has changed.
//!
//! Each step is one of `cargo xtask test` as well.

use std::process::Command;

use anyhow::Result;

use crate::progress::Progress;
use crate::{process, setup, workspace};

type Step = (&'static str, fn() -> Result<()>);

const STEPS: &[Step] = &[
    ("Set up: tools, DuckDB's library, front-end", || setup::prepare(setup::Purpose::Check)),
    ("Format", format),
    ("Front-end: types, lints, format", front_end),
    ("Lints", lints),
    ("Unit tests", unit_tests),
];

/// Runs all steps, and ends at the first that fails.
///
/// # Errors
/// The failed step's.
pub fn run() -> Result<()> {
    let mut progress = Progress::of(STEPS.len());
    for (title, step) in STEPS {
        progress.step(title, step)?;
    }
    println!("\nEverything took {}. `cargo xtask test` checks the rest.", progress.elapsed());
    Ok(())
}

/// Rust's format.
///
/// # Errors
/// Where a file is not formatted.
pub fn format() -> Result<()> {
    process::run(Command::new("cargo").args(["fmt", "--all", "--check"]))
}

/// The scripts and styles: TypeScript's types in strict mode, Biome's lints and format.
///
/// # Errors
/// Where something is found.
pub fn front_end() -> Result<()> {
    let tool = |name| Command::new(workspace::npm_program(&workspace::checks(), name));
    process::run(tool("tsc").arg("--project").arg(workspace::assets()))?;
    process::run(tool("biome").args(["ci", "--error-on-warnings"]))
}

/// Clippy over everything, its warnings errors.
///
/// # Errors
/// Where something is found.
pub fn lints() -> Result<()> {
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    process::run(Command::new("cargo").args(clippy))
}

/// Whether cargo-nextest is installed; `cargo test` runs the same tests, slower.
pub fn has_nextest() -> bool {
    process::succeeds(Command::new("cargo").args(["nextest", "--version"]))
}

fn unit_tests() -> Result<()> {
    let mut command = Command::new("cargo");
    if has_nextest() {
        command.args(["nextest", "run"]);
    } else {
        command.arg("test");
    }
    process::run(command.args(["--workspace", "--lib", "--bins"]))
}
