//! `candor report`: an installer's or a utility's one call, right before it exits.

use std::io::Write;

use candor_policy::{Policy, SourceId};
use clap::Args;

use crate::commands::snapshot::told;
use crate::database::{self, DatabaseArguments, DatabaseSettings};
use crate::session::Session;
use crate::submission::{self, Gathered, Intent, SubmissionArguments};

/// What the call is told.
#[derive(Clone, Debug, Args)]
pub struct ReportArguments {
    /// What every submission is told.
    #[command(flatten)]
    pub submission: SubmissionArguments,
    /// Where the product's database is, for a utility that reports its product, version and edition.
    #[command(flatten)]
    pub database: DatabaseArguments,
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
    let Some(settings) = arguments.database.settings()? else {
        return submission::run(session, &arguments.submission, intent, |_, _| Ok(Gathered::default()), out);
    };
    // The host waits for the whole call: the database has half of its deadline, so that the delivery keeps the other.
    let total_timeout = arguments.submission.deadline / 2;
    // Nothing goes on in the server when nobody waits any more.
    let query_timeout = settings.query_timeout.min(total_timeout);
    let settings = DatabaseSettings { total_timeout, query_timeout, ..settings };
    let gather = |policy: &Policy, _: &dyn Fn() -> bool| {
        let Some(source) = SourceId::parse(&arguments.submission.source) else {
            return Ok(Gathered::default());
        };
        Ok(told(database::facts(policy, &source, &arguments.submission.version, &settings)))
    };
    submission::run(session, &arguments.submission, intent, gather, out)
}
