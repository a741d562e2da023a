//! What became of one report, as a call says it: in a few lines for people, or as one JSON object.

use std::io::Write;

use candor_policy::{MetricId, NotMeasured, Outcome, OutcomeKind, Problem, Receipt};
use candor_sdk::{Cause, Delivery, DeliveryEnd, Prepared};
use serde::Serialize;
use uuid::Uuid;

use crate::exit::Exit;
use crate::session::Session;

/// What became of a submission; what `--json` prints.
#[derive(Debug, Serialize)]
pub struct Summary {
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
    /// Those of them that wait to be accepted: new or wider in today's policy.
    held: Vec<String>,
    not_measured: Vec<NotMeasured>,
    outcomes: Vec<Outcome>,
    /// What an administrator should know beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

/// What became of a prepared report, and how the call ends with `--strict`.
pub fn summarise(session: &Session, prepared: &Prepared, delivery: &Delivery) -> (Summary, Exit) {
    let report = prepared.report();
    let sent = delivery.delivered.iter().find(|sent| sent.report_id == report.report_id);
    let key = &session.site.policy().collector.public_key;
    let receipt = sent.and_then(|sent| sent.verified(key)?.ok());
    let named = |list: &[(Uuid, Problem)]| {
        list.iter().find(|(id, _)| *id == report.report_id).map(|(_, problem)| problem.clone())
    };
    let refused = named(&delivery.refused);
    let denied = denied_meanwhile(session, report.report_id, delivery);
    let (outcome, exit) = match (&receipt, &refused) {
        (Some(_), _) if !report.not_measured.is_empty() => ("delivered", Exit::NotMeasured),
        (Some(_), _) => ("delivered", Exit::Done),
        (None, Some(_)) => ("refused", Exit::Refused),
        (None, None) if matches!(delivery.end, DeliveryEnd::NotAllowed(_)) => {
            ("not-allowed", Exit::NotAllowed)
        }
        (None, None) if denied.is_some() => ("denied-meanwhile", Exit::NotAllowed),
        (None, None) => ("waiting", Exit::NotDelivered),
    };
    let problem = refused.or_else(|| named(&delivery.postponed));
    let why = match &problem {
        _ if receipt.is_some() => None,
        Some(problem) => Some(format!("{} ({})", problem.detail, problem.code)),
        None => Some(denied.as_ref().map_or_else(|| delivery.end.to_string(), ToString::to_string)),
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
        held: report.held.iter().map(ToString::to_string).collect(),
        not_measured: report.not_measured.clone(),
        outcomes: prepared.outcomes().to_vec(),
        notes: delivery.notes.clone(),
        receipt,
    };
    (summary, exit)
}

/// Why a report that nobody answered waits no longer: collection was denied while it was under way.
fn denied_meanwhile(session: &Session, report_id: Uuid, delivery: &Delivery) -> Option<Cause> {
    let is_answered = delivery.delivered.iter().any(|sent| sent.report_id == report_id)
        || delivery.refused.iter().chain(&delivery.postponed).any(|(id, _)| *id == report_id);
    if is_answered || session.site.waits(report_id).ok()? {
        return None;
    }
    session.site.consent().ok()?.causes.into_iter().next()
}

/// Says it to people.
///
/// # Errors
/// Where nobody hears it.
pub fn print_summary(session: &Session, summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    let Summary { report_id, size_bytes, .. } = summary;
    let why = summary.why.as_deref().unwrap_or_default();
    match summary.outcome {
        "delivered" => {
            let url = session.site.collector_url();
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
        "not-allowed" => writeln!(out, "Not sent: {why}.")?,
        "denied-meanwhile" => {
            writeln!(out, "Deleted while it was under way: report {report_id}: {why}.")?;
            writeln!(out, "See whether it had left already: candor log")?;
        }
        _ => {
            writeln!(out, "Waiting: report {report_id}, {size_bytes} bytes: {why}.")?;
            writeln!(
                out,
                "{} report(s) wait; the next call delivers them. See them: candor preview",
                summary.waiting
            )?;
        }
    }
    for note in &summary.notes {
        writeln!(out, "Note: {note}.")?;
    }
    Ok(())
}

/// What is not in the report as it came, and why.
///
/// # Errors
/// Where nobody hears it.
pub fn print_notes(prepared: &Prepared, out: &mut dyn Write) -> anyhow::Result<()> {
    let report = prepared.report();
    let (held, refused): (Vec<_>, Vec<_>) =
        report.withheld.iter().partition(|metric| report.held.contains(*metric));
    let names = |metrics: &[&MetricId]| metrics.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    if !refused.is_empty() {
        writeln!(out, "Withheld by this site's own rule: {}.", names(&refused))?;
    }
    if !held.is_empty() {
        let how = "read today's policy, then accept them: candor consent grant";
        writeln!(out, "Held, since they are new or wider than what was accepted: {}; {how}", names(&held))?;
    }
    for missing in &report.not_measured {
        let key = missing.key.as_ref().map_or_else(String::new, |key| format!(" ({key})"));
        writeln!(out, "Not measured: {}{key}: {}.", missing.metric, missing.reason.word())?;
    }
    for outcome in prepared.outcomes().iter().filter(|outcome| outcome.is_departure()) {
        let name = outcome.metric.as_ref().map(|metric| metric.as_str()).or(outcome.example.as_deref());
        let name = name.unwrap_or("a value");
        let what = departed(outcome.kind);
        writeln!(out, "{what}: {name} ({}, {}).", outcome.kind.word(), outcome.count)?;
    }
    Ok(())
}

/// What became of a value that is not in the report as it came.
fn departed(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Redacted => "Rewritten or left out, as the policy says",
        OutcomeKind::Undeclared => "Left out, since the policy does not declare it",
        OutcomeKind::WrongType => "Left out, since its type is another one than the policy's",
        OutcomeKind::NotAllowed => "Left out, since the policy does not allow such a value here",
        OutcomeKind::LookAlike => {
            "Left out, since it has characters that cannot be seen or that look like others"
        }
        OutcomeKind::TooLarge => "Left out, since it is larger than a report may hold",
        OutcomeKind::WrongSource => "Left out, since the policy lets another process gather it",
        OutcomeKind::NotYet => "Left out, since only later versions gather it",
        OutcomeKind::NoLonger => "Left out, since only earlier versions gathered it",
        OutcomeKind::UnknownRelease => "Left out, since the policy does not list this version",
        OutcomeKind::Accepted => "Accepted",
        OutcomeKind::Withheld => "Left out, since the site withholds it",
        OutcomeKind::NotMeasured => "Left out, since it could not be measured",
        OutcomeKind::Duplicate => "Received before",
    }
}
