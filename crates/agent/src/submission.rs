//! From a gathered draft to its end: prepared, shown or spooled, delivered, and said in one line what became of it.
//!
//! `report` and `snapshot` share it; they differ in what they gather. Whatever happens here, an installer's exit code stays 0
//! unless it asked for more with `--strict`.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use candor_policy::{Metric, MetricType, NotMeasured, Policy, Value};
use candor_sdk::{Cause, Error, Prepared, Site};
use clap::Args;

use crate::arguments::{assignment, duration};
use crate::asking::agreed;
use crate::exit::Exit;
use crate::failure::BadInput;
use crate::say::{errors, say};
use crate::session::Session;
use crate::summary::{print_notes, print_summary, summarise};

/// The deadline where none is given, as on the command line: the SDK's own.
const DEADLINE: &str = "2s";

/// What every submission is told.
#[derive(Clone, Debug, Args)]
pub struct SubmissionArguments {
    /// The process that gathers, as the policy names it.
    #[arg(long, env = "CANDOR_SOURCE", value_name = "SOURCE")]
    pub source: String,
    /// The application, as the policy names it for this source.
    #[arg(long, env = "CANDOR_APPLICATION", value_name = "NAME")]
    pub application: String,
    /// The application's version.
    #[arg(long, env = "CANDOR_APPLICATION_VERSION", value_name = "VERSION")]
    pub version: String,
    /// A value that the caller knows; may be repeated.
    #[arg(long = "set", value_name = "METRIC=VALUE", value_parser = assignment)]
    pub values: Vec<(String, String)>,
    /// Longest that the call may take, a snapshot's reading apart; what is not delivered by then waits.
    #[arg(long, env = "CANDOR_DEADLINE", value_name = "DURATION", default_value = DEADLINE, value_parser = duration)]
    pub deadline: Duration,
    /// End with a failing exit code where the report was not delivered.
    #[arg(long, env = "CANDOR_STRICT")]
    pub strict: bool,
    /// Print a report like the one that would leave, and let nothing leave.
    #[arg(long)]
    pub dry_run: bool,
    /// Print the very bytes that are to leave, ask whether they may, and send those or nothing.
    #[arg(long, conflicts_with = "dry_run")]
    pub ask: bool,
}

/// What a command found out.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Values by metric.
    pub facts: BTreeMap<String, Value>,
    /// What could not be measured, and why.
    pub not_measured: Vec<NotMeasured>,
    /// How much of the time that it took is not the deadline's: no host waits for a snapshot.
    pub own_time: Duration,
}

/// What is to become of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Put it into the spool and deliver what waits there.
    Send,
    /// Print its bytes and drop it.
    Show,
    /// Print its bytes, ask, and send them or drop them.
    Ask,
}

/// Runs a submission. `gather` is called where consent allows it, with the policy narrowed to what may be gathered, and with a
/// question to ask in between: whether it still may.
///
/// # Errors
/// [`BadInput`] where the arguments do not fit the policy.
pub fn run(
    session: &Session,
    arguments: &SubmissionArguments,
    intent: Intent,
    gather: impl FnOnce(&Policy, &dyn Fn() -> bool) -> anyhow::Result<Gathered>,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let began = Instant::now();
    let mut own_time = Duration::ZERO;
    let gather = |policy: &Policy, allowed: &dyn Fn() -> bool| {
        gather(policy, allowed).inspect(|gathered| own_time = gathered.own_time)
    };
    let intent = intended(intent, arguments)?;
    let prepared = prepare(&session.site, arguments, gather);
    let ended = prepared.and_then(|prepared| match intent {
        Intent::Show => show(session.json, &prepared, out).map(|()| Exit::Done),
        Intent::Ask => ask(session, arguments, &prepared, out),
        Intent::Send => send(session, arguments, began + own_time, &prepared, out),
    });
    let exit = match ended {
        Ok(exit) => exit,
        Err(error) => match after_error(session, arguments, error, intent, out) {
            Ok(exit) => exit,
            Err(error) if error.is::<BadInput>() => return Err(error),
            // The answer could not be written.
            Err(error) => {
                say(format_args!("candor: {error:#}"));
                Exit::Failed
            }
        },
    };
    // Only mistakes in the call itself fail an installer that did not ask for more.
    Ok(if arguments.strict { exit.code() } else { Exit::Done.code() })
}

fn intended(intent: Intent, arguments: &SubmissionArguments) -> anyhow::Result<Intent> {
    match intent {
        Intent::Show if arguments.ask => Err(BadInput::error(
            "a preview lets nothing leave, so there is nothing to ask: pass --ask to the call itself, without `preview`",
        )),
        _ if arguments.dry_run => Ok(Intent::Show),
        _ if arguments.ask => Ok(Intent::Ask),
        intent => Ok(intent),
    }
}

fn prepare(
    site: &Site,
    arguments: &SubmissionArguments,
    gather: impl FnOnce(&Policy, &dyn Fn() -> bool) -> anyhow::Result<Gathered>,
) -> anyhow::Result<Prepared> {
    let mut draft = site.draft(&arguments.source, &arguments.application, &arguments.version)?;
    let narrowed = draft.narrowed_policy();
    let gathered = gather(&narrowed, &|| site.still_allows(&draft).is_ok())?;
    site.still_allows(&draft)?;
    for (metric, value) in gathered.facts {
        draft.fact(&metric, value);
    }
    for missing in gathered.not_measured {
        draft.not_measured(missing.metric, missing.key, missing.reason);
    }
    for (metric, text) in &arguments.values {
        draft.fact(metric, typed(site.policy().metric(metric), text));
    }
    Ok(site.prepare(draft)?)
}

/// A value of the command line as its metric's type; what does not fit stays text, and `admit` names it.
fn typed(metric: Option<&Metric>, text: &str) -> Value {
    let value = match metric.map(|metric| &metric.kind) {
        Some(MetricType::Flag) => match text {
            "true" | "yes" | "1" => Some(Value::Flag(true)),
            "false" | "no" | "0" => Some(Value::Flag(false)),
            _ => None,
        },
        Some(MetricType::Number { .. }) => {
            text.parse().map(Value::Integer).or_else(|_| text.parse().map(Value::Decimal)).ok()
        }
        Some(
            MetricType::Version
            | MetricType::Text(_)
            | MetricType::Count { .. }
            | MetricType::Setting { .. }
            | MetricType::Devices { .. }
            | MetricType::Usage { .. }
            | MetricType::Flow { .. }
            | MetricType::Identity(_)
            | MetricType::Transport(_),
        )
        | None => None,
    };
    value.unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn show(json: bool, prepared: &Prepared, out: &mut dyn Write) -> anyhow::Result<()> {
    print_bytes(json, prepared, out)?;
    if !json {
        let (size, digest) = (prepared.body().len(), prepared.digest());
        say(format_args!(
            "A call would send a report like this one, with an id and times of its own; nothing left. This one: {size} bytes, digest {digest}. To see and send the very same bytes, pass --ask to the call."
        ));
        let _ = print_notes(prepared, &mut errors());
    }
    Ok(())
}

/// The very bytes of a report, as the sent log keeps them.
fn print_bytes(json: bool, prepared: &Prepared, out: &mut dyn Write) -> anyhow::Result<()> {
    if json {
        let shown = serde_json::json!({
            "outcome": "shown",
            "report_id": prepared.report().report_id,
            "digest": prepared.digest(),
            "body": String::from_utf8_lossy(prepared.body()),
            "outcomes": prepared.outcomes(),
        });
        writeln!(out, "{shown}")?;
    } else {
        out.write_all(prepared.body())?;
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

/// Sends what was shown, and that alone, where somebody agrees. What cannot be shown does not leave.
fn ask(
    session: &Session,
    arguments: &SubmissionArguments,
    prepared: &Prepared,
    out: &mut dyn Write,
) -> anyhow::Result<Exit> {
    print_bytes(session.json, prepared, out)?;
    let _ = print_notes(prepared, &mut errors());
    let waiting = match session.site.waiting()?.len() {
        0 => String::new(),
        number => format!(" {number} earlier report(s) wait and go with it; see them: candor preview."),
    };
    let (size, digest, url) = (prepared.body().len(), prepared.digest(), session.site.collector_url());
    say(format_args!("These {size} bytes, digest {digest}, are to leave for {url}.{waiting}"));
    if agreed("May they leave?") {
        // Nobody but the person who has just answered waited until now.
        return send(session, arguments, Instant::now(), prepared, out);
    }
    if session.json {
        let kept = serde_json::json!({ "outcome": "not-agreed", "report_id": prepared.report().report_id });
        writeln!(out, "{kept}")?;
    } else {
        writeln!(out, "Not sent; the report was discarded.")?;
    }
    Ok(Exit::NotAllowed)
}

fn send(
    session: &Session,
    arguments: &SubmissionArguments,
    began: Instant,
    prepared: &Prepared,
    out: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let left = || arguments.deadline.saturating_sub(began.elapsed());
    session.site.submit_within(prepared, left())?;
    let delivery = session.site.deliver(left())?;
    let (summary, exit) = summarise(session, prepared, &delivery);
    if session.json {
        writeln!(out, "{}", serde_json::to_string(&summary)?)?;
    } else {
        print_summary(session, &summary, out)?;
        print_notes(prepared, out)?;
    }
    Ok(exit)
}

/// Says what went wrong; only a mistake in the call comes back as an error.
fn after_error(
    session: &Session,
    arguments: &SubmissionArguments,
    error: anyhow::Error,
    intent: Intent,
    out: &mut dyn Write,
) -> anyhow::Result<Exit> {
    match error.downcast_ref::<Error>() {
        Some(Error::NotAllowed(cause)) => {
            print_not_allowed(session, arguments, cause, intent, out)?;
            Ok(Exit::NotAllowed)
        }
        Some(Error::Refused(refusal)) => {
            let sources = session.site.policy().sources.iter();
            let known: Vec<String> =
                sources.map(|source| format!("{} ({})", source.id, source.applications.join(", "))).collect();
            Err(BadInput::error(format!("{refusal}; the policy's sources: {}", known.join("; "))))
        }
        _ if error.is::<BadInput>() => Err(error),
        _ => {
            if session.json {
                let failed = serde_json::json!({ "outcome": "failed", "why": format!("{error:#}") });
                writeln!(out, "{failed}")?;
            }
            say(format_args!("candor: {error:#}"));
            Ok(Exit::Failed)
        }
    }
}

fn print_not_allowed(
    session: &Session,
    arguments: &SubmissionArguments,
    cause: &Cause,
    intent: Intent,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if session.json {
        let quiet = serde_json::json!({ "outcome": "not-allowed", "why": cause.to_string() });
        return Ok(writeln!(out, "{quiet}")?);
    }
    let verb = if intent == Intent::Show { "Nothing would leave" } else { "Nothing was gathered" };
    writeln!(out, "{verb}: {cause}; {}.", cause.remedy())?;
    if intent == Intent::Show {
        let policy = session.site.policy();
        let source = policy.source(&arguments.source).map(|source| &source.id);
        let gathered = source.into_iter().flat_map(|source| policy.gathered(source, &arguments.version));
        let titles: Vec<&str> = gathered.map(|metric| metric.title.as_str()).collect();
        writeln!(out, "With consent, this call would gather: {}.", titles.join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_is_the_sdks() {
        assert_eq!(duration(DEADLINE), Ok(candor_sdk::limits::DEADLINE));
    }
}
