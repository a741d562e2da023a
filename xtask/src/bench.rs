//! `cargo xtask bench`: builds what is measured with the release profile and hands over to `candor-bench`, which measures.

use std::process::Command;

use anyhow::Result;

use crate::{process, setup, workspace};

/// What to measure. The arguments are those of `candor-bench`.
#[derive(clap::Subcommand)]
pub enum Bench {
    /// Reports acknowledged durable per second, beside another version of the collector and beside a ceiling
    Ingest(Arguments),
    /// Each page and each file of a figure over a large installed base, and the rebuild of its columns
    Pages(Arguments),
    /// How long `candor report` takes, and how large `candor` is
    Report(Arguments),
}

/// What is handed over.
#[derive(clap::Args)]
pub struct Arguments {
    /// Passed on to `candor-bench`; `--help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds and measures.
///
/// # Errors
/// Where the build or the measurement fails.
pub fn run(bench: &Bench) -> Result<()> {
    let (name, passed_on) = match bench {
        Bench::Ingest(passed_on) => ("ingest", passed_on),
        Bench::Pages(passed_on) => ("pages", passed_on),
        Bench::Report(passed_on) => ("report", passed_on),
    };
    setup::prepare(setup::Purpose::Demo)?;
    // Each by itself, as it ships: built together, they would carry each other's features and cryptography.
    for package in ["candor-bench", "candor-collector", "candor-agent"] {
        process::run(Command::new("cargo").args(["build", "--release", "--package", package]))?;
    }
    let program = format!("candor-bench{}", std::env::consts::EXE_SUFFIX);
    let mut measure = Command::new(workspace::target().join("release").join(program));
    process::run(measure.arg(name).args(&passed_on.arguments))
}
