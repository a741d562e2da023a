//! `candor report`: an installer's or a utility's one call, right before it exits.

use std::io::Write;

use clap::Args;

use crate::session::Session;
use crate::submission::{self, Gathered, Intent, SubmissionArguments};

/// What the call is told.
#[derive(Clone, Debug, Args)]
pub struct ReportArguments {
    /// What every submission is told.
    #[command(flatten)]
    pub submission: SubmissionArguments,
}

/// Gathers, and sends or shows.
///
/// # Errors
/// Where the arguments do not fit the policy.
pub fn run(
    session: &Session,
    arguments: &ReportArguments,
    intent: Intent,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    submission::run(session, &arguments.submission, intent, |_| Ok(Gathered::default()), out)
}
