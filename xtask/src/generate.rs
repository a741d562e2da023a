//! `cargo xtask generate`: rewrites the generated files.
//!
//! Each belongs to a test that fails where it is stale and rewrites it; this task runs those tests. It generates nothing
//! itself, so that a file cannot be made in two ways. Inline snapshots are the authors' own: `cargo insta` shows them.

use std::process::Command;

use anyhow::Result;

use crate::{process, setup};

/// The tests that own generated files: what they own, and how cargo names them.
const OWNERS: &[(&str, &[&str])] = &[
    ("docs/schemas, docs/policies", &["--package", "candor-policy", "--test", "generated"]),
    ("docs/exit-codes.md", &["--package", "candor-agent", "--test", "cli", "documented"]),
    ("bodies of refusals", &["--package", "candor-collector", "--", "bad_input", "refused"]),
];

/// Rewrites all generated files, and shows what changed.
///
/// # Errors
/// Where a test fails for another reason than a stale file.
pub fn run() -> Result<()> {
    setup::prepare(setup::Purpose::Demo)?;
    for (files, tests) in OWNERS {
        println!("{files}");
        // The first run rewrites what is stale and fails for it; the second must find it fresh.
        if process::output(&mut owner(tests)).is_err() {
            process::output(&mut owner(tests))?;
        }
    }
    process::run(Command::new("git").args(["status", "--short", "docs", "crates"]))
}

fn owner(tests: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(["test", "--quiet"]).args(tests).env("INSTA_UPDATE", "always").env_remove("CI");
    command
}
