//! A difference, written down.

use std::fmt::Write as _;

use super::{Change, Difference, Effect, Subject};

const EFFECTS: [(Effect, &str); 3] =
    [(Effect::Widened, "Widened"), (Effect::Narrowed, "Narrowed"), (Effect::Reworded, "Only reworded")];

/// For a terminal. Writing to a text cannot fail.
pub(super) fn plain(difference: &Difference) -> String {
    let mut out = format!("{} {} -> {}\n", difference.policy, difference.from, difference.to);
    let _ = writeln!(out, "{}", consent(difference, |id| id.to_owned()));
    for (effect, heading) in EFFECTS {
        if difference.of(effect).next().is_some() {
            let _ = writeln!(out, "\n{heading}");
        }
        for change in difference.of(effect) {
            let _ = writeln!(out, "  {}: {}", subject(change, str::to_owned), change.text);
        }
    }
    out
}

/// For a repository or a page.
pub(super) fn markdown(difference: &Difference) -> String {
    let code = |id: &str| format!("`{id}`");
    let mut out = format!("# {}: {} to {}\n", difference.policy, difference.from, difference.to);
    let _ = writeln!(out, "\n{}", consent(difference, code));
    for (effect, heading) in EFFECTS {
        if difference.of(effect).next().is_some() {
            let _ = writeln!(out, "\n## {heading}\n");
        }
        for change in difference.of(effect) {
            let text = crate::markdown_text::plain_but_code(&change.text);
            let _ = writeln!(out, "- {}: {text}", subject(change, code));
        }
    }
    out
}

fn consent(difference: &Difference, id: impl Fn(&str) -> String) -> String {
    if difference.changes.is_empty() {
        return "Nothing changed.".to_owned();
    }
    if difference.needs_consent.is_empty() {
        return "No metric needs fresh consent.".to_owned();
    }
    let ids: Vec<String> = difference.needs_consent.iter().map(|metric| id(metric.as_str())).collect();
    let verb = if ids.len() == 1 { "metric needs" } else { "metrics need" };
    format!("{} {verb} fresh consent: {}", ids.len(), ids.join(", "))
}

fn subject(change: &Change, id: impl Fn(&str) -> String) -> String {
    match &change.subject {
        Subject::Policy => "policy".to_owned(),
        Subject::Source(source) => format!("source {}", id(source.as_str())),
        Subject::Purpose(purpose) => format!("purpose {}", id(purpose.as_str())),
        Subject::Category(category) => format!("category {}", id(category.as_str())),
        Subject::Metric(metric) => format!("metric {}", id(metric.as_str())),
    }
}
