//! The command line's words. [`crate::commands`] has what each command does.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands;
use crate::commands::consent::ConsentCommand;
use crate::commands::log::LogArguments;
use crate::commands::policy::PolicyCommand;
use crate::commands::preview::PreviewCommand;
use crate::commands::report::ReportArguments;
use crate::commands::snapshot::SnapshotArguments;
use crate::database::limits::SNAPSHOT_TIMEOUT;
use crate::deadline::Deadline;
use crate::exit::{self, Exit};
use crate::failure::BadInput;
use crate::say::{Screen, is_plain, say};
use crate::session::{Globals, Session};
use crate::submission::Intent;

/// Product metrics that the customer sees through.
#[derive(Debug, Parser)]
#[command(name = "candor", version, after_help = closing())]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the help and the manual page close with.
fn closing() -> String {
    format!(
        "An option on the command line overrides its environment variable, and that overrides the default. A refusal is never \
         overridden: DO_NOT_TRACK, CANDOR_CONSENT=denied and the machine's settings only narrow what a consent allows. \
         CANDOR_SETTINGS names a further settings file.\n\n{}",
        exit::table()
    )
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Allow, refuse or look at the consent of this site.
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Report once, right before an installer or a utility exits.
    Report(ReportArguments),
    /// Read the product's database, and report what the policy wants of it.
    Snapshot(SnapshotArguments),
    /// Show the very bytes that wait, or that a call would send.
    Preview {
        /// What to show; without it, what waits.
        #[command(subcommand)]
        command: Option<PreviewCommand>,
    },
    /// Show what has left, with the collector's receipts, and what was refused or lost.
    Log(LogArguments),
    /// Check, render and compare collection policies.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages.
    #[command(hide = true)]
    Man {
        /// The folder to write them into.
        folder: PathBuf,
    },
}

/// Reads the arguments, runs the command, and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    if let Some(deadline) = deadline(&cli) {
        deadline.watch();
    }
    // Not locked: the deadline's thread may have a last word.
    let mut out = Screen::new(std::io::stdout(), std::io::stdout().is_terminal());
    let ended = run(&cli, &mut out).and_then(|code| match out.flush() {
        Err(_) if is_lenient(&cli.command) => Ok(code),
        flushed => Ok(flushed.map(|()| code)?),
    });
    ended.map_or_else(|error| failed(&error, &cli), ExitCode::from)
}

/// When a call ends that a host waits for. A person who is asked, or who looks, takes their time.
fn deadline(cli: &Cli) -> Option<Deadline> {
    let (submission, own_time) = match &cli.command {
        Command::Report(arguments) => (&arguments.submission, Duration::ZERO),
        Command::Snapshot(arguments) => (&arguments.submission, SNAPSHOT_TIMEOUT),
        Command::Consent(_)
        | Command::Preview { .. }
        | Command::Log(_)
        | Command::Policy(_)
        | Command::Completions { .. }
        | Command::Man { .. } => return None,
    };
    let allowed = submission.deadline.saturating_add(own_time);
    let is_waited_for = !submission.ask && !submission.dry_run;
    is_waited_for.then_some(Deadline { allowed, strict: submission.strict, json: cli.globals.json })
}

/// Prints the help that was asked for, or what is wrong with the arguments: they may hold anything.
fn not_understood(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if is_plain(&text) {
        let _ = error.print();
    } else {
        say(text.trim_end());
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Whether an installer called, which is not to fail because nobody reads what was said to it.
fn is_lenient(command: &Command) -> bool {
    match command {
        Command::Report(arguments) => !arguments.submission.strict,
        Command::Snapshot(arguments) => !arguments.submission.strict,
        Command::Consent(_)
        | Command::Preview { .. }
        | Command::Log(_)
        | Command::Policy(_)
        | Command::Completions { .. }
        | Command::Man { .. } => false,
    }
}

fn run(cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let session = || Session::open(&cli.globals);
    match &cli.command {
        Command::Consent(command) => commands::consent::run(&session()?, command, out),
        Command::Report(arguments) => commands::report::run(&session()?, arguments, Intent::Send, out),
        Command::Snapshot(arguments) => commands::snapshot::run(&session()?, arguments, Intent::Send, out),
        Command::Preview { command } => commands::preview::run(&session()?, command.as_ref(), out),
        Command::Log(arguments) => commands::log::run(&session()?, arguments, out),
        Command::Policy(command) => commands::policy::run(command, cli.globals.json, out),
        Command::Completions { shell } => commands::generate::completions(Cli::command(), *shell, out),
        Command::Man { folder } => commands::generate::manual(Cli::command(), folder),
    }
}

fn failed(error: &anyhow::Error, cli: &Cli) -> ExitCode {
    // The reader of the output has seen enough of it: `candor log | head`. A check has then not said its result.
    let is_closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    };
    if error.chain().any(is_closed) {
        let is_check = matches!(cli.command, Command::Policy(_));
        return ExitCode::from(if is_check { Exit::Failed } else { Exit::Done }.code());
    }
    say(format_args!("candor: {error:#}"));
    let exit = if error.chain().any(|cause| cause.is::<BadInput>()) { Exit::Usage } else { Exit::Failed };
    if cli.globals.json {
        let answer = serde_json::json!({ "outcome": exit.name(), "why": format!("{error:#}") });
        // Nobody may be left to read it.
        let mut out = Screen::new(std::io::stdout(), std::io::stdout().is_terminal());
        let _ = writeln!(out, "{answer}");
    }
    ExitCode::from(exit.code())
}
