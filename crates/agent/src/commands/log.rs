//! `candor log`: what has left or may have, byte for byte, and what the collector answered; and what was refused or lost.

use std::collections::BTreeSet;
use std::io::Write;

use candor_policy::{Digest, Report};
use candor_sdk::{RefusedReport, SentAnswer, SentReport};
use clap::Args;
use serde_json::{Value, json};
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

/// The log, and what it takes to say what an entry means.
struct Log<'a> {
    session: &'a Session,
    sent: Vec<SentReport>,
    waiting: BTreeSet<Uuid>,
}

/// Lists what has left or may have, or shows one report.
///
/// # Errors
/// Where the state folder cannot be read, or the report is not in the log.
pub fn run(session: &Session, arguments: &LogArguments, out: &mut dyn Write) -> anyhow::Result<u8> {
    // In this order: what is delivered in between is shown as held, not as lost.
    let waiting = session.site.waiting()?.iter().map(|report| report.report_id).collect();
    let log = Log { session, sent: session.site.sent()?, waiting };
    match arguments.show {
        Some(id) => {
            let found = log.sent.iter().find(|sent| sent.report_id == id);
            let missing =
                || BadInput::error(format!("report {id} is not in the sent log; `candor log` lists it"));
            log.show(found.ok_or_else(missing)?, out)?;
        }
        None if session.json => log.list_json(out)?,
        None => log.list(out)?,
    }
    Ok(Exit::Done.code())
}

impl Log<'_> {
    fn list(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        for sent in &self.sent {
            let source = Report::parse(&sent.bytes)
                .map_or_else(|_| "?".to_owned(), |report| report.source.to_string());
            let (at, id, size) = (sent.sending.last_at, sent.report_id, sent.bytes.len());
            let (digest, words) = (Digest::of(&sent.bytes), self.words(sent));
            writeln!(out, "{at:.0}  {id}  {source}, {size} bytes, digest {}, {words}", digest.short())?;
        }
        for refused in self.refused()? {
            let id = Report::parse(&refused.bytes)
                .map_or_else(|_| "?".to_owned(), |report| report.report_id.to_string());
            writeln!(out, "Refused: report {id}: {} ({}).", refused.problem.detail, refused.problem.code)?;
        }
        for (loss, number) in self.session.site.losses()? {
            writeln!(out, "Lost ({number}): {}.", loss.meaning())?;
        }
        match self.sent.first() {
            None => writeln!(out, "Nothing has left this site. See what waits: candor preview")?,
            Some(first) => writeln!(out, "See one whole: candor log --show {}", first.report_id)?,
        }
        Ok(())
    }

    fn list_json(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let entries: Vec<Value> = self.sent.iter().map(|sent| self.entry(sent)).collect();
        let refused: Vec<_> = self.refused()?.iter().map(|refused| json!(refused.problem)).collect();
        let log = json!({ "sent": entries, "refused": refused, "losses": self.session.site.losses()? });
        Ok(writeln!(out, "{log}")?)
    }

    fn show(&self, sent: &SentReport, out: &mut dyn Write) -> anyhow::Result<()> {
        if self.session.json {
            let mut entry = self.entry(sent);
            entry["body"] = String::from_utf8_lossy(&sent.bytes).into();
            entry["receipt"] = json!(sent.receipt());
            return Ok(writeln!(out, "{entry}")?);
        }
        out.write_all(&sent.bytes)?;
        writeln!(out)?;
        let what = match sent.receipt() {
            Some(receipt) => {
                writeln!(out, "{}", receipt.body)?;
                "the bytes, then the receipt"
            }
            None => "the bytes",
        };
        say(format_args!("Sent to {}: {what}: {}.", sent.sending.collector, self.words(sent)));
        Ok(())
    }

    /// An entry for machines.
    fn entry(&self, sent: &SentReport) -> Value {
        let sending = &sent.sending;
        let mut entry = json!({
            "report_id": sent.report_id,
            "state": sending.word(),
            "at": sending.last_at,
            "first_at": sending.first_at,
            "tries": sending.tries,
            "unanswered": sending.unanswered,
            "may_be_held": sending.may_be_held(),
            "waits": self.waiting.contains(&sent.report_id),
            "collector": sending.collector,
            "digest": Digest::of(&sent.bytes),
            "size_bytes": sent.bytes.len(),
            "meaning": self.words(sent),
        });
        if let Some(SentAnswer::Refused { problem, .. }) = &sending.answer {
            entry["problem"] = json!(problem);
        }
        if let Some(why) = &sending.why {
            entry["why"] = why.as_str().into();
        }
        entry
    }

    /// What an entry means: what came back, what that leaves open, and what happens next.
    fn words(&self, sent: &SentReport) -> String {
        let sending = &sent.sending;
        let mut words = match &sending.answer {
            Some(SentAnswer::Held { .. }) => return self.receipt_words(sent),
            Some(SentAnswer::Refused { problem, .. }) => {
                format!("refused by {}: {} ({})", sending.collector, problem.detail, problem.code)
            }
            None => match &sending.why {
                Some(why) => format!("no answer ({why})"),
                None => format!("sent to {}, no answer", sending.collector),
            },
        };
        if sending.may_be_held() {
            words.push_str("; the collector may hold it");
        }
        if sending.tries > 1 {
            let (tries, unanswered) = (sending.tries, sending.unanswered);
            words.push_str(&format!(
                "; sent {tries} times since {:.0}, {unanswered} without an answer",
                sending.first_at
            ));
        }
        words.push_str(match self.waiting.contains(&sent.report_id) {
            true => "; it waits and is sent again with a later call",
            false => "; it is not sent again",
        });
        words
    }

    /// What the receipt is worth today, and whether the collector keeps what was sent.
    fn receipt_words(&self, sent: &SentReport) -> String {
        match sent.verified(&self.session.site.policy().collector.public_key) {
            Some(Ok(receipt)) if receipt.stored_digest != receipt.received_digest => format!(
                "receipt of {:.0}, signature holds, the collector keeps less than was sent: the receipt says what it left out",
                receipt.received_at
            ),
            Some(Ok(receipt)) => format!("receipt of {:.0}, signature holds", receipt.received_at),
            Some(Err(fault)) => fault.to_string(),
            None => "no receipt".to_owned(),
        }
    }

    /// Reports refused for good whose entry in the log was trimmed.
    fn refused(&self) -> anyhow::Result<Vec<RefusedReport>> {
        let mut refused = self.session.site.refused()?;
        let logged = |refused: &RefusedReport| self.sent.iter().any(|sent| sent.bytes == refused.bytes);
        refused.retain(|refused| !logged(refused));
        Ok(refused)
    }
}
