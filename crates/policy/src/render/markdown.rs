//! The sheet as Markdown.

use std::fmt::Write as _;

use super::phrase::{Inline, Phrase, sentence};
use super::sheet::{Item, Sheet};
use crate::Policy;
use crate::manifest::words::Word;
use crate::markdown_text::plain;

/// The whole document. Writing to a text cannot fail.
pub(super) fn document(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    opening(sheet, &mut out);
    opt_out(sheet.policy, &mut out);
    processes(sheet.policy, &mut out);
    collected(sheet, &mut out);
    terms(
        "What every report carries",
        sheet.header.iter().map(|(name, text)| (name.as_str(), text.as_str())),
        &mut out,
    );
    let purposes = sheet.policy.purposes.iter();
    terms("Why", purposes.map(|purpose| (purpose.title.as_str(), purpose.description.as_str())), &mut out);
    readers(sheet.policy, &mut out);
    about(sheet.policy, &mut out);
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}

fn opening(sheet: &Sheet<'_>, out: &mut String) {
    let policy = sheet.policy;
    line(out, format_args!("# {}\n", plain(&policy.title)));
    let (publisher, version) = (plain(&policy.publisher), plain(&policy.version));
    line(out, format_args!("{publisher}, version {version}, in effect from {}\n", policy.effective));
    line(out, format_args!("{}\n", plain(&policy.summary)));
    line(out, format_args!("**In short.** {}\n", plain(&sheet.answer)));
}

fn opt_out(policy: &Policy, out: &mut String) {
    line(out, format_args!("## How to stop it\n"));
    for step in &policy.opt_out {
        line(out, format_args!("- {}", plain(&sentence(step))));
    }
}

fn processes(policy: &Policy, out: &mut String) {
    line(out, format_args!("\n## Who gathers, and when\n\n| Process | When | For |\n|---|---|---|"));
    for source in &policy.sources {
        let (title, when) = (plain(&source.title), plain(&sentence(&source.schedule)));
        line(out, format_args!("| {title} | {when} | {} |", plain(&source.applications.join(", "))));
    }
}

fn collected(sheet: &Sheet<'_>, out: &mut String) {
    line(out, format_args!("\n## What is collected\n"));
    line(
        out,
        format_args!(
            "This is the whole list. What is not on it is not gathered, does not leave your site, and is not stored if it \
             arrives."
        ),
    );
    for group in &sheet.groups {
        line(out, format_args!("\n### {}", plain(&group.heading)));
        for (category, items) in &group.categories {
            line(out, format_args!("\n#### {}\n\n{}", plain(&category.title), plain(&category.description)));
            items.iter().for_each(|item| metric(item, out));
        }
    }
}

fn metric(item: &Item<'_>, out: &mut String) {
    let metric = item.metric;
    let sensitivity = metric.sensitivity.word();
    line(
        out,
        format_args!("\n**{}** ({sensitivity}). {}\n", plain(&metric.title), plain(&metric.description)),
    );
    for (label, lines) in &item.rows {
        let text: Vec<String> = lines.iter().map(phrase).collect();
        line(out, format_args!("- {label}: {}", text.join(" ")));
    }
}

fn terms<'a>(heading: &str, terms: impl Iterator<Item = (&'a str, &'a str)>, out: &mut String) {
    line(out, format_args!("\n## {heading}\n"));
    for (name, text) in terms {
        line(out, format_args!("- **{}.** {}", plain(name), plain(text)));
    }
}

fn readers(policy: &Policy, out: &mut String) {
    line(out, format_args!("\n## Who sees it\n"));
    for reader in &policy.readers {
        line(out, format_args!("- {}", plain(&sentence(reader))));
    }
}

fn about(policy: &Policy, out: &mut String) {
    line(out, format_args!("\n## About this policy\n"));
    line(out, format_args!("- Policy: `{}`, version {}", policy.id, plain(&policy.version)));
    line(out, format_args!("- In effect from: {}", policy.effective));
    line(out, format_args!("- Questions: {}", plain(&policy.contact)));
    line(out, format_args!("- Data goes to: `{}` and nowhere else", policy.collector.url));
    line(out, format_args!("- Receipts are signed with: `{}`", policy.collector.public_key));
    line(out, format_args!("- Digest of the manifest: `{}`", policy.digest));
}

fn phrase(phrase: &Phrase) -> String {
    let piece = |piece: &Inline| match piece {
        Inline::Words(words) => plain(words),
        Inline::Exact(name) => exact(name),
    };
    phrase.0.iter().map(piece).collect()
}

/// A name as code; the fence is longer than any run of backticks in it (CommonMark 6.1).
fn exact(name: &str) -> String {
    if name.contains('`') { format!("`` {name} ``") } else { format!("`{name}`") }
}
