//! Compares all of two policies but their metrics.

use super::{Changes, Effect, Subject};
use crate::manifest::words::Word;
use crate::{ConsentMode, Policy, Source};

pub(super) fn compare(from: &Policy, to: &Policy, changes: &mut Changes) {
    let policy = Subject::Policy;
    who_and_where(from, to, changes);
    vouchers(from, to, changes);
    consent(from, to, changes);
    changes.list(&policy, "who sees it", &from.readers, &to.readers);
    changes.wording(&policy, "title", &from.title, &to.title);
    changes.wording(&policy, "summary", &from.summary, &to.summary);
    changes.wording(&policy, "contact", &from.contact, &to.contact);
    changes.wording(&policy, "in effect from", &from.effective.to_string(), &to.effective.to_string());
    changes.wording(&policy, "how to stop it", &from.opt_out.join(" "), &to.opt_out.join(" "));
    let (before, after) = (from.releases.names().join(", "), to.releases.names().join(", "));
    changes.wording(&policy, "releases", &before, &after);
    named_texts(from, to, changes);
    for source in &to.sources {
        if let Some(earlier) = from.source(source.id.as_str()) {
            compare_source(earlier, source, changes);
        }
    }
}

/// Another publisher, address or key is somebody else who receives the data, as far as a site can tell.
fn who_and_where(from: &Policy, to: &Policy, changes: &mut Changes) {
    let (key_before, key_after) =
        (from.collector.public_key.to_string(), to.collector.public_key.to_string());
    for (what, before, after) in [
        ("who collects", &from.publisher, &to.publisher),
        ("where data goes", &from.collector.url, &to.collector.url),
        ("the collector's key", &key_before, &key_after),
    ] {
        if before != after {
            changes.add(Subject::Policy, Effect::Widened, format!("{what}: “{before}” is now “{after}”"));
        }
    }
}

/// Nobody else receives data through it, and a customer is named at enrolment only where the consent covers that.
fn vouchers(from: &Policy, to: &Policy, changes: &mut Changes) {
    let shown = |policy: &Policy| {
        policy.collector.voucher_key.map_or_else(|| "none".to_owned(), |key| key.to_string())
    };
    changes.wording(&Subject::Policy, "the key of vouchers", &shown(from), &shown(to));
}

fn consent(from: &Policy, to: &Policy, changes: &mut Changes) {
    match (from.consent_mode, to.consent_mode) {
        (ConsentMode::OptIn, ConsentMode::OptOut) => {
            changes.add(Subject::Policy, Effect::Widened, "collection is now on unless somebody opts out");
        }
        (ConsentMode::OptOut, ConsentMode::OptIn) => {
            changes.add(Subject::Policy, Effect::Narrowed, "collection is now off unless somebody opts in");
        }
        (ConsentMode::OptIn, ConsentMode::OptIn) | (ConsentMode::OptOut, ConsentMode::OptOut) => {}
    }
}

/// Purposes and categories: what they are called and what they say. New ones show at the metrics that name them.
fn named_texts(from: &Policy, to: &Policy, changes: &mut Changes) {
    for purpose in &to.purposes {
        if let Some(earlier) = from.purpose(purpose.id.as_str()) {
            let subject = Subject::Purpose(purpose.id.clone());
            changes.wording(&subject, "title", &earlier.title, &purpose.title);
            changes.wording(&subject, "description", &earlier.description, &purpose.description);
        }
    }
    for category in &to.categories {
        if let Some(earlier) = from.category(category.id.as_str()) {
            let subject = Subject::Category(category.id.clone());
            changes.wording(&subject, "title", &earlier.title, &category.title);
            changes.wording(&subject, "description", &earlier.description, &category.description);
        }
    }
}

fn compare_source(earlier: &Source, source: &Source, changes: &mut Changes) {
    let subject = Subject::Source(source.id.clone());
    if earlier.kind != source.kind {
        let text = format!("{} is now {}", earlier.kind.meaning(), source.kind.meaning());
        changes.add(subject.clone(), Effect::Widened, text);
    }
    changes.list(&subject, "applications", &earlier.applications, &source.applications);
    changes.wording(&subject, "title", &earlier.title, &source.title);
    changes.wording(&subject, "when", &earlier.schedule, &source.schedule);
}
