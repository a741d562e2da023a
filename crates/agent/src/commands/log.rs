//! `candor log`: what has left, byte for byte, with the collector's receipts; and what was refused or lost on the way.

use std::io::Write;

use candor_policy::{Digest, Report};
use candor_sdk::SentReport;
use clap::Args;
use serde_json::json;
use uuid::Uuid;

use crate::exit::Exit;
use crate::failure::BadInput;
use crate::say::say;
use crate::session::Session;

/// What to show.
#[derive(Clone, Debug, Args)]
pub struct LogArguments {
    /// The report to show whole: its bytes and its receipt.
    #[arg(long, value_name = "REPORT")]
    show: Option<Uuid>,
}

/// Lists what has left, or shows one report.
///
/// # Errors
/// Where the state folder cannot be read, or the report is not in the log.
pub fn run(session: &Session, arguments: &LogArguments, out: &mut dyn Write) -> anyhow::Result<u8> {
    let sent = session.site.sent()?;
    match arguments.show {
        Some(id) => {
            let found = sent.iter().find(|sent| sent.report_id == id);
            let missing =
                || BadInput::error(format!("report {id} is not in the sent log; `candor log` lists it"));
            show(session, found.ok_or_else(missing)?, out)?;
        }
        None if session.json => list_json(session, &sent, out)?,
        None => list(session, &sent, out)?,
    }
    Ok(Exit::Done.code())
}

/// What the receipt's signature is worth today.
fn receipt_words(session: &Session, sent: &SentReport) -> String {
    match sent.answer.receipt.verify(&session.site.policy().collector.public_key) {
        Ok(receipt) => format!("receipt of {:.0}, signature holds", receipt.received_at),
        Err(fault) => fault.to_string(),
    }
}

fn show(session: &Session, sent: &SentReport, out: &mut dyn Write) -> anyhow::Result<()> {
    if session.json {
        let entry = json!({
            "report_id": sent.report_id,
            "at": sent.answer.at,
            "collector": sent.answer.collector,
            "body": String::from_utf8_lossy(&sent.bytes),
            "receipt": sent.answer.receipt,
        });
        return Ok(writeln!(out, "{entry}")?);
    }
    out.write_all(&sent.bytes)?;
    writeln!(out)?;
    writeln!(out, "{}", sent.answer.receipt.body)?;
    let (collector, words) = (&sent.answer.collector, receipt_words(session, sent));
    say(format_args!("Sent to {collector}: the bytes, then the receipt: {words}."));
    Ok(())
}

fn list_json(session: &Session, sent: &[SentReport], out: &mut dyn Write) -> anyhow::Result<()> {
    let entries: Vec<_> = sent
        .iter()
        .map(|sent| {
            let (digest, size_bytes) = (Digest::of(&sent.bytes), sent.bytes.len());
            json!({ "report_id": sent.report_id, "at": sent.answer.at, "digest": digest, "size_bytes": size_bytes })
        })
        .collect();
    let refused: Vec<_> = session.site.refused()?.iter().map(|refused| json!(refused.problem)).collect();
    let log = json!({ "sent": entries, "refused": refused, "losses": session.site.losses()? });
    Ok(writeln!(out, "{log}")?)
}

fn list(session: &Session, sent: &[SentReport], out: &mut dyn Write) -> anyhow::Result<()> {
    for sent in sent {
        let source =
            Report::parse(&sent.bytes).map_or_else(|_| "?".to_owned(), |report| report.source.to_string());
        let (at, id, size) = (sent.answer.at, sent.report_id, sent.bytes.len());
        let (digest, receipt) = (Digest::of(&sent.bytes), receipt_words(session, sent));
        writeln!(out, "{at:.0}  {id}  {source}, {size} bytes, digest {}, {receipt}", digest.short())?;
    }
    for refused in session.site.refused()? {
        let id = Report::parse(&refused.bytes)
            .map_or_else(|_| "?".to_owned(), |report| report.report_id.to_string());
        writeln!(out, "Refused: report {id}: {} ({}).", refused.problem.detail, refused.problem.code)?;
    }
    for (loss, number) in session.site.losses()? {
        writeln!(out, "Lost: {number}: {}.", loss.meaning())?;
    }
    match sent.first() {
        None => writeln!(out, "Nothing has left this site. See what waits: candor preview")?,
        Some(first) => writeln!(out, "See one whole: candor log --show {}", first.report_id)?,
    }
    Ok(())
}
