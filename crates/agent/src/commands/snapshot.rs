//! `candor snapshot`: the monthly look into the product's database.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use candor_policy::{Policy, SourceId};
use clap::Args;

use crate::database::{self, DatabaseArguments, DatabaseSettings};
use crate::failure::BadInput;
use crate::say::say;
use crate::session::Session;
use crate::snapshot::{self, Progress, Request, SiteKey};
use crate::submission::{self, Gathered, Intent, SubmissionArguments};

/// What the call is told.
#[derive(Clone, Debug, Args)]
pub struct SnapshotArguments {
    /// What every submission is told.
    #[command(flatten)]
    pub submission: SubmissionArguments,
    /// Where the product's database is.
    #[command(flatten)]
    pub database: DatabaseArguments,
}

/// Reads the product's database, and sends or shows what the policy wants of it. What cannot be read is said on the error
/// output and named in the report; the rest goes out all the same.
///
/// # Errors
/// Where the arguments do not fit the policy.
pub fn run(
    session: &Session,
    arguments: &SnapshotArguments,
    intent: Intent,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let no_database =
        || BadInput::error("a snapshot reads the product's database: name it with --database URL");
    let settings = arguments.database.settings()?.ok_or_else(no_database)?;
    let gather = |policy: &Policy, allowed: &dyn Fn() -> bool| {
        gather(session, (policy, allowed), &arguments.submission, &settings)
    };
    submission::run(session, &arguments.submission, intent, gather, out)
}

fn gather(
    session: &Session,
    (policy, allowed): (&Policy, &dyn Fn() -> bool),
    arguments: &SubmissionArguments,
    settings: &DatabaseSettings,
) -> anyhow::Result<Gathered> {
    let Some(source) = SourceId::parse(&arguments.source) else { return Ok(Gathered::default()) };
    let site_key = SiteKey::new(session.site.secret()?);
    let request =
        Request { policy, source: &source, version: &arguments.version, site_key: &site_key, allowed };
    let watched = !session.json && std::io::stderr().is_terminal();
    let mut progress = |step: Progress<'_>| {
        if watched {
            say(format_args!("Reading {} of {}: {}", step.number, step.of, step.title));
        }
    };
    let began = Instant::now();
    let gathered = told(snapshot::gather(&request, settings, &mut progress));
    Ok(Gathered { own_time: began.elapsed(), ..gathered })
}

/// Tells the administrator what could not be read and why, and hands on what may leave: the notes may name files and
/// hosts of the site, so they end here.
pub fn told(gathered: database::Gathered) -> Gathered {
    for note in &gathered.notes {
        say(format_args!("candor: {}: {}", note.metric, note.text));
    }
    Gathered {
        facts: gathered.facts,
        not_measured: gathered.not_measured.into_iter().collect(),
        ..Gathered::default()
    }
}
