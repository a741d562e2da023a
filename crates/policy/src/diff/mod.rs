//! What changed between two versions of a policy, and for whom it matters: what widened, what narrowed, what was only
//! reworded, and which metrics an administrator must be asked about again.
//!
//! Where two rules cannot be compared, such as two regular expressions, the change counts as widening: an upgrade may
//! keep or narrow a consent, never widen it. This module compares and writes down; it decides nothing for a site.

mod metric;
mod rules;
mod text;
mod whole;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{CategoryId, MetricId, Policy, PolicyId, PurposeId, SourceId};

/// All changes from one version of a policy to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The policy.
    pub policy: PolicyId,
    /// The version before.
    pub from: String,
    /// The version after.
    pub to: String,
    /// What changed, in the order of the page.
    pub changes: Vec<Change>,
    /// The metrics that an administrator must be asked about before they are gathered.
    pub needs_consent: BTreeSet<MetricId>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What changed.
    pub subject: Subject,
    /// What that does.
    pub effect: Effect,
    /// How it changed, for people.
    pub text: String,
}

/// What can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "id")]
pub enum Subject {
    /// The policy as a whole: every metric is concerned.
    Policy,
    /// A process that gathers: its metrics are concerned.
    Source(SourceId),
    /// A purpose: the metrics that name it are concerned.
    Purpose(PurposeId),
    /// A group of metrics: they are concerned.
    Category(CategoryId),
    /// One metric.
    Metric(MetricId),
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// More is collected, kept, shown or used than before, or it cannot be ruled out.
    Widened,
    /// Less is.
    Narrowed,
    /// The same is, in other words.
    Reworded,
}

/// The changes from one version to another.
pub fn diff(from: &Policy, to: &Policy) -> Difference {
    let mut changes = Changes::default();
    whole::compare(from, to, &mut changes);
    for metric in &to.metrics {
        match from.metric(metric.id.as_str()) {
            Some(earlier) => metric::compare(earlier, metric, from, to, &mut changes),
            None => metric::added(metric, &mut changes),
        }
    }
    for metric in from.metrics.iter().filter(|metric| to.metric(metric.id.as_str()).is_none()) {
        metric::removed(metric, &mut changes);
    }
    let needs_consent = changes
        .0
        .iter()
        .filter(|change| change.effect == Effect::Widened)
        .flat_map(|change| concerned(to, change));
    Difference {
        policy: to.id.clone(),
        from: from.version.clone(),
        to: to.version.clone(),
        needs_consent: needs_consent.collect(),
        changes: changes.0,
    }
}

/// The metrics of the newer version that a change concerns.
fn concerned<'a>(to: &'a Policy, change: &'a Change) -> impl Iterator<Item = MetricId> + 'a {
    let concerns = move |metric: &&crate::Metric| match &change.subject {
        Subject::Policy => true,
        Subject::Source(source) => metric.sources.contains(source),
        Subject::Purpose(purpose) => metric.purposes.contains(purpose),
        Subject::Category(category) => metric.category == *category,
        Subject::Metric(id) => metric.id == *id,
    };
    to.metrics.iter().filter(concerns).map(|metric| metric.id.clone())
}

impl Difference {
    /// The changes of one effect.
    pub fn of(&self, effect: Effect) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.effect == effect)
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        text::plain(self)
    }

    /// For a repository or a page (CommonMark).
    pub fn to_markdown(&self) -> String {
        text::markdown(self)
    }
}

/// What was found so far.
#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, subject: Subject, effect: Effect, text: impl Into<String>) {
        self.0.push(Change { subject, effect, text: text.into() });
    }

    /// Two texts that people read.
    fn wording(&mut self, subject: &Subject, what: &str, before: &str, after: &str) {
        if before != after {
            self.add(subject.clone(), Effect::Reworded, format!("{what}: “{before}” is now “{after}”"));
        }
    }

    /// A list in which an entry more widens and an entry less narrows.
    fn list<T: PartialEq + std::fmt::Display>(
        &mut self,
        subject: &Subject,
        what: &str,
        before: &[T],
        after: &[T],
    ) {
        for added in after.iter().filter(|item| !before.contains(item)) {
            self.add(subject.clone(), Effect::Widened, format!("{what}: “{added}” is new"));
        }
        for gone in before.iter().filter(|item| !after.contains(item)) {
            self.add(subject.clone(), Effect::Narrowed, format!("{what}: “{gone}” is gone"));
        }
    }
}
