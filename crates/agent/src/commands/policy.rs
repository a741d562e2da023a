//! `candor policy`: for the people who write a policy.

use std::io::Write;

use clap::Subcommand;

/// What to do with a policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {}

/// Runs the command; the number is the process's exit code.
///
/// # Errors
/// Where a file cannot be read or the output not be written.
pub fn run(command: &PolicyCommand, json: bool, out: &mut dyn Write) -> anyhow::Result<u8> {
    let _ = (json, out);
    match *command {}
}
