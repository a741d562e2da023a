//! Compares what bounds values: keys, texts, numbers, dimensions, redaction.

use std::collections::BTreeSet;

use super::{Changes, Effect, Subject};
use crate::manifest::words::Word;
use crate::{AllowList, Detector, Dimension, KeyPattern, Redaction, RedactionForm, TextRule};

/// Keys and tables, by what the patterns cover.
pub(super) fn keys(subject: &Subject, old: &[KeyPattern], new: &[KeyPattern], changes: &mut Changes) {
    for added in new.iter().filter(|pattern| !is_covered(old, pattern)) {
        changes.add(subject.clone(), Effect::Widened, format!("also collects `{added}`"));
    }
    for gone in old.iter().filter(|pattern| !is_covered(new, pattern)) {
        changes.add(subject.clone(), Effect::Narrowed, format!("no longer collects `{gone}`"));
    }
}

/// Whether one of these patterns covers all that another does. A star covers a star, so that the other pattern's text
/// may stand for all its names.
fn is_covered(patterns: &[KeyPattern], other: &KeyPattern) -> bool {
    patterns.iter().any(|pattern| pattern.matches(other.as_str()))
}

/// A largest number, `None` for unbounded.
pub(super) fn bound(
    subject: &Subject,
    what: &str,
    old: Option<f64>,
    new: Option<f64>,
    changes: &mut Changes,
) {
    let reach = |bound: Option<f64>| bound.unwrap_or(f64::INFINITY);
    if reach(new) != reach(old) {
        let effect = if reach(new) > reach(old) { Effect::Widened } else { Effect::Narrowed };
        let word =
            |bound: Option<f64>| bound.map_or_else(|| "none".to_owned(), |bound| bound.abs().to_string());
        changes.add(subject.clone(), effect, format!("{what}: {} instead of {}", word(new), word(old)));
    }
}

/// What a text may be. Two patterns cannot be compared: another pattern counts as a wider one.
pub(super) fn text(subject: &Subject, what: &str, old: &TextRule, new: &TextRule, changes: &mut Changes) {
    match (old, new) {
        (TextRule::OneOf(before), TextRule::OneOf(after)) => changes.list(subject, what, before, after),
        (TextRule::Pattern { pattern: before, longest: old }, TextRule::Pattern { pattern, longest }) => {
            if before.as_str() != pattern.as_str() {
                changes.add(subject.clone(), Effect::Widened, format!("{what}: another pattern"));
            }
            if old != longest {
                let effect = if longest > old { Effect::Widened } else { Effect::Narrowed };
                changes.add(
                    subject.clone(),
                    effect,
                    format!("{what}: up to {longest} bytes instead of {old}"),
                );
            }
        }
        (TextRule::Pattern { pattern, longest }, TextRule::OneOf(values)) => {
            let fits = values.iter().all(|value| value.len() <= *longest && pattern.is_match(value));
            let effect = if fits { Effect::Narrowed } else { Effect::Widened };
            changes.add(subject.clone(), effect, format!("{what}: a list instead of a pattern"));
        }
        (TextRule::OneOf(_), TextRule::Pattern { .. }) => {
            changes.add(subject.clone(), Effect::Widened, format!("{what}: a pattern instead of a list"));
        }
    }
}

/// What usage is broken down by; one dimension more is a finer grain.
pub(super) fn dimensions(subject: &Subject, old: &[Dimension], new: &[Dimension], changes: &mut Changes) {
    let names = |dimensions: &[Dimension]| -> Vec<String> {
        dimensions.iter().map(|dimension| dimension.name.clone()).collect()
    };
    changes.list(subject, "broken down by", &names(old), &names(new));
    for dimension in new {
        if let Some(earlier) = old.iter().find(|earlier| earlier.name == dimension.name) {
            let what = format!("values of {}", dimension.name);
            text(subject, &what, &earlier.values, &dimension.values, changes);
            changes.wording(
                subject,
                &format!("title of {}", dimension.name),
                &earlier.title,
                &dimension.title,
            );
        }
    }
}

/// What is left out or rewritten: each name that either version speaks of, then the detectors.
pub(super) fn redaction(subject: &Subject, old: &Redaction, new: &Redaction, changes: &mut Changes) {
    let names: BTreeSet<&str> = [old, new].into_iter().flat_map(spoken_of).collect();
    for name in names {
        let (before, after) = (treatment(old, name), treatment(new, name));
        if before != after {
            let effect = if strength(after) <= strength(before) { Effect::Widened } else { Effect::Narrowed };
            let text = format!("`{name}` is now {} instead of {}", said(after), said(before));
            changes.add(subject.clone(), effect, text);
        }
    }
    for detector in Detector::ALL {
        let looks = |redaction: &Redaction| redaction.detectors.contains(&detector);
        match (looks(old), looks(new)) {
            (true, false) => {
                let text = format!("values are no longer searched for {}", detector.meaning());
                changes.add(subject.clone(), Effect::Widened, text);
            }
            (false, true) => {
                let text = format!("values are now searched for {}", detector.meaning());
                changes.add(subject.clone(), Effect::Narrowed, text);
            }
            (true, true) | (false, false) => {}
        }
    }
    strictness(subject, old.strict.as_ref(), new.strict.as_ref(), changes);
}

/// Which values may leave at all.
fn strictness(subject: &Subject, old: Option<&AllowList>, new: Option<&AllowList>, changes: &mut Changes) {
    let every = "every value that no rule holds back is sent, not only those known to be harmless";
    let known = "only values known to be harmless are sent, others as “in use”";
    match (old, new) {
        (Some(_), None) => changes.add(subject.clone(), Effect::Widened, every.to_owned()),
        (None, Some(_)) => changes.add(subject.clone(), Effect::Narrowed, known.to_owned()),
        (Some(old), Some(new)) => {
            changes.list(subject, "values named harmless", &old.harmless, &new.harmless)
        }
        (None, None) => {}
    }
}

fn spoken_of(redaction: &Redaction) -> impl Iterator<Item = &str> {
    redaction.except.iter().chain(redaction.named.iter().map(|(name, _)| name)).map(KeyPattern::as_str)
}

/// What becomes of a name: an exception is left out like `omit`.
fn treatment(redaction: &Redaction, name: &str) -> Option<RedactionForm> {
    if redaction.except.iter().any(|pattern| pattern.matches(name)) {
        return Some(RedactionForm::Omit);
    }
    redaction.named.iter().find(|(pattern, _)| pattern.matches(name)).map(|(_, form)| *form)
}

/// How much of a value stays behind. A hash and a bucket tell different things: neither is the stronger.
fn strength(form: Option<RedactionForm>) -> u8 {
    match form {
        None => 0,
        Some(RedactionForm::Hash | RedactionForm::Bucket) => 1,
        Some(RedactionForm::InUse) => 2,
        Some(RedactionForm::Omit) => 3,
    }
}

fn said(form: Option<RedactionForm>) -> &'static str {
    match form {
        None => "sent as it is",
        Some(RedactionForm::Omit) => "left out",
        Some(RedactionForm::InUse) => "sent as “in use”",
        Some(RedactionForm::Hash) => "sent as a hash",
        Some(RedactionForm::Bucket) => "sent as a power of ten",
    }
}
