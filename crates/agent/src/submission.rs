//! From a gathered draft to its end: prepared, shown or spooled, delivered, and said in one line what became of it.
//!
//! `report` and `snapshot` share it; they differ in what they gather. Whatever happens here, an installer's exit code stays 0
//! unless it asked for more with `--strict`.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

use candor_policy::{Metric, MetricType, NotMeasured, Outcome, Policy, Problem, Receipt, Value};
use candor_sdk::{Cause, Delivery, DeliveryEnd, Error, Prepared, Site};
use clap::Args;
use serde::Serialize;
use uuid::Uuid;

use crate::arguments::{assignment, duration};
use crate::exit::Exit;
use crate::failure::BadInput;
use crate::say::say;
use crate::session::Session;

/// The deadline where none is given, as on the command line: the SDK's own.
const DEADLINE: &str = "2s";

/// What every submission is told.
#[derive(Clone, Debug, Args)]
pub struct SubmissionArguments {
    /// The process that gathers, as the policy names it.
    #[arg(long, value_name = "SOURCE")]
    pub source: String,
    /// The application, as the policy names it for this source.
    #[arg(long, value_name = "NAME")]
    pub application: String,
    /// The application's version.
    #[arg(long, value_name = "VERSION")]
    pub version: String,
    /// A value that the caller knows; may be repeated.
    #[arg(long = "set", value_name = "METRIC=VALUE", value_parser = assignment)]
    pub values: Vec<(String, String)>,
    /// Longest that the call may take, a snapshot's reading apart; what is not delivered by then waits.
    #[arg(long, value_name = "DURATION", default_value = DEADLINE, value_parser = duration)]
    pub deadline: Duration,
    /// End with a failing exit code where the report was not delivered.
    #[arg(long)]
    pub strict: bool,
    /// Print a report like the one that would leave, and let nothing leave.
    #[arg(long)]
    pub dry_run: bool,
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
}

/// What became of a submission; what `--json` prints.
#[derive(Debug, Serialize)]
struct Summary {
    outcome: &'static str,
    report_id: Uuid,
    digest: String,
    size_bytes: usize,
    /// How many reports this call delivered, earlier ones that had waited included.
    delivered: usize,
    /// How many wait after it.
    waiting: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
    withheld: Vec<String>,
    not_measured: Vec<NotMeasured>,
    outcomes: Vec<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

/// Runs a submission. `gather` is called where consent allows it, with the policy narrowed to what may be gathered.
///
/// # Errors
/// [`BadInput`] where the arguments do not fit the policy.
pub fn run(
    session: &Session,
    arguments: &SubmissionArguments,
    intent: Intent,
    gather: impl FnOnce(&Policy) -> anyhow::Result<Gathered>,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let began = Instant::now();
    let mut own_time = Duration::ZERO;
    let gather = |policy: &Policy| gather(policy).inspect(|gathered| own_time = gathered.own_time);
    let intent = if arguments.dry_run { Intent::Show } else { intent };
    let prepared = prepare(&session.site, arguments, gather);
    let ended = prepared.and_then(|prepared| match intent {
        Intent::Show => show(session.json, &prepared, out).map(|()| Exit::Done),
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

fn prepare(
    site: &Site,
    arguments: &SubmissionArguments,
    gather: impl FnOnce(&Policy) -> anyhow::Result<Gathered>,
) -> anyhow::Result<Prepared> {
    let mut draft = site.draft(&arguments.source, &arguments.application, &arguments.version)?;
    let narrowed = draft.narrowed_policy();
    let gathered = gather(&narrowed)?;
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
        _ => None,
    };
    value.unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn show(json: bool, prepared: &Prepared, out: &mut dyn Write) -> anyhow::Result<()> {
    if json {
        let shown = serde_json::json!({
            "outcome": "shown",
            "report_id": prepared.report().report_id,
            "digest": prepared.digest(),
            "body": String::from_utf8_lossy(prepared.body()),
            "outcomes": prepared.outcomes(),
        });
        return Ok(writeln!(out, "{shown}")?);
    }
    out.write_all(prepared.body())?;
    writeln!(out)?;
    let size = prepared.body().len();
    let digest = prepared.digest();
    say(format_args!(
        "A call would send a report like this one, with an id and times of its own; nothing left. This one: {size} bytes, digest {digest}."
    ));
    let _ = print_notes(prepared, &mut std::io::stderr());
    Ok(())
}

fn send(
    session: &Session,
    arguments: &SubmissionArguments,
    began: Instant,
    prepared: &Prepared,
    out: &mut dyn Write,
) -> anyhow::Result<Exit> {
    session.site.submit(prepared)?;
    let left = arguments.deadline.saturating_sub(began.elapsed());
    let delivery = session.site.deliver(left)?;
    let (summary, exit) = summarise(session, prepared, &delivery);
    if session.json {
        writeln!(out, "{}", serde_json::to_string(&summary)?)?;
    } else {
        print_summary(session, &summary, out)?;
        print_notes(prepared, out)?;
    }
    Ok(exit)
}

fn summarise(session: &Session, prepared: &Prepared, delivery: &Delivery) -> (Summary, Exit) {
    let report = prepared.report();
    let sent = delivery.delivered.iter().find(|sent| sent.report_id == report.report_id);
    let key = &session.site.policy().collector.public_key;
    let receipt = sent.and_then(|sent| sent.verified(key)?.ok());
    let named = |list: &[(Uuid, Problem)]| {
        list.iter().find(|(id, _)| *id == report.report_id).map(|(_, problem)| problem.clone())
    };
    let refused = named(&delivery.refused);
    let (outcome, exit) = match (&receipt, &refused) {
        (Some(_), _) if !report.not_measured.is_empty() => ("delivered", Exit::NotMeasured),
        (Some(_), _) => ("delivered", Exit::Done),
        (None, Some(_)) => ("refused", Exit::Refused),
        (None, None) if matches!(delivery.end, DeliveryEnd::NotAllowed(_)) => {
            ("not-allowed", Exit::NotAllowed)
        }
        (None, None) => ("waiting", Exit::NotDelivered),
    };
    let problem = refused.or_else(|| named(&delivery.postponed));
    let why = match &problem {
        _ if receipt.is_some() => None,
        Some(problem) => Some(format!("{} ({})", problem.detail, problem.code)),
        None => Some(delivery.end.to_string()),
    };
    let summary = Summary {
        outcome,
        report_id: report.report_id,
        digest: prepared.digest().to_string(),
        size_bytes: prepared.body().len(),
        delivered: delivery.delivered.len(),
        waiting: delivery.waiting,
        why,
        problem,
        withheld: report.withheld.iter().map(ToString::to_string).collect(),
        not_measured: report.not_measured.clone(),
        outcomes: prepared.outcomes().to_vec(),
        receipt,
    };
    (summary, exit)
}

fn print_summary(session: &Session, summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    let Summary { report_id, size_bytes, .. } = summary;
    let why = summary.why.as_deref().unwrap_or_default();
    match summary.outcome {
        "delivered" => {
            let url = &session.site.policy().collector.url;
            writeln!(out, "Delivered: report {report_id}, {size_bytes} bytes, to {url}.")?;
            if summary.delivered > 1 {
                writeln!(out, "{} earlier report(s) that had waited went with it.", summary.delivered - 1)?;
            }
            writeln!(out, "See its bytes and its receipt: candor log --show {report_id}")?;
        }
        "refused" => {
            writeln!(out, "Refused for good: report {report_id}: {why}.")?;
            let folder = session.site.state_folder().join("refused");
            writeln!(out, "It is kept in {} and is not sent again.", folder.display())?;
        }
        "not-allowed" => writeln!(out, "Nothing left: {why}.")?,
        _ => {
            writeln!(out, "Waiting: report {report_id}, {size_bytes} bytes: {why}.")?;
            writeln!(
                out,
                "{} report(s) wait; the next call delivers them. See them: candor preview",
                summary.waiting
            )?;
        }
    }
    Ok(())
}

/// What is not in the report as it came, and why.
fn print_notes(prepared: &Prepared, out: &mut dyn Write) -> anyhow::Result<()> {
    let report = prepared.report();
    if !report.withheld.is_empty() {
        let names: Vec<&str> = report.withheld.iter().map(|metric| metric.as_str()).collect();
        writeln!(out, "Withheld by this site's own rule: {}.", names.join(", "))?;
    }
    for missing in &report.not_measured {
        let key = missing.key.as_ref().map_or_else(String::new, |key| format!(" ({key})"));
        writeln!(out, "Not measured: {}{key}: {}.", missing.metric, missing.reason.word())?;
    }
    for outcome in prepared.outcomes().iter().filter(|outcome| outcome.is_departure()) {
        let name = outcome.metric.as_ref().map(|metric| metric.as_str()).or(outcome.example.as_deref());
        let name = name.unwrap_or("a value");
        writeln!(out, "Left out or rewritten: {name}: {} ({}).", outcome.kind.word(), outcome.count)?;
    }
    Ok(())
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
            Err(BadInput::error(format!("{refusal}; it knows: {}", known.join("; "))))
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
