//! The command line's words. What each command does stands in [`crate::commands`].

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::commands::policy::PolicyCommand;
use crate::exit;

/// Product metrics that the customer sees through.
#[derive(Debug, Parser)]
#[command(name = "candor", version, after_help = exit::table())]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Globals {
    /// The policy's manifest.
    #[arg(long, global = true, env = "CANDOR_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The folder that holds this site's consent, key, spool and sent log.
    #[arg(long, global = true, env = "CANDOR_STATE", value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Answer in JSON, for machines.
    #[arg(long, global = true)]
    pub json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check, render and compare collection policies.
    #[command(subcommand)]
    Policy(PolicyCommand),
}

/// Reads the arguments, runs the command, and says how it ended.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = std::io::stdout().lock();
    let ended = match &cli.command {
        Command::Policy(command) => crate::commands::policy::run(command, cli.globals.json, &mut out),
    };
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("candor: {error:#}");
            ExitCode::from(exit::Exit::Failed.code())
        }
    }
}
