//! `cargo xtask generate`: rewrites the generated files.
//!
//! Each belongs to a test that fails where it is stale and rewrites it when told to; this task tells them all to. It
//! generates nothing itself, so that a file cannot be made in two ways.

use std::process::Command;

use anyhow::Result;

use crate::{process, setup};

/// Rewrites all generated files, and shows what changed.
///
/// # Errors
/// Where a test fails for another reason than a stale file.
pub fn run() -> Result<()> {
    setup::prepare(setup::Purpose::Demo)?;
    // The first run rewrites stale files and fails for it; the second must find them fresh.
    let _ = process::run(tests().env("CANDOR_GENERATE", "1").env("INSTA_UPDATE", "always").env_remove("CI"));
    process::run(&mut tests())?;
    process::run(Command::new("git").args(["status", "--short"]))
}

/// The tests that own generated files: each has `generated` in its name; snapshots are insta's.
fn tests() -> Command {
    let mut command = Command::new("cargo");
    command.args(["test", "--workspace", "--lib", "--tests", "--quiet", "--", "generated", "snapshot"]);
    command
}
