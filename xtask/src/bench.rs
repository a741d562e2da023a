//! `cargo xtask bench`: builds what is measured with the release profile and hands over to `candor-fleet bench`, which
//! measures.

use std::process::Command;

use anyhow::Result;

use crate::{process, setup, workspace};

/// What to measure.
#[derive(clap::Subcommand)]
pub enum Bench {
    /// Reports acknowledged durable per second, beside a ceiling measured in the same run
    Ingest {
        /// Passed on to `candor-fleet bench ingest`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// How long `candor report` takes, and how large `candor` is
    Report {
        /// Passed on to `candor-fleet bench report`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Builds and measures.
///
/// # Errors
/// Where the build or the measurement fails.
pub fn run(bench: &Bench) -> Result<()> {
    let (name, arguments) = match bench {
        Bench::Ingest { arguments } => ("ingest", arguments),
        Bench::Report { arguments } => ("report", arguments),
    };
    setup::prepare(setup::Purpose::Demo)?;
    let release = ["build", "--release"];
    process::run(Command::new("cargo").args(release).args(["-p", "candor-fleet", "-p", "candor-collector"]))?;
    // By itself, as it ships: built together, it would carry the cryptography that the collector asks for as well.
    process::run(Command::new("cargo").args(release).args(["-p", "candor-agent"]))?;
    let fleet =
        workspace::target().join("release").join(format!("candor-fleet{}", std::env::consts::EXE_SUFFIX));
    process::run(Command::new(fleet).args(["bench", name]).args(arguments))
}
