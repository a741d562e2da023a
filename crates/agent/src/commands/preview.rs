//! `candor preview`: what would leave, byte for byte; either what waits already or what a call would gather now.

use std::io::Write;

use clap::Subcommand;

use crate::commands::report::{self, ReportArguments};
use crate::commands::snapshot::{self, SnapshotArguments};
use crate::exit::Exit;
use crate::say::say;
use crate::session::Session;
use crate::submission::Intent;

/// What to show.
#[derive(Clone, Debug, Subcommand)]
pub enum PreviewCommand {
    /// A report like the one that `candor report` with the same arguments would send.
    Report(ReportArguments),
    /// A report like the one that `candor snapshot` with the same arguments would send.
    Snapshot(SnapshotArguments),
}

/// Shows a report that a call would send, or, without a command, those that wait.
///
/// # Errors
/// Where the arguments do not fit the policy or the state folder cannot be read.
pub fn run(session: &Session, command: Option<&PreviewCommand>, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        Some(PreviewCommand::Report(arguments)) => report::run(session, arguments, Intent::Show, out),
        Some(PreviewCommand::Snapshot(arguments)) => snapshot::run(session, arguments, Intent::Show, out),
        None => waiting(session, out),
    }
}

fn waiting(session: &Session, out: &mut dyn Write) -> anyhow::Result<u8> {
    let waiting = session.site.waiting()?;
    if session.json {
        let list: Vec<_> = waiting
            .iter()
            .map(|report| {
                let body = String::from_utf8_lossy(&report.bytes);
                serde_json::json!({ "report_id": report.report_id, "digest": report.digest, "body": body })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string(&list)?)?;
        return Ok(Exit::Done.code());
    }
    for report in &waiting {
        out.write_all(&report.bytes)?;
        writeln!(out)?;
    }
    // The bytes alone go to the output, so that they can be piped into another tool.
    match waiting.len() {
        0 => say("Nothing waits. See what has left: candor log"),
        number => say(format_args!(
            "{number} report(s) wait, one a line; the next report, or snapshot, takes them along."
        )),
    }
    Ok(Exit::Done.code())
}
